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

from stepcode.train.plan import Hardware, Plan, Sharding, Stage

TOLERANCE = 0.25
"""How far a measured peak was from its estimate, at most, as a share of it."""

_TILE_TOKENS, _TILE_VOCABULARY = 4096, 32768
"""Of one tile of logits in TRL's fused output layer."""
_TRAINING_SHARE, _BANDWIDTH_SHARE = 0.4, 0.6
"""Of the hardware's peak, which training and decoding usually reach."""
_LAUNCH_SECONDS = 0.0005
"""What transformers needs to launch one layer, however small it is."""
_RUNTIME_CPU, _RUNTIME_GPU = 0.65e9, 1.0e9
"""Of Python with all libraries loaded; on a GPU, of its context."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Bytes of the fullest process, by what they hold; not all at the same time."""

    weights: float
    gradients: float
    optimizer: float
    activations: float
    logits: float
    generation: float
    """Keys and values of what is generated; it is over before training begins."""
    runtime: float
    """Python, PyTorch and its libraries; vLLM, where it shares the accelerator."""
    peak: float
    """At the fullest moment."""

    def parts(self) -> dict[str, float]:
        """Name what takes the memory."""
        return {name: size for name, size in asdict(self).items() if name != "peak"}


def estimate_memory(plan: Plan, hardware: Hardware) -> Memory:
    """Say how much memory the fullest process needs.

    It is fullest when the backward pass begins, with all activations there and the logits worked
    on; gradients come after the logits, unless some are there from an earlier batch.
    """
    held = _held(plan, hardware)
    activations = _activations(plan, hardware)
    logits = _logits(plan, is_gpu=hardware.is_gpu)
    generation = _generation(plan, hardware)
    gradients = held["gradients"]
    ending = gradients + logits if plan.accumulates else max(gradients, logits)
    resting = held["weights"] + held["optimizer"] + held["runtime"]
    return Memory(
        **held,
        activations=activations,
        logits=logits,
        generation=generation,
        peak=resting + max(activations + ending, generation),
    )


def _held(plan: Plan, hardware: Hardware) -> dict[str, float]:
    """What is there throughout."""
    shape, sharding, processes = plan.shape, hardware.sharding, hardware.processes
    trains_all = plan.trainable == shape.parameters
    weights = _share(shape.parameters * plan.weight_bytes, processes, sharding.splits_weights)
    weights = weights * (2 if plan.reference else 1) + _gathered(plan, sharding)
    if not trains_all:
        weights += 4 * plan.trainable  # adapters come in float32
    gradients = plan.trainable * (plan.weight_bytes if trains_all else 4)
    if processes > 1 and sharding is Sharding.NONE:
        gradients *= 2  # DDP sends copies
    states = plan.trainable * _state_bytes(plan, sharding)
    vllm = plan.vllm_share * hardware.memory_bytes
    return {
        "weights": weights,
        "gradients": _share(gradients, processes, sharding.splits_gradients),
        "optimizer": _share(states, processes, sharding is not Sharding.NONE),
        "runtime": _RUNTIME_GPU + vllm if hardware.is_gpu else _RUNTIME_CPU,
    }


def estimate_seconds(plan: Plan, hardware: Hardware) -> float:
    """Say how long all steps take, without loading the model and writing checkpoints."""
    speed = hardware.flops * _TRAINING_SHARE
    mine = plan.sequences / hardware.processes
    seconds = mine * plan.mean * _training_flops(plan) * plan.passes / speed
    # Forward, and backward, which launches twice as much; more again with checkpointing.
    seconds += mine / plan.batch * plan.passes * 4 * plan.shape.layers * _LAUNCH_SECONDS
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


def _activations(plan: Plan, hardware: Hardware) -> float:
    """What all layers keep, with one layer more for the gradients that pass through in backward.

    A layer also keeps the mask of padded batches, as numbers; and autocast keeps a copy in bfloat16
    of whole weights.
    """
    tokens = plan.batch * plan.longest
    layer = tokens * (_layer_bytes(plan) + plan.longest * (2 if hardware.is_gpu else 4))
    copies = plan.autocast and not hardware.sharding.splits_weights
    cast = 2 * plan.shape.parameters if copies else 0
    if not plan.checkpointing:
        return cast + layer * (plan.shape.layers + 1)
    kept = plan.shape.hidden * (2 if plan.weight_bytes == 2 else 4)
    return cast + tokens * kept * plan.shape.layers + 2 * layer


def _logits(plan: Plan, *, is_gpu: bool) -> float:
    """A tile of logits, and the float32 gradients of the output layer and of what goes into it.

    Without Triton, PyTorch works on a tile and holds eight and a half of it.
    """
    shape, tokens = plan.shape, plan.batch * plan.longest
    tile = min(tokens, _TILE_TOKENS) * min(shape.vocabulary, _TILE_VOCABULARY)
    output_layer = 4 * shape.vocabulary * shape.hidden if plan.trainable == shape.parameters else 0
    return tile * (4 if is_gpu else 34) + output_layer + 4 * tokens * shape.hidden


def _generation(plan: Plan, hardware: Hardware) -> float:
    """Keys, values and the last logits of all sequences; vLLM counts its own."""
    if plan.stage is Stage.SFT or plan.vllm_share:
        return 0
    shape = plan.shape
    width = 2 if plan.autocast or plan.weight_bytes == 2 else 4
    # A cache that grows is copied into a larger one.
    cache = 2 * shape.layers * shape.key_width * width * plan.longest * plan.generated
    logits = 3 * 4 * plan.generated * shape.vocabulary
    prompts = plan.generated * (plan.longest - plan.completion) * _layer_bytes(plan)
    splits = hardware.sharding.splits_weights
    whole = shape.parameters * plan.weight_bytes if splits else 0
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
