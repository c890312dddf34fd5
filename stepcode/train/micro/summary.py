"""All results of a task in numbers: each arm by its seeds, and the arms against each other."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from stepcode.train.micro.results import Arm, CurvePoint, Result
from stepcode.train.micro.statistics import (
    Difference,
    Estimate,
    accuracies,
    by_program,
    difference,
    estimate,
)
from stepcode.train.micro.tasks import Task

COMPARED = (
    (Arm.STEP, Arm.TERMINAL),
    (Arm.BILEVEL, Arm.TERMINAL),
    (Arm.BILEVEL_NORMALIZED, Arm.TERMINAL),
    (Arm.CONTINUED_SFT, Arm.TERMINAL),
    (Arm.BILEVEL, Arm.STEP),
    (Arm.BILEVEL_NORMALIZED, Arm.STEP),
    (Arm.CONTINUED_SFT, Arm.STEP),
)
"""Which arm is compared with which."""
DIFFERENT_IN = ("sampled step", "sampled informative", "sampled final", "greedy step")
"""In which measures."""


@dataclass(frozen=True, slots=True)
class ArmSummary:
    """An arm over its seeds."""

    results: tuple[Result, ...]
    """One of each seed, in their order."""
    measures: Mapping[str, tuple[float, ...]]
    """For each measure a value of each seed."""

    def mean(self, measure: str) -> Estimate:
        """Estimate a measure over the seeds."""
        return estimate(self.measures[measure])

    def curve(self) -> list[tuple[int, Estimate]]:
        """The sampled accuracy of informative steps on the way, by updates."""
        points: list[Sequence[CurvePoint]] = [result.curve for result in self.results]
        return [
            (at[0].update, estimate([point.informative for point in at]))
            for at in zip(*points, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One arm against another in one measure."""

    arm: Arm
    against: Arm
    measure: str
    difference: Difference


@dataclass(frozen=True, slots=True)
class TaskSummary:
    """A task: its arms and what is between them."""

    task: Task
    arms: Mapping[Arm, ArmSummary]
    comparisons: tuple[Comparison, ...]

    @property
    def held_out(self) -> int:
        """How many programs all arms were asked."""
        return len(self.arms[Arm.WARM_UP].results[0].sampled.final)

    def compared(self, arm: Arm, against: Arm, measure: str) -> Difference:
        """Look a comparison up."""
        wanted = (arm, against, measure)
        found = (c for c in self.comparisons if (c.arm, c.against, c.measure) == wanted)
        return next(found).difference

    def to_record(self) -> dict[str, Any]:  # Any: JSON
        """Write the numbers as JSON values."""
        return {
            "held_out": self.held_out,
            "arms": {arm.value: _arm_record(summary) for arm, summary in self.arms.items()},
            "differences": [
                {
                    "arm": one.arm.value,
                    "against": one.against.value,
                    "measure": one.measure,
                    **asdict(one.difference),
                    "is_clear": one.difference.is_clear,
                }
                for one in self.comparisons
            ],
        }


def summarize(task: Task, results: Sequence[Result]) -> TaskSummary:
    """Sum up the results of a task; every arm has to have the same seeds."""
    arms = {
        arm: _summarize_arm([one for one in results if (one.task, one.arm) == (task, arm)])
        for arm in Arm
    }
    comparisons = [
        Comparison(arm, against, measure, _compare(arms[arm], arms[against], measure))
        for arm, against in COMPARED
        for measure in DIFFERENT_IN
    ]
    return TaskSummary(task, arms, tuple(comparisons))


def _summarize_arm(results: Sequence[Result]) -> ArmSummary:
    ordered = sorted(results, key=lambda result: result.seed)
    each = [_measure(result) for result in ordered]
    return ArmSummary(tuple(ordered), {name: tuple(one[name] for one in each) for name in each[0]})


def _measure(result: Result) -> dict[str, float]:
    sampled, greedy = accuracies(result.sampled), accuracies(result.greedy)
    return {
        "sampled step": sampled.step,
        "sampled informative": sampled.informative,
        "sampled final": sampled.final,
        "gap": sampled.gap,
        "path consistency": sampled.path_consistency,
        "greedy step": greedy.step,
        "greedy informative": greedy.informative,
        "greedy final": greedy.final,
        "entropy": result.entropy,
    }


def _compare(ours: ArmSummary, theirs: ArmSummary, measure: str) -> Difference:
    way, name = measure.split()
    values = [
        [by_program(getattr(result, way))[name] for result in arm.results] for arm in (ours, theirs)
    ]
    return difference(*values)


def _arm_record(summary: ArmSummary) -> dict[str, Any]:
    return {
        "seeds": [
            {
                "seed": one.seed,
                "updates": one.updates,
                "rollouts": one.rollouts,
                "labelled": one.labelled,
                "passes": one.passes,
            }
            for one in summary.results
        ],
        "measures": {
            name: {"by_seed": list(map(_plain, values)), **_estimate_record(estimate(values))}
            for name, values in summary.measures.items()
        },
        "curve": [{"update": at, **_estimate_record(found)} for at, found in summary.curve()],
    }


def _estimate_record(found: Estimate) -> dict[str, float | None]:
    return {"mean": _plain(found.mean), "half": found.half}


def _plain(value: float) -> float | None:
    """JSON has no NaN."""
    return None if math.isnan(value) else value
