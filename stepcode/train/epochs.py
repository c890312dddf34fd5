"""The order of the data in each epoch of GRPO, so that a resumed run goes on in the right one.

TRL's sampler draws the orders of all epochs from one generator, one after the other. A run that is
resumed in its third epoch would begin with the order of the first.
"""

from collections.abc import Iterator
from typing import Any

from transformers import TrainerCallback
from trl.trainer.utils import RepeatSampler


class SeededEpochs(TrainerCallback):  # type: ignore[misc]  # transformers has no types here
    """Seeds TRL's sampler with the number of the epoch that begins."""

    def on_epoch_begin(
        self, args: Any, state: Any, control: Any, train_dataloader: Any, **_: Any
    ) -> None:
        """Find the sampler, however deep accelerate has wrapped it. Any: transformers' own."""
        for sampler in _samplers(train_dataloader):
            if isinstance(sampler, RepeatSampler) and sampler.shuffle:
                sampler.generator.manual_seed((sampler.seed or 0) + int(state.epoch or 0))


def _samplers(loader: Any) -> Iterator[Any]:
    inner = getattr(loader, "batch_sampler", None) or getattr(loader, "sampler", None)
    while inner is not None:
        yield inner
        inner = getattr(inner, "batch_sampler", None) or getattr(inner, "sampler", None)
