"""The report of several training runs: those that differ in their seeds alone are one arm.

runs/bilevel-0  runs/bilevel-1  runs/terminal-0  runs/terminal-1       # each the --out of a run
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from stepcode.evaluate.report.curves import stage_curves
from stepcode.evaluate.report.document import Document, Table
from stepcode.evaluate.report.runs import Run, Stage, find_runs, read_run
from stepcode.evaluate.report.series import estimate
from stepcode.evaluate.report.tables import NONE, flat_settings, keys_of, short
from stepcode.evaluate.report.training import tell_progress

_SEEDS = tuple(f"{stage}.{name}" for stage in ("sft", "grpo") for name in ("seed", "data_seed"))
_NAME = "name"
"""Of the recipe, which decides nothing."""
_REPEATED = "left out, these seeds are there already"


@dataclass(frozen=True, slots=True)
class _Arm:
    """Runs of one recipe."""

    name: str
    """What sets it apart from the others; empty where there are none."""
    runs: Mapping[str, Run]
    """By their seeds, each once."""
    repeats: Sequence[Run] = ()
    """Runs of seeds that are there already: they would make an interval look smaller."""

    def add(self, seeds: str, run: Run) -> "_Arm":
        if seeds in self.runs:
            return replace(self, repeats=[*self.repeats, run])
        return replace(self, runs={**self.runs, seeds: run})


def runs_document(directory: Path) -> Document:
    """Write the report of the runs that lie in a folder; raises DatasetError for a damaged one."""
    runs = [read_run(path) for path in find_runs(directory)]
    arms = _arms_of(runs)
    stages = {stage: _stages_of(stage, arms) for stage in keys_of(*(run.stages for run in runs))}
    recipes = "1 recipe" if len(arms) == 1 else f"{len(arms)} recipes"
    return Document(
        title=f"Training runs in {directory.resolve().name}",
        about=f"{len(runs)} runs of {recipes}, seeds aside.",
        tables=[
            _runs(arms),
            *(_last_logged(stage.upper(), own) for stage, own in stages.items()),
            _shared(runs),
        ],
        pictures=[
            curves for stage, own in stages.items() for curves in stage_curves(stage.upper(), own)
        ],
    )


def _arms_of(runs: Sequence[Run]) -> list[_Arm]:
    settings = [_settings(run) for run in runs]
    recipes = [{k: v for k, v in one.items() if k not in (*_SEEDS, _NAME)} for one in settings]
    differing = [key for key in keys_of(*recipes) if len({one.get(key) for one in recipes}) > 1]
    arms: dict[str, _Arm] = {}
    for run, own in zip(runs, settings, strict=True):
        name = ", ".join(f"{key} {own.get(key, NONE)}" for key in differing)
        seeds = ", ".join(f"{key} {own[key]}" for key in _SEEDS if key in own) or "default"
        arms[name] = arms.get(name, _Arm(name, {})).add(seeds, run)
    return list(arms.values())


def _settings(run: Run) -> dict[str, str]:
    return dict(flat_settings(run.recipe))


def _stages_of(stage: str, arms: Sequence[_Arm]) -> dict[str, list[Stage]]:
    found = {
        arm.name: [run.stages[stage] for run in arm.runs.values() if stage in run.stages]
        for arm in arms
    }
    return {name: stages for name, stages in found.items() if stages}


def _runs(arms: Sequence[_Arm]) -> Table:
    rows = []
    for arm in arms:
        told = arm.name or NONE
        rows += [[run.name, told, seeds, tell_progress(run)] for seeds, run in arm.runs.items()]
        rows += [[run.name, told, _REPEATED, tell_progress(run)] for run in arm.repeats]
    return Table("Runs", ["run", "differs in", "seeds", "how far"], rows, is_text=True)


def _last_logged(stage: str, arms: Mapping[str, Sequence[Stage]]) -> Table:
    logged = [run.logged for runs in arms.values() for run in runs]
    rows = [[one, *(_last(one, runs) for runs in arms.values())] for one in keys_of(*logged)]
    note = (
        "Means of the values that were logged last, in brackets the number of runs and, where "
        "there are several, the 95 % interval over them (Student's t)."
    )
    names = [f"{name or 'mean'} ({len(runs)})" for name, runs in arms.items()]
    return Table(f"{stage}: logged last", ["metric", *names], rows, note=note)


def _last(metric: str, runs: Sequence[Stage]) -> str:
    found = estimate(0, [run.logged[metric][-1].value for run in runs if metric in run.logged])
    if math.isnan(found.value) or found.low is None or found.high is None:
        return short(found.value)
    return f"{short(found.value)} ({short(found.low)} to {short(found.high)})"


def _shared(runs: Sequence[Run]) -> Table:
    settings = [_settings(run) for run in runs]
    rows = [
        [key, value]
        for key, value in settings[0].items()
        if key != _NAME and all(one.get(key) == value for one in settings)
    ]
    return Table("What all runs share", ["recipe", "value"], rows, is_text=True)
