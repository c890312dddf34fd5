"""Bars as an inline SVG: no script, no font and no colour of its own, so it follows the page."""

from collections.abc import Iterator
from html import escape

from stepcode.evaluate.report.document import Bars

_WIDTH, _LEFT, _TOP, _BOTTOM = 440, 28, 12, 20
_HEIGHT = 200
_PLOT = _HEIGHT - _TOP - _BOTTOM


def render_bars(bars: Bars) -> str:
    """Draw bars from 0 to 100 %, those of several evaluations beside each other."""
    parts = [*_grid(), *_columns(bars)]
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(bars.title)}">'
        f"{''.join(parts)}</svg>"
    )


def _grid() -> Iterator[str]:
    for share in (0, 25, 50, 75, 100):
        y = _y(share)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT - 4}" y="{y + 3:.1f}" text-anchor="end">{share}</text>'


def _columns(bars: Bars) -> Iterator[str]:
    slot = (_WIDTH - _LEFT) / len(bars.labels)
    width = min(0.8 * slot, 60) / len(bars.series)
    for place, label in enumerate(bars.labels):
        middle = _LEFT + (place + 0.5) * slot
        yield _text(middle, _HEIGHT - 6, escape(label))
        for number, (name, values) in enumerate(bars.series.items()):
            x = middle + (number - len(bars.series) / 2) * width
            yield from _bar(f"{label}, {name}", values[place], x, width, number)


def _bar(name: str, value: float | None, x: float, width: float, number: int) -> Iterator[str]:
    if value is None:
        return
    y = _y(value)
    yield (
        f'<rect class="bar{number}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
        f'height="{_TOP + _PLOT - y:.1f}"><title>{escape(name)}: {value:.1f} %</title></rect>'
    )
    if width >= 18:
        yield _text(x + width / 2, y - 2, f"{value:.0f}")


def _text(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{text}</text>'


def _y(share: float) -> float:
    return _TOP + _PLOT * (1 - share / 100)
