"""What step credit costs: our own code in a step, and a step against one of TRL's trainer.

    python tests/bench/bench_trainer.py [ROUNDS]

The two trainers take turns on a small model, with the same rows, seed and lengths of completions;
TRL's has the final answer for its reward. `credit` is the time from sampled ids to advantages per
token, judging aside: its target is 2 % of a step, and that of a step 1.10 of TRL's. On a machine
that is not idle believe the ratio of CPU times. Then the same time for a batch of a large model:
512 answers as a trained one gives them, where a step takes a minute and more.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from stepcode.dataset.examples import read_example
from stepcode.reason import read_answer, score
from stepcode.train.judge import Judged
from stepcode.types import TaskKind
from tests.bench.tables import print_table
from tests.bench.training_samples import answer, read_examples

ROUNDS = 5
STEPS, WARM_UP = 6, 2
PROMPTS, GROUP_SIZE, TOKENS = 8, 8, 48
LARGE_PROMPTS = 64


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of a step, of the CPU for it, and of our own code in it."""

    step: float
    cpu: float
    credit: float


def judge(completions: Sequence[str], rows: Sequence[Any]) -> list[Judged | None]:
    """Judge here, without processes, which both trainers would need alike."""
    answers, examples = map(read_answer, completions), map(read_example, rows)
    return [Judged(score(a, e), a) for a, e in zip(answers, examples, strict=True)]


def final_answers(completions: list[Any], **columns: Any) -> list[float]:
    """Give TRL the final answers, judged in the same way."""
    lists = {name: column for name, column in columns.items() if isinstance(column, list)}
    rows = [{name: lists[name][n] for name in lists} for n in range(len(completions))]
    judged = judge([completion[0]["content"] for completion in completions], rows)
    return [float(one.score.final) for one in judged if one is not None]


def train(*, ours: bool) -> Took:
    """Train with a new trainer; the median step behind the warm-up."""
    import torch
    from trl import GRPOTrainer

    from stepcode.train.grpo import BiLevelGRPOTrainer
    from tests.train import tiny

    torch.set_num_threads(1)  # those of OpenMP wait for each other, busily
    tokenizer = tiny.make_tokenizer()
    with tempfile.TemporaryDirectory() as folder:
        arguments: dict[str, Any] = {
            "model": tiny.make_model(tokenizer, hidden_size=128, layers=3),
            "args": tiny.settings(folder, **_sizes()),
            "train_dataset": tiny.make_rows(read_examples(TaskKind.OUTPUT, PROMPTS * STEPS)),
            "processing_class": tokenizer,
        }
        if ours:
            trainer = BiLevelGRPOTrainer(**arguments, scorer=judge)
        else:
            trainer = GRPOTrainer(**arguments, reward_funcs=final_answers)
        cpu = time.process_time()
        trainer.train()
        cpu = (time.process_time() - cpu) / STEPS
    steps = [logged for logged in trainer.state.log_history if "step_time" in logged][WARM_UP:]
    return Took(
        statistics.median(logged["step_time"] for logged in steps),
        cpu,
        statistics.median(logged.get("credit_seconds", 0.0) for logged in steps),
    )


def _sizes() -> dict[str, Any]:
    return {
        "per_device_train_batch_size": PROMPTS * GROUP_SIZE,
        "num_generations": GROUP_SIZE,
        "max_completion_length": TOKENS,
        "generation_kwargs": {"min_new_tokens": TOKENS},
        "max_steps": STEPS,
        "log_level": "error",
        "logging_strategy": "steps",
    }


def take_turns(rounds: int) -> None:
    """Print each round of the two, and the medians."""
    rows, columns = [], []
    for number in range(rounds):
        order = (True, False) if number % 2 else (False, True)
        took = {ours: train(ours=ours) for ours in order}
        ours, theirs = took[True], took[False]
        found = [ours.step / theirs.step, ours.cpu / theirs.cpu, ours.credit / ours.step]
        columns.append(found)
        shown = [f"{1000 * seconds:.0f}" for seconds in (theirs.step, ours.step)]
        rows.append([str(number + 1), *shown, *_ratios(found)])
    rows.append(
        ["median", "", "", *_ratios(list(map(statistics.median, zip(*columns, strict=True))))]
    )
    print_table(["round", "TRL, ms", "ours, ms", "ratio", "of CPU", "credit"], rows)


def _ratios(found: list[float]) -> list[str]:
    step, cpu, credit = found
    return [f"{step:.3f}", f"{cpu:.3f}", f"{credit:.2%}"]


def credit_a_large_batch() -> None:
    """Print the time for 512 given answers; nothing is generated and nothing learned."""
    from tests.train import given, tiny

    tokenizer = tiny.make_tokenizer()
    examples = read_examples(TaskKind.OUTPUT, LARGE_PROMPTS)
    rows = tiny.make_rows(examples)
    with tempfile.TemporaryDirectory() as folder:
        trainer = given.Given(
            tiny.make_model(tokenizer),
            args=tiny.settings(folder, num_generations=GROUP_SIZE, per_device_train_batch_size=8),
            train_dataset=rows,
            processing_class=tokenizer,
            scorer=judge,
        )
        trainer.texts = [answer(one, variant=0) for one in examples for _ in range(GROUP_SIZE)]
        trainer.model.eval()
        batch = [row for row in rows for _ in range(GROUP_SIZE)]
        for _ in range(ROUNDS):
            trainer._generate_and_score_completions(batch)
    seconds = trainer._metrics["eval"]["credit_seconds"]
    tokens = trainer.output["completion_mask"].sum().item()
    print(
        f"\n{len(batch)} answers of {tokens / len(batch):.0f} tokens: "
        f"credit {1000 * statistics.median(seconds):.0f} ms"
    )


def main() -> None:
    """Measure, if what training needs is installed."""
    if find_spec("trl") is None:
        print("left out: training needs `pip install stepcode[train]`")
        return
    take_turns(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
    credit_a_large_batch()


if __name__ == "__main__":
    main()
