"""Intervals for shares of things that come in clusters, such as the steps of one program."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000

Totals = NDArray[np.float64]
"""Sums over clusters: the last axis has one place for each thing that is counted."""


def cluster_intervals(
    counts: Sequence[Sequence[float]],
    measures: Mapping[str, Callable[[Totals], Totals]],
    *,
    seed: int = 0,
) -> dict[str, tuple[float, float]]:
    """Give 95 % percentile intervals for functions of sums, by drawing whole clusters again.

    `counts` has a row for each cluster; a measure is told the sums of many draws at once, (2000,
    C), and gives one number for each, NaN where there is none. What belongs together, such as the
    steps of a program, is drawn together, so that it does not count as so many independent facts.
    """
    table = np.asarray(counts, dtype=float)
    chance = np.random.default_rng(seed)
    clusters = len(table)
    times = chance.multinomial(clusters, np.full(clusters, 1 / clusters), size=RESAMPLES)
    sums = times @ table
    found = {}
    for name, measure in measures.items():
        with np.errstate(invalid="ignore", divide="ignore"):
            drawn = measure(sums)
        drawn = drawn[~np.isnan(drawn)]
        if drawn.size:
            low, high = np.percentile(drawn, (2.5, 97.5))
            found[name] = (float(low), float(high))
    return found
