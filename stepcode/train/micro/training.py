"""Train: the warm-up and continued SFT with TRL's SFTTrainer, the other arms with ours.

A trainer's data order and its samples follow from the seed alone, so that the arms of a seed see
the same prompts in the same order and a run can be repeated bit by bit on the same machine.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any

from datasets import Dataset
from transformers import PrinterCallback, TrainerCallback
from trl import GRPOConfig, SFTConfig, SFTTrainer

from stepcode.reason import read_answer, score
from stepcode.train.advantage import AdvantageMode
from stepcode.train.grpo import BiLevelGRPOTrainer
from stepcode.train.judge import Judged
from stepcode.train.micro.evaluate import LONGEST
from stepcode.train.micro.problems import Problem
from stepcode.train.micro.settings import MicroSettings
from stepcode.train.rewards import Row

IsEnough = Callable[[int], bool]
"""Told the number of updates so far, says whether to stop."""

_ALWAYS: dict[str, Any] = {  # Any, here and below: TRL's own options
    "adam_beta2": 0.99,
    "activation_checkpointing": False,
    "bf16": False,
    "dataloader_pin_memory": False,
    "disable_tqdm": True,
    "logging_strategy": "no",
    "report_to": "none",
    "save_strategy": "no",
    "use_cpu": True,
}
STEADY, FALLING = "constant_with_warmup", "linear"
"""Schedules of the learning rate, for what ends when it is enough and for what ends on time."""
_RISING_UPDATES = 10
"""In which the learning rate rises; a moment's estimate is nothing to go by at first."""


@dataclass(frozen=True, slots=True)
class Trained:
    """How much a model was trained by rewards."""

    updates: int
    rollouts: int


def train_sft(
    model: Any,
    tokenizer: Any,
    problems: Sequence[Problem],
    *,
    batch: int,
    updates: int,
    learning_rate: float,
    schedule: str,
    seed: int,
    is_enough: IsEnough,
) -> int:
    """Imitate the right completions; returns the number of updates."""
    with TemporaryDirectory() as folder:
        trainer = SFTTrainer(
            model=model,
            args=SFTConfig(
                output_dir=folder,
                per_device_train_batch_size=batch,
                max_steps=updates,
                learning_rate=learning_rate,
                lr_scheduler_type=schedule,
                warmup_steps=_rising(updates),
                seed=seed,
                **_ALWAYS,
            ),
            train_dataset=Dataset.from_list([one.to_conversation() for one in problems]),
            processing_class=tokenizer,
            callbacks=[_Watch(is_enough)],
        )
        return _run(trainer)


def train_grpo(
    model: Any,
    tokenizer: Any,
    problems: Sequence[Problem],
    mode: AdvantageMode,
    settings: MicroSettings,
    *,
    seed: int,
    is_enough: IsEnough,
) -> Trained:
    """Learn from rewards alone, by one mode of the advantages."""
    scorer = TraceScorer(problems)
    with TemporaryDirectory() as folder:
        trainer = BiLevelGRPOTrainer(
            model,
            args=GRPOConfig(
                output_dir=folder,
                per_device_train_batch_size=settings.rollouts,
                num_generations=settings.generations,
                max_completion_length=LONGEST,
                max_steps=settings.steps,
                learning_rate=settings.learning_rate,
                lr_scheduler_type=FALLING,
                warmup_steps=_rising(settings.steps),
                seed=seed,
                **_ALWAYS,
            ),
            train_dataset=Dataset.from_list([one.to_prompt() for one in problems]),
            processing_class=tokenizer,
            callbacks=[_Watch(is_enough)],
            mode=mode,
            lam=settings.lam,
            scorer=scorer,
        )
        return Trained(_run(trainer), scorer.judged)


class TraceScorer:
    """Judges output predictions by their traces, in this process; it counts them.

    The trainer's own Scorer keeps processes for programs that have to be run; here none has.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Judge completions of these problems."""
        self.judged = 0
        self._examples = {problem.example.id: problem.example for problem in problems}

    def __call__(self, completions: Sequence[str], rows: Sequence[Row]) -> list[Judged | None]:
        """Judge the completion of each row."""
        self.judged += len(completions)
        answers = [read_answer(completion) for completion in completions]
        pairs = zip(answers, rows, strict=True)
        return [Judged(score(answer, self._examples[row["id"]]), answer) for answer, row in pairs]


class _Watch(TrainerCallback):  # type: ignore[misc]  # transformers has no types here
    """Asks behind each update whether it is enough."""

    def __init__(self, is_enough: IsEnough) -> None:
        self._is_enough = is_enough

    def on_step_end(self, args: Any, state: Any, control: Any, **others: Any) -> Any:
        del args, others
        control.should_training_stop |= self._is_enough(state.global_step)
        return control


def _rising(updates: int) -> int:
    return min(_RISING_UPDATES, updates)


def _run(trainer: Any) -> int:
    trainer.remove_callback(PrinterCallback)  # it prints to where results go
    trainer.train()
    updates: int = trainer.state.global_step
    trainer.accelerator.free_memory()
    return updates
