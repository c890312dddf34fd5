"""A loaded machine changes no outcome: what counts is processor time."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from stepcode.execute import run_all
from stepcode.types import Execution, Limits, Program

LIMITS = Limits(cpu_seconds=0.5, wall_seconds=8, memory_mb=256, max_output_bytes=20_000)
BODIES = {
    "ordinary": "return sorted(range(50), reverse=True)",
    "near the limit": (
        "import time\n    while time.process_time() < 0.25: pass\n    return 'in time'"
    ),
    "endless": "while True: pass",
    "sleeper": "import time; time.sleep(0.3); return 'awake'",
    "raises": "return 1 // 0",
    "dies": "import os; os.abort()",
    "floods": "print('x' * 30_000)",
    "hungry": "return len(bytearray(10 ** 9))",
    "threads": "import threading as t; x = t.Thread(target=print, args=(1,)); x.start(); x.join()",
}


@contextmanager
def busy_loops(count: int) -> Iterator[None]:
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def executions() -> list[Execution]:
    jobs = [(Program(code=f"def f():\n    {body}\n"), "f()") for body in BODIES.values()]
    return list(run_all(jobs * 2, limits=LIMITS))


@pytest.mark.slow
def test_four_busy_loops_beside_it_change_no_outcome() -> None:
    idle = executions()
    with busy_loops(4):
        assert executions() == idle
