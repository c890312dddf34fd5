"""`insert_anchors` beside `libcst.parse_module(code).code`, on the same programs in one process.

    python tests/bench/bench_anchor.py

LibCST's own round trip is the floor for any rewriter on top of it. The goal is 1.5 times that.
"""

import gc
import sysconfig
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import libcst

from stepcode.anchor import insert_anchors
from stepcode.errors import AnchorError
from stepcode.types import Program
from tests.bench.benchmark_files import benchmark_file, read_programs
from tests.bench.tables import median_and_min, print_table

ROUNDS = 5
LIBRARY_FILES = 60
MAX_BYTES = 30_000


def library_programs() -> list[Program]:
    """Read modules of the standard library, spread over the alphabet, none of them huge."""
    folder = Path(sysconfig.get_path("stdlib"))
    small = [path for path in sorted(folder.glob("*.py")) if path.stat().st_size < MAX_BYTES]
    step = max(1, len(small) // LIBRARY_FILES)
    texts = [path.read_text(encoding="utf-8") for path in small[::step][:LIBRARY_FILES]]
    return [program for text in texts if is_accepted(program := Program(code=text))]


def is_accepted(program: Program) -> bool:
    """Leave out what is refused: it would be too quick to compare."""
    try:
        insert_anchors(program)
    except AnchorError:
        return False
    return True


def round_trip(programs: Iterable[Program]) -> None:
    """Parse and print with LibCST, nothing else."""
    for program in programs:
        assert libcst.parse_module(program.code).code == program.code


def anchor(programs: Iterable[Program]) -> None:
    """Do what `stepcode anchor` does."""
    for program in programs:
        insert_anchors(program)


def seconds(work: Callable[[Iterable[Program]], None], programs: list[Program]) -> float:
    """Return the CPU seconds of one round, with no garbage of the round before."""
    gc.collect()
    before = time.process_time()
    work(programs)
    return time.process_time() - before


def compare(name: str, programs: list[Program]) -> list[str]:
    """Interleave the rounds, so that a busy machine spoils both alike."""
    floor, ours = [], []
    for _ in range(ROUNDS):
        floor.append(seconds(round_trip, programs))
        ours.append(seconds(anchor, programs))
    ratio = sorted(mine / theirs for mine, theirs in zip(ours, floor, strict=True))[ROUNDS // 2]
    rate = len(programs) / sorted(ours)[ROUNDS // 2]
    cells = [median_and_min([1000 * each for each in times]) for times in (floor, ours)]
    return [f"{name} ({len(programs)})", *cells, f"{ratio:.2f}", f"{rate:.0f}"]


def main() -> None:
    """Print one row for each set of programs."""
    rows = [compare("standard library", library_programs())]
    if path := benchmark_file("cruxeval/cruxeval.jsonl"):
        rows.append(compare("CRUXEval", read_programs(path)))
    print(f"CPU milliseconds for all programs, {ROUNDS} rounds, median (min); goal: ratio <= 1.5")
    print_table(["programs", "libcst round trip", "insert_anchors", "ratio", "programs/s"], rows)


if __name__ == "__main__":
    main()
