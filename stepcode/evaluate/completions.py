"""What a model has said so far, on the disk line by line, so that an evaluation can go on.

The first line names all that decides on the completions; a file of other settings is refused.
"""

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from stepcode.dataset.durable import plain_disk_errors
from stepcode.dataset.folder import differences
from stepcode.errors import DatasetError, MisuseError


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model said to a question, one of several times."""

    row: str
    number: int
    """Which of the row's completions, from 0."""
    text: str
    is_cut: bool = False
    """Whether it ran into the limit of tokens."""
    refused: str = ""
    """Why the server would not answer."""


class Completions:
    """The file, locked while it is open."""

    def __init__(
        self, file: BinaryIO, there: dict[tuple[str, int], Completion], head: bytes
    ) -> None:
        """Take over a file that `open_completions` prepared; an empty one begins with `head`."""
        self._file = file
        self._there = there
        self._head = head

    def __contains__(self, key: tuple[str, int]) -> bool:
        """Whether a row's completion of a number is there."""
        return key in self._there

    def of(self, row: str, samples: int) -> list[Completion]:
        """Give a row's completions, in order."""
        return [self._there[row, number] for number in range(samples)]

    def add(self, one: Completion) -> None:
        """Keep a completion: it is in the system's hands before this returns."""
        self._file.write(self._head + json.dumps(asdict(one)).encode() + b"\n")
        self._file.flush()
        self._head = b""
        self._there[one.row, one.number] = one


@contextmanager
def open_completions(path: Path, settings: Mapping[str, Any]) -> Iterator[Completions]:
    """Open the file, or begin it; a line that a kill cut short is dropped. Any: JSON.

    Raises DatasetError if it is of other settings, and MisuseError if somebody else writes to it.
    """
    with plain_disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise MisuseError(f"{path}: another evaluation is writing here") from None
            file.seek(0)
            data = file.read()
            whole = data.rfind(b"\n") + 1
            file.truncate(whole)
            lines = data[:whole].splitlines()
            head = b"" if lines else json.dumps({"settings": dict(settings)}).encode() + b"\n"
            try:
                yield Completions(file, _parse(path, lines, settings), head)
            finally:
                if not path.stat().st_size:
                    path.unlink()


def _parse(
    path: Path, lines: list[bytes], settings: Mapping[str, Any]
) -> dict[tuple[str, int], Completion]:
    there: dict[tuple[str, int], Completion] = {}
    try:
        if lines:
            found = list(differences(json.loads(lines[0])["settings"], settings))
            if found:
                shown = "; ".join(found[:3])
                raise DatasetError(
                    f"{path}: holds what was said elsewhere ({shown}); use another -o"
                )
        for line in lines[1:]:
            one = Completion(**json.loads(line))
            there[one.row, one.number] = one
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{path}: is damaged ({error}); remove it, or use another -o") from error
    return there
