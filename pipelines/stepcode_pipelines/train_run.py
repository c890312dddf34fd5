"""The folder of a training run: whose it is, how far it is, and that no other run writes there.

    OUT/run.json        the recipe, versions, and each stage's identity and state
    OUT/sft, OUT/grpo   log.jsonl, examples.jsonl, checkpoint-N, and in the end the model

A stage's identity names all that decides on its model. A folder is only gone on with if that is
the same; how often a run logs or saves may change.
"""

import fcntl
import json
import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any

from stepcode import __version__
from stepcode.dataset.durable import to_json, write_durably
from stepcode.dataset.folder import differences
from stepcode.errors import DatasetError, MisuseError
from stepcode.train.checkpoints import has_checkpoint
from stepcode.train.plan import Stage
from stepcode.types import short_hash

NAME = "run.json"
FORMAT = 1
_LOCK = ".lock"
_WITHOUT_EFFECT = ("logging_", "save_", "report_to", "run_name", "dataloader_num_workers", "hub_")
"""How the names of options begin that change nothing about a model."""
_PACKAGES = ("accelerate", "peft", "torch", "transformers", "trl")


class Status(StrEnum):
    """How far a stage is."""

    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRecord:
    """What run.json says of a stage."""

    identity: Mapping[str, Any]  # Any: JSON
    status: Status = Status.RUNNING
    steps: int = 0
    metrics: Mapping[str, Any] = field(default_factory=dict)
    """What the trainer logged last."""
    origin: Mapping[str, Any] = field(default_factory=dict)
    """Where the rows that it learned from came from, as far as their file says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What run.json says."""

    recipe: Mapping[str, Any]  # Any: JSON
    versions: Mapping[str, str]
    stages: Mapping[Stage, StageRecord] = field(default_factory=dict)


def stage_identity(
    stage: Stage,
    *,
    data: Mapping[str, Any],  # Any, here and below: JSON
    model: Mapping[str, Any],
    options: Mapping[str, Any],
    lora: Mapping[str, Any] | None,
    advantage: Mapping[str, Any] | None,
    processes: int,
) -> dict[str, Any]:
    """Name all that decides on the model of a stage."""
    identity: dict[str, Any] = {
        "data": dict(data),
        "model": dict(model),
        stage.value: {k: v for k, v in options.items() if not k.startswith(_WITHOUT_EFFECT)},
        "processes": processes,
    }
    if lora is not None:
        identity["lora"] = dict(lora)
    if advantage is not None:
        identity["advantage"] = dict(advantage)
    plain: dict[str, Any] = json.loads(json.dumps(identity))
    return plain


def short_name(identity: Mapping[str, Any]) -> str:  # Any: JSON
    """Name an identity in a few characters, as checkpoints do."""
    return short_hash(json.dumps(identity, sort_keys=True))


def current_versions() -> dict[str, str]:
    """Name the versions that a run was made with."""
    ours = {"stepcode": __version__, "python": platform.python_version()}
    return ours | {package: version(package) for package in _PACKAGES}


def read_run(out: Path) -> Run | None:
    """Read what a folder says of its run; None if it is new or empty.

    Raises DatasetError for a folder of something else.
    """
    if not out.exists():
        return None
    if not out.is_dir():
        raise MisuseError(f"{out}: is not a folder")
    names = {entry.name for entry in out.iterdir()} - {_LOCK, f"{NAME}.tmp"}
    if not names:
        return None
    if NAME not in names:
        found = ", ".join(sorted(names)[:3])
        raise DatasetError(f"{out}: is not empty and no training run ({found}); use another folder")
    path = out / NAME
    return parse_run(path.read_bytes(), str(path))


def write_run(out: Path, run: Run) -> None:
    """Write what a folder says of its run, at once or not at all."""
    stages = {stage.value: asdict(record) for stage, record in run.stages.items()}
    write_durably(out / NAME, to_json({"format": FORMAT, **asdict(run), "stages": stages}))


def require_same(out: Path, run: Run | None, stage: Stage, identity: Mapping[str, Any]) -> None:
    """Raise DatasetError if a stage was begun here with anything else that decides on its model.

    One that has saved nothing yet has nothing to lose.
    """
    there = run.stages.get(stage) if run else None
    if there is None:
        return
    if there.status is Status.RUNNING and not has_checkpoint(out / stage):
        return
    found = list(differences(there.identity, identity))
    if found:
        shown = "; ".join(found[:3])
        raise DatasetError(
            f"{out}: holds {stage} of another recipe ({shown}); use another folder for --out"
        )


@contextmanager
def own_folder(out: Path) -> Iterator[None]:
    """Keep other runs out of a folder; the lock goes with the process."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = os.open(out / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise MisuseError(f"{out}: cannot be written: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise MisuseError(f"{out}: another run is writing here; wait for it") from None
    try:
        yield
    finally:
        os.close(lock)


def parse_run(data: bytes, path: str) -> Run:
    """Read a run from its bytes; `path` is what an error names."""
    try:
        record = json.loads(data)
        if record["format"] > FORMAT:
            raise DatasetError(f"{path}: written by a newer stepcode; upgrade stepcode")
        stages = {
            Stage(name): StageRecord(**(stage | {"status": Status(stage["status"])}))
            for name, stage in record["stages"].items()
        }
        return Run(recipe=record["recipe"], versions=record["versions"], stages=stages)
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{path}: is no run of stepcode train: {error}") from error
