"""The programs of the proof in small, as a dataset built like any other, and what they hide.

OUT/data/TASK.jsonl         the programs, as they are written
OUT/data/TASK               the dataset: each program anchored, run with and without anchors
OUT/data/TASK.hidden.json   by row id, what every step comes to, shown by an anchor or not
"""

from collections.abc import Iterator
from pathlib import Path

from stepcode.anchor import insert_anchors
from stepcode.dataset.durable import to_json, write_durably
from stepcode.dataset.read import read_rows
from stepcode.dataset.rows import Row
from stepcode.errors import StepcodeError
from stepcode.execute import run_all
from stepcode.source import SourceSettings
from stepcode.train.micro.problems import dataset_path, hidden_path
from stepcode.train.micro.settings import MicroSettings
from stepcode.train.micro.tasks import Task, open_twin, write_rows
from stepcode.types import Program, Reason, Step
from stepcode.wire import render_step
from stepcode_pipelines.build import build_dataset
from stepcode_pipelines.recipe import Recipe


def build_task(task: Task, out: Path, settings: MicroSettings) -> None:
    """Build what is missing of a task's data.

    Raises StepcodeError if the machine could not run every program: results would depend on it.
    """
    dataset, hidden = dataset_path(out, task), hidden_path(out, task)
    if hidden.exists():
        return
    dataset.parent.mkdir(exist_ok=True)
    source = dataset.with_suffix(".jsonl")
    write_durably(source, write_rows(task, settings.programs).encode())
    recipe = Recipe(
        source=SourceSettings(name="jsonl", path=str(source)),
        policy="strict",
        split=settings.held_out_share,
    )
    summary = build_dataset(recipe, dataset, workers=settings.workers)
    # A program that is nearly another's copy is left out, as it is from any dataset.
    failed = {why: n for why, n in summary.rejected.items() if why != Reason.DUPLICATE}
    if failed:
        reasons = ", ".join(f"{count} {why}" for why, count in failed.items())
        raise StepcodeError(
            f"{dataset}: {reasons} of {summary.rows_in} programs; remove it and run again"
        )
    rows = list(read_rows(dataset))
    traces = _open_traces(rows, workers=settings.workers)
    pairs = zip(rows, traces, strict=True)
    told = {row.id: [render_step(s.name, s.text or "") for s in steps] for row, steps in pairs}
    write_durably(hidden, to_json(told))


def _open_traces(rows: list[Row], *, workers: int) -> Iterator[tuple[Step, ...]]:
    """Run each program's open twin, which has to return what the program does."""
    twins = [insert_anchors(Program(code=open_twin(row.code))) for row in rows]
    jobs = zip(twins, (row.call for row in rows), strict=True)
    for row, execution in zip(rows, run_all(jobs, workers=workers), strict=True):
        if execution.output != row.output:
            raise StepcodeError(
                f"row {row.id}: returns {row.output}, and {execution.output} with its steps shown"
            )
        yield execution.steps
