"""What a whole `stepcode build-dataset` costs per program, with all the processes it starts.

    python tests/bench/bench_build.py

Over CRUXEval where it is there, else over the bundled programs. The goal is 10 ms of CPU a program.
Starting and ending the command costs about a second, which the first column spreads over the rows
and the second leaves out.
"""

from collections.abc import Sequence
from statistics import median

from stepcode.source import read_cases
from tests.bench.benchmark_files import find_source
from tests.bench.process_tree import Cost, adopt_orphans, cost_of_build
from tests.bench.tables import median_and_min, print_table

ROUNDS = 3
WORKERS = (1, 2)


def compare(options: Sequence[str]) -> tuple[dict[int, list[Cost]], dict[int, list[Cost]]]:
    """Build all and build one row, interleaved, so that a busy machine spoils all alike."""
    whole: dict[int, list[Cost]] = {workers: [] for workers in WORKERS}
    start: dict[int, list[Cost]] = {workers: [] for workers in WORKERS}
    for _ in range(ROUNDS):
        for workers in WORKERS:
            given = (*options, "--workers", str(workers))
            whole[workers].append(cost_of_build(*given))
            start[workers].append(cost_of_build(*given, "--limit", "1"))
    return whole, start


def table_row(workers: int, whole: list[Cost], start: list[Cost], *, rows: int) -> list[str]:
    """Show what the builds with one number of workers cost."""
    all_of_it = [1000 * cost.cpu_seconds / rows for cost in whole]
    pairs = zip(whole, start, strict=True)
    net = [1000 * (one.cpu_seconds - two.cpu_seconds) / (rows - 1) for one, two in pairs]
    rate = median(rows / cost.wall_seconds for cost in whole)
    return [str(workers), median_and_min(all_of_it), median_and_min(net), f"{rate:.0f}"]


def main() -> None:
    """Print one row for each number of workers."""
    source = find_source()
    rows = sum(1 for _ in read_cases(source))
    options = ["--source", source.name, *(["--input", source.path] if source.path else [])]
    adopt_orphans()
    whole, start = compare(options)
    print(f"{rows} rows of {source.name}, {ROUNDS} rounds, median (min); goal: <= 10 ms a program")
    header = ["workers", "CPU ms/program", "without the start", "rows/s with the start"]
    print_table(header, [table_row(n, whole[n], start[n], rows=rows) for n in WORKERS])


if __name__ == "__main__":
    main()
