"""Judging completions, in processes that share nothing with the trainer.

A trainer is full of threads, so none of its forks is safe; it holds the GIL that its accelerator is
fed with; and `spawn` would run the user's script once more in every worker. So the trainer starts
one process of a clean interpreter, which keeps the workers and their sandboxes warm; see rewards.py
for its other end. Nothing here may import torch.
"""

import os
import select
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

from stepcode.errors import StepcodeError
from stepcode.execute import Sandbox
from stepcode.execute.workers import open_crew
from stepcode.reason import call_to_run, read_answer, runnable, score
from stepcode.types import (
    AnchoredProgram,
    Answer,
    Example,
    Execution,
    Limits,
    Outcome,
    Score,
)

LIMITS = Limits(cpu_seconds=2.0, wall_seconds=10.0)
"""Of a proposed call. Narrower than a build's: a policy that likes endless loops costs time."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A completion with what was read from it and how true that is."""

    score: Score
    answer: Answer


@dataclass(frozen=True, slots=True)
class Group:
    """Completions of one example."""

    example: Example
    completions: tuple[str, ...]


Run = Callable[[AnchoredProgram, str], Execution]


def judge(group: Group, run: Run) -> list[Judged | None]:
    """Judge completions by the truth of their example; None for one whose run was lost.

    In output prediction nothing is run; in input prediction each proposed call is, once for all the
    completions that propose it.
    """
    example = group.example
    runs: dict[str, Execution] = {}
    judged: list[Judged | None] = []
    for completion in group.completions:
        answer = read_answer(completion)
        call = call_to_run(answer, example)
        if call is not None and call not in runs:
            runs[call] = run(runnable(example), call)
        execution = None if call is None else runs[call]
        is_lost = execution is not None and execution.outcome is Outcome.LOST
        judged.append(None if is_lost else Judged(score(answer, example, execution), answer))
    return judged


def serve(descriptor: int, *, workers: int) -> None:
    """Judge lots of groups that come through a socket until it is closed; a clean process's main.

    Each lot is answered by the judged completions of its groups, one message for each and in order;
    a text instead says why there will be no more.
    """
    threading.Thread(target=_die_with_trainer, args=(descriptor,), daemon=True).start()
    connection = Connection(descriptor)
    with open_crew(_judging, workers=workers) as judge_all:
        while True:
            lot: Sequence[Group] = connection.recv()
            try:
                for judged in judge_all(lot):
                    connection.send(judged)
            except StepcodeError as error:
                connection.send(str(error))
                return


@contextmanager
def _judging() -> Iterator[Callable[[Group], list[Judged | None]]]:
    # Not tried again where it was timed out, as a build does: the limit is one of CPU time, and a
    # machine that trains is always busy.
    with Sandbox(limits=LIMITS) as sandbox:
        yield lambda group: judge(group, sandbox.run)


def _die_with_trainer(descriptor: int) -> None:
    """End in the middle of a lot that nobody waits for; the workers notice."""
    poll = select.poll()
    poll.register(descriptor, select.POLLRDHUP)
    poll.poll()
    os._exit(0)
