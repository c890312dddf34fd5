"""Code with what its anchors showed: the program on the left, each step at its anchor's line."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepcode.types import Anchor, Step
from stepcode.wire import render_step

if TYPE_CHECKING:
    from rich.table import Table

_LINE_END = re.compile(r"\r\n|\n|\r")  # what ends a line of Python; str.splitlines knows more
_MAX_PRINTED = 1000


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One line of code and the steps that its anchor showed."""

    number: int
    text: str
    steps: tuple[str, ...]


def beside(code: str, anchors: Sequence[Anchor], steps: Iterable[Step]) -> list[CodeLine]:
    """Put every step at the line of its anchor, numbered in the order they happened."""
    line_of = {anchor.index: anchor.line for anchor in anchors}
    shown: defaultdict[int, list[str]] = defaultdict(list)
    for number, step in enumerate(steps, start=1):
        text = "(cannot be shown)" if step.text is None else step.text
        shown[line_of[step.anchor]].append(visible(f"{number}. {render_step(step.name, text)}"))
    lines = _LINE_END.split(code)
    if lines and not lines[-1]:
        lines.pop()
    return [
        CodeLine(number, visible(line.expandtabs(4)), tuple(shown[number]))
        for number, line in enumerate(lines, start=1)
    ]


def side_by_side(lines: Sequence[CodeLine]) -> "Table":
    """Lay the lines out in columns; long ones fold, so that nothing is cut off."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 1), pad_edge=False, show_header=False)
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(overflow="fold", ratio=3)
    table.add_column(overflow="fold", ratio=2, style="green")
    for line in lines:
        steps = Text("\n".join(line.steps))
        table.add_row(str(line.number), Text(line.text), steps)
    return table


def printed(stdout: str) -> str:
    """Say what a program printed; of much only the beginning, which --json has in full."""
    if len(stdout) <= _MAX_PRINTED:
        return visible(f"printed: {stdout!r}")
    return visible(f"printed: {stdout[:_MAX_PRINTED]!r}… ({len(stdout)} characters in all)")


def visible(text: str) -> str:
    """Write control characters as escapes, so that a program's text cannot drive the terminal."""
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
