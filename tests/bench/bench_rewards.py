"""Judging a batch: 512 completions of input prediction, of which each proposes a call of its own.

    python tests/bench/bench_rewards.py [WORKERS]

`seconds` is what a trainer would wait that had nothing else to do, in the median and at best; the
target is 1.5 s on two cores. `here` is what it takes of the trainer's own process, `CPU` of all
processes, the start of each included.
"""

import statistics
import sys
import time
from dataclasses import dataclass

from stepcode.dataset.examples import to_record
from stepcode.train.rewards import Row, Scorer
from stepcode.types import TaskKind
from tests.bench.process_tree import adopt_orphans, ended_children_seconds, wait_for_orphans
from tests.bench.tables import print_table
from tests.bench.training_samples import answer, read_examples

PROMPTS, GROUP_SIZE = 64, 8
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Batch:
    """Completions with their rows."""

    completions: list[str]
    rows: list[Row]


def make_batch(kind: TaskKind, *, alike: bool = False) -> Batch:
    """Make right completions; those of one prompt are all alike, or all their calls differ."""
    completions: list[str] = []
    rows: list[Row] = []
    for example in read_examples(kind, PROMPTS):
        record = to_record(example)
        for number in range(GROUP_SIZE):
            completions.append(answer(example, variant=1 if alike else number + 1))
            rows.append(record)
    return Batch(completions, rows)


def judge(batch: Batch, scorer: Scorer) -> float:
    """Judge a batch, see that all is right, and tell how long it took."""
    started = time.perf_counter()
    judged = scorer(batch.completions, batch.rows)
    seconds = time.perf_counter() - started
    right = sum(one is not None and one.score.is_perfect for one in judged)
    assert right == len(batch.rows), f"{right} of {len(batch.rows)} are right"
    return seconds


def measure(name: str, batch: Batch, workers: int | None) -> list[str]:
    """Judge a batch again and again with a scorer of its own."""
    before = ended_children_seconds()
    with Scorer(workers=workers) as scorer:
        first = judge(batch, scorer)
        here = time.process_time()
        seconds = [judge(batch, scorer) for _ in range(ROUNDS)]
        here = (time.process_time() - here) / ROUNDS
    wait_for_orphans()
    cpu = (ended_children_seconds() - before) / (ROUNDS + 1)
    typical, best = statistics.median(seconds), min(seconds)
    return [name, *(f"{value:.2f}" for value in (first, typical, best, here, cpu))]


def main() -> None:
    """Measure what has to be run, what is proposed again and again, and what needs no run."""
    workers = int(sys.argv[1]) if len(sys.argv) > 1 else None
    adopt_orphans()
    rows = [
        measure("input, 512 calls", make_batch(TaskKind.INPUT), workers),
        measure("input, 64 calls", make_batch(TaskKind.INPUT, alike=True), workers),
        measure("output", make_batch(TaskKind.OUTPUT), workers),
    ]
    print_table(["512 completions", "first, s", "seconds", "best", "here", "CPU"], rows)


if __name__ == "__main__":
    main()
