"""REval as `stepcode eval` asks it: its questions, its scores, and what people see of them."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from stepcode.errors import MisuseError
from stepcode.evaluate.benchmark import (
    ALONE,
    Detail,
    Judgement,
    Prompting,
    Reading,
    Sampling,
    Sandboxing,
    Texts,
    Truth,
)
from stepcode.evaluate.benchmarks.reval.labels import Label, Labels, compute_labels
from stepcode.evaluate.benchmarks.reval.questions import Mode, Question, Task, read_questions
from stepcode.evaluate.benchmarks.reval.scoring import Scored, score
from stepcode.evaluate.extract import Extractor
from stepcode.evaluate.programs import Verdict
from stepcode.evaluate.prompts import STOP
from stepcode.reason.prompt import Message

TASKS = "DREval_tasks.jsonl"
_MODES = {Prompting.DIRECT: Mode.DIRECT, Prompting.COT: Mode.COT}
_MAX_TOKENS = {Prompting.DIRECT: 256, Prompting.COT: 1024}
_FAILED = "program that could not be run"


class Reval:
    """The benchmark."""

    rows_published = 10_146
    has_pass_at_k = False
    prompting = Prompting.DIRECT
    extractor = Extractor.OFFICIAL

    def __init__(self, questions: Sequence[Question]) -> None:
        """Ask these questions."""
        self._questions = {question.id: question for question in questions}
        self._labels = Labels({}, {}, "")

    @property
    def ids(self) -> Sequence[str]:
        """The questions, program by program."""
        return list(self._questions)

    def truth(self, row: str) -> Truth:
        """Show a question with its label, if that was computed; the program with the output."""
        one = self._questions[row]
        if one.probe is None:
            return Truth(one.subject.code, one.pair.input, one.pair.question)
        line = one.subject.code.split("\n")[one.probe.line - 1]
        asked = f"{one.task}: {one.probe.expression}" if one.task is Task.STATE else one.task.value
        label = self._labels.probes.get(one.about)
        expected = "?" if label is None else _shown(one.task, label)
        return Truth(f"{one.probe.line}\t{line.strip()}", asked, expected)

    def prompt(self, row: str, prompting: Prompting, *, anchors: bool) -> list[Message]:
        """Write a question."""
        if anchors or prompting not in _MODES:
            raise MisuseError(
                "this benchmark asks about lines of programs as they are: use --prompt direct or "
                "cot, without --anchors"
            )
        text = self._questions[row].prompt(_MODES[prompting])
        return [{"role": "user", "content": text}]

    def sampling(self, prompting: Prompting) -> Sampling:
        """One completion at temperature 0.8; the benchmark's paper repeats that five times."""
        return Sampling(0.8, 1, _MAX_TOKENS.get(prompting, 1024), (STOP,))

    def judge(
        self, texts: Texts, reading: Reading | None, sandboxing: Sandboxing = ALONE
    ) -> Judgement:
        """Judge completions; in a file of generations they are the answers to direct questions."""
        reading = reading or Reading()
        asked = [self._questions[row] for row in texts]
        isolation, workers = sandboxing.isolation, sandboxing.workers
        subjects = list({question.subject.id: question.subject for question in asked}.values())
        self._labels = compute_labels(subjects, isolation=isolation, workers=workers)
        scored = score(
            asked,
            texts,
            mode=_MODES[reading.prompting],
            extractor=reading.extractor,
            labels=self._labels,
            isolation=isolation,
            workers=workers,
        )
        return _to_judgement(asked, texts, scored)


def read_reval(data: str) -> Reval:
    """Read `DREval_data.jsonl`, with `DREval_tasks.jsonl` beside it; raises SourceError."""
    path = Path(data)
    return Reval(read_questions(path, path.with_name(TASKS)))


def _to_judgement(asked: Sequence[Question], texts: Texts, scored: Scored) -> Judgement:
    details = {
        question.id: [
            _detail(scored, question.id, run, text) for run, text in enumerate(texts[question.id])
        ]
        for question in asked
    }
    problems = Counter(scored.failures.values())
    failed = {_FAILED: {why: {"n": number} for why, number in problems.items()}}
    rights = {row: [one.verdict == Verdict.PASSED for one in ones] for row, ones in details.items()}
    return Judgement(
        scores=rights,
        details=details,
        metrics=scored.metrics,
        intervals=scored.intervals,
        baselines=scored.baselines,
        groups={**scored.groups, **(failed if problems else {})},
    )


def _detail(scored: Scored, row: str, run: int, text: str) -> Detail:
    judged = scored.runs[run].get(row)
    if judged is None:
        return Detail(text, Verdict.UNSCORED, text)
    if not judged.is_extracted:
        return Detail(None, Verdict.NOT_EXTRACTED, text, found=False)
    wrong = Verdict.TIMED_OUT if judged.timed_out else Verdict.FAILED
    return Detail(text, Verdict.PASSED if judged.right else wrong, text)


def _shown(task: Task, label: Label) -> str:
    match task:
        case Task.COVERAGE:
            return "YES" if label.covered else "NO"
        case Task.PATH:
            return " or ".join(map(str, label.next_lines))
        case _:
            if label.values is None:
                return "Nil"
            return " or ".join(dict.fromkeys(f"{one.text}; {one.type}" for one in label.values))
