"""From counts to accuracies, and from accuracies to differences that chance does not explain.

Two kinds of chance, two intervals, each of 95 %:

- over seeds: what another warm-up, order of data and sampling would change, for these held-out
  programs; Student's t of the differences paired by seed, so there is none with a single seed
- over programs: what other held-out programs would change, for these trained models; bootstrap of
  the differences by program, each averaged over the seeds, which all answer the same programs
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

import numpy as np
import scipy.stats

from stepcode.train.micro.results import Counts

LEVEL = 0.95
_RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Accuracies:
    """Shares of what was right, over all problems and draws."""

    step: float
    informative: float
    """Of the steps that show the state."""
    final: float
    path_consistency: float
    """Right steps among completions whose final answer is right; NaN if there are none."""

    @property
    def gap(self) -> float:
        """Final minus step accuracy."""
        return self.final - self.step


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over seeds with half the width of its interval; None where one seed gives none.

    The mean is NaN if a seed has no value, as path consistency has none without right answers.
    """

    mean: float
    half: float | None


@dataclass(frozen=True, slots=True)
class Interval:
    """From where to where."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How much better one arm is than another in one measure, paired by seed."""

    over_seeds: Estimate
    over_programs: Interval

    @property
    def is_clear(self) -> bool:
        """Whether both intervals leave zero out, on the same side."""
        mean, half = self.over_seeds.mean, self.over_seeds.half
        outside = self.over_programs.low > 0 or self.over_programs.high < 0
        return half is not None and abs(mean) > half and outside


def accuracies(counts: Counts) -> Accuracies:
    """Divide what was right by what was asked."""
    asked = len(counts.final) * counts.draws
    right = sum(counts.final)
    on_path = sum(counts.steps_with_final) / (right * counts.length) if right else math.nan
    return Accuracies(
        step=sum(counts.steps) / (asked * counts.length),
        informative=sum(counts.informative) / (asked * counts.informative_length),
        final=right / asked,
        path_consistency=on_path,
    )


def by_program(counts: Counts) -> dict[str, list[float]]:
    """The same by program, for the measures that each program has."""
    return {
        "step": [n / (counts.draws * counts.length) for n in counts.steps],
        "informative": [n / (counts.draws * counts.informative_length) for n in counts.informative],
        "final": [n / counts.draws for n in counts.final],
    }


def estimate(values: Sequence[float]) -> Estimate:
    """Estimate the mean over seeds from one value for each."""
    if len(values) < 2 or any(map(math.isnan, values)):
        return Estimate(fmean(values), None)
    half = t_quantile(len(values) - 1) * stdev(values) / math.sqrt(len(values))
    return Estimate(fmean(values), half)


def difference(ours: Sequence[Sequence[float]], theirs: Sequence[Sequence[float]]) -> Difference:
    """Compare two arms: for each seed, and there for each held-out program, a value of either."""
    gained = np.asarray(ours, dtype=float) - np.asarray(theirs, dtype=float)
    return Difference(
        over_seeds=estimate([float(value) for value in gained.mean(1)]),
        over_programs=_bootstrap(gained.mean(0)),
    )


def t_quantile(freedom: int, level: float = LEVEL) -> float:
    """Find t such that Student's distribution has `level` of its mass between -t and t."""
    return float(scipy.stats.t.ppf((1 + level) / 2, freedom))


def _bootstrap(values: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> Interval:
    random = np.random.default_rng(0)
    chosen = random.integers(0, len(values), (_RESAMPLES, len(values)))
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.percentile(values[chosen].mean(1), [tail, 100 - tail])
    return Interval(float(low), float(high))
