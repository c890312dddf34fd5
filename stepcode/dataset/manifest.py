"""manifest.json: what a finished dataset holds and how it was made. Written last, read first.

It has no timestamps, worker counts or absolute paths of its own, so two builds of one recipe give
the same bytes.
"""

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import MISSING, Field, asdict, dataclass, field, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

from stepcode import __version__
from stepcode.dataset.durable import to_json
from stepcode.dataset.part import PART, PartFile, read_part
from stepcode.errors import DatasetError

FORMAT = 1
NAME = "manifest.json"
WORK = ".building"
DAMAGED = "missing or damaged; build-dataset --overwrite makes it again"

Counts = Mapping[str, int]
Licensed = Mapping[str, Mapping[str, Counts]]
"""Rows with code that were `kept` and `rejected`, by source and licence."""
_COUNTS = ("outcomes", "rejected", "steps", "policies", "licenses", "sources", "splits")


@dataclass(frozen=True, slots=True)
class Shard:
    """One Parquet file of a dataset; `path` is relative to its folder."""

    path: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a finished dataset holds and how it was made."""

    recipe: Mapping[str, Any]  # Any: whatever JSON the recipe is made of
    versions: Mapping[str, str]
    isolation: str
    evaluation_only: bool
    rows: Counts
    """`in`, `kept` and `rejected`; the first is the sum of the others."""
    outcomes: Counts
    """How the programs ended without anchors; rows that never ran have none."""
    rejected: Counts
    """By reason."""
    steps: Counts
    """Kept rows by their number of steps."""
    policies: Counts
    licenses: Counts
    sources: Counts
    """Kept rows by policy, licence and source."""
    mutations: Counts = field(default_factory=dict)
    """Further calls that were `proposed`, and those `kept`, which are counted as rows in."""
    shards: tuple[Shard, ...] = field(default=())
    duplicates: Counts = field(default_factory=dict)
    """Rejected duplicates by what they repeat: `same_call`, `same_form` or `near`."""
    contamination: Counts = field(default_factory=dict)
    """Contaminated rows by the benchmark that their program is of."""
    splits: Counts = field(default_factory=dict)
    """Kept rows by split."""
    licenses_by_source: Licensed = field(default_factory=dict)
    """Empty in a dataset that was built before they were counted."""


def current_versions() -> dict[str, str]:
    """The versions that decide the bytes of a dataset."""
    return {
        "stepcode": __version__,
        "python": platform.python_version(),
        "polars": version("polars"),
        "libcst": version("libcst"),
        "datasketch": version("datasketch"),
    }


def render_manifest(manifest: Manifest) -> bytes:
    """Write a manifest as JSON."""
    return to_json({"format": FORMAT} | asdict(manifest))


def read_manifest(directory: Path) -> Manifest:
    """Read the manifest of a finished dataset."""
    path = directory / NAME
    try:
        return parse_manifest(path.read_bytes(), str(path))
    except (FileNotFoundError, NotADirectoryError):
        raise DatasetError(_why_missing(directory)) from None
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read: {error.strerror}") from error


def parse_manifest(data: bytes, path: str) -> Manifest:
    """Read a manifest from its bytes; `path` is what an error names."""
    try:
        record = json.loads(data)
    except ValueError as error:
        raise DatasetError(f"{path}: broken JSON ({error}); build the dataset again") from error
    return _manifest(path, record)


def require_whole(directory: Path, file: Shard | PartFile) -> None:
    """Raise unless a file of a dataset or part is there, as long as it was written."""
    path = directory / file.path
    if not path.is_file() or path.stat().st_size != file.bytes:
        raise DatasetError(f"{path}: {DAMAGED}")


def require_unchanged(directory: Path, file: Shard) -> None:
    """Raise unless a file of a dataset has the bytes that were written; reads all of it."""
    require_whole(directory, file)
    with (directory / file.path).open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != file.sha256:
            raise DatasetError(f"{directory / file.path}: {DAMAGED}")


def _why_missing(directory: Path) -> str:
    if not directory.is_dir():
        return f"{directory}: no such folder"
    if (directory / PART).is_file():
        part = f"part {read_part(directory).part} of a dataset, counted from 0"
        return f"{directory}: is {part}; `stepcode merge` makes a dataset of the parts"
    if (directory / WORK).is_dir():
        unfinished = "an unfinished build is in .building, run build-dataset again to resume it"
        return f"{directory}: not a finished dataset: no manifest.json; {unfinished}"
    return f"{directory}: not a finished dataset: no manifest.json"


def _manifest(path: str, record: Any) -> Manifest:  # Any: JSON of unknown shape
    if not isinstance(record, dict) or not isinstance(record.get("format"), int):
        raise DatasetError(f"{path}: not the manifest of a stepcode dataset: it has no format")
    if record["format"] > FORMAT:
        found = f"format {record['format']}, this stepcode reads up to {FORMAT}"
        raise DatasetError(f"{path}: written by a newer stepcode: {found}; upgrade stepcode")
    _require_known(path, record)
    try:
        shards = tuple(Shard(**shard) for shard in record["shards"])
        rest = {key: value for key, value in record.items() if key != "format"}
        return Manifest(**(rest | {"shards": shards}))
    except (KeyError, TypeError) as error:
        raise DatasetError(f"{path}: not the manifest of a stepcode dataset: {error}") from error


def _require_known(path: str, record: Mapping[str, Any]) -> None:  # Any: JSON
    """Raise for what an older or a newer stepcode wrote, or nobody."""
    names = record.keys() - {"format"}
    required = [one.name for one in fields(Manifest) if _is_required(one)]
    missing = [name for name in ("shards", *required) if name not in names]
    if missing:
        raise DatasetError(f"{path}: has no {', '.join(missing)}; build the dataset again")
    unknown = sorted(names - {one.name for one in fields(Manifest)})
    if unknown:
        raise DatasetError(f"{path}: has {', '.join(unknown)}, unknown here; upgrade stepcode")
    for name in ("rows", *_COUNTS):
        if not _are_counts(record.get(name, {})):
            raise DatasetError(f"{path}: {name} are no counts; build the dataset again")
    if not record["rows"].keys() >= {"in", "kept", "rejected"}:
        raise DatasetError(f"{path}: rows has to count in, kept and rejected; build it again")


def _is_required(one: "Field[Any]") -> bool:  # Any: a field of any type
    return one.default is MISSING and one.default_factory is MISSING


def _are_counts(value: Any) -> bool:  # Any: JSON
    return isinstance(value, dict) and all(isinstance(number, int) for number in value.values())
