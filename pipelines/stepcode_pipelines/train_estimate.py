"""What a run will need, told before it starts; and refused where the machine has less.

A dry run estimates for the hardware that the recipe assumes, and refuses nothing.
"""

from dataclasses import dataclass
from pathlib import Path

from stepcode.errors import MisuseError
from stepcode.train.estimate import Memory, estimate_memory, estimate_seconds
from stepcode.train.hardware import (
    launched_processes,
    launched_sharding,
    named_hardware,
    this_machine,
)
from stepcode.train.lengths import Lengths
from stepcode.train.models import read_config
from stepcode.train.plan import Hardware, Plan, Sharding, Stage
from stepcode.train.shape import ModelShape, read_shape
from stepcode_pipelines.train_options import Options
from stepcode_pipelines.train_plan import make_plan
from stepcode_pipelines.train_recipe import AssumeSection, TrainRecipe

_ADVICE = {
    "weights": "train a smaller model, or share its weights out: FSDP or ZeRO-3 on more processes",
    "gradients": "train LoRA adapters, --set lora.r=16, or share out with FSDP or ZeRO",
    "optimizer": "train LoRA adapters, --set lora.r=16, or share out with FSDP or ZeRO",
    "activations": "lower per_device_train_batch_size and raise gradient_accumulation_steps, or "
    "set gradient_checkpointing=true",
    "logits": "lower per_device_train_batch_size and raise gradient_accumulation_steps",
    "generation": "lower per_device_train_batch_size, steps_per_generation or "
    "max_completion_length",
    "runtime": "give vLLM a smaller vllm_gpu_memory_utilization",
}
"""What to change, by what takes most of the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEstimate:
    """What a stage will need."""

    hardware: Hardware
    plan: Plan
    lengths: Lengths
    memory: Memory
    seconds: float


def assumed_hardware(assume: AssumeSection) -> Hardware:
    """Describe what a recipe assumes: accelerators by name, else processes on this machine."""
    sharding, processes = Sharding(assume.sharding), assume.processes
    if assume.accelerator:
        return named_hardware(assume.accelerator, processes=processes, sharding=sharding)
    return this_machine(processes=processes, local_processes=processes, sharding=sharding)


def real_hardware(options: Options) -> Hardware:
    """Describe what the processes of this run have."""
    processes, local = launched_processes()
    sharding = launched_sharding(options.given)
    return this_machine(processes=processes, local_processes=local, sharding=sharding)


def find_shape(recipe: TrainRecipe, path: str) -> ModelShape | None:
    """Read the shape of a model from its folder, else take the one that the recipe has written.

    None if it is of a family whose needs are not known here.
    """
    if recipe.shape is not None and not Path(path or "-").is_dir():
        return recipe.shape
    return read_shape(read_config(path))


def estimate_stage(
    stage: Stage,
    recipe: TrainRecipe,
    options: Options,
    *,
    shape: ModelShape,
    lengths: Lengths,
    hardware: Hardware,
) -> StageEstimate:
    """Work out what a stage will need."""
    plan = make_plan(stage, recipe, options, shape=shape, lengths=lengths, hardware=hardware)
    return StageEstimate(
        hardware=hardware,
        plan=plan,
        lengths=lengths,
        memory=estimate_memory(plan, hardware),
        seconds=estimate_seconds(plan, hardware),
    )


def refuse_too_little(estimate: StageEstimate) -> None:
    """Raise MisuseError if a process needs more memory than there is for it."""
    needed, there = estimate.memory.peak, estimate.hardware.memory_bytes
    if needed <= there:
        return
    parts = estimate.memory.parts()
    largest = max(parts, key=lambda name: parts[name])
    raise MisuseError(
        f"too little memory for {estimate.plan.stage}: a process needs about {needed / 1e9:.1f} GB "
        f"({largest} {parts[largest] / 1e9:.1f}), {estimate.hardware.name} has "
        f"{there / 1e9:.1f} GB for it; {_ADVICE[largest]}"
    )
