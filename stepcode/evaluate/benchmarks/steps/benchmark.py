"""The benchmark `steps` as `stepcode eval` asks it."""

from collections.abc import Mapping, Sequence
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
from stepcode.evaluate.benchmarks.steps import Question, evaluate, read_questions
from stepcode.evaluate.extract import Extractor
from stepcode.reason.prompt import Message
from stepcode.types import TaskKind


class Steps:
    """Our own benchmark, on one dataset."""

    rows_published = 0
    has_pass_at_k = False
    prompting = Prompting.STEPS
    extractor = Extractor.LENIENT

    def __init__(self, questions: Sequence[Question]) -> None:
        """Ask these questions."""
        self._questions = {question.id: question for question in questions}

    @property
    def ids(self) -> Sequence[str]:
        """The questions, two of each row."""
        return list(self._questions)

    def truth(self, row: str) -> Truth:
        """Show a question."""
        one = self._questions[row].example
        return Truth(one.anchored_code, one.given, one.target, one.kind is TaskKind.OUTPUT)

    def prompt(self, row: str, prompting: Prompting, *, anchors: bool) -> list[Message]:
        """Ask for the steps and the answer."""
        del anchors  # they are what is asked about
        if prompting is not Prompting.STEPS:
            raise MisuseError(
                f"--prompt is {prompting}: this benchmark asks for steps, so for --prompt steps"
            )
        return self._questions[row].prompt

    def sampling(self, prompting: Prompting) -> Sampling:
        """One completion each, as the model likes it best."""
        return Sampling(0.0, 1, 2048)

    def judge(
        self, texts: Texts, reading: Reading | None, sandboxing: Sandboxing = ALONE
    ) -> Judgement:
        """Judge completions, each step and the answer."""
        parts = evaluate(
            [self._questions[row] for row in texts],
            texts,
            isolation=sandboxing.isolation,
            workers=sandboxing.workers,
        )
        details = {row["id"]: _details(row["completions"]) for row in parts.rows}
        return Judgement(
            scores=parts.scores,
            details=details,
            metrics=parts.metrics,
            intervals=parts.intervals,
            baselines=parts.baselines,
            groups=parts.groups,
            rows=parts.rows,
            own_counts=parts.counts,
        )


def read_steps(data: str) -> Steps:
    """Read a dataset; raises DatasetError for a folder that is none, or holds no row."""
    return Steps(read_questions(Path(data)))


def _details(completions: Sequence[Mapping[str, str | None]]) -> list[Detail]:
    return [
        Detail(one["answer"], one["verdict"] or "", one["text"], one["answer"] is not None)
        for one in completions
    ]
