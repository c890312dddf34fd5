"""Judge completions while the accelerator works: every step, and the final answer.

    with Scorer() as scorer:
        judged = scorer(completions, rows)        # for each completion a Judged, or None

Anything that is called the same way can take a scorer's place: that is how to add a reward.
"""

import logging
import os
import socket
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from multiprocessing.connection import Connection
from typing import Any, Protocol, Self

from stepcode.dataset.examples import read_example
from stepcode.errors import SandboxError
from stepcode.train.judge import Group, Judged

__all__ = ["AnyScorer", "Judged", "Row", "Scorer"]

Row = Mapping[str, Any]
"""A row of the training data; a Scorer needs the columns of the export `trl-grpo`. Any: JSON."""

MOST_SECONDS = 60.0
"""How long a batch may take to be judged; what is not judged by then is left out."""
_MOST_WORKERS = 16
_FAILURES_IN_A_ROW = 3
_COMMAND = "import sys; from stepcode.train.judge import serve; serve({}, workers={})"

_log = logging.getLogger(__name__)


class AnyScorer(Protocol):
    """What judges as a Scorer does, by rows; None, never wrong, for what it cannot judge."""

    def __call__(
        self, completions: Sequence[str], rows: Sequence[Row], /
    ) -> Sequence[Judged | None]:
        """Judge the completion of each row; called in a thread, so that the trainer goes on."""


class Scorer:
    """Judges completions by the traces of their rows; owns the processes that do.

    They start with the first completions and stay. Output prediction is judged by the row's trace;
    in input prediction the proposed call is run in a sandbox. Completions are left out (None) if
    the machine lost their run, or if the whole takes longer than `MOST_SECONDS`.
    """

    def __init__(self, *, workers: int | None = None) -> None:
        """Choose how many programs run at once: this process's share of the machine's CPUs."""
        self._workers = workers or _share_of_cpus()
        self._failures = 0
        self._connection: Connection | None = None
        self._end: Any = None  # Any: weakref.finalize takes any arguments

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes."""
        self.close()

    def close(self) -> None:
        """End the processes; the scorer can be used again and then starts new ones."""
        if self._end is not None:
            self._end()
        self._connection = self._end = None

    def __call__(self, completions: Sequence[str], rows: Sequence[Row]) -> list[Judged | None]:
        """Judge the completion of each row, where a row's completions follow each other.

        Raises SandboxError if batch after batch cannot be judged on this machine.
        """
        groups = _groups(completions, rows)
        judged: list[Judged | None] = []
        try:
            for group in self._judge(groups):
                judged += group
            self._failures = 0
        except (SandboxError, OSError, EOFError) as error:
            self.close()
            self._count_failure(error)
        left_out = len(completions) - len(judged)
        return judged + [None] * left_out

    def _judge(self, groups: Sequence[Group]) -> Iterator[list[Judged | None]]:
        deadline = time.monotonic() + MOST_SECONDS
        connection = self._connect()
        connection.send(groups)
        for number in range(len(groups)):
            if not connection.poll(max(0.0, deadline - time.monotonic())):
                self.close()  # and with it what keeps it busy
                _log.warning(
                    "after %.0f s %d of %d prompts are judged; the rest is left out",
                    MOST_SECONDS, number, len(groups),
                )  # fmt: skip
                return
            reply = connection.recv()
            if isinstance(reply, str):
                raise SandboxError(reply)
            yield reply

    def _count_failure(self, error: Exception) -> None:
        self._failures += 1
        cause = str(error) or f"the process that judges ended ({type(error).__name__})"
        if self._failures >= _FAILURES_IN_A_ROW:
            raise SandboxError(
                f"{self._failures} batches in a row could not be judged: {cause}"
            ) from error
        _log.warning("completions are left out, as they could not be judged: %s", cause)

    def _connect(self) -> Connection:
        if self._connection is None:
            ours, theirs = socket.socketpair()
            with theirs:
                process = _start(theirs.fileno(), self._workers)
            self._connection = Connection(ours.detach())
            self._end = weakref.finalize(self, _stop, process, self._connection)
        return self._connection


def _groups(completions: Sequence[str], rows: Sequence[Row]) -> list[Group]:
    """Put the completions of one row together; they propose the same calls again and again."""
    pairs = zip(completions, rows, strict=True)
    groups = []
    for _, members in groupby(pairs, key=lambda pair: pair[1]["id"]):
        texts, alike = zip(*members, strict=True)
        groups.append(Group(read_example(alike[0]), texts))
    return groups


def _share_of_cpus() -> int:
    trainers = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    return min(max(1, len(os.sched_getaffinity(0)) // trainers), _MOST_WORKERS)


def _start(descriptor: int, workers: int) -> "subprocess.Popen[bytes]":
    # A session of its own: Ctrl-C is the trainer's. It ends when the trainer's socket is gone.
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _COMMAND.format(descriptor, workers)],
        stdin=subprocess.DEVNULL,
        pass_fds=(descriptor,),
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,
    )


def _stop(process: "subprocess.Popen[bytes]", connection: Connection) -> None:
    connection.close()
    process.kill()
    process.wait()
