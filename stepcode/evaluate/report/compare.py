"""Two evaluations of the same questions: by how much one is better, and whether that is chance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stepcode.errors import MisuseError
from stepcode.evaluate.bootstrap import RESAMPLES
from stepcode.evaluate.evaluation import Evaluation


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two evaluations differ, over the rows that both have; differences are second - first."""

    first: Evaluation
    second: Evaluation
    difference: float
    """Of the mean share of right answers, in percent."""
    interval: tuple[float, float]
    """95 %, by drawing the rows again, each with both of its scores."""
    better: tuple[str, ...]
    """Rows in which the second is better."""
    worse: tuple[str, ...]
    p: float
    """Of an exact sign test over the rows that differ; with one answer a row, McNemar's test."""


def compare(first: Evaluation, second: Evaluation) -> Comparison:
    """Compare two evaluations of one benchmark and the same data.

    Raises MisuseError if they are of different benchmarks, data or rows.
    """
    if first.benchmark != second.benchmark:
        raise MisuseError(
            f"the one is of {first.benchmark} and the other of {second.benchmark}: "
            "only evaluations of one benchmark can be compared"
        )
    data = [one.settings.get("data_sha256") for one in (first, second)]
    if data[0] != data[1]:
        raise MisuseError("they are of different data files: evaluate both on the same one")
    if set(first.scores) != set(second.scores):
        raise MisuseError(
            f"the one has {len(first.scores)} rows and the other {len(second.scores)}, not the "
            "same: evaluate both with the same --limit"
        )
    rows = list(first.scores)
    before, after = _shares(first, rows), _shares(second, rows)
    change = after - before
    better = tuple(row for row, by in zip(rows, change, strict=True) if by > 0)
    worse = tuple(row for row, by in zip(rows, change, strict=True) if by < 0)
    return Comparison(
        first=first,
        second=second,
        difference=100 * float(change.mean()),
        interval=_interval(change),
        better=better,
        worse=worse,
        p=sign_test(len(better), len(worse)),
    )


def sign_test(better: int, worse: int) -> float:
    """Give the two-sided p of an exact sign test: how likely so uneven a split is by chance."""
    n, fewer = better + worse, min(better, worse)
    splits: int = sum(math.comb(n, k) for k in range(fewer + 1))
    return min(1.0, 2 * splits / (1 << n))


def _shares(evaluation: Evaluation, rows: Sequence[str]) -> NDArray[np.float64]:
    return np.array([sum(right) / len(right) for right in (evaluation.scores[r] for r in rows)])


def _interval(change: NDArray[np.float64]) -> tuple[float, float]:
    chance = np.random.default_rng(0)
    rows = len(change)
    times = chance.multinomial(rows, np.full(rows, 1 / rows), size=RESAMPLES)
    low, high = np.percentile(100 * (times @ change) / rows, (2.5, 97.5))
    return float(low), float(high)
