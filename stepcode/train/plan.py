"""What a stage of training does and what it has to do it with, in numbers."""

from dataclasses import dataclass
from enum import StrEnum

from stepcode.train.shape import ModelShape


class Stage(StrEnum):
    """Which training it is."""

    SFT = "sft"
    GRPO = "grpo"


class Sharding(StrEnum):
    """What processes keep only their share of."""

    NONE = "none"
    ZERO1 = "zero1"
    """Optimizer states."""
    ZERO2 = "zero2"
    """Gradients too."""
    ZERO3 = "zero3"
    """Weights too, by DeepSpeed."""
    FSDP = "fsdp"
    """Weights too, by PyTorch."""

    @property
    def splits_weights(self) -> bool:
        """Whether no process has a whole model at rest."""
        return self in (Sharding.ZERO3, Sharding.FSDP)

    @property
    def splits_gradients(self) -> bool:
        """Whether a process has only its share of the gradients."""
        return self.splits_weights or self is Sharding.ZERO2


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """What a run uses, or is meant to use."""

    name: str
    processes: int
    memory_bytes: int
    """Of one process."""
    flops: float
    """Floating-point operations a second of one process, at best, in the precision used."""
    bandwidth: float
    """Bytes a second between memory and processor, of one process."""
    is_gpu: bool
    sharding: Sharding = Sharding.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one stage of training will do, on each process."""

    stage: Stage
    shape: ModelShape
    trainable: int
    """Parameters that are trained: all of them, or LoRA's."""
    weight_bytes: int
    """Of one parameter: 4 in float32, 2 in bfloat16."""
    autocast: bool
    """Whether float32 weights are multiplied in bfloat16."""
    checkpointing: bool
    """Whether layers are computed again in the backward pass instead of kept."""
    optimizer_bytes: int
    """Of the states of one trained parameter."""
    accumulates: bool
    """Whether several forward passes make one step."""
    batch: int
    """Sequences of one forward pass."""
    longest: int
    """Tokens of the longest sequence, prompt and completion."""
    mean: float
    """Tokens of a sequence on average."""
    completion: int = 0
    """Tokens of the longest completion; of use to GRPO only."""
    generated: int = 0
    """Sequences that are generated at a time."""
    sequences: int
    """Sequences that all processes go through in the whole run, repeats counted."""
    passes: int = 1
    """How often each is trained on before the next are generated."""
    reference: bool = False
    """Whether a second, frozen model is kept."""
    vllm_share: float = 0.0
    """Of the accelerator's memory that vLLM takes beside training."""
    steps: int
    """Optimizer steps."""
