"""Train: SFT warm-up, then Bi-Level GRPO, each from its last checkpoint if a run was ended.

    recipe -> checked options -> examples -> estimate -> SFT -> GRPO -> models

Everything that can be wrong is found before anything is loaded or written. All processes of a run
go through this; the main one alone writes records.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from stepcode.dataset.export import ExportFormat, Reasons
from stepcode.dataset.training import TrainingSet, read_training_set
from stepcode.errors import MisuseError, RecipeError
from stepcode.train.checkpoints import newest_checkpoint, wait_for_all
from stepcode.train.estimate import Stage
from stepcode.train.hardware import launched_processes
from stepcode.train.lengths import Lengths, measure_lengths
from stepcode.train.models import check_model, fingerprint_model, is_adapter, load_tokenizer
from stepcode.types import TaskKind
from stepcode_pipelines.train_estimate import (
    StageEstimate,
    assumed_hardware,
    estimate_stage,
    find_shape,
    real_hardware,
    refuse_too_little,
)
from stepcode_pipelines.train_options import (
    Options,
    check_recipe,
    require_packages,
    stage_options,
    trl_config,
)
from stepcode_pipelines.train_plan import assumed_lengths, generation_steps
from stepcode_pipelines.train_recipe import StageChoice, TrainRecipe
from stepcode_pipelines.train_run import (
    Run,
    StageRecord,
    Status,
    current_versions,
    own_folder,
    read_run,
    require_same,
    short_name,
    stage_identity,
    write_run,
)
from stepcode_pipelines.train_stage import StageResult, Work, run_stage

_FORMS = {Stage.SFT: ExportFormat.TRL_SFT, Stage.GRPO: ExportFormat.TRL_GRPO}
OnEstimate = Callable[[StageEstimate], None]
OnMessage = Callable[[str], None]
_SHORT = Lengths(examples=1, prompt=1, completion=1, longest=1)
"""The shortest there can be: what even they are too much for is refused before any download."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Prepared:
    """A stage with all that was read for it."""

    stage: Stage
    options: Options
    examples: TrainingSet
    start: str
    """The model that it starts from."""
    identity: Mapping[str, Any]  # Any: JSON


def dry_run(
    recipe: TrainRecipe, choice: StageChoice, *, allow_evaluation: bool = False
) -> list[StageEstimate]:
    """Say what stages would need on the hardware that the recipe assumes; loads no model.

    Where the recipe names no data or no model's folder, what it assumes and its shape stand in.
    """
    check_recipe(recipe)
    if recipe.shape is None or Path(recipe.model.path or "-").exists():
        check_model(recipe.model.path)
    shape, hardware = find_shape(recipe), assumed_hardware(recipe.assume)
    if shape is None:
        raise MisuseError(f"{recipe.model.path}: there is no estimate for this kind of model")
    return [
        estimate_stage(
            stage,
            recipe,
            stage_options(stage, recipe),
            shape=shape,
            lengths=_dry_lengths(stage, recipe, allow_evaluation=allow_evaluation),
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

    GRPO starts from the SFT that is in `out`, if there is one, else from the recipe's model.
    Raises MisuseError before any work for all that is wrong, too little memory included.
    """
    check_recipe(recipe)
    run = read_run(out)
    prepared: list[_Prepared] = []
    for stage in stages_of(choice):
        before = _warmup(run, prepared)
        one = _prepare(stage, recipe, out, before, allow_evaluation=allow_evaluation)
        require_same(out, run, stage, one.identity)
        prepared.append(one)
    waiting = [one for one in prepared if not _is_done(run, one.stage)]
    for one in waiting:
        _check(one, recipe, out)
        _announce(one, recipe, on_estimate, on_message)
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


def _prepare(
    stage: Stage,
    recipe: TrainRecipe,
    out: Path,
    warmup: Mapping[str, Any] | None,  # Any: JSON
    *,
    allow_evaluation: bool,
) -> _Prepared:
    """Read what a stage trains on and name its identity; `warmup` is that of the SFT before."""
    examples = _read_examples(stage, recipe, allow_evaluation=allow_evaluation)
    after_sft = stage is Stage.GRPO and warmup is not None
    start = str(out / Stage.SFT) if after_sft else recipe.model.path
    if not after_sft:
        check_model(start)
        _check_adapter(start, recipe)
    options = stage_options(stage, recipe)
    identity = stage_identity(
        stage,
        data={
            "sha256": examples.sha256,
            "split": recipe.data.split,
            "reasons": recipe.data.reasons if stage is Stage.SFT else "none",
            "kinds": sorted(recipe.data.kinds),
        },
        model={"sft": short_name(warmup)}
        if after_sft and warmup is not None
        else {"is": fingerprint_model(start), "eos_token": recipe.model.eos_token},
        options=options.given,
        lora=recipe.lora,
        advantage=asdict(recipe.advantage) if stage is Stage.GRPO else None,
        processes=launched_processes()[0],
    )
    return _Prepared(
        stage=stage, options=options, examples=examples, start=start, identity=identity
    )


def _check_adapter(path: str, recipe: TrainRecipe) -> None:
    if is_adapter(path) and recipe.lora is None:
        raise MisuseError(
            f"{path}: is a LoRA adapter, and the recipe has no [lora]: --set lora.r=N trains it "
            "further, merging it into its base model trains all parameters"
        )


def _check(one: _Prepared, recipe: TrainRecipe, out: Path) -> None:
    """Refuse what would only be found out when the stage begins."""
    require_packages(one.stage, one.options)
    newest_checkpoint(out / one.stage, short_name(one.identity))
    _config(one, out, show_progress=False)
    shape = find_shape(recipe)
    if shape is not None:
        hardware = real_hardware(one.options)
        least = replace(_SHORT, examples=one.examples.frame.height)
        refuse_too_little(
            estimate_stage(
                one.stage, recipe, one.options, shape=shape, lengths=least, hardware=hardware
            )
        )


def _announce(
    one: _Prepared, recipe: TrainRecipe, on_estimate: OnEstimate, on_message: OnMessage
) -> None:
    """Tell what a stage needs and leaves out; refuse it if that is more than there is."""
    start = one.start if Path(one.start).is_dir() else recipe.model.path
    tokenizer = load_tokenizer(start, eos_token=recipe.model.eos_token)
    cut = one.options["max_length"] if one.stage is Stage.SFT else None
    lengths = measure_lengths(one.stage, one.examples.frame, tokenizer, max_length=cut)
    if one.examples.left_out:
        on_message(f"{one.examples.left_out} examples have no {recipe.data.reasons} reasons")
    if lengths.never_answered == lengths.looked_at:
        raise MisuseError(
            f"[sft] max_length is {cut}: all {lengths.looked_at} prompts looked at are as long, so "
            "no answer would be left to learn"
        )
    if lengths.too_long:
        on_message(
            f"{lengths.too_long} of {lengths.looked_at} examples looked at are longer than "
            f"sft.max_length, {cut} tokens: their ends are cut off"
        )
    shape = find_shape(recipe)
    if shape is None:
        on_message(f"{recipe.model.path}: there is no estimate for this kind of model")
        return
    _check_vocabulary(start, tokenizer, shape.vocabulary)
    hardware = real_hardware(one.options)
    estimate = estimate_stage(
        one.stage, recipe, one.options, shape=shape, lengths=lengths, hardware=hardware
    )
    on_estimate(estimate)
    refuse_too_little(estimate)


def _check_vocabulary(path: str, tokenizer: Any, vocabulary: int) -> None:
    """Any: transformers has no types here."""
    if len(tokenizer) > vocabulary:
        raise MisuseError(
            f"{path}: its tokenizer has {len(tokenizer)} tokens, the model only {vocabulary}: they "
            "do not belong together"
        )


def _work(
    one: _Prepared, recipe: TrainRecipe, out: Path, run: Run, *, show_progress: bool
) -> tuple[StageResult, Run]:
    """Run a stage, and record that it has begun and what came of it."""
    config = _config(one, out, show_progress=show_progress)
    run = _record(out, run, one.stage, StageRecord(identity=one.identity))
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
    done = StageRecord(
        identity=one.identity, status=Status.DONE, steps=result.steps, metrics=result.metrics
    )
    return result, _record(out, run, one.stage, done)


def _config(one: _Prepared, out: Path, *, show_progress: bool) -> Any:  # Any: TRL has no types here
    every = 1
    if one.stage is Stage.GRPO:
        every = generation_steps(one.options, launched_processes()[0])
    return trl_config(
        one.stage, one.options, out / one.stage, save_every=every, show_progress=show_progress
    )


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


def _warmup(run: Run | None, prepared: Sequence[_Prepared]) -> Mapping[str, Any] | None:
    """Find the identity of the SFT that GRPO starts from: of this command, or of one before."""
    if prepared:
        return prepared[0].identity
    if run is not None and _is_done(run, Stage.SFT):
        return run.stages[Stage.SFT].identity
    return None


def _read_examples(stage: Stage, recipe: TrainRecipe, *, allow_evaluation: bool) -> TrainingSet:
    data = recipe.data
    if not data.path:
        raise RecipeError("no data is named: give --data, a dataset or an exported file")
    return read_training_set(
        Path(data.path),
        _FORMS[stage],
        split=data.split,
        reasons=Reasons(data.reasons),
        kinds=[TaskKind(kind) for kind in data.kinds],
        allow_evaluation=allow_evaluation,
    )


def _dry_lengths(stage: Stage, recipe: TrainRecipe, *, allow_evaluation: bool) -> Lengths:
    """Look at the data that is there, with the tokenizer that is there."""
    assumed = assumed_lengths(stage, recipe.assume)
    if not recipe.data.path:
        return assumed
    examples = _read_examples(stage, recipe, allow_evaluation=allow_evaluation)
    if not Path(recipe.model.path or "-").is_dir():
        return replace(assumed, examples=examples.frame.height)
    tokenizer = load_tokenizer(recipe.model.path, eos_token=recipe.model.eos_token)
    cut = stage_options(stage, recipe)["max_length"] if stage is Stage.SFT else None
    return measure_lengths(stage, examples.frame, tokenizer, max_length=cut)
