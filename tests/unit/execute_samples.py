"""What several tests of execution need: programs anchored by hand, and tasks for workers."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

from stepcode.errors import RecipeError, SandboxError
from stepcode.types import Anchor, AnchoredProgram, AnchorKind, Limits, Program
from stepcode.wire import read_anchor

SHORT = Limits(cpu_seconds=0.3, wall_seconds=3.0, memory_mb=256, max_output_bytes=20_000)


def program(code: str) -> Program:
    """Make a program of indented text."""
    return Program(code=dedent(code).lstrip("\n"))


def anchored(code: str) -> AnchoredProgram:
    """Take every line that looks like an anchor for one."""
    text = dedent(code).lstrip("\n")
    anchors: list[Anchor] = []
    for number, line in enumerate(text.split("\n"), start=1):
        read = read_anchor(line.strip())
        if read:
            anchors.append(Anchor(len(anchors), AnchorKind.ASSIGN, read.name, number, 1, "f"))
    return AnchoredProgram(Program(code=text), text, tuple(anchors), (), "strict")


@contextmanager
def squaring() -> Iterator[Callable[[int], int]]:
    """Square numbers."""
    yield lambda number: number * number


@contextmanager
def dying_once(folder: Path) -> Iterator[Callable[[int], int]]:
    """Square numbers, but be killed by the first 3."""

    def task(number: int) -> int:
        if number == 3 and not (folder / "died").exists():
            (folder / "died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return number * number

    yield task


@contextmanager
def dying_always() -> Iterator[Callable[[int], int]]:
    """Be killed by every 3."""

    def task(number: int) -> int:
        if number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    yield task


@contextmanager
def failing() -> Iterator[Callable[[int], int]]:
    """Refuse 3 with an error of ours and 5 with another."""

    def task(number: int) -> int:
        if number == 3:
            raise RecipeError("three is refused")
        return 1 // (5 - number)

    yield task


@contextmanager
def never_entered() -> Iterator[Callable[[int], int]]:
    """Fail before the first item."""
    raise SandboxError("cannot start")
    yield abs


@contextmanager
def naming_modules() -> Iterator[Callable[[str], list[str]]]:
    """Tell which of some modules this worker has loaded."""
    import sys

    yield lambda names: [name for name in names.split() if name in sys.modules]


@contextmanager
def writing_pid(folder: Path) -> Iterator[Callable[[int], int]]:
    """Leave the number of this process in a folder."""
    (folder / str(os.getpid())).touch()
    yield abs


@contextmanager
def sleeping(folder: Path) -> Iterator[Callable[[float], None]]:
    """Leave the number of this process in a folder, and take long."""

    def task(seconds: float) -> None:
        (folder / str(os.getpid())).touch()
        time.sleep(seconds)

    yield task


@contextmanager
def echoing() -> Iterator[Callable[[int], tuple[int, int, bytes]]]:
    """Answer with the item, the number of this process, and more than a pipe holds."""
    yield lambda number: (number, os.getpid(), bytes(number % 7 * 30_000))
