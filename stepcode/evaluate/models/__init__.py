"""Who is asked: a model on this machine, or one behind an address. Each is a `Model`."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from stepcode.evaluate.completions import Completion
from stepcode.reason.prompt import Message
from stepcode.types import short_hash


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and which completions of it are wanted."""

    row: str
    messages: Sequence[Message]
    samples: int
    missing: Sequence[int]
    """Numbers below `samples` of those that are not there yet."""


class Model(Protocol):
    """Asked all questions at once; gives completions in any order, as they come."""

    def complete(self, questions: Sequence[Question]) -> Iterator[Completion]:
        """Ask; the iterator ends when all is said."""


OpenModel = AbstractContextManager[Model]


def fingerprint(name: str) -> str:
    """Tell a model's folder from what it holds after more training; empty for other names.

    By names, sizes and times: to read all weights would take as long as to load them.
    """
    folder = Path(name)
    if not folder.is_dir():
        return ""
    stats = sorted((file.name, file.stat()) for file in folder.iterdir() if file.is_file())
    return short_hash(*(f"{file} {of.st_size} {of.st_mtime_ns}" for file, of in stats))


def cut_at_stop(text: str, stop: Sequence[str]) -> tuple[str, bool]:
    """Cut a text off before the first thing that ends it, and say whether there was one."""
    ends = [at for at in (text.find(one) for one in stop) if at >= 0]
    return (text[: min(ends)], True) if ends else (text, False)
