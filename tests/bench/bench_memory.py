"""Peak resident memory of a build, by the number of rows: it should not grow with them.

    python tests/bench/bench_memory.py [ROWS...]

The driver holds one block of rows and a few batches, then one shard; a worker holds one batch.
"""

import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from stepcode.execute.processes import descendants_of
from tests.bench.process_tree import build_command
from tests.bench.synthetic_rows import write_rows
from tests.bench.tables import print_table

DEFAULT_ROWS = (2_000, 20_000)
_PAUSE_SECONDS = 0.05
_TREE_EVERY = 20


@dataclass(frozen=True, slots=True)
class Peaks:
    """The most that any process of each kind held, in MB, and how long the build took."""

    driver: int
    worker: int
    zygote: int
    seconds: float


def peak_megabytes(pid: int | str) -> int:
    """Read the high-water mark of a process, or of `self`; 0 if it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    marks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(marks[0]) >> 10 if marks else 0


def kind_of(pid: int) -> str:
    """Tell a worker from a zygote by its command line; other processes do not count."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""
    return next((kind for kind in ("zygote", "spawn_main") if kind in command), "")


def watch_build(rows: Path, out: Path, *options: str) -> Peaks:
    """Build a dataset and read the high-water marks until it ends."""
    peaks: dict[str, int] = defaultdict(int)
    start = time.monotonic()
    command = build_command(out, "--source", "jsonl", "--input", str(rows), *options)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as driver:
        looks = 0
        while driver.poll() is None:
            peaks["driver"] = max(peaks["driver"], peak_megabytes(driver.pid))
            if looks % _TREE_EVERY == 0:
                for pid in descendants_of(driver.pid):
                    kind = kind_of(pid)
                    peaks[kind] = max(peaks[kind], peak_megabytes(pid))
            looks += 1
            time.sleep(_PAUSE_SECONDS)
    if driver.returncode:
        raise SystemExit(f"the build ended with status {driver.returncode}")
    seconds = time.monotonic() - start
    return Peaks(peaks["driver"], peaks["spawn_main"], peaks["zygote"], seconds)


def measure(rows: int) -> list[str]:
    """Build from that many rows, each a program of its own."""
    with tempfile.TemporaryDirectory(prefix="stepcode-bench-") as folder:
        path = Path(folder) / "rows.jsonl"
        write_rows(path, rows)
        peaks = watch_build(path, Path(folder) / "out")
    numbers = (peaks.driver, peaks.worker, peaks.zygote, rows / peaks.seconds)
    return [f"{rows:,}", *(f"{number:.0f}" for number in numbers)]


def main() -> None:
    """Print one row for each number of rows."""
    sizes = [int(size) for size in sys.argv[1:]] or DEFAULT_ROWS
    print("peak resident MB of any one process of a kind")
    print_table(["rows", "driver", "worker", "zygote", "rows/s"], [measure(n) for n in sizes])


if __name__ == "__main__":
    main()
