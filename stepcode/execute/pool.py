"""Run one program, or many: `run` and `run_all`.

With one worker everything happens in the calling process; with more, each worker has its own
sandbox and a script needs its `if __name__ == "__main__"` guard.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice

from stepcode.execute.sandbox import DEFAULT_LIMITS, Sandbox
from stepcode.types import AnchoredProgram, Execution, Limits, Program

Job = tuple[Program | AnchoredProgram, str]
"""A program and the call to run in it."""

_JOBS_PER_ITEM = 16


def run(
    program: Program | AnchoredProgram, call: str, *, limits: Limits = DEFAULT_LIMITS
) -> Execution:
    """Run one program in a sandbox of its own."""
    with Sandbox(limits=limits) as sandbox:
        return sandbox.run(program, call)


def run_all(
    jobs: Iterable[Job], *, limits: Limits = DEFAULT_LIMITS, workers: int = 1
) -> Iterator[Execution]:
    """Run programs as their results are asked for, in order."""
    make_task = partial(_runner, limits)
    if workers == 1:
        with make_task() as run_jobs:
            for job in jobs:
                yield from run_jobs([job])
        return
    # Imported here because it takes longer than running a program does.
    from stepcode.execute.workers import map_ordered

    for executions in map_ordered(make_task, _chunks(jobs), workers=workers):
        yield from executions


@contextmanager
def _runner(limits: Limits) -> Iterator[Callable[[list[Job]], list[Execution]]]:
    with Sandbox(limits=limits) as sandbox:
        yield lambda jobs: [sandbox.run(program, call) for program, call in jobs]


def _chunks(jobs: Iterable[Job]) -> Iterator[list[Job]]:
    remaining = iter(jobs)
    while chunk := list(islice(remaining, _JOBS_PER_ITEM)):
        yield chunk
