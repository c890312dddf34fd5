"""Means with intervals: of several runs at each step, or of neighbouring steps of one run.

Both intervals are Student's t at 95 %. That over runs says what another seed may give. That over
neighbours says how much batches differ, and nothing about seeds.
"""

import math
from collections.abc import Sequence

import numpy as np

from stepcode.evaluate.report.document import Point

FEWEST_TO_SMOOTH = 20
"""Points of a run from which on neighbours are averaged."""
MOST_POINTS = 300
"""Points that a line is drawn with."""

Line = Sequence[Point]


def mean_of_runs(lines: Sequence[Line]) -> list[Point]:
    """Average the runs at each step that all of them have; of no runs there is no point."""
    if not lines:
        return []
    values = [{point.step: point.value for point in line} for line in lines]
    shared = set.intersection(*(set(one) for one in values))
    return [estimate(step, [one[step] for one in values]) for step in sorted(shared)]


def mean_of_neighbours(line: Line) -> list[Point]:
    """Average points with a tenth of the run around each; at the ends with fewer.

    Of a long line not all points are there, see `thin`.
    """
    reach = max(2, len(line) // 20)
    return [
        estimate(line[place].step, _known(line[max(0, place - reach) : place + reach + 1]))
        for place in _places(len(line))
    ]


def estimate(step: float, values: Sequence[float]) -> Point:
    """Give the mean with its interval; without one if there is a single value, or NaN in it."""
    if not values or any(map(math.isnan, values)):
        return Point(step, math.nan)
    mean = float(np.mean(values))
    if len(values) < 2:
        return Point(step, mean)
    half = _t(len(values) - 1) * float(np.std(values, ddof=1)) / math.sqrt(len(values))
    return Point(step, mean, mean - half, mean + half)


def thin(line: Line) -> list[Point]:
    """Leave out points of a long line, evenly; the last stays."""
    return [line[place] for place in _places(len(line))]


def _places(length: int) -> list[int]:
    every = max(1, math.ceil(length / MOST_POINTS))
    return list(range(length - 1, -1, -every))[::-1]


def _known(line: Line) -> list[float]:
    return [point.value for point in line if not math.isnan(point.value)]


def _t(freedom: int) -> float:
    """Find t such that Student's distribution has 95 % of its mass between -t and t."""
    from scipy.special import stdtrit  # takes a while, and only curves need it

    return float(stdtrit(freedom, 0.975))
