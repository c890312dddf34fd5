"""Intervals of scores whose rows are not independent: whole programs are drawn again, not answers.

A program has several rows, and a row several answers that are right or wrong together; to draw them
one by one would make every score look surer than it is.

    sums = [[3, 4], [0, 2]]                    # of each program: right steps, steps
    share = lambda sums: {"accuracy": 100 * sums[..., 0] / sums[..., 1]}
    measure_once(sums, share)                  # {"accuracy": 50.0}
    intervals(sums, share)                     # {"accuracy": Interval(low=0.0, high=75.0)}
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from stepcode.evaluate.passk import RESAMPLES, Interval

Array = npt.NDArray[np.float64]
Measure = Callable[[Array], Mapping[str, Array]]
"""Metrics of summed up counts (..., K), each (...); NaN for what there is nothing of."""

_AT_ONCE = 100


def measure_once(sums: Sequence[Sequence[float]], measure: Measure) -> dict[str, float]:
    """Measure all programs together, given the counts (P, K); leaves out what is NaN."""
    total = np.asarray(sums, dtype=np.float64).sum(0)
    values = {name: float(value) for name, value in _measured(total, measure).items()}
    return {name: value for name, value in values.items() if not np.isnan(value)}


def intervals(
    sums: Sequence[Sequence[float]], measure: Measure, *, seed: int = 0
) -> dict[str, Interval]:
    """Give 95 % percentile intervals for each metric, by drawing programs again."""
    drawn = redraw(sums, measure, seed=seed)
    return {name: interval_of(values) for name, values in drawn.items() if len(values)}


def redraw(sums: Sequence[Sequence[float]], measure: Measure, *, seed: int = 0) -> dict[str, Array]:
    """Measure as many programs as there are, drawn with replacement, again and again.

    Gives the values (R,) of each metric, without those draws that have nothing to measure.
    """
    array = np.asarray(sums, dtype=np.float64)
    lots = [_measured(lot, measure) for lot in _resampled(array, seed)]
    drawn = {name: np.concatenate([lot[name] for lot in lots]) for name in lots[0]}
    return {name: values[~np.isnan(values)] for name, values in drawn.items()}


def interval_of(values: Array) -> Interval:
    """Take the middle 95 % of values, as `passk.bootstrap` does."""
    ordered = np.sort(values)
    low, high = (ordered[round(share * (len(values) - 1))] for share in (0.025, 0.975))
    return Interval(float(low), float(high))


def _resampled(sums: Array, seed: int) -> Iterator[Array]:
    """Sums over the programs of each draw, (up to _AT_ONCE, K) at a time."""
    chance, programs = np.random.default_rng(seed), len(sums)
    even = np.full(programs, 1 / programs)
    for start in range(0, RESAMPLES, _AT_ONCE):
        draws = min(_AT_ONCE, RESAMPLES - start)
        yield chance.multinomial(programs, even, size=draws) @ sums


def _measured(sums: Array, measure: Measure) -> Mapping[str, Array]:
    with np.errstate(divide="ignore", invalid="ignore"):
        return measure(sums)
