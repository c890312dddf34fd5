"""How long the page of a large dataset takes, with how much memory, and how large it is.

    python tests/bench/bench_report.py DATASET [100000]

The rows of a dataset are repeated under other ids until there are so many.
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


def main(dataset: Path, count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        out, page = Path(folder) / "set", Path(folder) / "page.html"
        build(out, list(read_rows(dataset)), count)
        started = time.perf_counter()
        command = [sys.executable, "-m", "stepcode_cli.main", "report", str(out), "-o", str(page)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - started
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        megabytes = page.stat().st_size / 1e6
    print(
        f"{count:,} rows: {seconds:.1f} s, {used.ru_utime + used.ru_stime:.1f} s of CPU, "
        f"peak {used.ru_maxrss / 1024:.0f} MB, page {megabytes:.2f} MB"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100_000)
