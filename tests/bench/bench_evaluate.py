"""Scoring CRUXEval's published output generations against the usual harness.

    python tests/bench/bench_evaluate.py

The usual harness is that of bench_sandbox.py, a manager and a process for an answer; it scores one
answer in a hundred. CPU is that of whole process trees.
"""

import json
import sys

from stepcode.evaluate.benchmarks import BenchmarkName, open_benchmark
from stepcode.types import Case, Program
from tests.bench.bench_sandbox import ROUNDS, cpu_seconds, run_usual
from tests.bench.benchmark_files import benchmark_file

_SHARE = 100


def main() -> None:
    """Print CPU milliseconds an answer for both, interleaved."""
    rows = benchmark_file("cruxeval/cruxeval.jsonl")
    said = benchmark_file("cruxeval/sample_codellama-7b_temp0.2_output_generations.json")
    if rows is None or said is None:
        sys.exit("there is nothing to score without CRUXEval's files")
    import numpy  # noqa: F401  # as the usual harness has it

    benchmark = open_benchmark(BenchmarkName.CRUXEVAL_OUTPUT, str(rows))
    texts = json.loads(said.read_bytes())
    truths = {row: benchmark.truth(row) for row in benchmark.ids}
    cases = [
        Case(Program(code=truths[row].code), truths[row].expected, text)
        for row, answers in texts.items()
        for text in answers
    ]
    for _ in range(ROUNDS):
        before = cpu_seconds()
        run_usual(cases[::_SHARE])
        usual = (cpu_seconds() - before) / len(cases[::_SHARE])
        before = cpu_seconds()
        scores = benchmark.judge(texts, None).scores
        ours = (cpu_seconds() - before) / len(cases)
        right = sum(map(sum, scores.values()))
        print(
            f"usual harness {usual * 1e3:6.2f} ms   stepcode {ours * 1e3:6.3f} ms an answer "
            f"({right} of {len(cases)} right)   {usual / ours:6.0f}x"
        )


if __name__ == "__main__":
    main()
