"""The trainers of a run: TRL's, with what lets a killed run go on as if nothing had happened.

They also tell which examples each step is made of.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from transformers import PrinterCallback
from trl import SFTTrainer

from stepcode.train.checkpoints import drop_unfinished, newest_checkpoint
from stepcode.train.failures import FiniteGradients, plain_training_errors
from stepcode.train.grpo import BiLevelGRPOTrainer
from stepcode.train.rewards import Row
from stepcode.train.saving import Checkpoints
from stepcode.train.steplog import ExampleLog, StepLogs

_ID = "id"

Batch = dict[str, Any]
"""Tensors by name, and the ids of the examples. Any: torch has no types here."""


class SFTRun(SFTTrainer):  # type: ignore[misc]  # trl has no types here
    """TRL's SFTTrainer on examples with ids."""

    def __init__(self, *args: Any, examples: ExampleLog, **options: Any) -> None:
        """Take what SFTTrainer takes, and where to tell of examples. Any: TRL's own."""
        super().__init__(*args, **options)
        self.data_collator: Any = _WithIds(self.data_collator)
        self._examples = examples

    def training_step(self, model: Any, inputs: Batch, *args: Any, **options: Any) -> Any:
        """Train on one batch."""
        self._examples.add(inputs.pop(_ID, ()))
        return super().training_step(model, inputs, *args, **options)

    def _set_signature_columns_if_needed(self) -> None:
        super()._set_signature_columns_if_needed()
        if _ID not in self._signature_columns:
            self._signature_columns.append(_ID)


class GRPORun(BiLevelGRPOTrainer):
    """Our trainer on examples with ids."""

    def __init__(self, *args: Any, examples: ExampleLog, **options: Any) -> None:
        """Take what BiLevelGRPOTrainer takes, and where to tell of examples. Any: TRL's own."""
        self._examples = examples
        super().__init__(*args, **options)

    def _generate_and_score_completions(self, inputs: list[Row]) -> dict[str, Any]:
        # The rows of one prompt follow each other.
        self._examples.add(id for id, _ in groupby(row[_ID] for row in inputs))
        return super()._generate_and_score_completions(inputs)


class _WithIds:
    """A collator that hands the ids of examples through."""

    def __init__(self, collate: Callable[[list[Batch]], Batch]) -> None:
        self._collate = collate

    def __call__(self, examples: Sequence[Mapping[str, Any]]) -> Batch:
        ids = [example[_ID] for example in examples if _ID in example]
        rest = [{k: v for k, v in example.items() if k != _ID} for example in examples]
        return {**self._collate(rest), _ID: ids}


def run(trainer: Any, examples: ExampleLog, *, name: str, keep: int | None) -> Path | None:
    """Train to the end, from the last whole checkpoint of this run if there is one.

    `name` says which run it is; a checkpoint of another raises DatasetError. The model and its
    tokenizer go to the trainer's output folder. Returns the checkpoint it went on from.
    """
    folder = Path(trainer.args.output_dir)
    checkpoint = newest_checkpoint(folder, name)
    if trainer.is_world_process_zero():
        drop_unfinished(folder)
    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(StepLogs(folder, examples))
    trainer.add_callback(Checkpoints(name, keep=keep))
    trainer.add_callback(FiniteGradients())
    with plain_training_errors(folder):
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        trainer.save_model(str(folder))
    return checkpoint
