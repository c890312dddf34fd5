"""The proof in small: build the programs' dataset, warm models up, train the arms, report.

    OUT/setup.json            what decides on the results; a folder goes on with no other
    OUT/data/TASK             a dataset as `build-dataset` makes it, with a held-out split
    OUT/runs/TASK-SEED        a result for each arm, and the weights that all of them start from
    OUT/micro.md  micro.json  micro.svg

Every file appears when it is whole. Run it again after an interruption, or with more seeds, and
only what is missing is done.
"""

import json
import logging
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

from stepcode.dataset.durable import plain_disk_errors, to_json, write_durably
from stepcode.dataset.folder import differences
from stepcode.errors import DatasetError
from stepcode.execute.workers import open_crew
from stepcode.train.micro.results import TRAINED, Arm, Job, Result, read_result
from stepcode.train.micro.settings import MicroSettings
from stepcode.train.micro.tasks import Task
from stepcode_pipelines.micro_data import build_task
from stepcode_pipelines.sections import check_keys, check_sections
from stepcode_pipelines.train_run import current_versions, own_folder

OnMessage = Callable[[str], None]

_SETUP = "setup.json"
_NAME = "micro"


def run(table: Mapping[str, Any], out: Path, *, on_message: OnMessage | None = None) -> str:
    """Run what is missing of the proof and write its report; returns the report as text.

    `table` is a recipe with one section, `[micro]`. Messages go to stderr if nobody else takes
    them. Any: TOML.
    """
    settings = read_settings(table)
    tell = on_message or _tell
    with plain_disk_errors(out), own_folder(out):
        _claim(out, settings)
        for task in settings.tasks:
            tell(f"micro: programs of task {task}")
            build_task(Task(task), out, settings)
        _run_jobs(out, settings, tell)
        return _report(out, settings)


def read_settings(table: Mapping[str, Any]) -> MicroSettings:  # Any: TOML
    """Check the section [micro] of a recipe; raises RecipeError in one line."""
    check_sections(_NAME, table, [_NAME])
    known = {item.name: item.type for item in fields(MicroSettings)}
    return MicroSettings(**check_keys(_NAME, _NAME, table.get(_NAME, {}), known))


def list_jobs(settings: MicroSettings, arms: Sequence[Arm]) -> list[Job]:
    """Name the runs of some arms, seed by seed, so that an early end leaves whole seeds."""
    return [
        Job(Task(task), seed, arm)
        for seed in range(settings.seeds)
        for task in settings.tasks
        for arm in arms
    ]


def _claim(out: Path, settings: MicroSettings) -> None:
    """Refuse a folder whose results come of other settings, or of something else."""
    asked = json.loads(json.dumps({"micro": settings.identity(), "versions": current_versions()}))
    path = out / _SETUP
    if path.exists():
        found = list(differences(json.loads(path.read_bytes()), asked))
        if found:
            shown = "; ".join(found[:3])
            raise DatasetError(
                f"{out}: holds results of other settings ({shown}); use another --out"
            )
        return
    others = sorted(entry.name for entry in out.iterdir() if not entry.name.startswith("."))
    if others:
        shown = ", ".join(others[:3])
        raise DatasetError(f"{out}: is not empty and no micro run ({shown}); use another --out")
    write_durably(path, to_json(asked))


def _run_jobs(out: Path, settings: MicroSettings, tell: OnMessage) -> None:
    """Warm up, then train the arms; each lot over all workers."""
    lots = [list_jobs(settings, [Arm.WARM_UP]), list_jobs(settings, TRAINED)]
    missing = [[job for job in lot if not job.path(out).exists()] for lot in lots]
    total = sum(map(len, missing))
    if not total:
        return
    workers = min(settings.workers, total)
    tell(f"micro: {total} runs, {workers} at a time")
    started, done = time.monotonic(), 0
    with open_crew(partial(open_worker, out, settings), workers=workers) as run_all:
        for lot in missing:
            for job in run_all(lot):
                done += 1
                left = (time.monotonic() - started) / done * (total - done)
                tell(
                    f"micro: {done} of {total} runs: task {job.task}, seed {job.seed}, "
                    f"{job.arm}; about {left / 60:.0f} min left"
                )


@contextmanager
def open_worker(out: Path, settings: MicroSettings) -> Iterator[Callable[[Job], Job]]:
    """Open a worker for the runs of a folder; it uses one core."""
    import torch

    from stepcode.train.micro.arms import run_job

    torch.set_num_threads(1)
    quiet()

    def work(job: Job) -> Job:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch has put filters of its own before ours
            run_job(job, out, settings)
        return job

    yield work


def quiet() -> None:
    """Keep what the libraries say of themselves from a worker's output."""
    import datasets
    import transformers

    warnings.simplefilter("ignore")
    datasets.disable_progress_bars()
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    for name in ("accelerate", "trl"):
        logging.getLogger(name).setLevel(logging.ERROR)


def _report(out: Path, settings: MicroSettings) -> str:
    from stepcode.train.micro.report import write_report

    results = [_read(job, out) for job in list_jobs(settings, tuple(Arm))]
    return write_report(out, results, settings)


def _read(job: Job, out: Path) -> Result:
    result = read_result(job.path(out))
    if result is None:
        raise DatasetError(f"{job.path(out)}: has gone; run the same command again")
    return result


def _tell(message: str) -> None:
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()
