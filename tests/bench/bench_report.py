"""How long the page of a large dataset takes, with how much memory, and how large it is.

    python tests/bench/bench_report.py [100000]

The rows of the bundled programs are repeated under other ids until there are so many.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

from stepcode.dataset.parquet import open_build
from stepcode.dataset.read import read_rows
from stepcode.dataset.rows import Row
from stepcode.types import short_hash

BLOCK = 1000


def repeated(rows: list[Row]) -> Iterator[Row]:
    for number, row in enumerate(cycle(rows)):
        yield replace(row, id=short_hash(row.id, str(number)))


def build(out: Path, rows: list[Row], count: int) -> None:
    every = repeated(rows)
    with open_build(out, {"source": {"name": "jsonl"}}, isolation="none", overwrite=False) as one:
        for index in range(count // BLOCK):
            block = list(islice(every, BLOCK))
            one.write_block(index, block, [], rows_in=BLOCK, outcomes={"ok": BLOCK})
        one.finish(blocks=range(count // BLOCK), evaluation_only=False, drop_duplicates=False)


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def stepcode(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "stepcode_cli.main", *map(str, arguments)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        few, out, page = (Path(folder) / name for name in ("few", "set", "page.html"))
        stepcode("build-dataset", "--out", few)
        build(out, list(read_rows(few)), count)
        before, started = cpu_seconds(), time.perf_counter()
        stepcode("report", out, "-o", page)
        seconds, spent = time.perf_counter() - started, cpu_seconds() - before
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        megabytes = page.stat().st_size / 1e6
    print(
        f"{count:,} rows: {seconds:.1f} s, {spent:.1f} s of CPU, "
        f"peak {peak:.0f} MB, page {megabytes:.2f} MB"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
