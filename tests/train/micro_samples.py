"""A proof in small that is over in seconds, and results that were never trained for."""

from pathlib import Path
from typing import Any

from stepcode.train.micro.results import Arm, Counts, CurvePoint, Result
from stepcode.train.micro.settings import MicroSettings
from stepcode.train.micro.tasks import Task
from stepcode_pipelines.micro import read_settings

TINY: dict[str, Any] = {  # Any: TOML
    "tasks": ["sparse"],
    "seeds": 1,
    "workers": 1,
    "programs": 40,
    "held_out_share": 0.3,
    "validation": 4,
    "hidden": 16,
    "layers": 1,
    "warm_up_steps": 3,
    "warm_up_batch": 4,
    "steps": 3,
    "prompts": 3,
    "generations": 2,
    "draws": 1,
    "curve_points": 2,
}


def table(**changes: object) -> dict[str, Any]:  # Any: TOML
    """A recipe as `stepcode train` hands it over."""
    return {"micro": TINY | changes}


def tiny_settings(**changes: object) -> MicroSettings:
    """The settings of such a recipe."""
    return read_settings(table(**changes))


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of all results below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.json")}


def invented(arm: Arm, seed: int, right: list[int], *, task: Task = Task.FULL) -> Result:
    """A result with so many of eight steps right in each held-out program."""
    informative = [n // 4 for n in right] if task is Task.SPARSE else right
    counts = Counts(
        draws=1,
        length=8,
        informative_length=2 if task is Task.SPARSE else 8,
        steps=right,
        informative=informative,
        final=[n // 8 for n in right],
        steps_with_final=[n // 8 * 8 for n in right],
    )
    accuracy = sum(right) / 8 / len(right)
    curve = [CurvePoint(update=3, step=accuracy, informative=accuracy, final=accuracy)]
    return Result(
        task=task,
        seed=seed,
        arm=arm,
        parameters=1000,
        words=50,
        updates=3,
        rollouts=18,
        labelled=0,
        sampled=counts,
        greedy=counts,
        entropy=0.5,
        curve=[] if arm is Arm.WARM_UP else curve,
    )
