"""CPU microseconds per program of the whole process tree, and where they go.

    python tests/bench/bench_programs.py [ROWS]

Compared with a bare fork that executes a code object compiled in advance, the floor on any machine.
Over CRUXEval, or the bundled programs where that is not at hand.
"""

import gc
import os
import resource
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from types import CodeType

from stepcode.execute import run_all
from stepcode.source import read_cases
from stepcode.types import Outcome, Program
from tests.bench.benchmark_files import find_source

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Used:
    """What one program took: microseconds in this process and in others, page faults there."""

    here: float
    elsewhere: float
    faults: float

    @property
    def all(self) -> float:
        """Microseconds of the whole process tree."""
        return self.here + self.elsewhere


def read_jobs(rows: int) -> list[tuple[Program, str]]:
    """Read the first programs with their calls, leaving out those that do not return."""
    cases = islice(read_cases(find_source()), rows)
    jobs = [(case.program, case.call) for case in cases if case.call]
    executions = run_all(jobs)
    return [job for job, run in zip(jobs, executions, strict=True) if run.outcome is Outcome.OK]


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


def compile_all(jobs: list[tuple[Program, str]]) -> list[CodeType]:
    """Compile what the floor gets compiled."""
    return [compile(f"{program.code}\n{call}", "<bench>", "exec") for program, call in jobs]


def measure(work: Callable[[], object], *, count: int) -> Used:
    """Return what a program took in one round."""
    before = _read()
    work()
    here, elsewhere, faults = (now - then for now, then in zip(_read(), before, strict=True))
    return Used(here / count * 1e6, elsewhere / count * 1e6, faults / count)


def _read() -> tuple[float, float, int]:
    own, others = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime, others.ru_utime + others.ru_stime, others.ru_minflt


def main() -> None:
    """Interleave the rounds, so that a busy machine spoils all alike."""
    jobs = read_jobs(int(sys.argv[1]) if len(sys.argv) > 1 else 800)
    codes = compile_all(jobs)
    gc.freeze()
    sandboxed, bare, compiling = [], [], []
    for _ in range(ROUNDS):
        sandboxed.append(measure(lambda: run_sandboxed(jobs), count=len(jobs)))
        bare.append(measure(lambda: run_bare(codes), count=len(jobs)))
        compiling.append(measure(lambda: compile_all(jobs), count=len(jobs)).here)
    whole, floor = (statistics.median(u.all for u in used) for used in (sandboxed, bare))
    print(f"{len(jobs)} programs, {ROUNDS} rounds, CPU microseconds per program (median)")
    print(f"run_all, one worker       {whole:8.0f}")
    print(f"  caller                  {statistics.median(u.here for u in sandboxed):8.0f}")
    print(f"    of that, compiling    {statistics.median(compiling):8.0f}")
    print(f"  zygote and programs     {statistics.median(u.elsewhere for u in sandboxed):8.0f}")
    print(f"    page faults in them   {statistics.median(u.faults for u in sandboxed):8.0f}")
    print(f"bare fork and exec        {floor:8.0f}")
    print(f"    page faults in it     {statistics.median(u.faults for u in bare):8.0f}")
    print(f"of the floor's speed      {floor / whole:8.2f}")


if __name__ == "__main__":
    main()
