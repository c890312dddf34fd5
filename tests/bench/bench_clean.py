"""What cleaning costs: rows decontaminated a second and programs compared a second, and memory.

    python tests/bench/bench_clean.py [ROWS] [COMPARED]

The rows are made here: 1,000,000 programs of 5 to 15 lines that all differ, one in a thousand a
renamed program of a benchmark. They are compared with all benchmark files that are found. For
duplicates COMPARED of them, 100,000 unless said otherwise, are looked at as at the end of a build.
Everything runs in one process; polars and BLAS are held to one thread.
"""

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from stepcode.dataset.contamination import BenchmarkIndex, build_index
from stepcode.dataset.decontaminate import decontaminate
from stepcode.dataset.near_duplicates import find_repeated_programs
from tests.bench.bench_memory import peak_megabytes
from tests.bench.benchmark_files import benchmark_file
from tests.bench.tables import print_table
from tests.unit.leaks import renamed

ROWS, COMPARED = 1_000_000, 100_000
LEAK_EVERY = 1000
_BLOCK = 10_000
_FILES = (
    "cruxeval/cruxeval.jsonl",
    "livecodebench/lcb_exec_mini.jsonl",
    "reval/DREval_data.jsonl",
    "humaneval/HumanEval.jsonl.gz",
    "mbpp/sanitized-mbpp.json",
)
_LINES = (
    "{a} = {b} + {n}",
    "{a} = [{b} * {n} for {c} in range({n})]",
    "{a}.append(len(str({b})) % {n})",
    "if {b} > {n}:\n        {a} -= {n}",
    "for {c} in {b}[:{n}]:\n        {a} += {c} // {n}",
    "{a} = sorted({b}, key=lambda {c}: -{c} + {n})",
    "{a} = {{{c}: {b} for {c} in {a}}}",
    "while {a} < {n}:\n        {a} = {a} * 2 + {b}",
    "{a}, {b} = {b}[{n}:], str({a}).upper().replace('{c}', '{n}')",
    "{a} = max({b}.count({n}), {c}.index('{a}')) ^ {n}",
)
_NAMES = ("total", "items", "text", "count", "result", "x", "values", "key")


class Meter:
    """What it took since it was made; CPU time too, since other processes may have the core."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        self._before = peak_megabytes("self")

    def cells(self, rows: int) -> list[str]:
        """Give rows a CPU second, both times in seconds, and the peak of memory in MB."""
        cpu, wall = time.process_time() - self._cpu, time.perf_counter() - self._wall
        memory = (str(self._before), str(peak_megabytes("self")))
        return [f"{rows / cpu:,.0f}", f"{cpu:.0f}", f"{wall:.0f}", *memory]


def make_program(random_: random.Random) -> str:
    """Write a program that may not run, of lines as the benchmarks have them."""
    lines = ["def f(items, text, count=1):", "    total = 0"]
    for _ in range(random_.randint(3, 12)):
        a, b, c = random_.choices(_NAMES, k=3)
        n = random_.randint(0, 999)
        lines.append("    " + random_.choice(_LINES).format(a=a, b=b, c=c, n=n))
    return "\n".join([*lines, f"    return {random_.choice(_NAMES)}\n"])


def make_rows(count: int, leaks: list[str]) -> Iterator[pl.DataFrame]:
    """Make rows by blocks, so that their making does not take the memory that is measured."""
    random_ = random.Random(0)
    for start in range(0, count, _BLOCK):
        codes = [make_program(random_) for _ in range(min(_BLOCK, count - start))]
        codes[::LEAK_EVERY] = [random_.choice(leaks) for _ in codes[::LEAK_EVERY]]
        ids = [str(start + place) for place in range(len(codes))]
        yield pl.DataFrame({"id": ids, "code": codes})


def measure_decontamination(folder: Path, rows: int, index: BenchmarkIndex) -> list[str]:
    """Decontaminate all rows from several files into one."""
    leaks = [renamed(program.code) for program in index.programs]
    sources = []
    for number, frame in enumerate(make_rows(rows, leaks)):
        sources.append(folder / f"{number:04d}.parquet")
        frame.write_parquet(sources[-1])
    meter = Meter()
    done = decontaminate(sources, folder / "clean.parquet", index)
    cells = meter.cells(rows)
    planted = sum(-(-min(_BLOCK, rows - at) // LEAK_EVERY) for at in range(0, rows, _BLOCK))
    found = f"{done.rows_in - done.kept} of {planted} leaks"
    return [f"decontaminate {rows:,}", *cells, found]


def measure_duplicates(folder: Path, rows: int) -> list[str]:
    """Look for programs that repeat others, as `write_final` does."""
    blocks = {}
    for number, frame in enumerate(make_rows(rows, ["def f(x):\n    return x\n"])):
        blocks[number] = folder / f"block-{number}"
        blocks[number].mkdir()
        frame.write_parquet(blocks[number] / "data.parquet")
    meter = Meter()
    repeats = find_repeated_programs(blocks, folder / "scratch")
    return [f"duplicates {rows:,}", *meter.cells(rows), f"{len(repeats)} programs"]


def main() -> None:
    """Print one row for each measurement."""
    rows, compared = (*map(int, sys.argv[1:]), *(ROWS, COMPARED)[len(sys.argv) - 1 :])
    files = [str(path) for name in _FILES if (path := benchmark_file(name))]
    if not files:
        raise SystemExit("there is nothing to compare with")
    start = time.perf_counter()
    index = build_index(files)
    took = time.perf_counter() - start
    print(f"{len(files)} benchmark files, {len(index.programs)} programs, read in {took:.1f} s")
    with tempfile.TemporaryDirectory(prefix="stepcode-bench-") as folder:
        table = [measure_decontamination(Path(folder), rows, index)]
        table.append(measure_duplicates(Path(folder), compared))
    header = ["what", "rows/CPU s", "CPU s", "wall s", "MB before", "MB peak", "found"]
    print_table(header, table)


if __name__ == "__main__":
    main()
