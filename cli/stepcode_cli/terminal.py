"""Printing for people: as wide as their terminal, plain and tidy where there is none."""

import io
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

PLAIN_WIDTH = 100
"""Columns of output that does not go to a terminal."""


def open_console(*, width: int | None = None) -> "Console":
    """A console on stdout that prints text as it is, without markup."""
    from rich.console import Console

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a locale may lack a row's characters
    console = Console(width=width, highlight=False, markup=False, emoji=False)
    if console.is_terminal:
        return console
    width = width or PLAIN_WIDTH
    return Console(width=width, highlight=False, markup=False, emoji=False, color_system=None)


def print_tidily(console: "Console", *parts: "RenderableType") -> None:
    """Print, without the blanks that pad a table's lines where no terminal swallows them."""
    if console.is_terminal:
        console.print(*parts, sep="\n")
        return
    with console.capture() as captured:
        console.print(*parts, sep="\n")
    console.file.writelines(f"{line.rstrip(' ')}\n" for line in captured.get().split("\n")[:-1])
