"""What is known of a warm-up or an arm: counts on the held-out programs, and how it was trained.

One JSON file each, with the same bytes for the same settings and seed: no times are in it.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from stepcode.dataset.durable import write_durably
from stepcode.errors import DatasetError
from stepcode.train.micro.tasks import Task

PASSES_OF_ROLLOUT = 4
"""One to sample it; one forward and two (as dear) backward to learn from it."""
PASSES_OF_LABELLED = 3


class Arm(StrEnum):
    """How a model goes on from its warm-up; but for the first two, modes of the advantages."""

    WARM_UP = "warm-up"
    """Not at all."""
    CONTINUED_SFT = "continued-sft"
    """By imitating right completions, with the compute that the others have."""
    TERMINAL = "terminal"
    STEP = "step"
    BILEVEL = "bilevel"
    BILEVEL_NORMALIZED = "bilevel-normalized"


TRAINED = tuple(arm for arm in Arm if arm is not Arm.WARM_UP)


@dataclass(frozen=True, slots=True)
class Job:
    """One run, and where in the folder of all it is kept."""

    task: Task
    seed: int
    arm: Arm

    def path(self, out: Path) -> Path:
        """Name the file of the result."""
        return self._folder(out) / f"{self.arm}.json"

    def weights(self, out: Path) -> Path:
        """Name the file of the weights that the arms of this seed start from."""
        return self._folder(out) / f"{Arm.WARM_UP}.pt"

    def _folder(self, out: Path) -> Path:
        return out / "runs" / f"{self.task}-{self.seed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What was right in `draws` completions of each problem; lists have a number per problem."""

    draws: int
    length: int
    """Steps of each problem."""
    informative_length: int
    steps: Sequence[int]
    informative: Sequence[int]
    """Right steps among those that show the state."""
    final: Sequence[int]
    steps_with_final: Sequence[int]
    """Right steps in the completions whose final answer is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """Sampled accuracies on the way, of one completion for each problem."""

    update: int
    step: float
    informative: float
    final: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One arm of one seed of one task, or their warm-up."""

    task: Task
    seed: int
    arm: Arm
    parameters: int
    """Of the model."""
    words: int
    """That the tokenizer knows."""
    updates: int
    rollouts: int
    """Completions that were sampled and rewarded."""
    labelled: int
    """Right completions that were imitated, with repetitions."""
    sampled: Counts
    greedy: Counts
    entropy: float
    curve: Sequence[CurvePoint]

    @property
    def passes(self) -> int:
        """Compute, as passes of a completion through the model."""
        return PASSES_OF_ROLLOUT * self.rollouts + PASSES_OF_LABELLED * self.labelled


def write_result(path: Path, result: Result) -> None:
    """Write a result at once, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, (json.dumps(asdict(result)) + "\n").encode())


def read_result(path: Path) -> Result | None:
    """Read a result; None if it is not there yet."""
    try:
        record = json.loads(path.read_bytes())
        return Result(
            **record
            | {
                "task": Task(record["task"]),
                "arm": Arm(record["arm"]),
                "sampled": Counts(**record["sampled"]),
                "greedy": Counts(**record["greedy"]),
                "curve": [CurvePoint(**point) for point in record["curve"]],
            }
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{path}: is no result ({error}); remove it and run again") from error
