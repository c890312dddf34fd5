"""Train: SFT warm-up, then Bi-Level GRPO, each from its last checkpoint if a run was ended.

    recipe -> checked options -> examples -> estimate -> SFT -> GRPO -> models

Everything that can be wrong is found before anything is loaded or written. All processes of a run
go through this; the main one alone writes records.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from stepcode.errors import MisuseError
from stepcode.train.checkpoints import wait_for_all
from stepcode.train.models import check_model, load_tokenizer
from stepcode.train.plan import Stage
from stepcode_pipelines.train_estimate import (
    StageEstimate,
    assumed_hardware,
    estimate_stage,
    find_shape,
)
from stepcode_pipelines.train_options import check_recipe, stage_options
from stepcode_pipelines.train_prepare import (
    OnEstimate,
    OnMessage,
    Prepared,
    announce,
    check,
    dry_lengths,
    make_config,
    prepare,
    read_examples,
)
from stepcode_pipelines.train_recipe import StageChoice, TrainRecipe
from stepcode_pipelines.train_run import (
    Run,
    StageRecord,
    Status,
    current_versions,
    has_saved,
    own_folder,
    read_run,
    require_same,
    short_name,
    write_run,
)
from stepcode_pipelines.train_stage import StageResult, Work, run_stage
from stepcode_pipelines.train_untrained import missing_model, with_untrained


def dry_run(
    recipe: TrainRecipe, choice: StageChoice, *, allow_evaluation: bool = False
) -> list[StageEstimate]:
    """Say what stages would need on the hardware that the recipe assumes; loads no model.

    Where the recipe names no data or no model's folder, what it assumes and its shape stand in.
    """
    check_recipe(recipe)
    if recipe.shape is None or Path(recipe.model.path or "-").exists():
        check_model(recipe.model.path)
    shape, hardware = find_shape(recipe, recipe.model.path), assumed_hardware(recipe.assume)
    if shape is None:
        raise MisuseError(f"{recipe.model.path}: there is no estimate for this kind of model")
    return [
        estimate_stage(
            stage,
            recipe,
            stage_options(stage, recipe),
            shape=shape,
            lengths=dry_lengths(stage, recipe, allow_evaluation=allow_evaluation),
            hardware=hardware,
        )
        for stage in stages_of(choice)
    ]


def train(
    recipe: TrainRecipe,
    choice: StageChoice,
    out: Path,
    *,
    allow_evaluation: bool = False,
    show_progress: bool = False,
    on_estimate: OnEstimate = lambda estimate: None,
    on_message: OnMessage = lambda message: None,
) -> list[StageResult]:
    """Run stages in `out`, or go on with them where they were ended; what is done is left alone.

    GRPO starts from the SFT that is in `out`, if there is one, else from the recipe's model; a
    recipe that has a shape and names no model gets an untrained one.
    Raises MisuseError before any work for all that is wrong, too little memory included.
    """
    check_recipe(recipe)
    run = read_run(out)
    shape = missing_model(recipe)
    if shape is not None:
        first = stages_of(choice)[0]
        examples = read_examples(first, recipe, allow_evaluation=allow_evaluation)
        recipe = with_untrained(recipe, shape, out, examples, is_new=not has_saved(out, run))
    prepared: list[Prepared] = []
    for stage in stages_of(choice):
        before = _warmup(run, prepared)
        one = prepare(stage, recipe, out, before, allow_evaluation=allow_evaluation)
        require_same(out, run, stage, one.identity)
        prepared.append(one)
    waiting = [one for one in prepared if not _is_done(run, one.stage)]
    for one in waiting:
        check(one, recipe, out)
        announce(one, recipe, on_estimate, on_message)
    if not waiting:
        return [_finished(run, one.stage, out) for one in prepared if run is not None]
    with ExitStack() as stack:
        if is_main_process():
            stack.enter_context(own_folder(out))
        record = _open_run(recipe, out, run)
        results = []
        for one in prepared:
            if _is_done(record, one.stage):
                results.append(_finished(record, one.stage, out))
                continue
            result, record = _work(one, recipe, out, record, show_progress=show_progress)
            results.append(result)
        return results


def stages_of(choice: StageChoice) -> tuple[Stage, ...]:
    """List the stages of a choice, in their order."""
    if choice is StageChoice.ALL:
        return (Stage.SFT, Stage.GRPO)
    return (Stage(choice.value),)


def is_main_process() -> bool:
    """Whether this is the one process, of those that torchrun started, that tells and writes."""
    return os.environ.get("RANK", "0") == "0"


def _work(
    one: Prepared, recipe: TrainRecipe, out: Path, run: Run, *, show_progress: bool
) -> tuple[StageResult, Run]:
    """Run a stage, and record that it has begun and what came of it."""
    config = make_config(one, out, show_progress=show_progress)
    begun = StageRecord(identity=one.identity, origin=one.examples.origin)
    run = _record(out, run, one.stage, begun)
    work = Work(
        stage=one.stage,
        options=one.options,
        config=config,
        tokenizer=load_tokenizer(one.start, eos_token=recipe.model.eos_token),
        examples=one.examples,
        start=one.start,
        name=short_name(one.identity),
    )
    result = run_stage(work, recipe)
    done = replace(begun, status=Status.DONE, steps=result.steps, metrics=result.metrics)
    return result, _record(out, run, one.stage, done)


def _open_run(recipe: TrainRecipe, out: Path, run: Run | None) -> Run:
    """Take over a folder, which has to be as it was looked at."""
    if is_main_process() and read_run(out) != run:
        raise MisuseError(f"{out}: another run has just written here; run the command again")
    wait_for_all()
    stages = run.stages if run else {}
    return Run(recipe=recipe.to_record(), versions=current_versions(), stages=stages)


def _record(out: Path, run: Run, stage: Stage, record: StageRecord) -> Run:
    changed = replace(run, stages={**run.stages, stage: record})
    wait_for_all()
    if is_main_process():
        write_run(out, changed)
    return changed


def _finished(run: Run, stage: Stage, out: Path) -> StageResult:
    there = run.stages[stage]
    return StageResult(
        stage=stage,
        folder=out / stage,
        steps=there.steps,
        metrics=there.metrics,
        was_finished=True,
    )


def _is_done(run: Run | None, stage: Stage) -> bool:
    return run is not None and stage in run.stages and run.stages[stage].status is Status.DONE


def _warmup(run: Run | None, prepared: Sequence[Prepared]) -> Mapping[str, Any] | None:
    """Find the identity of the SFT that GRPO starts from: of this command, or of one before."""
    if prepared:
        return prepared[0].identity
    if run is not None and _is_done(run, Stage.SFT):
        return run.stages[Stage.SFT].identity
    return None
