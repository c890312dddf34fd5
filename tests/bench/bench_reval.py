"""How long the labels of REval take, and judging one answer to each of its questions.

    python tests/bench/bench_reval.py

The goal is 2 minutes for all 3,152 labels on two cores. Programs that need packages which are not
installed (numpy<2, gensim, beautifulsoup4, lxml) have no labels; the table says how many have.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from stepcode.evaluate.benchmarks.reval import (
    Mode,
    compute_labels,
    read_questions,
    read_subjects,
    score,
)
from tests.bench.benchmark_files import benchmark_file
from tests.bench.tables import median_and_min, print_table

ROUNDS = 3


@contextmanager
def timed(seconds: list[float]) -> Iterator[None]:
    """Note how long something takes by the clock, with all the processes it starts."""
    start = time.perf_counter()
    yield
    seconds.append(time.perf_counter() - start)


def main() -> None:
    """Print one row for each number of workers."""
    data = benchmark_file("reval/DREval_data.jsonl")
    tasks = benchmark_file("reval/DREval_tasks.jsonl")
    if data is None or tasks is None:
        return
    subjects, questions = read_subjects(data, tasks), read_questions(data, tasks)
    answers = {question.id: ["[ANSWER]sorted([2, 1]); list[/ANSWER]"] for question in questions}
    rows = []
    for workers in (1, 2):
        label_seconds: list[float] = []
        score_seconds: list[float] = []
        for _ in range(ROUNDS):
            with timed(label_seconds):
                labels = compute_labels(subjects, workers=workers)
            with timed(score_seconds):
                score(questions, answers, mode=Mode.DIRECT, labels=labels, workers=workers)
        cells = [str(len(labels.probes)), *map(median_and_min, (label_seconds, score_seconds))]
        rows.append([str(workers), *cells])
    print(f"seconds by the clock, {ROUNDS} rounds, median (min); goal: labels in 120 s")
    print_table(["workers", "labels", "to label", "to score 10,146 answers"], rows)


if __name__ == "__main__":
    main()
