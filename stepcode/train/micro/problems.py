"""What a model is trained on and asked: the examples of a dataset, and their right completions.

They are the prompts and completions of the export `trl-sft`, for output prediction.
The programs that nothing is trained on are the dataset's split `test`, and the last few of its
split `train`, which tell when a warm-up has done enough.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepcode.dataset.examples import to_examples
from stepcode.dataset.manifest import read_manifest
from stepcode.dataset.read import read_shard, split_shards
from stepcode.dataset.split import TEST, TRAIN
from stepcode.reason import render_completion, render_prompt
from stepcode.train.micro.tasks import Task, is_informative
from stepcode.types import Example

HiddenSteps = Mapping[str, Sequence[str]]
"""By the id of a row, what each of its steps comes to (`c: 12`), shown by an anchor or not."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An example with what is written about it."""

    example: Example
    completion: str

    def to_prompt(self) -> dict[str, Any]:  # Any: JSON
        """Write what a trainer asks; its id leads back to the example.

        TRL looks at every value of a row at every step, which would take a tenth of the time.
        """
        return {"prompt": render_prompt(self.example), "id": self.example.id}

    def to_conversation(self) -> dict[str, Any]:  # Any: JSON
        """Write it as a row of `trl-sft`."""
        answer = [{"role": "assistant", "content": self.completion}]
        return {"prompt": render_prompt(self.example), "completion": answer}


@dataclass(frozen=True, slots=True)
class Problems:
    """All problems of a task."""

    training: tuple[Problem, ...]
    validation: tuple[Problem, ...]
    held_out: tuple[Problem, ...]


def dataset_path(out: Path, task: Task) -> Path:
    """Say where a task's dataset is in the folder of a proof."""
    return out / "data" / task


def hidden_path(out: Path, task: Task) -> Path:
    """Say where the steps are that a task's anchors hide."""
    return out / "data" / f"{task}.hidden.json"


def read_problems(dataset: Path, hidden: Path, *, validation: int) -> Problems:
    """Read a task's problems from its dataset and the steps that its anchors hide."""
    steps: HiddenSteps = json.loads(hidden.read_bytes())
    train = _read_split(dataset, TRAIN, steps)
    return Problems(
        training=train[:-validation],
        validation=train[-validation:],
        held_out=_read_split(dataset, TEST, steps),
    )


def _read_split(dataset: Path, split: str, hidden: HiddenSteps) -> tuple[Problem, ...]:
    shards = split_shards(dataset, read_manifest(dataset), split)
    rows = (row for shard in shards for row in read_shard(shard))
    return tuple(_problem(to_examples(row)[0], hidden[row.id]) for row in rows)


def _problem(example: Example, hidden: Sequence[str]) -> Problem:
    """Give an example its completion; what no anchor shows is told in the reason of its step."""
    pairs = zip(example.steps, hidden, strict=True)
    reasons = ["" if is_informative(step) else told for step, told in pairs]
    return Problem(example, render_completion(example, reasons=[*reasons, ""]))
