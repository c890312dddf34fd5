"""Whatever is killed during a build, and whenever: the dataset has the bytes of an undisturbed one.

STEPCODE_KILLS=100 pytest -m slow tests/end_to_end/test_build_killed.py   # more than the 25 here
"""

import ctypes
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from stepcode.execute.isolate import Isolation, probe_levels
from stepcode.execute.processes import descendants_of
from tests.end_to_end.build_samples import digests, row, start, write_jsonl

KILLS = int(os.environ.get("STEPCODE_KILLS", "25"))
BUILD = """
import sys
from pathlib import Path
from stepcode.execute.isolate import Isolation
from stepcode_pipelines.build import build_dataset
from stepcode_pipelines.recipe import load_recipe
if __name__ == "__main__":
    recipe = load_recipe("bundled", source="jsonl", path="in.jsonl")
    level = Isolation(sys.argv[2])
    build_dataset(recipe, Path(sys.argv[1]), workers=2, isolation=level, block_rows=20)
"""
BUSY = "def f(x):\n    y = sum(range(600_000)) + x\n    return y\n"
_SET_CHILD_SUBREAPER = 36
BEFORE: set[int] = set()
"""What this process had started before."""


@pytest.fixture
def _adopting() -> Iterator[None]:
    """Become the parent of what loses its own, so that nothing can get out of sight."""
    prctl = ctypes.CDLL(None).prctl
    prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    BEFORE.update(descendants_of(os.getpid()))
    yield
    prctl(_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def reap_orphans(driver: subprocess.Popen[bytes]) -> None:
    """Reap what was adopted and has ended, but leave the driver to its own object."""
    for path in Path("/proc/self/task").glob("*/children"):
        for pid in map(int, path.read_text().split()):
            if pid != driver.pid:
                with suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)


def kind_of(pid: int) -> str:
    command = command_of(pid)
    if "zygote.py" in command and "zygote.py" in command_of(parent_of(pid)):
        return "program"
    names = ("zygote.py", "stage.py", "spawn_main", "resource_tracker")
    return next((name for name in names if name in command), "driver" if command else "gone")


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def choose_victim(driver: int, draw: random.Random) -> tuple[str, int] | None:
    """Choose a kind of process first: there are many more zygotes than drivers.

    Not a program: that one is killed is what it did, or what the machine did to it alone.
    """
    kinds: dict[str, list[int]] = {}
    for pid in [driver, *sorted(descendants_of(driver))]:
        kinds.setdefault(kind_of(pid), []).append(pid)
    for kind in ("gone", "program"):
        kinds.pop(kind, None)
    # Before its first zygotes a driver mostly starts, which it would never end.
    if not kinds or ("zygote.py" not in kinds and draw.random() > 0.05):
        return None
    kind = draw.choice(sorted(kinds))
    return kind, draw.choice(kinds[kind])


def build_under_fire(tmp_path: Path, level: str, *, kills: int) -> Counter[str]:
    """Build, killing at random and starting the driver again when it ends, until it is done."""
    draw = random.Random(20)
    killed: Counter[str] = Counter()
    driver = start("killed", level, tmp_path=tmp_path, script=BUILD)
    while True:
        time.sleep(draw.uniform(0.02, 0.4))
        if driver.poll() is not None:
            driver.communicate()
            if driver.returncode == 0:
                break
            driver = start("killed", level, tmp_path=tmp_path, script=BUILD)
        elif killed.total() < kills and (victim := choose_victim(driver.pid, draw)):
            with suppress(ProcessLookupError):
                os.kill(victim[1], signal.SIGKILL)
                killed[victim[0]] += 1
        reap_orphans(driver)
    wait_until_no_child_is_left(driver)
    return killed


def wait_until_no_child_is_left(driver: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 5
    # Another test's resource tracker lives as long as the process that runs the tests.
    while left := [pid for pid in descendants_of(os.getpid()) if pid not in BEFORE]:
        assert time.monotonic() < deadline, [(pid, kind_of(pid)) for pid in left]
        reap_orphans(driver)
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.timeout(100 + 3 * KILLS)
@pytest.mark.usefixtures("_adopting")
@pytest.mark.parametrize("level", list(Isolation))
def test_processes_killed_at_random_change_no_byte_and_leave_nothing(
    tmp_path: Path, level: Isolation
) -> None:
    missing = {probe.level: probe.missing for probe in probe_levels()}
    if missing.get(level):
        pytest.skip(missing[level])
    fields = {1: {"output": "0"}, 3: {"code": "def f(x): return 1 // 0\n"}}
    rows = 12 * KILLS
    write_jsonl(
        tmp_path / "in.jsonl",
        [row(number, **({"code": BUSY} | fields.get(number % 8, {}))) for number in range(rows)],
    )
    killed = build_under_fire(tmp_path, level.value, kills=KILLS)
    whole = start("whole", level.value, tmp_path=tmp_path, script=BUILD)
    _, stderr = whole.communicate(timeout=100)
    assert (whole.returncode, stderr) == (0, b"")
    assert digests(tmp_path / "killed") == digests(tmp_path / "whole")
    assert killed.total() == KILLS, killed
    assert {"driver", "spawn_main", "zygote.py"} <= killed.keys()
    wait_until_no_child_is_left(whole)
    assert list((tmp_path / "tmp").glob("stepcode*")) == []
