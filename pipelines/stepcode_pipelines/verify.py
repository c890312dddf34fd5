"""What a worker does: anchor each case, run it with and without, and keep what is proved."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import stepcode
from stepcode.anchor.novelty import label_steps
from stepcode.anchor.policy import FILL
from stepcode.dataset.filters import verdict
from stepcode.dataset.rows import Row, kept_row, rejected_row, row_of_mutation
from stepcode.errors import AnchorError
from stepcode.execute.alone import GatePaths, joined
from stepcode.execute.isolate import Isolation
from stepcode.types import AnchoredProgram, Case, Outcome, Program, Reason, Rejection
from stepcode_pipelines.batches import Batch, Verified
from stepcode_pipelines.fill import FillPlan, plan_fill
from stepcode_pipelines.fill_and_run import Verifiable, fill_and_run, fill_for, run_anchored
from stepcode_pipelines.mutate import further_rows, limits_of_mutations
from stepcode_pipelines.recipe import Recipe
from stepcode_pipelines.runner import Runner, open_runner

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
        runner = stack.enter_context(open_runner(recipe.limits, isolation, opened))
        quick = runner
        if recipe.mutate:
            limits = limits_of_mutations(recipe.limits)
            quick = stack.enter_context(open_runner(limits, isolation, opened))
        yield _Verifier(recipe, runner, quick, benchmarks).batch


@dataclass(frozen=True, slots=True)
class _Shared:
    """The one anchored text of a program and all its calls."""

    key: tuple[str, tuple[str, ...]]
    anchored: AnchoredProgram


class _Verifier:
    """Verifies cases; remembers the last program, because its calls come one after another."""

    def __init__(
        self, recipe: Recipe, runner: Runner, quick: Runner, benchmarks: "BenchmarkIndex | None"
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

    def _case(self, case: Case, outcomes: Counter[str], runner: Runner) -> Row | Rejection:
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
            anchored, runs = self._anchor_and_run(case, runner)
        except AnchorError as error:
            return Rejection(Reason.REFUSED, str(error))
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

    def _anchor_and_run(self, case: Case, runner: Runner) -> Verifiable:
        last = self._last
        if last is None or last.program.id != case.program.id:
            last = self._last = self._prepare(case.program)
        if isinstance(last, AnchoredProgram):
            return run_anchored(last, case.call, runner)
        if not case.shared_calls:
            return fill_and_run(last, case.call, runner)
        key = (case.program.id, case.shared_calls)
        if self._shared is None or self._shared.key != key:
            self._shared = _Shared(key, fill_for(last, case.shared_calls, runner))
        return run_anchored(self._shared.anchored, case.call, runner)

    def _prepare(self, program: Program) -> AnchoredProgram | FillPlan:
        """Do what all calls of a program share."""
        if self._policy == FILL.name:
            return plan_fill(program, max_steps=self._runner.here.limits.max_steps)
        from stepcode.anchor import insert_anchors

        return insert_anchors(program, policy=self._policy)
