"""The options of a stage: a recipe's own, checked, with TRL's defaults behind them.

What only a GPU can do is off on a CPU, where TRL would turn it on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stepcode.errors import MissingExtraError, RecipeError, nearest
from stepcode.train.advantage import AdvantageMode
from stepcode.train.hardware import uses_gpu
from stepcode.train.options import check_options, make_config
from stepcode.train.plan import Stage
from stepcode.train.supported import refuse_settings
from stepcode_pipelines.sections import unknown
from stepcode_pipelines.train_recipe import TrainRecipe

_NONE = ("none", "all")
_BITSANDBYTES = ("_8bit", "paged_", "_bnb")
"""What the names of its optimizers have; torchao's are `adamw_torch_8bit` and the like."""
_COUNTS = (
    *("per_device_train_batch_size", "gradient_accumulation_steps", "max_length"),
    *("num_generations", "num_iterations", "steps_per_generation", "generation_batch_size"),
    "max_completion_length",
)
"""Options that are divided by, or that nothing can be done with none of."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one stage: those that a recipe gives, else the defaults of TRL's class."""

    given: Mapping[str, Any]  # Any, here and below: TOML, and a class without types
    kind: Any

    def __getitem__(self, name: str) -> Any:
        """Take the value that a run would have."""
        if name in self.given:
            return self.given[name]
        item = self.kind.__dataclass_fields__[name]
        return item.default if item.default_factory is MISSING else item.default_factory()


def stage_options(stage: Stage, recipe: TrainRecipe) -> Options:
    """Take the options of a stage from a recipe."""
    from trl import GRPOConfig, SFTConfig

    if stage is Stage.SFT:
        return Options(recipe.sft, SFTConfig)
    return Options(recipe.grpo, GRPOConfig)


def check_recipe(recipe: TrainRecipe) -> None:
    """Refuse unknown options and words of any section, whichever stages are to run."""
    for stage in Stage:
        options = stage_options(stage, recipe)
        check_options(stage.value, options.given, options.kind)
        for name in _COUNTS:
            if options.given.get(name, 1) < 1:
                value = options.given[name]
                raise RecipeError(f"[{stage}] {name} is {value}: expected 1 or more")
    if recipe.lora is not None:
        from peft import LoraConfig

        check_options("lora", recipe.lora, LoraConfig)
    modes = [mode.value for mode in AdvantageMode]
    if recipe.advantage.mode not in modes:
        raise RecipeError(f"[advantage] {unknown('mode', recipe.advantage.mode, modes)}")


def require_packages(stage: Stage, options: Options) -> None:
    """Raise MissingExtraError for a package that the options of a stage need and nobody has."""
    _check_reporters(stage, options["report_to"])
    optimizer = str(options["optim"])
    is_theirs = any(part in optimizer for part in _BITSANDBYTES) and "torch" not in optimizer
    if is_theirs and find_spec("bitsandbytes") is None:
        raise MissingExtraError(
            f"[{stage}] optim is {optimizer!r}, which needs bitsandbytes: pip install bitsandbytes"
        )
    if stage is Stage.GRPO and options["use_vllm"] and find_spec("vllm") is None:
        raise MissingExtraError(
            "[grpo] use_vllm needs vllm, which is not installed: pip install 'trl[vllm]', or "
            "--set grpo.use_vllm=false"
        )


def lora_config(recipe: TrainRecipe) -> Any:
    """Make peft's configuration; None if all parameters are trained."""
    if recipe.lora is None:
        return None
    from peft import LoraConfig

    return make_config("lora", {"task_type": "CAUSAL_LM", **recipe.lora}, LoraConfig)


def trl_config(
    stage: Stage, options: Options, folder: Path, *, save_every: int, show_progress: bool
) -> Any:
    """Make TRL's configuration for a stage that runs in `folder`.

    `save_every` is the number of steps that checkpoints have to be a multiple of. Raises
    RecipeError where TRL refuses a value.
    """
    defaults: dict[str, Any] = {
        "report_to": "none",
        # Every trained parameter takes part in every step; looking for others costs a pass.
        "ddp_find_unused_parameters": False,
    }
    if not uses_gpu():
        defaults |= {"use_cpu": True, "bf16": False, "gradient_checkpointing": False}
    if stage is Stage.SFT:
        defaults |= {"completion_only_loss": True}
    given = defaults | dict(options.given)
    steps = options["save_steps"]
    if steps >= 1:
        given["save_steps"] = -(-int(steps) // save_every) * save_every
    elif save_every > 1:
        raise RecipeError(f"[{stage}] save_steps is {steps}: expected a multiple of {save_every}")
    # Ours drop old checkpoints once a newer one is known to be whole.
    given.pop("save_total_limit", None)
    ours = {"output_dir": str(folder), "disable_tqdm": not show_progress}
    config = make_config(stage.value, given, options.kind, **ours)
    if stage is Stage.GRPO:
        refuse_settings(config)
    return config


def _check_reporters(stage: Stage, names: str | Iterable[str] | None) -> None:
    from transformers.integrations import get_available_reporting_integrations
    from transformers.integrations.integration_utils import INTEGRATION_TO_CALLBACK

    wanted = [names] if isinstance(names, str) else names or ()
    known = [*INTEGRATION_TO_CALLBACK, *_NONE]
    for name in wanted:
        if name not in known:
            hint = nearest(name, known)
            raise RecipeError(f"[{stage}] report_to: transformers knows no '{name}'{hint}")
        if name not in (*_NONE, *get_available_reporting_integrations()):
            raise MissingExtraError(f"[{stage}] report_to needs {name}: pip install {name}")
