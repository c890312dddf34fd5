"""What a model has said so far, on the disk line by line, so that an evaluation can go on.

The first line names all that decides on the completions; a file of other settings is refused.
"""

import fcntl
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from stepcode.dataset.durable import plain_disk_errors
from stepcode.dataset.folder import differences
from stepcode.errors import DatasetError, MisuseError

_HEAD = "settings"


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
            if lines:
                _check_head(path, lines[0], settings)
            head = b"" if lines else json.dumps({_HEAD: dict(settings)}).encode() + b"\n"
            try:
                yield Completions(file, _parse(path, lines), head)
            finally:
                if not path.stat().st_size:
                    path.unlink()


def is_head(line: str) -> bool:
    """Whether a line is the first of such a file."""
    if not line.startswith(f'{{"{_HEAD}"'):
        return False
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(record, dict) and isinstance(record.get(_HEAD), dict)


def read_completions(
    path: Path, data: bytes
) -> tuple[Mapping[str, Any], Mapping[str, Sequence[Completion]]]:
    """Give the settings of a file with this content, and the completions of each row, in order.

    A line that a kill cut short is left out. Raises DatasetError if the file is damaged.
    """
    lines = data[: data.rfind(b"\n") + 1].splitlines()
    there = _parse(path, lines)
    said: dict[str, list[Completion]] = {}
    for _, one in sorted(there.items(), key=lambda item: item[0][1]):
        said.setdefault(one.row, []).append(one)
    return json.loads(lines[0])[_HEAD], said


def _check_head(path: Path, line: bytes, settings: Mapping[str, Any]) -> None:
    if not is_head(line.decode("utf-8", "replace")):
        raise DatasetError(f"{path}: is no file of completions; remove it, or use another -o")
    found = list(differences(json.loads(line)[_HEAD], settings))
    if found:
        shown = "; ".join(found[:3])
        raise DatasetError(f"{path}: holds what was said elsewhere ({shown}); use another -o")


def _parse(path: Path, lines: list[bytes]) -> dict[tuple[str, int], Completion]:
    there: dict[tuple[str, int], Completion] = {}
    for number, line in enumerate(lines[1:], start=2):
        try:
            one = Completion(**json.loads(line))
        except (ValueError, TypeError) as error:
            raise DatasetError(f"{path}: line {number} is damaged ({error}); remove it") from error
        there[one.row, one.number] = one
    return there
