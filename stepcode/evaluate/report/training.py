"""The report of a training run: how its losses and accuracies went, and what it was asked for."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from stepcode.errors import DatasetError
from stepcode.evaluate.report.document import Curves, Document, Table
from stepcode.evaluate.report.tables import flat_settings

RUN = "run.json"
_LOG = "log.jsonl"
_DRAWN = {
    "accuracy": ("step_accuracy", "final_accuracy", "path_consistency"),
    "loss": ("loss",),
    "reward": ("reward",),
    "entropy": ("entropy",),
}

Record = Mapping[str, Any]
"""Any: JSON."""


def run_document(directory: Path) -> Document:
    """Write the report of a run that `stepcode train` made; raises DatasetError for another."""
    path = directory / RUN
    try:
        run = json.loads(path.read_bytes())
        stages, recipe, versions = run["stages"], run["recipe"], run["versions"]
        logs = {stage: _read_log(directory / stage / _LOG) for stage in stages}
        about = [f"{name} {one['status']} at step {one['steps']}" for name, one in stages.items()]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(f"{path}: is no run of stepcode train: {error}") from error
    return Document(
        title=f"Training run {directory.resolve().name}",
        about=f"{', '.join(about) or 'no stage has begun'}.",
        tables=[
            *(_last_logged(stage, log) for stage, log in logs.items() if log),
            Table("recipe", ["recipe", "value"], list(flat_settings(recipe)), is_text=True),
            Table("versions", ["package", "version"], list(flat_settings(versions)), is_text=True),
        ],
        pictures=[curves for stage, log in logs.items() for curves in _curves(stage, log)],
    )


def _read_log(path: Path) -> list[Record]:
    """Read what was logged; the last line of a run that is going on may be half a line."""
    if not path.exists():
        return []
    *whole, _ = path.read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in whole]


def _curves(stage: str, log: Sequence[Record]) -> Iterator[Curves]:
    for title, names in _DRAWN.items():
        series = {name: list(_points(name, log)) for name in names}
        drawn = {name: points for name, points in series.items() if len(points) > 1}
        if drawn:
            yield Curves(f"{stage}: {title}", drawn)


def _points(name: str, log: Sequence[Record]) -> Iterator[tuple[float, float]]:
    for line in log:
        value = line.get(name)
        if isinstance(value, int | float) and math.isfinite(value):
            yield line["step"], value


def _last_logged(stage: str, log: Sequence[Record]) -> Table:
    numbers = {name: v for name, v in log[-1].items() if isinstance(v, int | float)}
    rows = [[name, f"{value:.4g}"] for name, value in numbers.items()]
    return Table(f"{stage}: logged last", ["metric", "value"], rows)
