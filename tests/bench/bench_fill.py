"""What policy `fill` costs beside `strict`: processor time, runs in the sandbox, and processes.

    python tests/bench/bench_fill.py [ROWS]

Over CRUXEval where it is there, else over the bundled programs, and over ROWS synthetic ones. The
goals are 10 ms of CPU a program with all that a build starts, and at most two runs a program more
than `strict`. Starting and ending the command costs about a second, which the first column spreads
over the rows and the second leaves out.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from unittest.mock import patch

from stepcode.execute import Sandbox
from stepcode.execute.isolate import choose_isolation
from stepcode.execute.job import Job
from stepcode.source import SourceSettings, read_cases
from stepcode_pipelines.batches import Batch
from stepcode_pipelines.recipe import Recipe
from stepcode_pipelines.verify import verifier
from tests.bench.benchmark_files import find_source
from tests.bench.process_tree import Cost, adopt_orphans, cost_of_build
from tests.bench.tables import median_and_min, print_table

ROUNDS = 3
ROWS = 1000
POLICIES = ("strict", "fill")


@contextmanager
def counted_runs() -> Iterator[Counter[str]]:
    """Count what the sandboxes of this process start: processes, and runs in them."""
    count: Counter[str] = Counter()

    class CountingSandbox(Sandbox):
        def start_job(self, job: Job, *, twin: Job | None = None) -> None:
            count.update(processes=1, runs=1 if twin is None else 2)
            super().start_job(job, twin=twin)

    with patch("stepcode_pipelines.runner.Sandbox", CountingSandbox):
        yield count


def count_runs(source: SourceSettings, policy: str, rows: int) -> Counter[str]:
    """Verify all rows as a worker does."""
    recipe = Recipe(source=source, policy=policy, limit=rows)
    cases = tuple(islice(read_cases(source), rows))
    with (
        counted_runs() as count,
        verifier(recipe, choose_isolation(None), gate=None) as verify,
    ):
        verify(Batch(0, cases, is_last=True, number=0))
    return count


def compare(options: Sequence[str]) -> tuple[dict[str, list[Cost]], dict[str, list[Cost]]]:
    """Build all and build one row, interleaved, so that a busy machine spoils all alike."""
    whole: dict[str, list[Cost]] = {policy: [] for policy in POLICIES}
    start: dict[str, list[Cost]] = {policy: [] for policy in POLICIES}
    for _ in range(ROUNDS):
        for policy in POLICIES:
            given = (*options, "--policy", policy, "--workers", "1")
            whole[policy].append(cost_of_build(*given))
            start[policy].append(cost_of_build(*given, "--limit", "1"))
    return whole, start


def measure(source: SourceSettings, rows: int) -> None:
    """Print one row for each policy."""
    path = ["--input", source.path] if source.path else []
    # The last limit counts, so that of one row can be given behind this.
    whole, start = compare(["--source", source.name, *path, "--limit", str(rows)])
    table = []
    for policy in POLICIES:
        count = count_runs(source, policy, rows)
        pairs = zip(whole[policy], start[policy], strict=True)
        net = [1000 * (all_.cpu_seconds - one.cpu_seconds) / (rows - 1) for all_, one in pairs]
        gross = [1000 * cost.cpu_seconds / rows for cost in whole[policy]]
        shares = [f"{count[what] / rows:.2f}" for what in ("runs", "processes")]
        table.append([policy, median_and_min(gross), median_and_min(net), *shares])
    print(f"\n{rows} rows of {source.name}, {ROUNDS} rounds, median (min)")
    header = ["policy", "CPU ms/program", "without the start", "runs/program", "processes/program"]
    print_table(header, table)


def main() -> None:
    """Measure a benchmark of single programs, and programs of all difficulties."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    adopt_orphans()
    print("goals: <= 10 ms, and at most two runs a program more than strict")
    source = find_source()
    measure(source, sum(1 for _ in read_cases(source)))
    measure(SourceSettings(name="synthetic"), rows)


if __name__ == "__main__":
    main()
