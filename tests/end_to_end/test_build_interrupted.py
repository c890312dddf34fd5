"""A build that is killed, interrupted or out of disk goes on later, to the same bytes."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.build_samples import (
    digests,
    reasons,
    row,
    start,
    wait_for,
    wait_until_none_runs,
    write_jsonl,
)

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]

BUILD = """
import sys
from pathlib import Path
from stepcode_pipelines.build import build_dataset
from stepcode_pipelines.recipe import load_recipe
recipe = load_recipe("bundled", source="jsonl", path="in.jsonl")
build_dataset(recipe, Path(sys.argv[1]), workers=int(sys.argv[2]), block_rows=20)
"""
BUSY = "def f(x):\n    y = sum(range(200_000)) + x\n    return y\n"


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Rows for six blocks: most kept, some rejected, and some that repeat one of another block."""
    kept = [row(number, code=BUSY) for number in range(100)]
    repeated = [row(number + 100, code=BUSY, input=str(number)) for number in range(10)]
    wrong = [row(number + 110, code=BUSY, output="0") for number in range(10)]
    return write_jsonl(tmp_path / "in.jsonl", [*kept[:50], *wrong, *repeated, *kept[50:]])


def build(out: str, *, workers: int, tmp_path: Path) -> dict[str, str]:
    process = start(out, str(workers), tmp_path=tmp_path, script=BUILD)
    _, stderr = process.communicate(timeout=100)
    assert (process.returncode, stderr) == (0, b"")
    return digests(tmp_path / out)


@pytest.mark.slow
@pytest.mark.usefixtures("rows")
def test_killed_build_goes_on_with_any_number_of_workers(tmp_path: Path) -> None:
    process = start("killed", "2", tmp_path=tmp_path, script=BUILD)
    wait_for(tmp_path / "killed" / ".building" / "blocks" / "000002", process)
    process.kill()
    process.communicate()
    wait_until_none_runs(tmp_path)
    assert not (tmp_path / "killed" / "manifest.json").exists()
    whole = build("whole", workers=2, tmp_path=tmp_path)
    assert build("killed", workers=1, tmp_path=tmp_path) == whole
    found = reasons(tmp_path / "killed")
    assert sorted(set(found.values())) == ["duplicate", "output_differs"]
    assert len(found) == 20
    wait_until_none_runs(tmp_path)
    assert list((tmp_path / "tmp").glob("stepcode*")) == []


@pytest.mark.slow
@pytest.mark.usefixtures("rows")
def test_build_that_is_killed_again_and_again_ends_with_the_same_bytes(tmp_path: Path) -> None:
    seconds = 0.3
    while not (tmp_path / "killed" / "manifest.json").exists():
        process = start("killed", "2", tmp_path=tmp_path, script=BUILD)
        time.sleep(seconds)
        process.kill()
        process.communicate()
        seconds *= 1.5
    killed = build("killed", workers=1, tmp_path=tmp_path)
    assert killed == build("whole", workers=1, tmp_path=tmp_path)


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("whole_group", [True, False], ids=["group", "driver"])
@pytest.mark.parametrize("seconds", [0, 0.05, 0.2])
def test_interrupt_is_one_line_and_leaves_no_dataset(
    tmp_path: Path, whole_group: bool, seconds: float
) -> None:
    command = ("build-dataset", "--source", "jsonl", "--input", "in.jsonl", "--out", "out")
    process = start(*command, tmp_path=tmp_path)
    # From here on workers start, and import: nothing of that may show.
    wait_for(tmp_path / "out" / ".building" / "setup.json", process)
    time.sleep(seconds)
    (os.killpg if whole_group else os.kill)(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    wait_until_none_runs(tmp_path)
    assert (process.returncode, stdout) == (1, b"")
    assert list((tmp_path / "tmp").glob("stepcode*")) == []
    assert stderr.startswith(b"stepcode: interrupted; what is finished is kept in out")
    assert stderr.count(b"\n") == 1
    assert not (tmp_path / "out" / "manifest.json").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("whole_group", [True, False], ids=["group", "driver"])
def test_interrupted_build_goes_on_to_the_same_bytes(tmp_path: Path, whole_group: bool) -> None:
    process = start("out", "2", tmp_path=tmp_path, script=BUILD)
    wait_for(tmp_path / "out" / ".building" / "blocks" / "000001", process)
    (os.killpg if whole_group else os.kill)(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    wait_until_none_runs(tmp_path)
    assert not (tmp_path / "out" / "manifest.json").exists()
    resumed = build("out", workers=2, tmp_path=tmp_path)
    assert resumed == build("whole", workers=1, tmp_path=tmp_path)


@pytest.mark.slow
@pytest.mark.usefixtures("rows")
def test_second_build_in_the_same_folder_is_refused(tmp_path: Path, stepcode: Stepcode) -> None:
    command = ("build-dataset", "--source", "jsonl", "--input", "in.jsonl", "--out", "out")
    process = start(*command, tmp_path=tmp_path)
    wait_for(tmp_path / "out" / ".building" / "setup.json", process)
    refused = stepcode(*command)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert refused.returncode == 2
    assert refused.stderr == b"stepcode: out: another build is writing here; wait for it\n"


def test_finished_build_leaves_no_process_and_no_scratch_folder(tmp_path: Path) -> None:
    process = start("build-dataset", "--out", "out", "--limit", "5", tmp_path=tmp_path)
    process.communicate(timeout=60)
    wait_until_none_runs(tmp_path)
    assert process.returncode == 0
    assert list((tmp_path / "tmp").glob("stepcode*")) == []


ON_A_SMALL_DISK = """
mkdir disk
mount -t tmpfs -o size=16k none disk
stepcode() { "$PYTHON" -m stepcode_cli.main build-dataset --limit 40 --workers 1 --out "$1"; }
stepcode disk/out
echo "full: $?"
ls disk/out
mount -o remount,size=10m disk
stepcode disk/out
echo "resumed: $?"
stepcode whole
cp -r disk/out out
"""


@pytest.mark.slow
def test_full_disk_is_one_line_and_the_build_goes_on_once_there_is_room(tmp_path: Path) -> None:
    private_mounts = ["unshare", "--map-root-user", "--mount"]
    if not shutil.which("unshare") or subprocess.run([*private_mounts, "true"]).returncode:
        pytest.skip("this machine lets no user mount a small disk of their own (unshare --mount)")
    done = subprocess.run(
        [*private_mounts, "bash", "-c", ON_A_SMALL_DISK],
        capture_output=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHON": sys.executable},
    )
    lines = done.stdout.decode().splitlines()
    assert lines[:1] == ["full: 1"]
    assert lines[2] == "resumed: 0"
    assert done.stderr.startswith(b"stepcode: disk/out: No space left on device; ")
    assert done.stderr.count(b"\n") == 1
    assert digests(tmp_path / "out") == digests(tmp_path / "whole")
