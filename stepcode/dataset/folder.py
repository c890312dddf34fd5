"""Whose folder this is, and in what state: decided here, before anything in it is touched.

A folder is ours if it is new or empty, holds a manifest (of a dataset, or of a part of one) that we
can read, or a `.building` with a `setup.json`. Everything else is foreign and never touched.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from stepcode.dataset.durable import remove, sync_folder, to_json, write_durably
from stepcode.dataset.manifest import NAME, WORK, read_manifest, require_whole
from stepcode.dataset.part import BLOCKS, PART, WHOLE, read_part
from stepcode.errors import DatasetError, MisuseError

PUBLISHED = ("data", "rejected", "completions", "README.md", NAME, BLOCKS, PART)
"""All that a dataset or a part consists of; a manifest goes into place after what it lists."""

_SETUP = "setup.json"
_LOCK = "lock"
_HINT = "use another folder, or --overwrite to discard it"


@dataclass(frozen=True, slots=True)
class Setup:
    """What has to be the same for a build to be resumed."""

    recipe: Mapping[str, Any]  # Any: whatever JSON the recipe is made of
    versions: Mapping[str, str]
    isolation: str
    part: str = WHOLE


@dataclass(frozen=True, slots=True)
class _Stored:
    setup: Setup
    cleared: bool
    """False from the moment an overwrite begins until the last of the old files is gone."""


def refuse_foreign(out: Path) -> None:
    """Raise unless the folder is new, empty or ours."""
    if not out.exists() and not out.is_symlink():
        return
    if not out.is_dir():
        raise DatasetError(f"{out}: is not a folder")
    names = {path.name for path in out.iterdir()}
    if not names or (out / WORK / _SETUP).is_file():
        return
    if names == {WORK} and (out / WORK).is_dir():
        # Killed before the setup was written: at most these two files can be there.
        if {path.name for path in (out / WORK).iterdir()} <= {_LOCK, f"{_SETUP}.tmp"}:
            return
    elif NAME in names:
        read_manifest(out)
        return
    elif PART in names:
        read_part(out)
        return
    found = ", ".join(sorted(names)[:3])
    raise DatasetError(f"{out}: is not empty and not a stepcode dataset ({found}); use another")


def read_unfinished(out: Path) -> Setup | None:
    """What is being built in a folder, or was until it was interrupted."""
    stored = _read_setup(out)
    return None if stored is None else stored.setup


def is_finished(out: Path, setup: Setup) -> bool:
    """Whether the dataset, or the part, of this recipe is there; another recipe's is an error."""
    if (out / WORK).exists() or not _is_published(out):
        return False
    _require_finished(out, setup)
    return True


def lock_folder(out: Path) -> int:
    """Take the lock of a build, or say that another build has it."""
    path = out / WORK / _LOCK
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except FileNotFoundError:
            continue  # the other build has just finished and removed its folder
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise MisuseError(f"{out}: another build is writing here; wait for it") from None
        if path.exists() and os.path.samestat(os.fstat(lock), path.stat()):
            return lock
        os.close(lock)


def prepare(out: Path, setup: Setup, *, overwrite: bool) -> bool:
    """Make the locked folder ready to build in; True if the dataset is there already."""
    stored = _read_setup(out)
    if stored is None and not overwrite and not _is_published(out):
        _write_setup(out, _Stored(setup, cleared=True))
        return False
    if stored is not None and not overwrite:
        _refuse_other(out, stored.setup, setup, what="an unfinished build")
    if overwrite or (stored is not None and not stored.cleared):
        _clear(out, setup)
        return False
    if _is_published(out):
        _require_finished(out, setup)
        sweep(out)
        return True
    return False


def publish(final: Path, out: Path) -> None:
    """Move a dataset or part into place, its manifest last, passing over what was moved before."""
    for name in PUBLISHED:
        if name in (NAME, PART):
            sync_folder(out)
        if (final / name).exists():
            (final / name).rename(out / name)
    sync_folder(out)


def sweep(out: Path) -> None:
    """Remove the work folder of a finished build."""
    work = out / WORK
    for name in (BLOCKS, "final", _SETUP, f"{_SETUP}.tmp", _LOCK):
        remove(work / name)
    try:
        work.rmdir()
    except OSError:
        return  # the next build is already waiting in it; it will find the dataset finished
    sync_folder(out)


def _clear(out: Path, setup: Setup) -> None:
    """Remove all that is ours, in an order that a rerun can tell and continue."""
    _write_setup(out, _Stored(setup, cleared=False))
    for name in reversed(PUBLISHED):
        remove(out / name)
    for name in (BLOCKS, "final"):
        remove(out / WORK / name)
    sync_folder(out)
    _write_setup(out, _Stored(setup, cleared=True))


def _require_finished(out: Path, setup: Setup) -> None:
    """Raise unless what is there is what was asked for; other versions may have made it."""
    if (out / PART).exists():
        part = read_part(out)
        there, files = replace(setup, recipe=part.recipe, part=part.part), part.files
        _refuse_other(out, there, setup, what="a part")
        for file in files:
            require_whole(out, file)
        return
    manifest = read_manifest(out)
    _refuse_other(out, replace(setup, recipe=manifest.recipe, part=WHOLE), setup, what="a dataset")
    for shard in manifest.shards:
        require_whole(out, shard)


def _refuse_other(out: Path, there: Setup, asked: Setup, *, what: str) -> None:
    if there.part != asked.part:
        parts = f"{_describe(there.part)}, not {_describe(asked.part)}"
        raise DatasetError(f"{out}: holds {parts}; each has a folder of its own: {_HINT}")
    found = list(differences(asdict(there), asdict(asked)))
    if found:
        shown = "; ".join(found[:5])
        raise DatasetError(f"{out}: holds {what} of another recipe ({shown}); {_HINT}")


def _describe(part: str) -> str:
    return "a whole dataset" if part == WHOLE else f"part {part}"


def _is_published(out: Path) -> bool:
    return (out / NAME).exists() or (out / PART).exists()


def differences(there: Any, asked: Any, path: str = "") -> Iterator[str]:  # Any: JSON
    """Name the values in which two JSON values differ, at any depth."""
    if isinstance(there, Mapping) and isinstance(asked, Mapping):
        for key in sorted(there.keys() | asked.keys()):
            inner = f"{path}.{key}" if path else key
            yield from differences(there.get(key), asked.get(key), inner)
    elif there != asked:
        yield f"{path} is {json.dumps(there)}, not {json.dumps(asked)}"


def _read_setup(out: Path) -> _Stored | None:
    path = out / WORK / _SETUP
    try:
        record = json.loads(path.read_bytes())
        return _Stored(Setup(**record["setup"]), record["cleared"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{path}: unreadable ({error}); {_HINT}") from error


def _write_setup(out: Path, stored: _Stored) -> None:
    write_durably(out / WORK / _SETUP, to_json(asdict(stored)))
