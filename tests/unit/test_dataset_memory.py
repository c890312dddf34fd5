"""What a build holds in memory is bounded by a block, a batch and a shard, not by its rows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.bench_memory import watch_build
from tests.bench.synthetic_rows import write_rows

FINISH = """
import sys
from pathlib import Path
from tests.bench.bench_memory import peak_megabytes
from tests.unit.dataset_samples import finish_sample, kept, open_sample

blocks, rows = int(sys.argv[1]), 1000
with open_sample(Path(sys.argv[2])) as build:
    for index in range(blocks):
        some = [kept(index * rows + place, steps=20) for place in range(rows)]
        build.write_block(index, some, [], rows_in=rows, outcomes={"ok": rows})
    finish_sample(build, blocks=blocks)
print(peak_megabytes("self"))
"""


@pytest.fixture(autouse=True)
def _path_of_children(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))


def peak_of_finish(blocks: int, out: Path) -> int:
    command = [sys.executable, "-c", FINISH, str(blocks), str(out)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=100)
    return int(done.stdout)


@pytest.mark.slow
def test_memory_of_a_build_does_not_grow_with_its_rows(tmp_path: Path) -> None:
    peaks = []
    for count in (500, 5_000):
        write_rows(tmp_path / "rows.jsonl", count)
        peaks.append(watch_build(tmp_path / "rows.jsonl", tmp_path / str(count)))
    few, many = peaks
    assert min(few.driver, few.worker, few.zygote) > 0
    # A block of 1,000 rows and a shard of five blocks are what the driver holds more.
    assert many.driver - few.driver < 40
    assert many.worker - few.worker < 5
    assert many.zygote - few.zygote < 5


@pytest.mark.slow
def test_memory_of_the_last_step_does_not_grow_with_the_number_of_shards(tmp_path: Path) -> None:
    few, many = (peak_of_finish(blocks, tmp_path / str(blocks)) for blocks in (20, 60))
    # Forty more blocks would be 200 MB; the allocator of polars keeps up to 40 MB for later.
    assert many - few < 60
