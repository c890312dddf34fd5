"""`stepcode train`: say what a run needs, run it, and say what came of it."""

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepcode.errors import MissingExtraError, MisuseError, StepcodeError
from stepcode_cli.quiet import quiet
from stepcode_cli.words import read_word

if TYPE_CHECKING:
    from stepcode_pipelines.train_estimate import StageEstimate
    from stepcode_pipelines.train_recipe import StageChoice, TrainRecipe
    from stepcode_pipelines.train_stage import StageResult

_EXTRA = ("torch", "transformers", "trl", "peft", "accelerate")
_SHOWN = ("loss", "reward", "step_accuracy", "final_accuracy", "gap", "path_consistency")
"""Of what a trainer logs, what is told at the end of a stage."""


def train(
    recipe: str,
    *,
    stage: str,
    out: str | None,
    data: str | None,
    model: str | None,
    settings: Sequence[str],
    dry_run: bool,
    allow_evaluation: bool,
) -> int:
    """Train, or only estimate; returns the exit code."""
    from stepcode_pipelines.train_recipe import StageChoice, parse_train_recipe, read_train_table

    choice = read_word("--stage", stage, StageChoice)
    table = read_train_table(recipe, settings, data=data, model=model)
    is_micro = "micro" in table
    if out is None and not (dry_run or is_micro):
        raise MisuseError("--out is missing: name the folder of the run, or ask for --dry-run")
    _require_extra()
    quiet()
    if is_micro:
        return _train_micro(table, out, dry_run=dry_run)
    checked = parse_train_recipe(recipe, table)
    if dry_run:
        return _estimate(checked, choice, allow_evaluation=allow_evaluation)
    return _train(checked, choice, Path(out or ""), allow_evaluation=allow_evaluation)


def describe(estimate: "StageEstimate") -> str:
    """Say in four lines what a stage does and needs."""
    plan, hardware, memory = estimate.plan, estimate.hardware, estimate.memory
    trained = "all" if plan.trainable == plan.shape.parameters else f"{plan.trainable:,} of LoRA"
    parts = " + ".join(f"{name} {size / 1e9:.1f}" for name, size in memory.parts().items())
    split = "" if hardware.sharding == "none" else f", {hardware.sharding}"
    passes = plan.sequences / max(1, plan.steps)
    return "\n".join(
        (
            f"{plan.stage}: {plan.shape.parameters:,} parameters, trained: {trained}",
            f"  {plan.steps:,} steps of {passes:,.0f} sequences from {estimate.lengths.examples:,} "
            f"examples, up to {plan.longest:,} tokens long",
            f"  memory {memory.peak / 1e9:.1f} GB of {hardware.memory_bytes / 1e9:.1f} "
            f"a process ({parts})",
            f"  time about {_duration(estimate.seconds)} on {hardware.processes} x {hardware.name}"
            f"{split}",
        )
    )


def describe_result(result: "StageResult") -> str:
    """Say in one line what came of a stage."""
    shown = (f"{name} {result.metrics[name]:.3g}" for name in _SHOWN if _is_known(result, name))
    facts = [f"{result.steps} steps", *shown]
    if result.was_finished:
        facts.append("trained before")
    elif result.resumed_at:
        facts.append(f"resumed at step {result.resumed_at}")
    return f"{result.folder}: {', '.join(facts)}"


def _estimate(recipe: "TrainRecipe", choice: "StageChoice", *, allow_evaluation: bool) -> int:
    from stepcode_pipelines.train import dry_run

    with redirect_stdout(sys.stderr):
        estimates = dry_run(recipe, choice, allow_evaluation=allow_evaluation)
    for estimate in estimates:
        print(describe(estimate))
    return 0


def _train(
    recipe: "TrainRecipe", choice: "StageChoice", out: Path, *, allow_evaluation: bool
) -> int:
    from stepcode_pipelines.train import is_main_process
    from stepcode_pipelines.train import train as run

    tells = is_main_process()

    def say(message: str) -> None:
        if tells:
            print(message, file=sys.stderr, flush=True)

    try:
        # What libraries print meanwhile is no result.
        with redirect_stdout(sys.stderr):
            results = run(
                recipe,
                choice,
                out,
                allow_evaluation=allow_evaluation,
                show_progress=tells and sys.stderr.isatty(),
                on_estimate=lambda estimate: say(describe(estimate)),
                on_message=lambda message: say(f"stepcode: {message}"),
            )
    except KeyboardInterrupt:
        raise StepcodeError(
            f"interrupted; checkpoints are kept in {out}: run the same command to go on"
        ) from None
    if tells:
        for result in results:
            print(describe_result(result))
    return 0


def _train_micro(table: dict[str, Any], out: str | None, *, dry_run: bool) -> int:
    from stepcode_pipelines.micro import run

    if dry_run:
        raise MisuseError("a recipe with [micro] has no dry run: it needs minutes and under 6 GB")
    folder = Path(out or "out/micro")
    try:
        report = run(table, folder)
    except KeyboardInterrupt:
        raise StepcodeError(
            f"interrupted; finished runs are kept in {folder}: run the same command to go on"
        ) from None
    print(report)
    return 0


def _require_extra() -> None:
    """Look for the packages without importing them, which takes seconds."""
    missing = next((name for name in _EXTRA if find_spec(name) is None), None)
    if missing is not None:
        raise MissingExtraError(
            f"stepcode train needs {missing}, which is not installed: pip install 'stepcode[train]'"
        )


def _is_known(result: "StageResult", name: str) -> bool:
    return isinstance(result.metrics.get(name), int | float)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
