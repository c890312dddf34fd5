"""Run one program, or many: `run` and `run_all`.

With one worker everything happens in the calling process; with more, each worker has its own
sandbox and a script needs its `if __name__ == "__main__"` guard.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice

from stepcode.execute.alone import Gate, GatePaths, joined, open_gate, settle
from stepcode.execute.isolate import Isolation, choose_isolation
from stepcode.execute.sandbox import DEFAULT_LIMITS, Sandbox
from stepcode.types import AnchoredProgram, Execution, Limits, Program

Job = tuple[Program | AnchoredProgram, str]
"""A program and the call to run in it."""

_JOBS_PER_ITEM = 16


def run(
    program: Program | AnchoredProgram,
    call: str,
    *,
    limits: Limits = DEFAULT_LIMITS,
    isolation: Isolation | None = None,
) -> Execution:
    """Run one program in a sandbox of its own; what is timed out is tried once more."""
    with Sandbox(limits=limits, isolation=isolation) as sandbox:
        return settle(lambda: sandbox.run(program, call), Gate(None))


def run_all(
    jobs: Iterable[Job],
    *,
    limits: Limits = DEFAULT_LIMITS,
    isolation: Isolation | None = None,
    workers: int = 1,
    is_guarded: bool = True,
) -> Iterator[Execution]:
    """Run programs as their results are asked for, in order.

    A program that is timed out, lost or out of memory is tried once more, while no other one of
    this call runs. What a program may do without the guard, `Sandbox` says.
    """
    level = choose_isolation(isolation)
    if workers == 1:
        with _runner(limits, level, None, is_guarded=is_guarded) as run_jobs:
            for job in jobs:
                yield from run_jobs([job])
        return
    # Imported here because it takes longer than running a program does.
    from stepcode.execute.workers import map_ordered

    with open_gate() as gate:
        make_task = partial(_runner, limits, level, gate, is_guarded=is_guarded)
        for executions in map_ordered(make_task, _chunks(jobs), workers=workers):
            yield from executions


@contextmanager
def _runner(
    limits: Limits, isolation: Isolation, paths: GatePaths | None, *, is_guarded: bool
) -> Iterator[Callable[[list[Job]], list[Execution]]]:
    sandbox = Sandbox(limits=limits, isolation=isolation, is_guarded=is_guarded)
    with joined(paths) as gate, sandbox:
        yield lambda jobs: [settle(partial(sandbox.run, *job), gate) for job in jobs]


def _chunks(jobs: Iterable[Job]) -> Iterator[list[Job]]:
    remaining = iter(jobs)
    while chunk := list(islice(remaining, _JOBS_PER_ITEM)):
        yield chunk
