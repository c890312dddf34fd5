"""What a run has to work with: this machine, measured, or an accelerator known by name."""

import os
import time
from collections.abc import Callable, Mapping
from typing import Any

import torch

from stepcode.errors import RecipeError
from stepcode.train.machine import available_memory, total_memory
from stepcode.train.plan import Hardware, Sharding

ACCELERATORS = {
    "A10G": (24, 70, 600),
    "A100-40GB": (40, 312, 1555),
    "A100-80GB": (80, 312, 2039),
    "B200": (180, 2250, 8000),
    "H100-80GB": (80, 989, 3350),
    "H200": (141, 989, 4800),
    "L4": (24, 121, 300),
    "L40S": (48, 362, 864),
    "RTX 3090": (24, 71, 936),
    "RTX 4090": (24, 165, 1008),
    "RTX 5090": (32, 209, 1792),
}
"""Memory in GB, 10**12 operations a second in bfloat16, 10**9 bytes a second; by their makers."""
_SIDE = 1024
_COPIED = 1 << 25


def named_hardware(name: str, *, processes: int, sharding: Sharding) -> Hardware:
    """Describe accelerators of a known name, one for each process."""
    if name not in ACCELERATORS:
        raise RecipeError(f"[assume] accelerator is {name!r}: known are {', '.join(ACCELERATORS)}")
    memory, operations, bandwidth = ACCELERATORS[name]
    return Hardware(
        name=name,
        processes=processes,
        memory_bytes=memory * 10**9,
        flops=operations * 1e12,
        bandwidth=bandwidth * 1e9,
        is_gpu=True,
        sharding=sharding,
    )


def this_machine(*, processes: int, local_processes: int, sharding: Sharding) -> Hardware:
    """Measure what a process of this machine has, in a tenth of a second."""
    if uses_gpu():
        device = torch.device("cuda", torch.cuda.current_device())
        name = torch.cuda.get_device_name(device)
        memory = torch.cuda.mem_get_info(device)[0]
    else:
        device, name = torch.device("cpu"), f"CPU, {torch.get_num_threads()} threads"
        memory = (available_memory() or total_memory()) // local_processes
    return Hardware(
        name=name,
        processes=processes,
        memory_bytes=memory,
        flops=_measure_flops(device),
        bandwidth=_measure_bandwidth(device),
        is_gpu=device.type != "cpu",
        sharding=sharding,
    )


def uses_gpu() -> bool:
    """Whether training goes to an accelerator of this machine."""
    return bool(torch.cuda.is_available())


def launched_processes() -> tuple[int, int]:
    """Count the processes that torchrun or accelerate started: of the run, and on this machine."""
    return int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("LOCAL_WORLD_SIZE", "1"))


def launched_sharding(options: Mapping[str, Any]) -> Sharding:
    """Tell how processes share a model, from accelerate's launcher or TRL's options.

    Any: TOML.
    """
    deepspeed = options.get("deepspeed")
    if isinstance(deepspeed, dict):
        return _zero(deepspeed.get("zero_optimization", {}).get("stage", 0))
    if os.environ.get("ACCELERATE_USE_DEEPSPEED") == "true":
        return _zero(os.environ.get("ACCELERATE_DEEPSPEED_ZERO_STAGE", "2"))
    wants_fsdp = options.get("fsdp") or os.environ.get("ACCELERATE_USE_FSDP") == "true"
    if wants_fsdp and uses_gpu():  # on CPUs accelerate leaves it out
        return Sharding.FSDP
    return Sharding.NONE


def _zero(stage: Any) -> Sharding:  # Any: of a configuration file
    name = f"zero{stage}"
    return Sharding(name) if name in [sharding.value for sharding in Sharding] else Sharding.NONE


def _measure_flops(device: torch.device) -> float:
    dtype = torch.float32 if device.type == "cpu" else torch.bfloat16
    matrix = torch.ones(_SIDE, _SIDE, device=device, dtype=dtype)
    return 2 * _SIDE**3 / _best_seconds(lambda: matrix @ matrix, device)


def _measure_bandwidth(device: torch.device) -> float:
    source = torch.ones(_COPIED, device=device, dtype=torch.uint8)
    return 2 * _COPIED / _best_seconds(source.clone, device)


def _best_seconds(work: Callable[[], object], device: torch.device) -> float:
    """Time the best of a few runs; what else the machine does makes the others slower."""
    times = []
    for _ in range(4):
        begin = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        times.append(time.perf_counter() - begin)
    return min(times)
