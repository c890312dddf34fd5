"""Incremental consistency: does a model that knows the result also know how it comes about?"""

from collections.abc import Mapping, Sequence

from stepcode.evaluate.benchmarks.reval.judged import Run
from stepcode.evaluate.benchmarks.reval.questions import Question, Task

_CREDIT = {
    (True, True, True, True): 1.0,
    (True, True, True, False): 0.5,
    (True, True, False, False): 0.25,
    (True, False, False, False): 0.125,
}
"""For coverage, state, path, output. What is right after something wrong earns nothing."""


def credit(*, coverage: bool, state: bool, path: bool, output: bool) -> float:
    """Give the credit of one probe, 0 to 1: only of right answers that build on each other."""
    return _CREDIT.get((coverage, state, path, output), 0.0)


def credits_of(questions: Sequence[Question], run: Run) -> dict[str, float]:
    """Give each probe its credit; one of whose four answers is missing has none.

    The benchmark's IC is 100 times their mean. The output of a pair counts for each of its probes.
    """
    by_probe: dict[str, dict[Task, bool]] = {}
    outputs: dict[str, bool] = {}
    for question in questions:
        judged = run.get(question.id)
        if judged is None:
            continue
        if question.task is Task.OUTPUT:
            outputs[question.about] = judged.right
        else:
            by_probe.setdefault(question.about, {})[question.task] = judged.right
    return {
        probe: _credit(right, outputs[pair])
        for probe, right in by_probe.items()
        if len(right) == len(Task) - 1 and (pair := probe.rpartition("/")[0]) in outputs
    }


def _credit(right: Mapping[Task, bool], output: bool) -> float:
    return credit(
        coverage=right[Task.COVERAGE],
        state=right[Task.STATE],
        path=right[Task.PATH],
        output=output,
    )
