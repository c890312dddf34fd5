"""What a command costs with everything that it starts: workers, zygotes and programs."""

import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a command used."""

    cpu_seconds: float
    wall_seconds: float


def adopt_orphans() -> None:
    """Become the parent of what loses its own: a zygote outlives the worker that is ended first."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def cost_of(command: Sequence[str]) -> Cost:
    """Run a command, wait for all that descends from it, and add it up."""
    cpu, wall = ended_children_seconds(), time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall = time.monotonic() - wall
    wait_for_orphans()
    return Cost(ended_children_seconds() - cpu, wall)


def wait_for_orphans() -> None:
    """Reap everything that was adopted."""
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def build_command(out: Path, *options: str) -> list[str]:
    """Write the command that builds a dataset with this Python."""
    return [sys.executable, "-m", "stepcode_cli.main", "build-dataset", "--out", str(out), *options]


def cost_of_build(*options: str) -> Cost:
    """Build a dataset that nobody keeps."""
    with tempfile.TemporaryDirectory(prefix="stepcode-bench-") as folder:
        return cost_of(build_command(Path(folder) / "out", *options))


def ended_children_seconds() -> float:
    """CPU seconds of all children that have been waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
