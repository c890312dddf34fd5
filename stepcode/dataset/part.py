"""One of n parts of a dataset, each built alone: which it is, and `part.json`, written last.

A part holds its own pieces of the input, still in blocks; a merge makes the blocks whole.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from stepcode.dataset.durable import to_json
from stepcode.errors import DatasetError, MisuseError

PART = "part.json"
BLOCKS = "blocks"
WHOLE = "whole"
"""What stands in place of a part's name where a dataset is built in one."""

_FORMAT = 1
_NAME = re.compile(r"([0-9]+)/([0-9]+)")


@dataclass(frozen=True, slots=True)
class Part:
    """Part `index` of `count`; the first is 0, as for Slurm arrays and Kubernetes indexes."""

    index: int
    count: int

    def __str__(self) -> str:
        """Write it the way `read_part_name` reads it: `1/4`."""
        return f"{self.index}/{self.count}"

    def owns(self, piece: int) -> bool:
        """Whether a piece of the input is this part's: they are dealt out like cards."""
        return piece % self.count == self.index


ALL = Part(0, 1)
"""The part that is all of the input."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of consecutive input rows in a block: its place in the input, and what came of it."""

    number: int
    kept: int
    rejected: int


@dataclass(frozen=True, slots=True)
class PartFile:
    """One file of a part; `path` is relative to its folder."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartManifest:
    """What a finished part holds, and all that its neighbours have to agree on."""

    part: str
    recipe: Mapping[str, Any]  # Any: whatever JSON the recipe is made of
    versions: Mapping[str, str]
    isolation: str
    evaluation_only: bool
    drop_duplicates: bool
    input_rows: int
    """Rows of the whole input; `rows["in"]` are this part's, with the mutations kept."""
    rows: Mapping[str, int]
    rejected: Mapping[str, int]
    """By reason; duplicates show only once the parts are together."""
    files: tuple[PartFile, ...]
    mutations: Mapping[str, int] = field(default_factory=dict)
    """Further calls `proposed`, and those `kept`: rows that the input does not have."""
    test_share: float = 0.0
    """Of the programs, for the split `test`; the merge makes it."""

    def blocks(self) -> set[int]:
        """The blocks of which this part holds something."""
        return {int(file.path.split("/")[1]) for file in self.files}

    def digests(self) -> dict[str, str]:
        """The sha256 of every file."""
        return {file.path: file.sha256 for file in self.files}


def read_part_name(text: str) -> Part:
    """Read `i/n`."""
    match = _NAME.fullmatch(text)
    if match is None or int(match[1]) >= int(match[2]):
        expected = "expected i/n with i from 0 to n-1, such as 0/4 for the first of four"
        raise MisuseError(f"--shard is {text!r}: {expected}")
    return Part(int(match[1]), int(match[2]))


def render_part(manifest: PartManifest) -> bytes:
    """Write the manifest of a part as JSON."""
    return to_json({"format": _FORMAT} | asdict(manifest))


def read_part(directory: Path) -> PartManifest:
    """Read the manifest of a finished part, which has to be there."""
    path = directory / PART
    try:
        return parse_part(path.read_bytes(), str(path))
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read: {error.strerror}") from error


def parse_part(data: bytes, path: str) -> PartManifest:
    """Read the manifest of a part from its bytes; `path` is what an error names."""
    try:
        record = json.loads(data)
        if record["format"] > _FORMAT:
            raise DatasetError(f"{path}: written by a newer stepcode; upgrade stepcode")
        files = tuple(PartFile(**file) for file in record.pop("files"))
        rest = {key: value for key, value in record.items() if key != "format"}
        return PartManifest(**rest, files=files)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(f"{path}: unreadable ({error}); build the part again") from error
