"""The anchor line: the only place that writes one or reads one.

    print(f'total: {total!r}')      the anchor, as source
    total: [1, 2]                   the step, as printed

A policy fixes the conversion: `!r` (the default) shows every value unambiguously; the empty
conversion is the paper's exact format, in which `'1'` and `1` look the same.
"""

import re
from dataclasses import dataclass

_ANCHOR = re.compile(r"print\(f'(?P<name>[^\W\d][\w.]*): \{(?P=name)(?P<conversion>!r)?\}'\)")


@dataclass(frozen=True, slots=True)
class AnchorLine:
    """An anchor as read from source text."""

    name: str
    conversion: str


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step as read from printed text."""

    name: str
    text: str


def render_anchor(name: str, *, conversion: str) -> str:
    """Write the statement that shows `name`; `conversion` is `!r` or empty."""
    return f"print(f'{name}: {{{name}{conversion}}}')"


def read_anchor(statement: str) -> AnchorLine | None:
    """Read a statement back; None if it is not exactly an anchor."""
    match = _ANCHOR.fullmatch(statement)
    return AnchorLine(match["name"], match["conversion"] or "") if match else None


def render_step(name: str, text: str) -> str:
    """Write the line an anchor prints."""
    return f"{name}: {text}"


def read_step(line: str) -> StepLine | None:
    """Read a printed line back; None if it shows no name."""
    name, colon, text = line.partition(": ")
    return StepLine(name, text) if colon and name else None
