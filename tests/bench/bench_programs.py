"""CPU microseconds per program of the whole process tree, over CRUXEval or the bundled programs.

    python tests/bench/bench_programs.py [ROWS]

Compared with a bare fork that executes a code object compiled in advance, the floor on any machine.
"""

import gc
import os
import resource
import statistics
import sys
from collections.abc import Callable
from itertools import islice
from types import CodeType

from stepcode.execute import run_all
from stepcode.source import read_cases
from stepcode.types import Outcome, Program
from tests.bench.benchmark_files import find_source

ROUNDS = 3


def read_jobs(rows: int) -> list[tuple[Program, str]]:
    """Read the first programs with their calls, leaving out those that do not return."""
    cases = islice(read_cases(find_source()), rows)
    jobs = [(case.program, case.call) for case in cases if case.call]
    executions = run_all(jobs)
    return [job for job, run in zip(jobs, executions, strict=True) if run.outcome is Outcome.OK]


def cpu_seconds() -> float:
    """Read what this process and its ended children have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def run_sandboxed(jobs: list[tuple[Program, str]]) -> None:
    """Run everything as users do, with the start of the sandbox in the bill."""
    outcomes = [execution.outcome for execution in run_all(jobs)]
    assert outcomes.count(Outcome.OK) == len(jobs), outcomes


def run_bare(codes: list[CodeType]) -> None:
    """Fork, execute, exit: no limits, no capture, no compiling."""
    for code in codes:
        pid = os.fork()
        if pid == 0:
            exec(code, {"__name__": "program"})
            os._exit(0)
        os.waitpid(pid, 0)


def measure(work: Callable[[], None], *, count: int) -> float:
    """Return the CPU microseconds per program of one round."""
    before = cpu_seconds()
    work()
    return (cpu_seconds() - before) / count * 1e6


def main() -> None:
    """Interleave the rounds, so that a busy machine spoils both alike."""
    jobs = read_jobs(int(sys.argv[1]) if len(sys.argv) > 1 else 800)
    codes = [compile(f"{program.code}\n{call}", "<bench>", "exec") for program, call in jobs]
    gc.freeze()
    sandboxed, bare = [], []
    for _ in range(ROUNDS):
        sandboxed.append(measure(lambda: run_sandboxed(jobs), count=len(jobs)))
        bare.append(measure(lambda: run_bare(codes), count=len(jobs)))
    print(f"{len(jobs)} programs, {ROUNDS} rounds, CPU microseconds per program (median)")
    print(f"run_all, one worker    {statistics.median(sandboxed):8.0f}")
    print(f"bare fork and exec     {statistics.median(bare):8.0f}")
    print(f"of the floor's speed   {statistics.median(bare) / statistics.median(sandboxed):8.2f}")


if __name__ == "__main__":
    main()
