"""A finished folder on any URL that fsspec can write: s3://, gs://, file://, memory://, ...

Files go first and the manifest last, as on a disk. `.uploading.json` says from the first change to
the last whose upload it is, so that one that is killed can be told from a stranger's files and
goes on. Stores have no locks: nothing keeps two machines from uploading to one URL at a time.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec

from stepcode.dataset.durable import to_json
from stepcode.dataset.folder import PUBLISHED, differences
from stepcode.dataset.manifest import NAME, Manifest, Shard, parse_manifest
from stepcode.dataset.part import PART, WHOLE, PartFile, PartManifest, parse_part
from stepcode.errors import DatasetError, MissingExtraError, MisuseError, StepcodeError

MARKER = ".uploading.json"
_HINT = "use another URL, or --overwrite to discard it"


@dataclass(frozen=True, slots=True)
class Target:
    """A place on a file system; nothing has to be there."""

    url: str
    files: Any  # Any: fsspec publishes no types
    root: str

    def at(self, name: str) -> str:
        """The path of something below it."""
        return f"{self.root.rstrip('/')}/{name}"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a place is: what is published there, or being so."""

    recipe: Mapping[str, Any]  # Any: whatever JSON the recipe is made of
    part: str = WHOLE


@dataclass(frozen=True, slots=True)
class _Marker:
    owner: Owner
    sha256: str
    """Of the manifest that will be there in the end."""
    cleared: bool
    """False from the moment an overwrite begins until the last of the old files is gone."""


def open_target(url: str) -> Target:
    """Find the file system of a URL, which may have to be installed first."""
    protocol = url.partition("://")[0]
    try:
        files, root = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise MissingExtraError(f"{url}: {error}") from error
    except ValueError as error:
        known = "expected one that fsspec has, such as s3, gs, az or file"
        raise MisuseError(f"{url}: no file system for {protocol}://: {known}") from error
    except Exception as error:  # a backend may connect here, and raises what it likes
        raise _failure(url, error) from error
    return Target(url, files, root)


def find_published(
    target: Target, owner: Owner, *, overwrite: bool
) -> Manifest | PartManifest | None:
    """Look for what was to be built: the manifest if it is there, None if there is work to do.

    Raises if the place is a stranger's, or another recipe's that is not to be overwritten.
    """
    with plain_remote_errors(target.url):
        names = _names(target)
        marker = _read_marker(target) if MARKER in names else None
        if marker is not None:
            _refuse_other(target, marker.owner, owner, overwrite=overwrite)
            return None
        made = _read_published(target, names)
        if made is None:
            _refuse_foreign(target, names - {MARKER})
            return None
        _refuse_other(target, _owner_of(made), owner, overwrite=overwrite)
        if overwrite:
            return None
        for file in made.shards if isinstance(made, Manifest) else made.files:
            _require_whole(target, file)
        return made


def upload(target: Target, folder: Path, owner: Owner) -> None:
    """Put a finished folder there, after `find_published` has let it; goes on where it was killed.

    A file of the right length is taken for uploaded: the marker proves that it is of this manifest.
    """
    last = NAME if owner.part == WHOLE else PART
    sha256 = _sha256(folder / last)
    with plain_remote_errors(target.url):
        if _read_marker(target) != _Marker(owner, sha256, cleared=True):
            _clear(target, _Marker(owner, sha256, cleared=False))
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = path.relative_to(folder).as_posix()
            if name != last and _size(target, name) != path.stat().st_size:
                _put(target, path, name)
        _put(target, folder / last, last)
        target.files.rm(target.at(MARKER))


def fetch_part(target: Target, folder: Path) -> None:
    """Copy a part into a folder, or what is missing there of it; a merge checks what arrived."""
    with plain_remote_errors(target.url):
        names = _names(target)
        if MARKER in names:
            again = "run its build-dataset again, with the same --out, to finish it"
            raise DatasetError(f"{target.url}: is an unfinished upload; {again}")
        if PART not in names:
            raise DatasetError(f"{target.url}: is no part: it has no {PART}")
        data = target.files.cat_file(target.at(PART))
        for file in parse_part(data, target.at(PART)).files:
            path = folder / file.path
            if not path.is_file() or _sha256(path) != file.sha256:
                path.parent.mkdir(parents=True, exist_ok=True)
                target.files.get_file(target.at(file.path), str(path))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / PART).write_bytes(data)


@contextmanager
def plain_remote_errors(url: str) -> Iterator[None]:
    """Tell a failure of a store in one line."""
    try:
        yield
    except StepcodeError:
        raise
    except Exception as error:  # every backend has its own: botocore's are not even OSError
        raise _failure(url, error) from error


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _failure(url: str, error: Exception) -> StepcodeError:
    lines = str(error).strip().splitlines() or ["no reason given"]
    hint = "what is finished is kept; run the same command again to go on"
    return StepcodeError(f"{url}: {type(error).__name__}: {lines[0]}; {hint}")


def _names(target: Target) -> set[str]:
    target.files.invalidate_cache()
    try:
        if target.files.isfile(target.root):
            raise DatasetError(f"{target.url}: is a file, not a folder")
        paths = target.files.ls(target.root, detail=False)
    except FileNotFoundError:
        return set()
    root = target.root.strip("/")  # which stores without folders may list as an empty file
    return {path.rstrip("/").rpartition("/")[2] for path in paths if path.strip("/") != root}


def _read_marker(target: Target) -> _Marker | None:
    try:
        record = json.loads(target.files.cat_file(target.at(MARKER)))
        return _Marker(Owner(**record["owner"]), record["sha256"], record["cleared"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None  # cut off while it was written: then nothing else has been changed


def _write_marker(target: Target, marker: _Marker) -> None:
    owner = {"recipe": dict(marker.owner.recipe), "part": marker.owner.part}
    record = {"owner": owner, "sha256": marker.sha256, "cleared": marker.cleared}
    target.files.makedirs(target.root, exist_ok=True)
    target.files.pipe_file(target.at(MARKER), to_json(record))


def _clear(target: Target, marker: _Marker) -> None:
    """Remove what is ours, its manifest first, in an order that a rerun can tell and continue."""
    _write_marker(target, marker)
    there = _names(target)
    for name in reversed(PUBLISHED):
        if name in there:
            target.files.rm(target.at(name), recursive=True)
    _write_marker(target, _Marker(marker.owner, marker.sha256, cleared=True))


def _put(target: Target, path: Path, name: str) -> None:
    remote = target.at(name)
    target.files.makedirs(remote.rpartition("/")[0], exist_ok=True)
    target.files.put_file(str(path), remote)


def _size(target: Target, name: str) -> int | None:
    try:
        return int(target.files.size(target.at(name)))
    except FileNotFoundError:
        return None


def _read_published(target: Target, names: set[str]) -> Manifest | PartManifest | None:
    if NAME in names:
        return parse_manifest(target.files.cat_file(target.at(NAME)), f"{target.url}/{NAME}")
    if PART in names:
        return parse_part(target.files.cat_file(target.at(PART)), f"{target.url}/{PART}")
    return None


def _owner_of(made: Manifest | PartManifest) -> Owner:
    return Owner(made.recipe, WHOLE if isinstance(made, Manifest) else made.part)


def _refuse_foreign(target: Target, names: set[str]) -> None:
    if names:
        found = ", ".join(sorted(names)[:3])
        raise DatasetError(
            f"{target.url}: is not empty and not a stepcode dataset ({found}); use another"
        )


def _refuse_other(target: Target, there: Owner, asked: Owner, *, overwrite: bool) -> None:
    recipe = json.loads(json.dumps(asked.recipe))
    found = list(differences(there.recipe, recipe, "recipe"))
    if there.part != asked.part:
        found.insert(0, f"it is {there.part}, not {asked.part}")
    if found and not overwrite:
        shown = "; ".join(found[:5])
        raise DatasetError(f"{target.url}: holds another dataset ({shown}); {_HINT}")


def _require_whole(target: Target, file: Shard | PartFile) -> None:
    if _size(target, file.path) != file.bytes:
        damaged = "missing or damaged; build-dataset --overwrite makes it again"
        raise DatasetError(f"{target.url}/{file.path}: {damaged}")
