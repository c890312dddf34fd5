"""How fast programs are written, and how fast they become verified rows.

    python tests/bench/bench_synthesize.py [ROWS]

Rows a second and core count the processor time of every process of a build. Starting and ending the
command costs about a second, which the first column of them holds and the second leaves out. The
goal is 100 kept rows a second and core, under the default policy.
"""

import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from stepcode.dataset.manifest import read_manifest
from stepcode.source import SourceSettings, read_cases
from stepcode.source.synthesize import DIFFICULTIES
from tests.bench.process_tree import adopt_orphans, build_command, cost_of, cost_of_build
from tests.bench.tables import print_table

ROWS = 2000


def programs_per_second(difficulty: int, rows: int) -> float:
    """Write programs and nothing else."""
    settings = SourceSettings(name="synthetic", difficulty=difficulty)
    start = time.process_time()
    written = sum(1 for _ in islice(read_cases(settings), rows))
    return written / (time.process_time() - start)


def measure(difficulty: int, rows: int) -> list[str]:
    """Build a dataset of one difficulty."""
    options = ("--source", "synthetic", "--difficulty", str(difficulty), "--workers", "1")
    with tempfile.TemporaryDirectory(prefix="stepcode-bench-") as folder:
        out = Path(folder) / "out"
        cost = cost_of(build_command(out, *options, "--limit", str(rows)))
        made = read_manifest(out)
    start = cost_of_build(*options, "--limit", "1")
    kept = made.rows["kept"]
    steps = sum(int(steps) * number for steps, number in made.steps.items()) / kept
    return [
        str(difficulty) if difficulty else "all",
        f"{programs_per_second(difficulty, rows):.0f}",
        f"{kept / cost.cpu_seconds:.0f}",
        f"{kept / (cost.cpu_seconds - start.cpu_seconds):.0f}",
        f"{100 * kept / rows:.1f}",
        f"{steps:.1f}",
    ]


def main() -> None:
    """Print one row for each difficulty, and one for the mixture."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    adopt_orphans()
    print(f"{rows} programs of each difficulty; goal: >= 100 kept rows a second and core")
    header = [
        "difficulty",
        "written/s",
        "kept/s and core",
        "without the start",
        "kept %",
        "steps a row",
    ]
    print_table(header, [measure(difficulty, rows) for difficulty in (0, *DIFFICULTIES)])


if __name__ == "__main__":
    main()
