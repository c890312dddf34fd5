"""What a worker does: anchor each case, run it with and without, and keep what is proved."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import stepcode
from stepcode.anchor.insert import insert_anchors
from stepcode.dataset.filters import verdict
from stepcode.dataset.rows import Row, kept_row, rejected_row
from stepcode.errors import AnchorError
from stepcode.execute import Sandbox
from stepcode.execute.determinism import HASH_SEEDS, agree
from stepcode.execute.isolate import current_isolation
from stepcode.execute.sandbox import prepare
from stepcode.types import AnchoredProgram, Case, Limits, Program, Reason, Rejection
from stepcode_pipelines.batches import Batch, Verified


@contextmanager
def verifier(policy: str, limits: Limits) -> Iterator[Callable[[Batch], Verified]]:
    """Own the two sandboxes of a worker, with different hash seeds, and verify batches in them."""
    first, second = HASH_SEEDS
    with (
        Sandbox(limits=limits, hash_seed=first) as here,
        Sandbox(limits=limits, hash_seed=second) as there,
    ):
        yield _Verifier(policy, here, there).batch


class _Verifier:
    """Verifies cases; remembers the last program, because its calls come one after another."""

    def __init__(self, policy: str, here: Sandbox, there: Sandbox) -> None:
        self._policy = policy
        self._here = here
        self._there = there
        self._last: AnchoredProgram | None = None

    def batch(self, batch: Batch) -> Verified:
        """Verify the cases of a batch, one after another."""
        verified = Verified(batch.block, batch.is_last, rows_in=len(batch.cases))
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
        try:
            anchored = self._anchor(case.program)
        except AnchorError as error:
            return Rejection(Reason.REFUSED, str(error))
        # Two processes with two hash seeds: what depends on set order differs between them. The
        # second anchored run follows the original one in its process, and gets a process of its
        # own only if that made a difference: forks are what a build spends its time on.
        job = prepare(anchored, case.call)
        self._here.start_job(prepare(case.program, case.call), twin=job)
        self._there.start_job(job)
        runs, first = self._here.finish_both(), self._there.finish()
        verified.outcomes[runs.first.outcome.value] += 1
        second = runs.twin or first
        if not agree(first, second):
            self._here.start_job(job)
            second = self._here.finish()
        rejection = verdict(case, runs.first, first, second)
        if rejection is not None:
            return rejection
        isolation = current_isolation().value
        return kept_row(case, anchored, first, isolation=isolation, version=stepcode.__version__)

    def _anchor(self, program: Program) -> AnchoredProgram:
        last = self._last
        if last is None or last.program != program:
            last = self._last = insert_anchors(program, policy=self._policy)
        return last
