"""REval's numbers, from the verdicts of its probes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stepcode.evaluate.bootstrap import Totals

_HALVES = (1.0, 0.5, 0.25, 0.125)


@dataclass(frozen=True, slots=True)
class ProbeVerdict:
    """What came of the questions about a probe; the output is that of its pair."""

    said_covered: bool
    is_covered: bool
    state: bool
    path: bool
    output: bool

    @property
    def coverage(self) -> bool:
        """Whether the question of coverage was answered right."""
        return self.said_covered == self.is_covered


def consistency(probe: ProbeVerdict) -> float:
    """Say how far a model's answers hold together, in the order coverage, state, path, output.

    1 if all are right, half as much for each that is missing at the end; 0 if the first is wrong,
    or if one is right behind one that is wrong.
    """
    right = (probe.coverage, probe.state, probe.path, probe.output)
    held = next((place for place, one in enumerate(right) if not one), len(right))
    if held == 0 or any(right[held:]):
        return 0.0
    return _HALVES[len(right) - held]


COUNTED = 10
_PROBES, _COVERAGE, _STATE, _PATH, _IC, _SAID, _TRUE, _HITS, _OUTPUTS, _RIGHT_OUTPUTS = range(
    COUNTED
)


def count_pair(probes: Sequence[ProbeVerdict], output: bool) -> list[float]:
    """Count what the numbers are made of, for one pair."""
    return [
        len(probes),
        sum(one.coverage for one in probes),
        sum(one.state for one in probes),
        sum(one.path for one in probes),
        sum(map(consistency, probes)),
        sum(one.said_covered for one in probes),
        sum(one.is_covered for one in probes),
        sum(one.said_covered and one.is_covered for one in probes),
        1,
        output,
    ]


def _share(sums: Totals, part: int, whole: int) -> Totals:
    shares: Totals = 100 * sums[..., part] / sums[..., whole]
    return shares


def _f1(sums: Totals) -> Totals:
    """0 where a model never says YES, or nothing is covered."""
    both = sums[..., _SAID] + sums[..., _TRUE]
    found: Totals = np.where(both > 0, 200 * sums[..., _HITS] / np.maximum(both, 1), 0.0)
    return found


def _score(sums: Totals) -> Totals:
    """The mean of the four accuracies: the papers name a score and define none, so this is ours."""
    parts = (_COVERAGE, _STATE, _PATH)
    total: Totals = sum((_share(sums, part, _PROBES) for part in parts), start=np.zeros(()))
    return (total + _share(sums, _RIGHT_OUTPUTS, _OUTPUTS)) / 4


MEASURES = {
    "coverage_accuracy": lambda sums: _share(sums, _COVERAGE, _PROBES),
    "coverage_f1": _f1,
    "path_accuracy": lambda sums: _share(sums, _PATH, _PROBES),
    "state_accuracy": lambda sums: _share(sums, _STATE, _PROBES),
    "output_accuracy": lambda sums: _share(sums, _RIGHT_OUTPUTS, _OUTPUTS),
    "ic": lambda sums: _share(sums, _IC, _PROBES),
    "score": _score,
}
"""In percent; `ic` is incremental consistency, `score` the mean of the four accuracies."""
