"""The folder of a training run, read for a report: how far each stage is, and what was logged."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepcode.errors import DatasetError
from stepcode.evaluate.report.document import Point

RUN = "run.json"
_LOG = "log.jsonl"
_FORMAT = 1

Record = Mapping[str, Any]
"""Any: JSON."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a run."""

    is_done: bool
    steps: int
    """The last that was logged or, when it is done, made."""
    logged: Mapping[str, tuple[Point, ...]]
    """Each metric, a number or NaN for each step at which it was logged, in their order."""


@dataclass(frozen=True, slots=True)
class Run:
    """What the folder of a run holds."""

    name: str
    recipe: Record
    versions: Mapping[str, str]
    stages: Mapping[str, Stage]


def read_run(directory: Path) -> Run:
    """Read the folder of a run, which may be going on; raises DatasetError for another folder."""
    path = directory / RUN
    try:
        record = json.loads(path.read_bytes())
        _refuse_newer(path, record["format"])
        stages = {
            name: _stage(directory / name / _LOG, one) for name, one in record["stages"].items()
        }
        versions = {name: str(one) for name, one in record["versions"].items()}
        return Run(directory.resolve().name, dict(record["recipe"]), versions, stages)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        raise DatasetError(f"{path}: is no run of stepcode train: {why}") from error


def find_runs(directory: Path) -> list[Path]:
    """Name the runs that lie side by side in a folder, in the order of their names."""
    if not directory.is_dir():
        return []
    return sorted(path.parent for path in directory.glob(f"*/{RUN}"))


def _refuse_newer(path: Path, found: int) -> None:
    if found > _FORMAT:
        raise DatasetError(f"{path}: written by a newer stepcode; upgrade stepcode")


def _stage(log: Path, record: Record) -> Stage:
    logged: dict[str, dict[float, float]] = {}
    last = 0
    for line in _read_log(log):
        last = max(last, line["step"])
        for name, value in _numbers(line):
            # A step that is there twice was done again, and counts as it was then.
            logged.setdefault(name, {})[line["step"]] = value
    points = {
        name: tuple(Point(step, value) for step, value in sorted(values.items()))
        for name, values in logged.items()
    }
    is_done = record["status"] == "done"
    return Stage(is_done, record["steps"] if is_done else last, points)


def _numbers(line: Record) -> Iterator[tuple[str, float]]:
    for name, value in line.items():
        if name != "step" and isinstance(value, int | float):
            yield name, value if math.isfinite(value) else math.nan


def _read_log(path: Path) -> Iterator[Record]:
    """Read what was logged; the last line of a run that is going on may be half a line."""
    if not path.exists():
        return
    *whole, _ = path.read_text(encoding="utf-8", errors="replace").split("\n")
    for number, line in enumerate(whole, start=1):
        try:
            record = json.loads(line)
        except ValueError as error:
            raise DatasetError(f"{path}: line {number} is broken JSON ({error})") from error
        if not isinstance(record, dict) or not isinstance(record.get("step"), int | float):
            raise DatasetError(f"{path}: line {number} tells no step; expected what training logs")
        yield record
