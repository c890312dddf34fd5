"""Our own benchmark: how true a model's steps are, on any dataset that `build-dataset` made.

Each row is asked twice, for the output of its call and for a call with its output. Every step is
compared with what the interpreter printed; in input prediction with what it prints for the call
that the model proposes, which is run. So a right answer with wrong steps comes to light.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from stepcode.dataset.examples import to_examples
from stepcode.dataset.manifest import read_manifest
from stepcode.dataset.read import read_shard, shard_paths, split_shards
from stepcode.dataset.split import TEST
from stepcode.errors import DatasetError, MisuseError
from stepcode.evaluate.benchmark import (
    ALONE,
    Judgement,
    Prompting,
    Reading,
    Sampling,
    Sandboxing,
    Texts,
    Truth,
)
from stepcode.evaluate.bootstrap import Totals, cluster_intervals
from stepcode.evaluate.evaluation import Detail, Numbers, StepDetail
from stepcode.evaluate.extract import Extractor
from stepcode.evaluate.programs import Verdict
from stepcode.execute import run_all
from stepcode.reason import ReadMode, call_to_run, read_answer, render_prompt, runnable, score
from stepcode.reason.prompt import Message
from stepcode.types import Answer, Example, Execution, Limits, Outcome

LIMITS = Limits(cpu_seconds=3.0, wall_seconds=20.0)
_MODES = {Extractor.OFFICIAL: ReadMode.STRICT, Extractor.LENIENT: ReadMode.LENIENT}
_MANY_STEPS = 10

T = TypeVar("T")

_STEPS, _RIGHT_STEPS, _ANSWERS, _RIGHT_ANSWERS, _PATH_STEPS, _RIGHT_PATH_STEPS, _LUCKY = range(7)
"""What is counted of each completion; the path is the steps of one whose answer is right."""


def _share(sums: Totals, part: int, whole: int) -> Totals:
    shares: Totals = 100 * sums[..., part] / sums[..., whole]
    return shares


_MEASURES: Mapping[str, Callable[[Totals], Totals]] = {
    "step_accuracy": lambda sums: _share(sums, _RIGHT_STEPS, _STEPS),
    "final_accuracy": lambda sums: _share(sums, _RIGHT_ANSWERS, _ANSWERS),
    "gap": lambda sums: _share(sums, _RIGHT_ANSWERS, _ANSWERS) - _share(sums, _RIGHT_STEPS, _STEPS),
    "path_consistency": lambda sums: _share(sums, _RIGHT_PATH_STEPS, _PATH_STEPS),
    "right_by_wrong_logic": lambda sums: _share(sums, _LUCKY, _RIGHT_ANSWERS),
}
"""As in training (train/metrics.py), in percent; the last is right answers with a wrong step."""


@dataclass(frozen=True, slots=True)
class Question:
    """An example, and the program that it is of."""

    example: Example
    program: str


class Steps:
    """The benchmark on one dataset."""

    rows_published = 0
    has_pass_at_k = False
    prompting = Prompting.STEPS
    extractor = Extractor.LENIENT

    def __init__(self, questions: Mapping[str, Question]) -> None:
        """Ask these questions, by the ids of their examples."""
        self._questions = questions

    @property
    def ids(self) -> Sequence[str]:
        """The examples, two of each row."""
        return list(self._questions)

    def truth(self, row: str) -> Truth:
        """Show an example."""
        one = self._questions[row].example
        return Truth(one.anchored_code, one.given, one.target)

    def prompt(self, row: str, prompting: Prompting, *, anchors: bool) -> list[Message]:
        """Ask for the steps and the answer."""
        del anchors  # they are what is asked about
        if prompting is not Prompting.STEPS:
            raise MisuseError(
                f"--prompt is {prompting}: this benchmark asks for steps, so for --prompt steps"
            )
        return render_prompt(self._questions[row].example)

    def sampling(self, prompting: Prompting) -> Sampling:
        """One completion each, as the model likes it best."""
        return Sampling(0.0, 1, 2048)

    def judge(
        self, texts: Texts, reading: Reading | None, sandboxing: Sandboxing = ALONE
    ) -> Judgement:
        """Judge completions, each step and the answer."""
        mode = _MODES[reading.extractor if reading else Extractor.LENIENT]
        answers = {row: [read_answer(text, mode) for text in said] for row, said in texts.items()}
        runs = self._run(answers, sandboxing)
        details = {
            row: [
                _judge(self._questions[row].example, answer, text, runs)
                for answer, text in zip(answers[row], said, strict=True)
            ]
            for row, said in texts.items()
        }
        return self._sum_up(details)

    def _run(
        self, answers: Mapping[str, Sequence[Answer]], sandboxing: Sandboxing
    ) -> dict[tuple[str, str], Execution]:
        """Run every call that was proposed, once for each example."""
        asked = dict.fromkeys(
            (row, call)
            for row, given in answers.items()
            for answer in given
            if (call := call_to_run(answer, self._questions[row].example)) is not None
        )
        jobs = ((runnable(self._questions[row].example), call) for row, call in asked)
        ran = run_all(
            jobs, limits=LIMITS, isolation=sandboxing.isolation, workers=sandboxing.workers
        )
        return dict(zip(asked, ran, strict=True))

    def _sum_up(self, details: Mapping[str, Sequence[Detail]]) -> Judgement:
        by_program: dict[str, list[float]] = defaultdict(lambda: [0.0] * 7)
        for row, ones in details.items():
            sums = by_program[self._questions[row].program]
            for one in ones:
                for place, number in enumerate(_count(one)):
                    sums[place] += number
        return Judgement(
            scores={row: [_is_right(one) for one in ones] for row, ones in details.items()},
            details=details,
            metrics=_measure([_count(one) for ones in details.values() for one in ones]),
            intervals=cluster_intervals(list(by_program.values()), _MEASURES),
            groups=self._group(details),
        )

    def _group(self, details: Mapping[str, Sequence[Detail]]) -> dict[str, dict[str, Numbers]]:
        """Tell completions apart by task and number of steps, and steps by place and anchor."""
        wholes: dict[str, dict[str, list[list[float]]]] = defaultdict(lambda: defaultdict(list))
        parts: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
        for row, ones in details.items():
            for one in ones:
                kind = self._questions[row].example.kind
                wholes["task"][kind.value].append(_count(one))
                wholes["number of steps"][_named(len(one.steps))].append(_count(one))
                for place, step in enumerate(one.steps, start=1):
                    parts["position"][_named(place)].append(step.right)
                    parts["anchor"][step.kind].append(step.right)
        groups: dict[str, dict[str, Numbers]] = {}
        for title, values in wholes.items():
            groups[title] = {
                name: {"n": len(found), **_measure(found)} for name, found in _sorted(values)
            }
        for title, rights in parts.items():
            groups[title] = {
                name: {"n": len(found), "step_accuracy": 100 * sum(found) / len(found)}
                for name, found in _sorted(rights)
            }
        return groups


def read_steps(data: str) -> Steps:
    """Read a dataset: its split `test` if it has one, else all its rows.

    Raises DatasetError for a folder that is no dataset, or holds no row.
    """
    folder = Path(data)
    manifest = read_manifest(folder)
    if TEST in manifest.splits:
        shards = split_shards(folder, manifest, TEST)
    else:
        shards = shard_paths(folder, manifest, "data")
    questions = {
        example.id: Question(example, row.program_id)
        for shard in shards
        for row in read_shard(shard)
        for example in to_examples(row)
    }
    if not questions:
        raise DatasetError(f"{data}: no row was kept, so there is nothing to ask about")
    return Steps(questions)


def _judge(
    example: Example, answer: Answer, text: str, runs: Mapping[tuple[str, str], Execution]
) -> Detail:
    call = call_to_run(answer, example)
    execution = None if call is None else runs[example.id, call]
    if execution is not None and execution.outcome is Outcome.LOST:
        return Detail(answer.final, Verdict.UNSCORED, text)
    judged = score(answer, example, execution)
    truth = example.steps if execution is None else execution.steps
    kinds = {anchor.index: anchor.kind.value for anchor in example.anchors}
    if len(truth) != len(judged.steps):  # a call that could not be run has no steps of its own
        truth = example.steps
    steps = tuple(
        StepDetail(
            true.name,
            true.text or "",
            None if found.span is None else text[found.span.start : found.span.end],
            found.correct,
            kinds[true.anchor],
        )
        for true, found in zip(truth, judged.steps, strict=True)
    )
    return Detail(
        answer.final,
        _verdict(answer, judged.final, execution),
        text,
        answer.final is not None,
        steps,
    )


def _verdict(answer: Answer, is_right: bool, execution: Execution | None) -> Verdict:
    if answer.final is None:
        return Verdict.NOT_EXTRACTED
    if execution is not None and execution.outcome is Outcome.TIMED_OUT:
        return Verdict.TIMED_OUT
    return Verdict.PASSED if is_right else Verdict.FAILED


def _is_right(one: Detail) -> bool:
    return one.verdict == Verdict.PASSED


def _count(one: Detail) -> list[float]:
    """Count what `_MEASURES` are made of; nothing of what the machine could not judge."""
    if one.verdict == Verdict.UNSCORED:
        return [0.0] * 7
    steps, right = len(one.steps), sum(step.right for step in one.steps)
    is_right = _is_right(one)
    path = [steps, right] if is_right else [0, 0]
    return [steps, right, 1, is_right, *path, is_right and right < steps]


def _measure(counts: Sequence[Sequence[float]]) -> dict[str, float]:
    sums = np.asarray(counts, dtype=float).sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = {name: float(measure(sums)) for name, measure in _MEASURES.items()}
    return {name: value for name, value in found.items() if value == value}  # without NaN


def _named(number: int) -> str:
    return str(number) if number <= _MANY_STEPS else f"over {_MANY_STEPS}"


def _sorted(values: Mapping[str, list[T]]) -> Iterator[tuple[str, list[T]]]:
    yield from sorted(values.items(), key=lambda item: (len(item[0]), item[0]))
