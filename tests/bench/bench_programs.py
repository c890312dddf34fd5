"""CPU microseconds per program of the whole process tree, over the programs of CRUXEval.

    python tests/bench/bench_programs.py [ROWS]

Compared with a bare fork that executes a code object compiled in advance, the floor on any machine.
"""

import gc
import json
import os
import resource
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType

from stepcode.execute import run_all
from stepcode.types import Outcome, Program

ROUNDS = 3


def cruxeval(rows: int) -> list[tuple[Program, str]]:
    """Read the first programs of CRUXEval with their calls."""
    beside = Path(__file__).resolve().parents[3] / "shared/data"
    folder = Path(os.environ.get("STEPCODE_DATA", beside))
    lines = (folder / "cruxeval/cruxeval.jsonl").read_text(encoding="utf-8").splitlines()
    loaded = [json.loads(line) for line in lines[:rows]]
    return [(Program(code=row["code"]), f"f({row['input']})") for row in loaded]


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
    jobs = cruxeval(int(sys.argv[1]) if len(sys.argv) > 1 else 800)
    codes = [compile(f"{program.code}\n{call}", "<bench>", "exec") for program, call in jobs]
    gc.freeze()
    sandboxed, bare = [], []
    for _ in range(ROUNDS):
        sandboxed.append(measure(lambda: run_sandboxed(jobs), count=len(jobs)))
        bare.append(measure(lambda: run_bare(codes), count=len(jobs)))
    print(f"{len(jobs)} programs, {ROUNDS} rounds, CPU microseconds per program (median)")
    print(f"run_all, one worker    {statistics.median(sandboxed):8.0f}")
    print(f"bare fork and exec     {statistics.median(bare):8.0f}")


if __name__ == "__main__":
    main()
