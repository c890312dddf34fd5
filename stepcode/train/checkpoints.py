"""Checkpoints that can be trusted: marked when all of one is on the disk, and never before.

The mark names the run that a checkpoint belongs to, and the size of every file. What a kill left
half-written has no mark, or a file that is too short, and is passed over. Needs no torch.
"""

import json
from pathlib import Path
from typing import Any

from stepcode.dataset.durable import remove, to_json, write_durably
from stepcode.errors import DatasetError

_MARK = "stepcode.json"
PREFIX = "checkpoint-"


def mark_checkpoint(checkpoint: Path, run: str) -> None:
    """Say that a checkpoint is whole, and whose it is."""
    files = {
        str(path.relative_to(checkpoint)): path.stat().st_size
        for path in sorted(checkpoint.rglob("*"))
        if path.is_file() and path.name != _MARK
    }
    write_durably(checkpoint / _MARK, to_json({"run": run, "files": files}))


def newest_checkpoint(folder: Path, run: str) -> Path | None:
    """Find the last whole checkpoint of a stage's folder.

    Raises DatasetError if it is of another run.
    """
    for checkpoint in list_checkpoints(folder):
        mark = _read_mark(checkpoint)
        if mark is None or not _is_whole(checkpoint, mark):
            continue
        if mark.get("run") != run:
            raise DatasetError(f"{checkpoint}: is of another recipe; use another folder for --out")
        return checkpoint
    return None


def has_checkpoint(folder: Path) -> bool:
    """Whether there is a whole checkpoint of any run."""
    found = ((checkpoint, _read_mark(checkpoint)) for checkpoint in list_checkpoints(folder))
    return any(mark is not None and _is_whole(checkpoint, mark) for checkpoint, mark in found)


def drop_unfinished(folder: Path) -> None:
    """Remove what was left half-written, so that it cannot be taken for what is written next."""
    for checkpoint in list_checkpoints(folder):
        mark = _read_mark(checkpoint)
        if mark is None or not _is_whole(checkpoint, mark):
            remove(checkpoint)


def step_of(checkpoint: Path) -> int:
    """Say after which step a checkpoint was taken."""
    return int(checkpoint.name.removeprefix(PREFIX))


def list_checkpoints(folder: Path) -> list[Path]:
    """List checkpoints, the newest first."""
    found = [path for path in folder.glob(f"{PREFIX}*") if path.name[len(PREFIX) :].isdigit()]
    return sorted(found, key=step_of, reverse=True)


def _read_mark(checkpoint: Path) -> dict[str, Any] | None:  # Any: JSON
    try:
        mark = json.loads((checkpoint / _MARK).read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return mark if isinstance(mark, dict) else None


def _is_whole(checkpoint: Path, mark: dict[str, Any]) -> bool:
    files = mark.get("files", {})
    paths = ((checkpoint / name, size) for name, size in files.items())
    return all(path.is_file() and path.stat().st_size == size for path, size in paths)


def wait_for_all() -> None:
    """Wait until all processes of a run are here."""
    import torch.distributed

    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.barrier()
