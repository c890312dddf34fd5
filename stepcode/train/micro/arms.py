"""One run, from a task's problems to a result in a file: a warm-up, or an arm that starts from it.

OUT/runs/full-0/warm-up.json  warm-up.pt  terminal.json  step.json  ...     full, seed 0
"""

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from transformers import set_seed

from stepcode.dataset.durable import write_durably
from stepcode.train.advantage import AdvantageMode
from stepcode.train.micro.evaluate import ask
from stepcode.train.micro.model import build_model
from stepcode.train.micro.problems import Problems, dataset_path, hidden_path, read_problems
from stepcode.train.micro.results import Arm, CurvePoint, Job, Result, write_result
from stepcode.train.micro.settings import MicroSettings
from stepcode.train.micro.statistics import accuracies
from stepcode.train.micro.tasks import Task
from stepcode.train.micro.tokenizer import build_tokenizer
from stepcode.train.micro.training import FALLING, STEADY, train_grpo, train_sft

_LOOK_EVERY = 20
"""Updates of a warm-up between two looks at how far it is."""
_ARMS_SEED = 1000
"""Added for the arms, which are not to see the programs in the warm-up's order."""
_EVALUATION_SEED = 7


@dataclass(frozen=True, slots=True)
class Learner:
    """A model with its language, and the problems that it is trained on and asked."""

    problems: Problems
    tokenizer: Any  # Any, here and below: transformers has no types here
    model: Any
    settings: MicroSettings


def run_job(job: Job, out: Path, settings: MicroSettings) -> None:
    """Train and evaluate; the file of the result is written last."""
    problems, tokenizer = _read_task(job.task, out, settings.validation)
    model = build_model(tokenizer, settings, seed=job.seed)
    learner = Learner(problems, tokenizer, model, settings)
    if job.arm is Arm.WARM_UP:
        result = _warm_up(job, learner)
        weights = io.BytesIO()
        torch.save(model.state_dict(), weights)
        job.weights(out).parent.mkdir(parents=True, exist_ok=True)
        write_durably(job.weights(out), weights.getvalue())
    else:
        model.load_state_dict(torch.load(job.weights(out), weights_only=True))
        result = _go_on(job, learner)
    write_result(job.path(out), result)


@lru_cache(maxsize=2)
def _read_task(task: Task, out: Path, validation: int) -> tuple[Problems, Any]:
    """Read the problems of a task, and make the tokenizer from what is trained on."""
    paths = dataset_path(out, task), hidden_path(out, task)
    problems = read_problems(*paths, validation=validation)
    texts = [
        text
        for problem in problems.training
        for text in (problem.to_prompt()["prompt"][0]["content"], problem.completion)
    ]
    return problems, build_tokenizer(texts)


def _warm_up(job: Job, learner: Learner) -> Result:
    settings = learner.settings

    def is_enough(updates: int) -> bool:
        if updates % _LOOK_EVERY:
            return False
        asked = ask(learner.model, learner.tokenizer, learner.problems.validation, draws=1)
        return accuracies(asked.counts).informative >= settings.warm_up_until

    updates = train_sft(
        learner.model,
        learner.tokenizer,
        learner.problems.training,
        batch=settings.warm_up_batch,
        updates=settings.warm_up_steps,
        learning_rate=settings.warm_up_learning_rate,
        schedule=STEADY,
        seed=job.seed,
        is_enough=is_enough,
    )
    return _measure(job, learner, [], updates=updates, labelled=updates * settings.warm_up_batch)


def _go_on(job: Job, learner: Learner) -> Result:
    settings, curve = learner.settings, _Curve(learner)
    set_seed(_ARMS_SEED + job.seed)
    rollouts = labelled = 0
    if job.arm is Arm.CONTINUED_SFT:
        updates = train_sft(
            learner.model,
            learner.tokenizer,
            learner.problems.training,
            batch=settings.sft_batch,
            updates=settings.steps,
            learning_rate=settings.sft_learning_rate,
            schedule=FALLING,
            seed=_ARMS_SEED + job.seed,
            is_enough=curve.look,
        )
        labelled = updates * settings.sft_batch
    else:
        trained = train_grpo(
            learner.model,
            learner.tokenizer,
            learner.problems.training,
            AdvantageMode(job.arm),
            settings,
            seed=_ARMS_SEED + job.seed,
            is_enough=curve.look,
        )
        updates, rollouts = trained.updates, trained.rollouts
    return _measure(
        job, learner, curve.points, updates=updates, rollouts=rollouts, labelled=labelled
    )


class _Curve:
    """Looks at the held-out problems a few times while an arm is trained."""

    def __init__(self, learner: Learner) -> None:
        count, steps = learner.settings.curve_points, learner.settings.steps
        self._places = {round(steps * place / count) for place in range(1, count + 1)}
        self._bench = learner
        self.points: list[CurvePoint] = []

    def look(self, updates: int) -> bool:
        """Add a point where there is to be one; never ends the training."""
        if updates in self._places:
            learner = self._bench
            asked = ask(
                learner.model,
                learner.tokenizer,
                learner.problems.held_out,
                draws=1,
                seed=_EVALUATION_SEED,
            )
            found = accuracies(asked.counts)
            self.points.append(
                CurvePoint(
                    update=updates,
                    step=found.step,
                    informative=found.informative,
                    final=found.final,
                )
            )
        return False


def _measure(
    job: Job,
    learner: Learner,
    curve: list[CurvePoint],
    *,
    updates: int,
    labelled: int = 0,
    rollouts: int = 0,
) -> Result:
    model, tokenizer, problems = learner.model, learner.tokenizer, learner.problems.held_out
    sampled = ask(model, tokenizer, problems, draws=learner.settings.draws, seed=_EVALUATION_SEED)
    return Result(
        task=job.task,
        seed=job.seed,
        arm=job.arm,
        parameters=sum(weights.numel() for weights in model.parameters()),
        words=len(tokenizer),
        updates=updates,
        rollouts=rollouts,
        labelled=labelled,
        sampled=sampled.counts,
        greedy=ask(model, tokenizer, problems).counts,
        entropy=sampled.entropy,
        curve=curve,
    )
