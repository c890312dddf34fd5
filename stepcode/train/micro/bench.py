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
from stepcode.train.micro.problems import Problems, read_problems
from stepcode.train.micro.results import Arm, CurvePoint, Job, Result, write_result
from stepcode.train.micro.settings import MicroSettings
from stepcode.train.micro.statistics import accuracies
from stepcode.train.micro.tasks import Task
from stepcode.train.micro.tokenizer import build_tokenizer
from stepcode.train.micro.training import train_grpo, train_sft

DATA = "data"
_LOOK_EVERY = 20
"""Updates of a warm-up between two looks at how far it is."""
_ARMS_SEED = 1000
"""Added for the arms, which are not to see the programs in the warm-up's order."""
_EVALUATION_SEED = 7


@dataclass(frozen=True, slots=True)
class Bench:
    """A task's problems, the language they are written in, and a model to be trained."""

    problems: Problems
    tokenizer: Any  # Any, here and below: transformers has no types here
    model: Any
    settings: MicroSettings


def run_job(job: Job, out: Path, settings: MicroSettings) -> None:
    """Train and evaluate; the file of the result is written last."""
    problems, tokenizer = _read_task(job.task, out, settings.validation)
    model = build_model(tokenizer, settings, seed=job.seed)
    bench = Bench(problems, tokenizer, model, settings)
    if job.arm is Arm.WARM_UP:
        result = _warm_up(job, bench)
        weights = io.BytesIO()
        torch.save(model.state_dict(), weights)
        job.weights(out).parent.mkdir(parents=True, exist_ok=True)
        write_durably(job.weights(out), weights.getvalue())
    else:
        model.load_state_dict(torch.load(job.weights(out), weights_only=True))
        result = _go_on(job, bench)
    write_result(job.path(out), result)


@lru_cache(maxsize=2)
def _read_task(task: Task, out: Path, validation: int) -> tuple[Problems, Any]:
    """Read the problems of a task, and make the tokenizer from what is trained on."""
    problems = read_problems(
        out / DATA / task, out / DATA / f"{task}.hidden.json", validation=validation
    )
    texts = [
        text
        for problem in problems.training
        for text in (problem.to_prompt()["prompt"][0]["content"], problem.completion)
    ]
    return problems, build_tokenizer(texts)


def _warm_up(job: Job, bench: Bench) -> Result:
    settings = bench.settings

    def is_enough(updates: int) -> bool:
        if updates % _LOOK_EVERY:
            return False
        asked = ask(bench.model, bench.tokenizer, bench.problems.validation, draws=1)
        return accuracies(asked.counts).informative >= settings.warm_up_until

    updates = train_sft(
        bench.model,
        bench.tokenizer,
        bench.problems.training,
        batch=settings.warm_up_batch,
        updates=settings.warm_up_steps,
        learning_rate=settings.warm_up_learning_rate,
        seed=job.seed,
        is_enough=is_enough,
    )
    return _measure(job, bench, [], updates=updates, labelled=updates * settings.warm_up_batch)


def _go_on(job: Job, bench: Bench) -> Result:
    settings, curve = bench.settings, _Curve(bench)
    set_seed(_ARMS_SEED + job.seed)
    rollouts = labelled = 0
    if job.arm is Arm.CONTINUED_SFT:
        updates = train_sft(
            bench.model,
            bench.tokenizer,
            bench.problems.training,
            batch=settings.sft_batch,
            updates=settings.steps,
            learning_rate=settings.sft_learning_rate,
            seed=_ARMS_SEED + job.seed,
            is_enough=curve.look,
        )
        labelled = updates * settings.sft_batch
    else:
        trained = train_grpo(
            bench.model,
            bench.tokenizer,
            bench.problems.training,
            AdvantageMode(job.arm),
            settings,
            seed=_ARMS_SEED + job.seed,
            is_enough=curve.look,
        )
        updates, rollouts = trained.updates, trained.rollouts
    return _measure(job, bench, curve.points, updates=updates, rollouts=rollouts, labelled=labelled)


class _Curve:
    """Looks at the held-out problems a few times while an arm is trained."""

    def __init__(self, bench: Bench) -> None:
        count, steps = bench.settings.curve_points, bench.settings.steps
        self._places = {round(steps * place / count) for place in range(1, count + 1)}
        self._bench = bench
        self.points: list[CurvePoint] = []

    def look(self, updates: int) -> bool:
        """Add a point where there is to be one; never ends the training."""
        if updates in self._places:
            bench = self._bench
            asked = ask(
                bench.model,
                bench.tokenizer,
                bench.problems.held_out,
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
    bench: Bench,
    curve: list[CurvePoint],
    *,
    updates: int,
    labelled: int = 0,
    rollouts: int = 0,
) -> Result:
    model, tokenizer, problems = bench.model, bench.tokenizer, bench.problems.held_out
    sampled = ask(model, tokenizer, problems, draws=bench.settings.draws, seed=_EVALUATION_SEED)
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
