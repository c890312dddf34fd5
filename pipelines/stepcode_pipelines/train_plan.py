"""What a stage will do, in numbers: from a recipe, the lengths of its examples, and the hardware.

Options that a recipe leaves out have TRL's defaults, but for those that only a GPU can do.
"""

import math
from typing import Any

from stepcode.errors import RecipeError
from stepcode.train.lengths import Lengths
from stepcode.train.plan import Hardware, Plan, Stage
from stepcode.train.shape import LINEAR, ModelShape
from stepcode_pipelines.train_options import Options
from stepcode_pipelines.train_recipe import AssumeSection, TrainRecipe


def make_plan(
    stage: Stage,
    recipe: TrainRecipe,
    options: Options,
    *,
    shape: ModelShape,
    lengths: Lengths,
    hardware: Hardware,
) -> Plan:
    """Work out batches, steps and precision."""
    trainable = _trainable(recipe, shape)
    weight_bytes = 4 if _dtype(options) == "float32" else 2
    halves = hardware.is_gpu if options["bf16"] is None else bool(options["bf16"])
    given = "gradient_checkpointing" in options.given
    checkpointing = bool(options["gradient_checkpointing"]) and (hardware.is_gpu or given)
    common: dict[str, Any] = {
        "stage": stage,
        "shape": shape,
        "trainable": trainable,
        "weight_bytes": weight_bytes,
        "autocast": halves and weight_bytes == 4,
        "checkpointing": checkpointing,
        "optimizer_bytes": _optimizer_bytes(
            str(options["optim"]), 4 if trainable < shape.parameters else weight_bytes
        ),
        "accumulates": options["gradient_accumulation_steps"] > 1,
        "batch": options["per_device_train_batch_size"],
    }
    if stage is Stage.SFT:
        return _sft_plan(options, lengths, hardware, common)
    return _grpo_plan(options, lengths, hardware, common)


def _sft_plan(
    options: Options, lengths: Lengths, hardware: Hardware, common: dict[str, Any]
) -> Plan:
    cut = options["max_length"] or lengths.longest
    at_once = common["batch"] * hardware.processes
    steps = _steps(options, math.ceil(lengths.examples / at_once))
    return Plan(
        **common,
        longest=min(lengths.longest, cut),
        mean=min(lengths.prompt + lengths.completion, cut),
        sequences=steps * at_once * options["gradient_accumulation_steps"],
        steps=steps,
    )


def _grpo_plan(
    options: Options, lengths: Lengths, hardware: Hardware, common: dict[str, Any]
) -> Plan:
    group, passes = options["num_generations"], options["num_iterations"]
    generations = _generations(options, hardware.processes)
    at_once = common["batch"] * hardware.processes
    if at_once * generations % group:
        raise RecipeError(
            f"[grpo] {at_once * generations} completions are generated at a time "
            "(per_device_train_batch_size x processes x steps_per_generation): expected a multiple "
            f"of num_generations, {group}"
        )
    rounds = lengths.examples // (at_once * generations // group)
    if not rounds:
        raise RecipeError(
            f"[grpo] the {lengths.examples} examples are too few for one round of "
            f"{at_once * generations // group} prompts: lower gradient_accumulation_steps"
        )
    steps = _steps(options, rounds * generations * passes)
    longest = options["max_completion_length"]
    return Plan(
        **common,
        longest=lengths.longest + longest,
        mean=lengths.prompt + min(lengths.completion, longest),
        completion=longest,
        generated=common["batch"] * generations,
        sequences=steps * at_once * options["gradient_accumulation_steps"] // passes,
        passes=passes,
        reference=bool(options["beta"]) and common["trainable"] == common["shape"].parameters,
        vllm_share=_vllm_share(options),
        steps=steps,
    )


def generation_steps(options: Options, processes: int) -> int:
    """Count the optimizer steps after which new completions are due, at least 1."""
    rounds = _generations(options, processes) * int(options["num_iterations"])
    accumulation = int(options["gradient_accumulation_steps"])
    return math.lcm(rounds, accumulation) // accumulation


def _generations(options: Options, processes: int) -> int:
    """Count the batches of a process that are generated at a time."""
    whole = options["generation_batch_size"]
    if whole:
        return max(1, int(whole) // int(options["per_device_train_batch_size"]) // processes)
    return int(options["steps_per_generation"] or options["gradient_accumulation_steps"])


def _vllm_share(options: Options) -> float:
    if not options["use_vllm"] or options["vllm_mode"] != "colocate":
        return 0.0
    return float(options["vllm_gpu_memory_utilization"])


def _steps(options: Options, batches: int) -> int:
    """Count the optimizer steps of a run whose epochs have so many batches."""
    if options["max_steps"] > 0:
        return int(options["max_steps"])
    in_epoch = max(1, math.ceil(batches / int(options["gradient_accumulation_steps"])))
    return math.ceil(in_epoch * float(options["num_train_epochs"]))


def _dtype(options: Options) -> str:
    init = options["model_init_kwargs"] or {}
    return str(init.get("dtype", "float32"))


def _trainable(recipe: TrainRecipe, shape: ModelShape) -> int:
    if recipe.lora is None:
        return shape.parameters
    targets = recipe.lora.get("target_modules") or ("q_proj", "v_proj")
    if targets == "all-linear":
        targets = LINEAR
    named = [targets] if isinstance(targets, str) else targets
    return shape.lora_parameters(int(recipe.lora.get("r", 8)), named)


def _optimizer_bytes(name: str, parameter_bytes: int) -> int:
    if "8bit" in name:
        return 2
    if name.startswith(("sgd", "adafactor", "OptimizerNames.SGD")):
        return 0
    return 2 * parameter_bytes


def assumed_lengths(stage: Stage, assume: AssumeSection) -> Lengths:
    """Take the lengths that a recipe assumes, with the longest twice as long as the others."""
    whole = assume.prompt_tokens + (assume.completion_tokens if stage is Stage.SFT else 0)
    return Lengths(
        examples=assume.examples,
        prompt=assume.prompt_tokens,
        completion=assume.completion_tokens,
        longest=2 * whole,
    )
