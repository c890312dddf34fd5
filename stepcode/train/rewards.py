"""Judge completions while the accelerator works: every step and the final answer.

    with Scorer() as scorer:
        judged = scorer(completions, rows)        # for each completion Judged, or None

Output prediction is judged by the row's own trace; an input that a model proposes is run in the
sandbox first. Anything that is called the same way can take a scorer's place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

from stepcode.dataset.examples import read_example
from stepcode.execute import run_all
from stepcode.reason import proposed_call, read_answer, runnable, score
from stepcode.types import Answer, Example, Execution, Outcome, Score, TaskKind

Row = Mapping[str, Any]
"""A row of the training data, with the columns of the export `trl-grpo`. Any: JSON."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A completion with what was read from it and how true that is."""

    score: Score
    answer: Answer


class Scores(Protocol):
    """What judges completions; each may be None if it could not be judged, never wrong for that."""

    def __call__(
        self, completions: Sequence[str], rows: Sequence[Row], /
    ) -> Sequence[Judged | None]:
        """Judge the completion of each row."""


class Scorer:
    """Judges completions; owns the processes that run the inputs they propose."""

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the processes."""
        self.close()

    def close(self) -> None:
        """End the processes."""

    def __call__(self, completions: Sequence[str], rows: Sequence[Row]) -> list[Judged | None]:
        """Judge the completion of each row."""
        examples = [read_example(row) for row in rows]
        answers = [read_answer(completion) for completion in completions]
        calls = [
            proposed_call(answer, example) if example.kind is TaskKind.INPUT else None
            for answer, example in zip(answers, examples, strict=True)
        ]
        jobs = {
            (example.anchored_code, call): (runnable(example), call)
            for example, call in zip(examples, calls, strict=True)
            if call is not None
        }
        done = dict(zip(jobs, run_all(jobs.values()), strict=True))
        return [
            _judge(answer, example, done.get((example.anchored_code, call or "")))
            for answer, example, call in zip(answers, examples, calls, strict=True)
        ]


def _judge(answer: Answer, example: Example, execution: Execution | None) -> Judged | None:
    if execution is not None and execution.outcome is Outcome.LOST:
        return None
    return Judged(score(answer, example, execution), answer)
