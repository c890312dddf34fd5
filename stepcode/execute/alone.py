"""Run one program with no other beside it, to tell what it does from what a busy machine does.

    with open_gate() as paths:              # in the driver, which hands the paths to its workers
        gate = Gate(paths)                  # in each worker
        with gate.beside_others(): ...      # an ordinary program
        with gate.alone(): ...              # waits for all that runs, and lets nothing start

Two locks: whoever is to run alone first closes the entrance, so that a stream of others cannot keep
it waiting. The locks are the kernel's: those of a process that is killed are gone with it.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stepcode.types import Execution, Outcome

_DOUBTFUL = (Outcome.TIMED_OUT, Outcome.LOST, Outcome.OUT_OF_MEMORY)
GatePaths = tuple[str, str]


@contextmanager
def open_gate() -> Iterator[GatePaths]:
    """Make the two files to lock and yield their paths, which hold while this process lives.

    They are in memory, so a driver that is killed leaves nothing on disk.
    """
    files = [os.memfd_create("stepcode-gate") for _ in range(2)]
    entrance, room = (f"/proc/{os.getpid()}/fd/{file}" for file in files)
    try:
        yield entrance, room
    finally:
        for file in files:
            os.close(file)


class Gate:
    """Lets many programs run at once, or one alone."""

    def __init__(self, paths: GatePaths | None) -> None:
        """Open the files; without paths nobody else runs anything, so there is nothing to lock.

        A process opens one gate: by two of them it would wait for itself.
        """
        self._files = [os.open(path, os.O_RDWR | os.O_CLOEXEC) for path in paths or ()]

    def close(self) -> None:
        """Leave, giving back what is locked."""
        while self._files:
            os.close(self._files.pop())

    @contextmanager
    def beside_others(self) -> Iterator[None]:
        """Wait while a program runs alone, and keep others from it meanwhile."""
        with self._locked(fcntl.LOCK_SH, pass_through=True):
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until nothing runs, and let nothing start meanwhile."""
        with self._locked(fcntl.LOCK_EX, pass_through=False):
            yield

    @contextmanager
    def _locked(self, kind: int, *, pass_through: bool) -> Iterator[None]:
        if not self._files:
            yield
            return
        entrance, room = self._files
        try:
            fcntl.flock(entrance, kind)
            fcntl.flock(room, kind)
            if pass_through:
                fcntl.flock(entrance, fcntl.LOCK_UN)
            yield
        finally:
            fcntl.flock(room, fcntl.LOCK_UN)
            fcntl.flock(entrance, fcntl.LOCK_UN)


@contextmanager
def joined(paths: GatePaths | None) -> Iterator[Gate]:
    """Open a gate for as long as a worker works."""
    gate = Gate(paths)
    try:
        yield gate
    finally:
        gate.close()


def is_doubtful(execution: Execution) -> bool:
    """Whether the machine may be to blame for the outcome, so that the program is tried again."""
    return execution.outcome in _DOUBTFUL


def settle(run: Callable[[], Execution], gate: Gate) -> Execution:
    """Run a program; if the machine may be to blame, run it once more alone and believe that."""
    with gate.beside_others():
        execution = run()
    if not is_doubtful(execution):
        return execution
    with gate.alone():
        return run()
