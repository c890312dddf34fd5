"""What a worker does: anchor each case, run it with and without, and keep what is proved."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import stepcode
from stepcode.anchor.insert import insert_anchors
from stepcode.anchor.novelty import label_steps
from stepcode.anchor.policy import FILL
from stepcode.dataset.filters import verdict
from stepcode.dataset.rows import Row, kept_row, rejected_row, row_of_mutation
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
    Outcome,
    Program,
    Reason,
    Rejection,
)
from stepcode_pipelines.batches import Batch, Verified
from stepcode_pipelines.fill import FillPlan, Recorded, fill, plan_fill
from stepcode_pipelines.mutate import further_rows, limits_of_mutations
from stepcode_pipelines.recipe import Recipe

if TYPE_CHECKING:  # it brings NumPy, which most builds' workers have no use for
    from stepcode.dataset.contamination import BenchmarkIndex, Match

MAX_SOURCE_CHARACTERS = 100_000
"""Anchoring is the one step that no sandbox limits: it takes two seconds for that much."""


@contextmanager
def verifier(
    recipe: Recipe,
    isolation: Isolation,
    *,
    gate: GatePaths | None,
    benchmarks: "BenchmarkIndex | None" = None,
) -> Iterator[Callable[[Batch], Verified]]:
    """Own the sandboxes of a worker, and verify batches in them."""
    with joined(gate) as opened, ExitStack() as stack:
        runner = stack.enter_context(_runner(recipe.limits, isolation, opened))
        quick = runner
        if recipe.mutate:
            limits = limits_of_mutations(recipe.limits)
            quick = stack.enter_context(_runner(limits, isolation, opened))
        yield _Verifier(recipe, runner, quick, benchmarks).batch


@contextmanager
def _runner(limits: Limits, isolation: Isolation, gate: Gate) -> Iterator["_Runner"]:
    """Open two sandboxes with different hash seeds."""
    first, second = HASH_SEEDS
    with (
        Sandbox(limits=limits, isolation=isolation, hash_seed=first) as here,
        Sandbox(limits=limits, isolation=isolation, hash_seed=second) as there,
    ):
        yield _Runner(here, there, gate)


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

    def record(self, job: Job) -> tuple[Execution, Execution]:
        """Run a job under both hash seeds; if the machine may have ended it, again and alone."""
        with self.gate.beside_others():
            self.here.start_job(job)
            self.there.start_job(job)
            first, second = self.here.finish(), self.there.finish()
        if not (is_doubtful(first) or is_doubtful(second)):
            return first, second
        with self.gate.alone():
            first = _finished(self.here, job)
            return first, first if is_doubtful(first) else _finished(self.there, job)

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


@dataclass(frozen=True, slots=True)
class _Shared:
    """The one anchored text of a program and all its calls."""

    key: tuple[str, tuple[str, ...]]
    anchored: AnchoredProgram


class _Verifier:
    """Verifies cases; remembers the last program, because its calls come one after another."""

    def __init__(
        self, recipe: Recipe, runner: _Runner, quick: _Runner, benchmarks: "BenchmarkIndex | None"
    ) -> None:
        self._policy = recipe.policy
        self._mutate = recipe.mutate
        self._seed = recipe.source.seed
        self._runner = runner
        self._quick = quick
        self._last: AnchoredProgram | FillPlan | None = None
        self._shared: _Shared | None = None
        self._benchmarks = benchmarks
        self._last_found: tuple[str, Match | None] = ("", None)

    def batch(self, batch: Batch) -> Verified:
        """Verify the cases of a batch, one after another."""
        verified = Verified(batch.block, batch.is_last, batch.number, rows_in=len(batch.cases))
        rows: dict[tuple[str, str], Row | Rejection] = {}
        for case in batch.cases:
            result = self._case(case, verified.outcomes, self._runner)
            if isinstance(result, Row):
                verified.rows.append(result)
            else:
                verified.rejected.append(rejected_row(case, result, self._policy))
            if self._mutate:
                rows[case.program.id, case.call] = result
                self._mutations(case, rows, verified)
        return verified

    def _mutations(
        self, last: Case, rows: Mapping[tuple[str, str], Row | Rejection], verified: Verified
    ) -> None:
        """Add further calls of a program once its last case is reached; they have no outcome yet.

        Cases of it in an earlier batch, which another worker may have had, are verified again.
        """
        if last.siblings is None:
            return
        known: list[tuple[Case, Row]] = []
        for case in (*last.siblings, last):
            result = rows.get((case.program.id, case.call)) or self._case(
                case, Counter(), self._runner
            )
            if isinstance(result, Row):
                known.append((case, result))
        tried: Counter[str] = Counter()
        further = further_rows(
            known,
            lambda case: self._case(case, tried, self._quick),
            wanted=self._mutate,
            seed=self._seed,
        )
        kept = [row_of_mutation(row, number) for number, row in enumerate(further.rows, start=1)]
        verified.rows += kept
        verified.rows_in += len(kept)
        verified.outcomes[Outcome.OK.value] += len(kept)
        verified.mutations.update(proposed=further.proposed, kept=len(kept))

    def _case(self, case: Case, outcomes: Counter[str], runner: _Runner) -> Row | Rejection:
        if case.rejection is not None:
            return case.rejection
        size = len(case.program.code)
        if size > MAX_SOURCE_CHARACTERS:
            limit = f"{size:,} characters, of {MAX_SOURCE_CHARACTERS:,} at most"
            return Rejection(Reason.REFUSED, f"too long to be anchored: {limit}")
        match = self._find_benchmark(case.program.code)
        if match is not None:
            return Rejection(Reason.CONTAMINATED, match.detail())
        try:
            anchored = self._anchor(case, runner)
        except AnchorError as error:
            return Rejection(Reason.REFUSED, str(error))
        runs = runner.run(prepare(case.program, case.call), prepare(anchored, case.call))
        outcomes[runs.original.outcome.value] += 1
        rejection = verdict(case, runs.original, runs.first, runs.second)
        if rejection is not None:
            return rejection
        isolation = self._runner.here.isolation.value
        version = stepcode.__version__
        steps = label_steps(anchored, case.call, runs.first.steps)
        execution = replace(runs.first, steps=steps)
        return kept_row(case, anchored, execution, isolation=isolation, version=version)

    def _find_benchmark(self, code: str) -> "Match | None":
        """Ask before anything runs: a program that may not be kept need not be."""
        if self._benchmarks is None:
            return None
        if self._last_found[0] != code:
            self._last_found = code, self._benchmarks.find([code])[0]
        return self._last_found[1]

    def _anchor(self, case: Case, runner: _Runner) -> AnchoredProgram:
        last = self._last
        if last is None or last.program.id != case.program.id:
            last = self._last = self._prepare(case.program)
        if isinstance(last, AnchoredProgram):
            return last
        if not case.shared_calls:
            return _fill(last, [case.call], runner)
        key = (case.program.id, case.shared_calls)
        if self._shared is None or self._shared.key != key:
            self._shared = _Shared(key, _fill(last, case.shared_calls, runner))
        return self._shared.anchored

    def _prepare(self, program: Program) -> AnchoredProgram | FillPlan:
        """Do what all calls of a program share."""
        if self._policy == FILL.name:
            return plan_fill(program, max_steps=self._runner.here.limits.max_steps)
        return insert_anchors(program, policy=self._policy)


def _fill(plan: FillPlan, calls: Sequence[str], runner: _Runner) -> AnchoredProgram:
    """Choose the anchors that serve these calls, by a recording of each."""
    jobs = [(call, plan.job(call)) for call in calls]
    runs = [Recorded(call, *runner.record(job)) for call, job in jobs if job is not None]
    return fill(plan, runs)
