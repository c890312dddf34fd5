"""The two sandboxes of a worker, which differ in their hash seeds, and how cases are run in them.

Forks are what a build spends its time on: whatever can follow another run in its process does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from stepcode.execute import Sandbox
from stepcode.execute.alone import Gate, is_doubtful
from stepcode.execute.determinism import HASH_SEEDS, agree
from stepcode.execute.isolate import Isolation
from stepcode.execute.job import Job
from stepcode.execute.sandbox import Runs
from stepcode.types import Execution, Limits


@contextmanager
def open_runner(limits: Limits, isolation: Isolation, gate: Gate) -> Iterator["Runner"]:
    """Open two sandboxes with different hash seeds."""
    first, second = HASH_SEEDS
    with (
        Sandbox(limits=limits, isolation=isolation, hash_seed=first) as here,
        Sandbox(limits=limits, isolation=isolation, hash_seed=second) as there,
    ):
        yield Runner(here, there, gate)


@dataclass(frozen=True, slots=True)
class Executions:
    """A program as it is, and twice with anchors, under two hash seeds."""

    original: Execution
    first: Execution
    second: Execution

    @property
    def are_doubtful(self) -> bool:
        """Whether the machine may be to blame for how any of them ended."""
        return any(map(is_doubtful, (self.original, self.first, self.second)))


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs each case in two processes with two hash seeds: what depends on set order differs."""

    here: Sandbox
    there: Sandbox
    gate: Gate

    def run(self, original: Job, anchored: Job) -> Executions:
        """Run a case; if the machine may have ended any part of it, all of it again and alone."""
        with self.gate.beside_others():
            executions = self._at_once(original, anchored)
        if not executions.are_doubtful:
            return executions
        with self.gate.alone():
            return self._one_by_one(original, anchored, executions)

    def record(self, job: Job) -> tuple[Execution, Execution]:
        """Run a job under both hash seeds; if the machine may have ended it, again and alone."""
        with self.gate.beside_others():
            self.here.start_job(job)
            self.there.start_job(job)
            first, second = self.here.finish(), self.there.finish()
        if not (is_doubtful(first) or is_doubtful(second)):
            return first, second
        with self.gate.alone():
            first = finished(self.here, job)
            return first, first if is_doubtful(first) else finished(self.there, job)

    def run_both(self, sandbox: Sandbox, job: Job, twin: Job) -> Runs:
        """Run a job and its twin in one of the two sandboxes, in one process."""
        with self.gate.beside_others():
            sandbox.start_job(job, twin=twin)
            return sandbox.finish_both()

    def run_alone(self, job: Job) -> Execution:
        """Run a job with no other beside it: how it ends then is its own doing."""
        with self.gate.alone():
            return finished(self.here, job)

    def _at_once(self, original: Job, anchored: Job) -> Executions:
        """Let the second anchored run follow the original one in its process.

        It gets a process of its own only if that made a difference: forks are what a build spends
        its time on.
        """
        self.here.start_job(original, twin=anchored)
        self.there.start_job(anchored)
        runs, first = self.here.finish_both(), self.there.finish()
        executions = Executions(runs.first, first, runs.twin or first)
        # The twin has only the time that the original left, so what it does then proves nothing.
        if agree(first, executions.second) or is_doubtful(runs.first) or is_doubtful(first):
            return executions
        return Executions(runs.first, first, finished(self.here, anchored))

    def _one_by_one(self, original: Job, anchored: Job, before: Executions) -> Executions:
        """Stop at the first run that ends like that again: it decides, others only cost time."""
        alone = finished(self.here, original)
        if is_doubtful(alone):
            return Executions(alone, before.first, before.second)
        first = finished(self.there, anchored)
        if is_doubtful(first):
            return Executions(alone, first, first)
        return Executions(alone, first, finished(self.here, anchored))


def finished(sandbox: Sandbox, job: Job) -> Execution:
    """Run a job and wait for it."""
    sandbox.start_job(job)
    return sandbox.finish()
