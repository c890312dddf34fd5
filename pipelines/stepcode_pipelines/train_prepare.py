"""A stage before it runs: what it reads, what it starts from, and all that can be wrong with it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from stepcode.dataset.export import ExportFormat, Reasons
from stepcode.dataset.training import TrainingSet, read_training_set
from stepcode.errors import MisuseError, RecipeError
from stepcode.execute.isolate import choose_isolation
from stepcode.train.checkpoints import newest_checkpoint
from stepcode.train.hardware import launched_processes
from stepcode.train.lengths import Lengths, measure_lengths
from stepcode.train.models import check_model, fingerprint_model, is_adapter, load_tokenizer
from stepcode.train.plan import Stage
from stepcode.types import TaskKind
from stepcode_pipelines.train_estimate import (
    StageEstimate,
    estimate_stage,
    find_shape,
    real_hardware,
    refuse_too_little,
)
from stepcode_pipelines.train_options import Options, require_packages, stage_options, trl_config
from stepcode_pipelines.train_plan import assumed_lengths, generation_steps
from stepcode_pipelines.train_recipe import TrainRecipe
from stepcode_pipelines.train_run import short_name, stage_identity

OnEstimate = Callable[[StageEstimate], None]
OnMessage = Callable[[str], None]

_FORMS = {Stage.SFT: ExportFormat.TRL_SFT, Stage.GRPO: ExportFormat.TRL_GRPO}

_SHORT = Lengths(examples=1, prompt=1, completion=1, longest=1)
"""The shortest there can be: what even they are too much for is refused before any download."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """A stage with all that was read for it."""

    stage: Stage
    options: Options
    examples: TrainingSet
    start: str
    """The model that it starts from; the result of SFT may not be there yet."""
    alike: str
    """A model that is there, of the same shape and with the same tokens."""
    identity: Mapping[str, Any]  # Any: JSON


def prepare(
    stage: Stage,
    recipe: TrainRecipe,
    out: Path,
    warmup: Mapping[str, Any] | None,  # Any: JSON
    *,
    allow_evaluation: bool,
) -> Prepared:
    """Read what a stage trains on and name its identity; `warmup` is that of the SFT before."""
    examples = read_examples(stage, recipe, allow_evaluation=allow_evaluation)
    options = stage_options(stage, recipe)
    if stage is Stage.SFT or warmup is None:
        start = alike = recipe.model.path
        check_model(start)
        _check_adapter(start, recipe)
        model = {"is": fingerprint_model(start), "eos_token": recipe.model.eos_token}
    else:
        start = str(out / Stage.SFT)
        alike = recipe.model.path or start
        model = {"sft": short_name(warmup)}
    identity = stage_identity(
        stage,
        data={
            "sha256": examples.sha256,
            "split": recipe.data.split,
            "reasons": recipe.data.reasons if stage is Stage.SFT else "none",
            "kinds": sorted(recipe.data.kinds),
        },
        model=model,
        options=options.given,
        lora=recipe.lora,
        advantage=asdict(recipe.advantage) if stage is Stage.GRPO else None,
        processes=launched_processes()[0],
    )
    return Prepared(
        stage=stage,
        options=options,
        examples=examples,
        start=start,
        alike=alike,
        identity=identity,
    )


def _check_adapter(path: str, recipe: TrainRecipe) -> None:
    if is_adapter(path) and recipe.lora is None:
        raise MisuseError(
            f"{path}: is a LoRA adapter, and the recipe has no [lora]: --set lora.r=N trains it "
            "further, merging it into its base model trains all parameters"
        )


def check(one: Prepared, recipe: TrainRecipe, out: Path) -> None:
    """Refuse what would only be found out when the stage begins."""
    require_packages(one.stage, one.options)
    if one.stage is Stage.GRPO and TaskKind.INPUT.value in recipe.data.kinds:
        _require_sandbox()
    newest_checkpoint(out / one.stage, short_name(one.identity))
    make_config(one, out, show_progress=False)
    shape = find_shape(recipe, one.alike)
    if shape is not None:
        hardware = real_hardware(one.options)
        least = replace(_SHORT, examples=one.examples.frame.height)
        refuse_too_little(
            estimate_stage(
                one.stage, recipe, one.options, shape=shape, lengths=least, hardware=hardware
            )
        )


def _require_sandbox() -> None:
    """In input prediction the calls that a model proposes are run."""
    try:
        choose_isolation(None)
    except MisuseError as error:
        raise MisuseError(
            "GRPO on input prediction runs what a model proposes, and programs cannot be isolated "
            "here, see `stepcode doctor`; --set \"data.kinds=['output']\" trains without"
        ) from error


def announce(
    one: Prepared, recipe: TrainRecipe, on_estimate: OnEstimate, on_message: OnMessage
) -> None:
    """Tell what a stage needs and leaves out; refuse it if that is more than there is."""
    tokenizer = load_tokenizer(one.alike, eos_token=recipe.model.eos_token)
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
    shape = find_shape(recipe, one.alike)
    if shape is None:
        on_message(f"{one.alike}: there is no estimate for this kind of model")
        return
    _check_vocabulary(one.alike, tokenizer, shape.vocabulary)
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


def make_config(one: Prepared, out: Path, *, show_progress: bool) -> Any:
    """Make TRL's configuration for a stage of a run in `out`. Any: TRL has no types here."""
    every = 1
    if one.stage is Stage.GRPO:
        every = generation_steps(one.options, launched_processes()[0])
    return trl_config(
        one.stage, one.options, out / one.stage, save_every=every, show_progress=show_progress
    )


def read_examples(stage: Stage, recipe: TrainRecipe, *, allow_evaluation: bool) -> TrainingSet:
    """Read what the recipe's data holds for a stage."""
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


def dry_lengths(stage: Stage, recipe: TrainRecipe, *, allow_evaluation: bool) -> Lengths:
    """Look at the data that is there, with the tokenizer that is there."""
    assumed = assumed_lengths(stage, recipe.assume)
    if not recipe.data.path:
        return assumed
    examples = read_examples(stage, recipe, allow_evaluation=allow_evaluation)
    if not Path(recipe.model.path or "-").is_dir():
        return replace(assumed, examples=examples.frame.height)
    tokenizer = load_tokenizer(recipe.model.path, eos_token=recipe.model.eos_token)
    cut = stage_options(stage, recipe)["max_length"] if stage is Stage.SFT else None
    return measure_lengths(stage, examples.frame, tokenizer, max_length=cut)
