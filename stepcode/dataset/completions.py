"""Completions whose reasons a teacher wrote, kept beside the rows they were verified against.

    DIR/completions/train-00000-of-00001.jsonl      for the shard of that name in DIR/data

Each is a journal: one line for every example that is settled, on the disk before the next is asked
about. A shard's journal fits into memory as the shard does. A teacher does not answer the same way
twice, so nothing of this is in the manifest: the rows keep their bytes.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from stepcode.dataset.durable import plain_disk_errors, sync_folder
from stepcode.errors import DatasetError, MisuseError

FOLDER = "completions"


@dataclass(frozen=True, slots=True)
class Settled:
    """An example that a teacher was asked about, and what came of it."""

    id: str
    """The example's id."""
    model: str
    """The teacher."""
    tries: int
    completion: str | None
    """What to train on; None if no try was right in every step and the answer."""
    problem: str
    """What was wrong with the last try; empty if there is a completion."""


class Journal:
    """What is settled of one shard; owns the file and its lock."""

    def __init__(self, file: BinaryIO, settled: dict[str, Settled]) -> None:
        """Take over a file that `open_journal` has prepared."""
        self._file = file
        self.settled = settled
        """By the example's id."""

    def is_done(self, example_id: str, model: str) -> bool:
        """Whether there is nothing left to ask this teacher; another may fare better."""
        there = self.settled.get(example_id)
        return there is not None and (there.completion is not None or there.model == model)

    def add(self, one: Settled) -> None:
        """Put one on the disk before returning."""
        self._file.write(json.dumps(asdict(one)).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self.settled[one.id] = one


@contextmanager
def open_journal(shard: Path) -> Iterator[Journal]:
    """Open the journal of a shard of `DIR/data`; a line that a crash cut short is dropped."""
    path = journal_path(shard)
    with plain_disk_errors(path.parent):
        path.parent.mkdir(exist_ok=True)
        with path.open("a+b") as file:
            sync_folder(path.parent)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                busy = "another command is asking a teacher about this dataset; wait for it"
                raise MisuseError(f"{path}: {busy}") from None
            file.seek(0)
            data = file.read()
            whole = data.rfind(b"\n") + 1
            file.truncate(whole)
            yield Journal(file, _parse(path, data[:whole]))


def read_completions(shard: Path) -> dict[str, str]:
    """The completions there are for a shard, by the id of their example."""
    path = journal_path(shard)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return {}
    settled = _parse(path, data[: data.rfind(b"\n") + 1])
    return {one.id: one.completion for one in settled.values() if one.completion is not None}


def journal_path(shard: Path) -> Path:
    """Where the journal of a shard of `DIR/data` is."""
    return shard.parent.parent / FOLDER / f"{shard.stem}.jsonl"


def _parse(path: Path, data: bytes) -> dict[str, Settled]:
    settled: dict[str, Settled] = {}
    for number, line in enumerate(data.splitlines(), start=1):
        try:
            one = Settled(**json.loads(line))
        except (ValueError, TypeError) as error:
            hint = "remove the file to ask the teacher again"
            raise DatasetError(f"{path}: line {number} is damaged ({error}); {hint}") from error
        settled[one.id] = one
    return settled
