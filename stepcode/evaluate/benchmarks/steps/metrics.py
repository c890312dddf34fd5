"""The numbers of the benchmark `steps`: what stepcode.train logs while training, of whole files.

    step_accuracy      right steps among the truth's steps, the final answers aside
    final_accuracy     right final answers
    gap                final_accuracy - step_accuracy
    path_consistency   right steps among completions whose final answer is right; a low value means
                       that answers are right for wrong reasons

All are percentages over all steps or completions that could be scored, as in the paper's tables,
and the same as `stepcode.train.metrics` gives for one batch of everything.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from stepcode.evaluate.passk import Interval
from stepcode.evaluate.resample import Array, intervals, measure_once
from stepcode.types import Anchor, Example, Score, Step, TaskKind

T = TypeVar("T")

Table = dict[str, dict[str, float]]
"""For each group its size `n` and its metrics."""

_EXACT = 10
_WIDER = ((20, "11-20"), (50, "21-50"), (200, "51-200"))


@dataclass(frozen=True, slots=True)
class Scored:
    """One completion that could be scored."""

    example: Example
    program_id: str
    truth: Sequence[Step]
    """As long as the steps of the score."""
    score: Score


def step_metrics(scored: Sequence[Scored]) -> dict[str, float]:
    """Sum up completions; a metric is left out where there is nothing to measure it by."""
    return measure_once([_counts(one.score) for one in scored], measure) if scored else {}


def step_intervals(scored: Iterable[Scored]) -> dict[str, Interval]:
    """Give 95 % intervals for each metric, by drawing the programs again."""
    programs: dict[str, list[int]] = defaultdict(lambda: [0] * 6)
    for one in scored:
        sums = programs[one.program_id]
        sums[:] = map(sum, zip(sums, _counts(one.score), strict=True))
    return intervals(list(programs.values()), measure) if programs else {}


def step_groups(scored: Sequence[Scored]) -> dict[str, Table]:
    """Give the tables: by task and number of steps; by the step's anchor, position and novelty."""
    by_task: dict[str, list[Scored]] = defaultdict(list)
    by_number: dict[int, list[Scored]] = defaultdict(list)
    for one in scored:
        by_task[f"{one.example.kind.value} prediction"].append(one)
        by_number[len(one.truth)].append(one)
    return {
        "task": {name: _row(ones) for name, ones in sorted(by_task.items(), reverse=True)},
        "number of steps": {name: _row(ones) for name, ones in _bucketed(by_number).items()},
        **_step_tables(scored),
    }


def constant_answers(questions: Iterable[Example]) -> dict[str, float]:
    """Measure answers that know nothing: the most frequent output, and step, for every one.

    Of output prediction only; what a constant call returns is not known without running it.
    """
    asked = [one for one in questions if one.kind is TaskKind.OUTPUT]
    outputs = Counter(one.target for one in asked)
    texts = Counter(step.text for one in asked for step in one.steps)
    found = {
        "step_accuracy": _share_of_first(texts),
        "final_accuracy": _share_of_first(outputs),
    }
    found["gap"] = found["final_accuracy"] - found["step_accuracy"]
    return found if asked else {}


def measure(sums: Array) -> Mapping[str, Array]:
    """Measure sums (..., 6) of the counts of completions; see `_counts`."""
    steps, right, completions, finals, path, right_path = (sums[..., i] for i in range(6))
    step_accuracy, final_accuracy = 100 * right / steps, 100 * finals / completions
    return {
        "step_accuracy": step_accuracy,
        "final_accuracy": final_accuracy,
        "gap": final_accuracy - step_accuracy,
        "path_consistency": 100 * right_path / path,
    }


def counts_of(final: bool, steps: Sequence[bool]) -> list[int]:
    """Count a completion: steps, right ones, 1, right final answer, and steps of those alone."""
    right = sum(steps)
    return [len(steps), right, 1, int(final), len(steps) * final, right * final]


def _counts(judged: Score) -> list[int]:
    return counts_of(judged.final, [step.correct for step in judged.steps])


def _row(scored: Sequence[Scored]) -> dict[str, float]:
    return {"n": len(scored)} | step_metrics(scored)


def _step_tables(scored: Sequence[Scored]) -> dict[str, Table]:
    kinds: dict[str, list[bool]] = defaultdict(list)
    novelties: dict[str, list[bool]] = defaultdict(list)
    positions: dict[int, list[bool]] = defaultdict(list)
    for told in _steps(scored):
        kinds[told.anchor.kind.value].append(told.is_right)
        positions[told.position].append(told.is_right)
        if told.step.novelty:
            novelties[told.step.novelty].append(told.is_right)
    tables = {
        "kind of anchor": dict(sorted(kinds.items())),
        "position": _bucketed(positions),
        "novelty": dict(sorted(novelties.items())),
    }
    return {
        title: {name: _step_row(right) for name, right in groups.items()}
        for title, groups in tables.items()
        if groups
    }


def _step_row(right: Sequence[bool]) -> dict[str, float]:
    return {"n": len(right), "step_accuracy": 100 * sum(right) / len(right)}


@dataclass(frozen=True, slots=True)
class _Told:
    step: Step
    anchor: Anchor
    position: int
    is_right: bool


def _steps(scored: Iterable[Scored]) -> Iterator[_Told]:
    for one in scored:
        anchors = {anchor.index: anchor for anchor in one.example.anchors}
        pairs = zip(one.truth, one.score.steps, strict=True)
        for position, (step, judged) in enumerate(pairs, start=1):
            yield _Told(step, anchors[step.anchor], position, judged.correct)


def _bucketed(groups: Mapping[int, list[T]]) -> dict[str, list[T]]:
    """Name groups by their number, in order; above ten, several numbers share a group."""
    buckets: dict[str, list[T]] = defaultdict(list)
    for number in sorted(groups):
        buckets[_bucket(number)] += groups[number]
    return dict(buckets)


def _bucket(number: int) -> str:
    if number <= _EXACT:
        return str(number)
    return next((name for most, name in _WIDER if number <= most), "more than 200")


def _share_of_first(counts: Counter[T]) -> float:
    return 100 * counts.most_common(1)[0][1] / counts.total() if counts else 0.0
