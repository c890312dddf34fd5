"""What ends a training run from outside, told in one line: memory, disk, and numbers that are none.

Checkpoints that were finished stay, so that the same command goes on from the last of them.
"""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import TrainerCallback

from stepcode.dataset.durable import plain_disk_errors
from stepcode.errors import StepcodeError

_MEMORY = ("out of memory", "can't allocate memory")
_DISK = ("PytorchStreamWriter", "inline_container", "No space left")
"""How torch and safetensors, which hide the error of the system, tell of a file half-written."""


@contextmanager
def plain_training_errors(folder: Path) -> Iterator[None]:
    """Turn what the machine refuses a run into a StepcodeError that says what to do."""
    try:
        with plain_disk_errors(folder):
            yield
    except (RuntimeError, MemoryError, SafetensorError) as error:
        said = str(error)
        if isinstance(error, MemoryError | torch.OutOfMemoryError) or _tells(said, _MEMORY):
            raise StepcodeError(f"{folder}: {_OUT_OF_MEMORY}") from error
        if _tells(said, _DISK):
            raise StepcodeError(f"{folder}: {_OUT_OF_DISK}") from error
        raise


_OUT_OF_MEMORY = (
    "the memory did not hold a step; lower per_device_train_batch_size and raise "
    "gradient_accumulation_steps by as much, or train with [lora], with another --out"
)
_OUT_OF_DISK = (
    "a file could not be written to its end; what was finished is kept; make room and run the same "
    "command again to resume"
)


class FiniteGradients(TrainerCallback):  # type: ignore[misc]  # transformers has no types here
    """Ends a run whose gradients are no numbers any more; its weights would teach nothing.

    The loss does not tell: transformers logs the mean of the others in place of one that is NaN.
    """

    def on_log(
        self, args: Any, state: Any, control: Any, logs: Mapping[str, Any], **_: Any
    ) -> None:
        """Raise StepcodeError for a gradient that is NaN. Any: transformers' own."""
        if math.isnan(logs.get("grad_norm") or 0.0):
            raise StepcodeError(
                f"{args.output_dir}: the gradients of step {state.global_step} are no numbers (NaN)"
                "; lower learning_rate, or train in bf16 instead of fp16, with another --out"
            )


def _tells(said: str, signs: tuple[str, ...]) -> bool:
    return any(sign.lower() in said.lower() for sign in signs)
