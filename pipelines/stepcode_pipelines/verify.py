"""What a worker does: anchor each case, run it with and without, and keep what is proved."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import stepcode
from stepcode.anchor.insert import insert_anchors
from stepcode.dataset.filters import verdict
from stepcode.dataset.rows import Row, kept_row, rejected_row
from stepcode.errors import AnchorError
from stepcode.execute import Sandbox
from stepcode.execute.alone import Gate, GatePaths, is_doubtful, joined
from stepcode.execute.determinism import HASH_SEEDS, agree
from stepcode.execute.isolate import Isolation
from stepcode.execute.job import Job, prepare
from stepcode.types import (
    AnchoredProgram,
    Case,
    Execution,
    Limits,
    Program,
    Reason,
    Rejection,
)
from stepcode_pipelines.batches import Batch, Verified

MAX_SOURCE_CHARACTERS = 100_000
"""Anchoring is the one step that no sandbox limits: it takes two seconds for that much."""


@contextmanager
def verifier(
    policy: str, limits: Limits, isolation: Isolation, *, gate: GatePaths | None
) -> Iterator[Callable[[Batch], Verified]]:
    """Own the two sandboxes of a worker, with different hash seeds, and verify batches in them."""
    first, second = HASH_SEEDS
    with (
        joined(gate) as opened,
        Sandbox(limits=limits, isolation=isolation, hash_seed=first) as here,
        Sandbox(limits=limits, isolation=isolation, hash_seed=second) as there,
    ):
        yield _Verifier(policy, _Runner(here, there, opened)).batch


@dataclass(frozen=True, slots=True)
class _Executions:
    """A program as it is, and twice with anchors, under two hash seeds."""

    original: Execution
    first: Execution
    second: Execution

    @property
    def are_doubtful(self) -> bool:
        return any(map(is_doubtful, (self.original, self.first, self.second)))


@dataclass(frozen=True, slots=True)
class _Runner:
    """Runs each case in two processes with two hash seeds: what depends on set order differs."""

    here: Sandbox
    there: Sandbox
    gate: Gate

    def run(self, original: Job, anchored: Job) -> _Executions:
        """Run a case; if the machine may have ended any part of it, all of it again and alone."""
        with self.gate.beside_others():
            executions = self._at_once(original, anchored)
        if not executions.are_doubtful:
            return executions
        with self.gate.alone():
            return self._one_by_one(original, anchored, executions)

    def _at_once(self, original: Job, anchored: Job) -> _Executions:
        """Let the second anchored run follow the original one in its process.

        It gets a process of its own only if that made a difference: forks are what a build spends
        its time on.
        """
        self.here.start_job(original, twin=anchored)
        self.there.start_job(anchored)
        runs, first = self.here.finish_both(), self.there.finish()
        executions = _Executions(runs.first, first, runs.twin or first)
        # The twin has only the time that the original left, so what it does then proves nothing.
        if agree(first, executions.second) or is_doubtful(runs.first) or is_doubtful(first):
            return executions
        return _Executions(runs.first, first, _finished(self.here, anchored))

    def _one_by_one(self, original: Job, anchored: Job, before: _Executions) -> _Executions:
        """Stop at the first run that ends like that again: it decides, others only cost time."""
        alone = _finished(self.here, original)
        if is_doubtful(alone):
            return _Executions(alone, before.first, before.second)
        first = _finished(self.there, anchored)
        if is_doubtful(first):
            return _Executions(alone, first, first)
        return _Executions(alone, first, _finished(self.here, anchored))


def _finished(sandbox: Sandbox, job: Job) -> Execution:
    sandbox.start_job(job)
    return sandbox.finish()


class _Verifier:
    """Verifies cases; remembers the last program, because its calls come one after another."""

    def __init__(self, policy: str, runner: _Runner) -> None:
        self._policy = policy
        self._runner = runner
        self._last: AnchoredProgram | None = None

    def batch(self, batch: Batch) -> Verified:
        """Verify the cases of a batch, one after another."""
        verified = Verified(batch.block, batch.is_last, batch.number, rows_in=len(batch.cases))
        for case in batch.cases:
            result = self._case(case, verified)
            if isinstance(result, Row):
                verified.rows.append(result)
            else:
                verified.rejected.append(rejected_row(case, result, self._policy))
        return verified

    def _case(self, case: Case, verified: Verified) -> Row | Rejection:
        if case.rejection is not None:
            return case.rejection
        size = len(case.program.code)
        if size > MAX_SOURCE_CHARACTERS:
            limit = f"{size:,} characters, of {MAX_SOURCE_CHARACTERS:,} at most"
            return Rejection(Reason.REFUSED, f"too long to be anchored: {limit}")
        try:
            anchored = self._anchor(case.program)
        except AnchorError as error:
            return Rejection(Reason.REFUSED, str(error))
        runs = self._runner.run(prepare(case.program, case.call), prepare(anchored, case.call))
        verified.outcomes[runs.original.outcome.value] += 1
        rejection = verdict(case, runs.original, runs.first, runs.second)
        if rejection is not None:
            return rejection
        isolation = self._runner.here.isolation.value
        version = stepcode.__version__
        return kept_row(case, anchored, runs.first, isolation=isolation, version=version)

    def _anchor(self, program: Program) -> AnchoredProgram:
        last = self._last
        if last is None or last.program != program:
            last = self._last = insert_anchors(program, policy=self._policy)
        return last
