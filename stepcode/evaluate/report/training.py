"""The report of one training run: where its stages are, and how losses and accuracies went."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from stepcode.evaluate.report.curves import stage_curves
from stepcode.evaluate.report.document import Document, Point, Table
from stepcode.evaluate.report.runs import Run, Stage, read_run
from stepcode.evaluate.report.tables import NONE, flat_settings, short, words

_MAIN = ("step_accuracy", "final_accuracy", "gap", "reward", "loss", "mean_token_accuracy")


def run_document(directory: Path) -> Document:
    """Write the report of a run that `stepcode train` made; raises DatasetError for another."""
    run = read_run(directory)
    recipe, versions = flat_settings(run.recipe), flat_settings(run.versions)
    return Document(
        title=f"Training run {run.name}",
        about=tell_progress(run),
        tables=[
            _stages(run),
            *(_metrics(name, stage) for name, stage in run.stages.items()),
            Table("Recipe", ["recipe", "value"], list(recipe), is_text=True),
            Table("Versions", ["package", "version"], list(versions), is_text=True),
        ],
        pictures=[
            curves
            for name, stage in run.stages.items()
            for curves in stage_curves(name.upper(), {"": [stage]})
        ],
    )


def tell_progress(run: Run) -> str:
    """Say in one sentence how far a run is."""
    stages = [_progress(name.upper(), stage) for name, stage in run.stages.items()]
    return f"{', '.join(stages) or 'No stage has begun'}."


def _progress(name: str, stage: Stage) -> str:
    if stage.is_done:
        return f"{name} is done, {stage.steps} steps"
    return f"{name} is not finished, logged up to step {stage.steps}"


def _stages(run: Run) -> Table:
    """What matters most of each stage: where it is, and what it logged last."""
    stages = run.stages.values()
    metrics = [name for name in _MAIN if any(name in stage.logged for stage in stages)]
    rows = [
        [
            name.upper(),
            "done" if stage.is_done else "not finished",
            str(stage.steps),
            *(_last(stage, metric) for metric in metrics),
        ]
        for name, stage in run.stages.items()
    ]
    columns = ["stage", "state", "step", *map(words, metrics)]
    return Table("Stages", columns, rows, note="With the values that were logged last.")


def _last(stage: Stage, metric: str) -> str:
    return short(stage.logged[metric][-1].value) if metric in stage.logged else NONE


def _metrics(name: str, stage: Stage) -> Table:
    rows = [[metric, *_sum_up(points)] for metric, points in stage.logged.items()]
    note = "Of what was logged. Values that are no number (NaN, infinite) are only counted."
    columns = ["metric", "first", "last", "lowest", "highest", "values", "no number"]
    return Table(f"{name.upper()}: metrics", columns, rows, note=note)


def _sum_up(points: Sequence[Point]) -> Iterator[str]:
    values = [point.value for point in points if not math.isnan(point.value)]
    if values:
        yield from map(short, (values[0], values[-1], min(values), max(values)))
    else:
        yield from [NONE] * 4
    yield str(len(values))
    yield str(len(points) - len(values))
