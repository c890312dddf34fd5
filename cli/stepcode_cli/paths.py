"""Which files a command reads and where their results go.

Everything is settled before the first file is opened, so that a wrong path or two results for one
file cost nothing.
"""

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from stepcode.errors import MisuseError

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Input:
    """One file to read."""

    shown: str
    """Its path as the user would write it: what messages, diffs and JSON say."""
    below: Path
    """Its place in a mirrored tree: relative to the folder that was named."""


@dataclass(frozen=True, slots=True)
class Job:
    """One file to read and where its result goes."""

    source: str
    target: Path | None = None
    """None is standard output."""


def find_inputs(paths: Sequence[str], *, leave_out: Path | None = None) -> tuple[Input, ...]:
    """List the files that paths name, folders searched in sorted order, `leave_out` excepted."""
    if list(paths).count(STDIN) > 1:
        raise MisuseError("- is given twice: standard input can be read only once")
    return tuple(found for path in paths for found in _inputs_of(path, leave_out))


def place_below(folder: Path, inputs: Sequence[Input]) -> tuple[Job, ...]:
    """Mirror the inputs below a folder, or say why they cannot all go there."""
    if folder.exists() and not folder.is_dir():
        raise MisuseError(f"{folder}: is not a folder")
    _refuse_stdin(inputs, "-o")
    sources = {Path(one.shown).resolve() for one in inputs}
    taken: dict[Path, str] = {}
    for one in inputs:
        target = folder / one.below
        if target in taken:
            raise MisuseError(f"{taken[target]} and {one.shown} would both be written to {target}")
        if target.resolve() in sources:
            raise MisuseError(f"{target}: is an input itself; use --in-place or another folder")
        taken[target] = one.shown
    return tuple(Job(shown, target) for target, shown in taken.items())


def place_in_place(inputs: Sequence[Input]) -> tuple[Job, ...]:
    """Send each result back to its file; a file named twice is done once."""
    _refuse_stdin(inputs, "--in-place")
    jobs: dict[Path, Job] = {}
    for one in inputs:
        target = Path(one.shown).resolve()
        if target.exists() and not target.is_file():
            raise MisuseError(f"{one.shown}: is not a regular file, so not one to rewrite in place")
        jobs.setdefault(target, Job(one.shown, target))
    return tuple(jobs.values())


def read_bytes(source: str) -> bytes:
    """Read a whole file or standard input."""
    return sys.stdin.buffer.read() if source == STDIN else Path(source).read_bytes()


def write_atomically(target: Path, data: bytes, *, mode: int) -> None:
    """Put a whole file in place or leave what was there."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, data, mode)
    except OSError as error:
        # The system names the temporary file, or none at all when the disk is full.
        raise OSError(error.errno, error.strerror, str(target)) from error


def _replace(target: Path, data: bytes, mode: int) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".stepcode-")
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _inputs_of(shown: str, leave_out: Path | None) -> Iterator[Input]:
    path = Path(shown)
    if shown == STDIN:
        yield Input(STDIN, Path())
    elif not shown or not path.exists():
        raise MisuseError(f"{shown or repr(shown)}: no such file or folder")
    elif path.is_dir():
        files = sorted(_python_files(path, leave_out))
        if not files:
            raise MisuseError(f"{shown}: no .py file in this folder")
        yield from (Input(str(file), file.relative_to(path)) for file in files)
    else:
        yield Input(shown, Path(path.name))


def _python_files(folder: Path, leave_out: Path | None) -> Iterator[Path]:
    for here, folders, files in os.walk(folder, onerror=_stop):
        folders[:] = [name for name in folders if _is_searched(Path(here, name), leave_out)]
        paths = (Path(here, name) for name in files if name.endswith(".py"))
        # A link to nothing is kept: it is reported where it is read, not passed over.
        yield from (path for path in paths if path.is_file() or path.is_symlink())


def _is_searched(folder: Path, leave_out: Path | None) -> bool:
    if folder.name.startswith(".") or folder.name == "__pycache__":
        return False
    return leave_out is None or folder.resolve() != leave_out.resolve()


def _refuse_stdin(inputs: Sequence[Input], option: str) -> None:
    if any(one.shown == STDIN for one in inputs):
        raise MisuseError(f"{option} needs files: standard input has no name to write to")


def _stop(error: OSError) -> NoReturn:
    raise error
