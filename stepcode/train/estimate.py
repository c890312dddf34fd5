"""How much memory and time a training run will need, from shapes and settings alone.

Bytes are those of the fullest process. They are worked out from what PyTorch keeps: weights,
gradients and optimizer states by their precision and how they are shared out; what a layer keeps
for its backward pass, counted tensor by tensor in transformers' code; the tiles that TRL's fused
output layer works in; and the keys and values of generation. Measured peaks of small models on CPU
are within `TOLERANCE`; a GPU's allocator adds fragments of its own.

Times are floating-point operations and bytes moved, at a share of what the hardware can do. They
are right within a factor of two, no better: kernels, links and the length of answers decide.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum

from stepcode.train.shape import ModelShape

TOLERANCE = 0.25
"""How far a measured peak was from its estimate, at most, as a share of it."""

_TILE_TOKENS, _TILE_VOCABULARY = 4096, 32768
"""Of one tile of logits in TRL's fused output layer."""
_TRAINING_SHARE, _BANDWIDTH_SHARE = 0.4, 0.6
"""Of the hardware's peak, which training and decoding usually reach."""
_LAUNCH_SECONDS = 0.0005
"""What transformers needs to launch one layer of one decoding step, however small it is."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Bytes of the fullest process, by what they hold."""

    weights: float
    gradients: float
    optimizer: float
    activations: float
    logits: float
    generation: float
    """Keys and values of what is generated; it is over before training begins."""
    runtime: float
    """Python, PyTorch and its libraries; vLLM, where it shares the accelerator."""

    @property
    def peak(self) -> float:
        """What a process needs at its fullest: training, or generating."""
        resting = self.weights + self.optimizer + self.runtime
        training = self.gradients + self.activations + self.logits
        return resting + max(training, self.generation)

    def parts(self) -> dict[str, float]:
        """Name what takes the memory."""
        return asdict(self)


def estimate_memory(plan: Plan, hardware: Hardware) -> Memory:
    """Say how much memory the fullest process needs."""
    shape, sharding, processes = plan.shape, hardware.sharding, hardware.processes
    weights = _share(shape.parameters * plan.weight_bytes, processes, sharding.splits_weights)
    if plan.trainable < shape.parameters:
        weights += 4 * plan.trainable  # adapters come in float32
    if plan.reference:
        weights *= 2
    trained_bytes = plan.weight_bytes if plan.trainable == shape.parameters else 4
    gradients = plan.trainable * trained_bytes
    states = plan.trainable * _state_bytes(plan, sharding)
    return Memory(
        weights=weights + _gathered(plan, sharding),
        gradients=_share(gradients, processes, sharding.splits_gradients),
        optimizer=_share(states, processes, sharding is not Sharding.NONE),
        activations=_activations(plan),
        logits=_logits(plan, is_gpu=hardware.is_gpu),
        generation=_generation(plan, sharding),
        runtime=_RUNTIME_GPU + plan.vllm_share * hardware.memory_bytes
        if hardware.is_gpu
        else _RUNTIME_CPU,
    )


_RUNTIME_CPU, _RUNTIME_GPU = 0.8e9, 1.0e9


def estimate_seconds(plan: Plan, hardware: Hardware) -> float:
    """Say how long all steps take, without loading the model and writing checkpoints."""
    speed = hardware.flops * _TRAINING_SHARE
    mine = plan.sequences / hardware.processes
    seconds = mine * plan.mean * _training_flops(plan) * plan.passes / speed
    if plan.stage is Stage.SFT:
        return seconds
    if plan.reference:
        seconds += mine * plan.mean * 2 * plan.shape.multiplied / speed
    return seconds + mine / plan.generated * _decoding_seconds(plan, hardware)


def _share(size: float, processes: int, split: bool) -> float:
    return size / processes if split else size


def _state_bytes(plan: Plan, sharding: Sharding) -> int:
    """DeepSpeed keeps a float32 copy of bfloat16 weights beside the states."""
    copies = sharding in (Sharding.ZERO1, Sharding.ZERO2, Sharding.ZERO3) and plan.weight_bytes == 2
    return 12 if copies else plan.optimizer_bytes


def _gathered(plan: Plan, sharding: Sharding) -> float:
    """What of split weights is whole for a moment: the largest layer and the next."""
    if not sharding.splits_weights:
        return 0
    shape = plan.shape
    layer = (shape.parameters - shape.vocabulary * shape.hidden) / shape.layers
    return 2 * max(layer * 2, shape.vocabulary * shape.hidden)


def _layer_bytes(plan: Plan) -> float:
    """What one layer keeps of one token for its backward pass, as counted on transformers' Qwen2.

    Norms work in float32; then come queries, keys, values and the result of attention; then the
    four inner tensors of the MLP.
    """
    shape = plan.shape
    attention = 2 * shape.query_width + 2 * shape.key_width
    if plan.weight_bytes == 2:
        return 16 * shape.hidden + 2 * attention + 8 * shape.intermediate
    if plan.autocast:
        return 20 * shape.hidden + 4 * attention + 8 * shape.intermediate
    return 24 * shape.hidden + 4 * attention + 16 * shape.intermediate


def _activations(plan: Plan) -> float:
    """Kept layers, with one layer more for the gradients that pass through in backward."""
    tokens = plan.batch * plan.longest
    layer = _layer_bytes(plan)
    if not plan.checkpointing:
        return tokens * layer * (plan.shape.layers + 1)
    kept = plan.shape.hidden * (2 if plan.weight_bytes == 2 else 4)
    return tokens * (kept * plan.shape.layers + 2 * layer)


def _logits(plan: Plan, *, is_gpu: bool) -> float:
    """Tiles of logits, and the float32 gradients of the output layer and of what goes into it.

    Without Triton a tile is worked on by PyTorch, which holds several of it.
    """
    shape, tokens = plan.shape, plan.batch * plan.longest
    tile = min(tokens, _TILE_TOKENS) * min(shape.vocabulary, _TILE_VOCABULARY)
    tiles = tile * (4 if is_gpu else 6 * 4)
    output_layer = 4 * shape.vocabulary * shape.hidden if plan.trainable == shape.parameters else 0
    return tiles + output_layer + 4 * tokens * shape.hidden


def _generation(plan: Plan, sharding: Sharding) -> float:
    """Keys, values and the last logits of all sequences; vLLM counts its own."""
    if plan.stage is Stage.SFT or plan.vllm_share:
        return 0
    shape = plan.shape
    width = 2 if plan.autocast or plan.weight_bytes == 2 else 4
    # A cache that grows is copied into a larger one.
    cache = 2 * shape.layers * shape.key_width * width * plan.longest * plan.generated
    logits = 3 * 4 * plan.generated * shape.vocabulary
    prompts = plan.generated * (plan.longest - plan.completion) * _layer_bytes(plan)
    whole = shape.parameters * plan.weight_bytes if sharding.splits_weights else 0
    return cache + logits + prompts + whole


def _training_flops(plan: Plan) -> float:
    """Operations for one token, forward and backward; with LoRA most weights need no gradient."""
    forward = 2 * plan.shape.multiplied + 2 * plan.shape.layers * plan.shape.query_width * plan.mean
    times = 3 if plan.trainable == plan.shape.parameters else 2
    return forward * (times + (1 if plan.checkpointing else 0))


def _decoding_seconds(plan: Plan, hardware: Hardware) -> float:
    """Time to generate one batch, a token after the other, each time reading all weights."""
    shape = plan.shape
    width = 2 if plan.autocast or plan.weight_bytes == 2 else 4
    cache = shape.layers * 2 * shape.key_width * width * plan.mean * plan.generated
    reading = (shape.parameters * plan.weight_bytes + cache) / hardware.bandwidth / _BANDWIDTH_SHARE
    computing = plan.generated * 2 * shape.multiplied / hardware.flops / _TRAINING_SHARE
    launching = 0.0 if plan.vllm_share else shape.layers * _LAUNCH_SECONDS
    tokens = plan.completion if plan.completion else 1
    prompts = plan.generated * max(plan.mean - tokens, 0) * 2 * shape.multiplied
    return tokens * max(reading, computing, launching) + prompts / hardware.flops / _TRAINING_SHARE
