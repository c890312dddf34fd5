"""Pictures as inline SVG: no script, no font and no colour of their own; they follow the page."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import assert_never

from stepcode.evaluate.report.document import Bars, Curves, Point
from stepcode.evaluate.report.text import escape

_WIDTH, _HEIGHT = 440, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 54, 432, 12, 180
_ROOM_FOR_A_MARK = 7
"""Characters."""
_MARKS = 5
"""About so many marks on an axis."""
_ROOM_FOR_A_NUMBER = 18
_MOST_DOTS = 40
"""Points of a line that are still told apart by dots."""


@dataclass(frozen=True, slots=True)
class _Axis:
    """Where values lie in a picture."""

    low: float
    high: float
    start: float
    end: float
    step: float = 1
    """The distance between marks, of which `low` is one."""

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(max(share, 0), 1) * (self.end - self.start)


def draw(picture: Bars | Curves) -> str:
    """Draw a picture."""
    match picture:
        case Bars():
            percent = _Axis(0, 100, _BOTTOM, _TOP, 25)
            parts = [*_marks(percent), *_columns(picture, percent)]
        case Curves():
            parts = list(_curves(picture))
        case _:
            assert_never(picture)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(picture.title)}">'
        f"{''.join(parts)}</svg>"
    )


def _curves(curves: Curves) -> Iterator[str]:
    lines = [*curves.series.values(), *curves.logged.values()]
    points = [point for line in lines for point in line if not math.isnan(point.value)]
    steps = [point.step for line in lines for point in line]
    across = _Axis(min(steps), max(*steps, min(steps) + 1), _LEFT, _RIGHT)
    values = [value for point in points for value in _reach(point)]
    # Of shares, a small change shall look small; and no interval of theirs goes beyond.
    up = _Axis(0, 1, _BOTTOM, _TOP, 0.25) if curves.are_shares else _round_axis(values)
    yield from _marks(up)
    yield from _ends(across, steps)
    numbers = {name: number for number, name in enumerate(curves.series)}
    for name, line in curves.series.items():
        yield from _bands(line, across, up, numbers[name])
    for name, line in curves.logged.items():
        yield from _dots(name, line, across, up, f"dot{numbers[name]} logged")
    for name, line in curves.series.items():
        yield from _lines(name, line, across, up, numbers[name])


def _reach(point: Point) -> Iterator[float]:
    yield from (one for one in (point.low, point.value, point.high) if one is not None)


def _round_axis(values: Sequence[float]) -> _Axis:
    """Reach a little below and above the values, from one round number to another."""
    low, high = min(values), max(values)
    step = _distance(high - low or abs(high) or 1)
    first, last = math.floor(low / step), math.ceil(high / step)
    return _Axis(first * step, max(last, first + 1) * step, _BOTTOM, _TOP, step)


def _distance(width: float) -> float:
    """Find the distance between marks: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(width / _MARKS))
    return next(power * one for one in (1, 2, 5, 10) if width <= _MARKS * power * one)


def _marks(up: _Axis) -> Iterator[str]:
    first, last = round(up.low / up.step), round(up.high / up.step)
    for number in range(first, last + 1):
        y = up.at(number * up.step)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _text(_LEFT - 4, y + 3, _mark(number * up.step, up.step), anchor="end")


def _mark(value: float, step: float) -> str:
    """Write a mark with the digits that tell it from the next."""
    text = f"{value:.{max(0, -math.floor(math.log10(step) + 1e-9))}f}"
    return text if len(text) <= _ROOM_FOR_A_MARK else f"{value:.3g}"


def _ends(across: _Axis, steps: Sequence[float]) -> Iterator[str]:
    low, high = min(steps), max(steps)
    yield _text(across.at(low), _HEIGHT - 6, f"step {low:g}", anchor="start")
    if high > low:
        yield _text(across.at(high), _HEIGHT - 6, f"{high:g}", anchor="end")


def _whole(line: Sequence[Point]) -> Iterator[list[Point]]:
    """Cut a line where it has no value."""
    for is_nothing, points in groupby(line, lambda point: math.isnan(point.value)):
        if not is_nothing:
            yield list(points)


def _lines(name: str, line: Sequence[Point], x: _Axis, y: _Axis, number: int) -> Iterator[str]:
    for part in _whole(line):
        points = " ".join(f"{x.at(one.step):.1f},{y.at(one.value):.1f}" for one in part)
        yield f'<polyline class="line line{number}" points="{points}"/>'
    if len(line) <= _MOST_DOTS:
        yield from _dots(name, line, x, y, f"dot{number}")


def _bands(line: Sequence[Point], x: _Axis, y: _Axis, number: int) -> Iterator[str]:
    for part in _whole(line):
        lower = [(one.step, one.low) for one in part if one.low is not None]
        upper = [(one.step, one.high) for one in part if one.high is not None]
        if len(lower) > 1:
            edge = (f"{x.at(step):.1f},{y.at(value):.1f}" for step, value in [*lower, *upper[::-1]])
            yield f'<polygon class="band band{number}" points="{" ".join(edge)}"/>'


def _dots(name: str, line: Iterable[Point], x: _Axis, y: _Axis, kind: str) -> Iterator[str]:
    for point in line:
        if not math.isnan(point.value):
            place = f'cx="{x.at(point.step):.1f}" cy="{y.at(point.value):.1f}"'
            says = escape(f"{name}, step {point.step:g}: {_told(point)}")
            yield f'<circle class="dot {kind}" {place} r="2"><title>{says}</title></circle>'


def _told(point: Point) -> str:
    if point.low is None or point.high is None:
        return f"{point.value:.4g}"
    return f"{point.value:.4g} ({point.low:.4g} to {point.high:.4g})"


def _columns(bars: Bars, up: _Axis) -> Iterator[str]:
    slot = (_RIGHT - _LEFT) / len(bars.labels)
    width = min(0.8 * slot, 60) / len(bars.series)
    for place, label in enumerate(bars.labels):
        middle = _LEFT + (place + 0.5) * slot
        yield _text(middle, _HEIGHT - 6, escape(label))
        for number, (name, values) in enumerate(bars.series.items()):
            value, x = values[place], middle + (number - len(bars.series) / 2) * width
            if value is not None:
                yield _bar(f"{label}, {name}: {value:.1f} %", x, up.at(value), width, number)
                if width >= _ROOM_FOR_A_NUMBER:
                    yield _text(x + width / 2, up.at(value) - 2, f"{value:.0f}")


def _bar(says: str, x: float, y: float, width: float, number: int) -> str:
    return (
        f'<rect class="bar{number}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
        f'height="{_BOTTOM - y:.1f}"><title>{escape(says)}</title></rect>'
    )


def _text(x: float, y: float, text: str, *, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
