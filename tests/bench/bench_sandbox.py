"""The sandbox against the usual harness, two workers against one, and memory over many runs.

    python tests/bench/bench_sandbox.py [PROGRAMS] [RUNS]

The usual harness is written after CRUXEval's description of its own: a process that has imported
numpy, to score with, starts for each check a manager and a process, in which a program is executed
in a temporary folder, with its output captured, an alarm set and dangerous functions taken away.
CPU is that of whole process trees; answers are compared with the outputs that the rows declare.
"""

import builtins
import contextlib
import faulthandler
import io
import multiprocessing
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

from stepcode.execute import Sandbox, run_all
from stepcode.execute.processes import descendants_of
from stepcode.source import read_cases
from stepcode.types import Case, Program
from tests.bench.benchmark_files import find_source

ROUNDS = 3
HARMFUL = {
    "os": "kill system putenv remove removedirs rmdir fchdir setuid fork forkpty killpg rename "
    "renames truncate replace unlink fchmod fchown chmod chown chroot lchown getcwd chdir",
    "shutil": "rmtree move chown",
    "subprocess": "Popen",
}
USUAL_SHARE = 10
"""The usual harness runs one program in so many: it is that much slower."""


def cpu_seconds() -> float:
    """Read what this process and its ended children have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def resident_mb(pid: int) -> float:
    """Read the memory of a process that is in use now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def check_in_process(code: str, seconds: int, result: Any) -> None:  # Any: a manager's proxy
    """Execute a check with its output captured; tell the manager how it went."""

    def give_up(number: int, frame: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, give_up)
    with tempfile.TemporaryDirectory() as folder:
        needed = os.chdir, shutil.rmtree, os.rmdir, os.unlink, os.getcwd
        os.chdir(folder)
        take_away()
        signal.setitimer(signal.ITIMER_REAL, seconds)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            try:
                exec(code, {})
                result.append("passed")
            except BaseException as error:
                result.append(f"failed: {error}")
        signal.setitimer(signal.ITIMER_REAL, 0)
        os.chdir, shutil.rmtree, os.rmdir, os.unlink, os.getcwd = needed


def take_away() -> None:
    """Put nothing in the place of what could do harm, as harnesses without a sandbox do."""
    faulthandler.disable()
    builtins.exit = builtins.quit = None  # type: ignore[assignment]  # that is the idea
    for module, names in HARMFUL.items():
        for name in names.split():
            setattr(sys.modules[module], name, None)


def run_usual(cases: list[Case]) -> int:
    """Run each case with a manager and a process of its own; returns how many were right."""
    right = 0
    for case in cases:
        code = f"{case.program.code}\nassert {case.call} == {case.declared}"
        with multiprocessing.Manager() as manager:
            result = manager.list()
            process = multiprocessing.Process(target=check_in_process, args=(code, 3, result))
            process.start()
            process.join(4)
            right += list(result) == ["passed"]
    return right


def run_sandboxed(cases: list[Case], *, workers: int = 1) -> int:
    """Run all cases in sandboxes; returns how many gave the declared output."""
    jobs = [(case.program, case.call) for case in cases]
    outputs = [execution.output for execution in run_all(jobs, workers=workers)]
    return sum(output == case.declared for output, case in zip(outputs, cases, strict=True))


def compare_with_the_usual(cases: list[Case]) -> None:
    """Print CPU milliseconds a program for both, interleaved."""
    import numpy  # noqa: F401

    some = cases[::USUAL_SHARE]
    for _ in range(ROUNDS):
        before = cpu_seconds()
        usual_right = run_usual(some)
        usual = (cpu_seconds() - before) / len(some)
        before = cpu_seconds()
        right = run_sandboxed(cases)
        ours = (cpu_seconds() - before) / len(cases)
        print(
            f"usual harness {usual * 1e3:6.2f} ms ({usual_right}/{len(some)} right)   "
            f"run_all {ours * 1e3:6.2f} ms ({right}/{len(cases)} right)   {usual / ours:5.1f}x"
        )


def compare_workers(cases: list[Case]) -> None:
    """Print wall-clock seconds with one worker and with two, interleaved."""
    many = cases * 4
    for _ in range(ROUNDS):
        seconds = []
        for workers in (1, 2):
            before = time.monotonic()
            run_sandboxed(many, workers=workers)
            seconds.append(time.monotonic() - before)
        print(f"1 worker {seconds[0]:6.2f} s   2 workers {seconds[1]:6.2f} s   ", end="")
        print(f"{seconds[0] / seconds[1]:5.2f}x")


def watch_memory(runs: int) -> None:
    """Print the memory of caller and zygote while one small program runs again and again."""
    program = Program(code="def f(x):\n    return [x] * 10")
    with Sandbox() as sandbox:
        for number in range(runs + 1):
            sandbox.run(program, f"f({number})")
            if number % max(runs // 4, 1) == 0:
                zygote = resident_mb(descendants_of(os.getpid())[0])
                print(f"{number:8} runs: caller {resident_mb(os.getpid()):6.1f} MB, ", end="")
                print(f"zygote {zygote:5.1f} MB")


def main() -> None:
    """Run the three, on as many programs and runs as asked."""
    programs = int(sys.argv[1]) if len(sys.argv) > 1 else 800
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
    cases = [case for case in islice(read_cases(find_source()), programs) if case.declared]
    compare_with_the_usual(cases)
    compare_workers(cases)
    watch_memory(runs)


if __name__ == "__main__":
    main()
