"""Pictures as inline SVG: no script, no font and no colour of their own; they follow the page."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import assert_never

from stepcode.evaluate.report.document import Bars, Curves

_WIDTH, _HEIGHT = 440, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 38, 432, 12, 180
_MARKS = 5
_ROOM_FOR_A_NUMBER = 18


@dataclass(frozen=True, slots=True)
class _Axis:
    """Where values lie in a picture."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low or 1)
        return self.start + share * (self.end - self.start)


def draw(picture: Bars | Curves) -> str:
    """Draw a picture."""
    match picture:
        case Bars():
            percent = _Axis(0, 100, _BOTTOM, _TOP)
            parts = [*_marks(percent), *_columns(picture, percent)]
        case Curves():
            points = [point for line in picture.series.values() for point in line]
            across = _axis([x for x, _ in points], _LEFT, _RIGHT)
            up = _axis([y for _, y in points], _BOTTOM, _TOP)
            parts = [*_marks(up), *_ends(across), *_lines(picture, across, up)]
        case _:
            assert_never(picture)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(picture.title)}">'
        f"{''.join(parts)}</svg>"
    )


def _axis(values: list[float], start: float, end: float) -> _Axis:
    low, high = min(values), max(values)
    if low >= 0 and high <= 1:  # shares, of which a small change shall look small
        low, high = 0, 1
    return _Axis(low, high, start, end)


def _marks(up: _Axis) -> Iterator[str]:
    for number in range(_MARKS):
        value = up.low + (up.high - up.low) * number / (_MARKS - 1)
        y = up.at(value)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _text(_LEFT - 4, y + 3, f"{value:.3g}", anchor="end")


def _ends(across: _Axis) -> Iterator[str]:
    yield _text(_LEFT, _HEIGHT - 6, f"step {across.low:g}", anchor="start")
    yield _text(_RIGHT, _HEIGHT - 6, f"{across.high:g}", anchor="end")


def _lines(curves: Curves, across: _Axis, up: _Axis) -> Iterator[str]:
    for number, line in enumerate(curves.series.values()):
        points = " ".join(f"{across.at(x):.1f},{up.at(y):.1f}" for x, y in line)
        yield f'<polyline class="line line{number}" points="{points}"/>'


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
