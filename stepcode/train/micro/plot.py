"""The plot as SVG, drawn by hand: a file that needs no library, with the same bytes every time.

For each task, learning curves of the arms with their intervals over seeds, and beside them how far
each arm ends from terminal-only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from stepcode.train.micro.results import TRAINED, Arm
from stepcode.train.micro.statistics import Estimate
from stepcode.train.micro.summary import TaskSummary

_COLOURS = {
    Arm.CONTINUED_SFT: "#7f7f7f",
    Arm.TERMINAL: "#d62728",
    Arm.STEP: "#1f77b4",
    Arm.BILEVEL: "#2ca02c",
    Arm.BILEVEL_NORMALIZED: "#9467bd",
}
_WIDTH, _ROW, _HEAD = 960, 330, 60
_CURVES_LEFT, _CURVES_RIGHT = 60, 520
_BARS_LEFT, _BARS_RIGHT = 700, 930
_TOP, _BOTTOM = 40, 280
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Distances between marks on an axis of accuracies."""
_MOST_MARKS = 7


@dataclass(frozen=True, slots=True)
class _Axis:
    """Where values lie on the paper."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def marks(self) -> list[float]:
        step = next((s for s in _STEPS if (self.high - self.low) / s <= _MOST_MARKS), _STEPS[-1])
        first, last = round(self.low / step), round(self.high / step)
        marks = (round(number * step, 2) for number in range(first, last + 1))
        return [mark for mark in marks if self.low <= mark <= self.high]


def draw(summaries: Sequence[TaskSummary]) -> str:
    """Draw all tasks, one below the other."""
    height = _HEAD + _ROW * len(summaries)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{height}" fill="white"/>',
        *_legend(),
    ]
    for number, summary in enumerate(summaries):
        parts.append(f'<g transform="translate(0 {_HEAD + number * _ROW})">')
        parts += [*_curves(summary), *_differences(summary), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def _legend() -> Iterator[str]:
    for number, arm in enumerate(TRAINED):
        x = 60 + 170 * number
        yield f'<rect x="{x}" y="16" width="22" height="4" fill="{_COLOURS[arm]}"/>'
        yield _text(x + 28, 22, arm)
    yield _text(60, 46, "Bands and bars: 95 % intervals over seeds (none where there is one seed)")


def _curves(summary: TaskSummary) -> Iterator[str]:
    start = summary.arms[Arm.WARM_UP].mean("sampled informative")
    lines = {arm: [(0, start), *summary.arms[arm].curve()] for arm in TRAINED}
    edges = [edge for line in lines.values() for _, found in line for edge in _edges(found)]
    x = _Axis(0, max(at for at, _ in lines[Arm.STEP]), _CURVES_LEFT, _CURVES_RIGHT)
    y = _widened(edges, _BOTTOM, _TOP)
    yield _title(_CURVES_LEFT, f"{summary.task}: sampled accuracy of informative steps, held-out")
    for mark in y.marks():
        yield _line(x.start, y.at(mark), x.end, y.at(mark), "#e5e5e5")
        yield _text(x.start - 8, y.at(mark) + 4, f"{mark:.2f}", anchor="end")
    for at, _ in lines[Arm.STEP]:
        yield _text(x.at(at), _BOTTOM + 18, str(at), anchor="middle")
    yield _text((x.start + x.end) / 2, _BOTTOM + 36, "updates after the warm-up", anchor="middle")
    for arm, line in lines.items():
        yield _band(line, x, y, _COLOURS[arm])
        points = " ".join(f"{x.at(at)},{y.at(found.mean)}" for at, found in line)
        yield f'<polyline points="{points}" fill="none" stroke="{_COLOURS[arm]}" stroke-width="2"/>'


def _differences(summary: TaskSummary) -> Iterator[str]:
    arms = [arm for arm in TRAINED if arm is not Arm.TERMINAL]
    found = {
        arm: summary.compared(arm, Arm.TERMINAL, "sampled informative").over_seeds for arm in arms
    }
    edges = [edge for one in found.values() for edge in _edges(one)]
    x = _widened([0.0, *edges], _BARS_LEFT, _BARS_RIGHT)
    yield _title(_BARS_LEFT - 130, "at the end: difference from terminal")
    for mark in x.marks():
        yield _line(x.at(mark), _TOP, x.at(mark), _BOTTOM, "#e5e5e5")
        yield _text(x.at(mark), _BOTTOM + 18, f"{mark:+.2f}", anchor="middle")
    yield _line(x.at(0), _TOP, x.at(0), _BOTTOM, "#555555")
    for number, (arm, one) in enumerate(found.items()):
        y = _TOP + 30 + 55 * number
        low, high = _edges(one)
        yield _text(_BARS_LEFT - 12, y + 4, arm, anchor="end")
        yield _line(x.at(low), y, x.at(high), y, _COLOURS[arm], width=3)
        yield f'<circle cx="{x.at(one.mean)}" cy="{y}" r="5" fill="{_COLOURS[arm]}"/>'


def _edges(found: Estimate) -> tuple[float, float]:
    half = found.half or 0.0
    return found.mean - half, found.mean + half


def _widened(values: Sequence[float], start: float, end: float) -> _Axis:
    margin = max(0.01, 0.05 * (max(values) - min(values)))
    return _Axis(min(values) - margin, max(values) + margin, start, end)


def _band(line: Sequence[tuple[int, Estimate]], x: _Axis, y: _Axis, colour: str) -> str:
    lower = [f"{x.at(at)},{y.at(_edges(found)[0])}" for at, found in line]
    upper = [f"{x.at(at)},{y.at(_edges(found)[1])}" for at, found in reversed(line)]
    return f'<polygon points="{" ".join(lower + upper)}" fill="{colour}" opacity="0.12"/>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, *, width: int = 1) -> str:
    ends = f'x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}"/>'


def _title(x: float, text: str) -> str:
    return f'<text x="{x}" y="24" font-size="13" font-weight="bold">{escape(text)}</text>'


def _text(x: float, y: float, text: str, *, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'
