"""Build a dataset: read cases, anchor them, run each three times, keep what is proved.

    cases -> blocks -> batches -> worker processes -> rows and rejections -> blocks on disk -> shards

Every input row ends up kept or rejected, in an order that does not depend on the workers.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, count, islice
from pathlib import Path

import stepcode
from stepcode.anchor import insert_anchors
from stepcode.dataset.filters import verdict
from stepcode.dataset.rows import RejectedRow, Row, kept_row, rejected_row
from stepcode.errors import AnchorError, SourceError
from stepcode.execute import Sandbox
from stepcode.execute.determinism import HASH_SEEDS
from stepcode.execute.isolate import current_isolation
from stepcode.execute.workers import map_ordered
from stepcode.source import read_cases
from stepcode.types import AnchoredProgram, Case, Limits, Outcome, Program, Reason, Rejection
from stepcode_pipelines.recipe import Recipe

BATCH_CASES = 20
"""Cases handed to a worker at a time: enough to hide the hand-over, few enough to share out."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A piece of a block, worked on by one process."""

    block: int
    cases: tuple[Case, ...]
    is_last: bool
    """Whether the block ends with it."""


@dataclass(slots=True)
class Verified:
    """What became of some cases, in input order."""

    rows: list[Row] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    """How the programs ended without anchors."""

    def add(self, other: "Verified") -> None:
        """Append the cases of another piece."""
        self.rows += other.rows
        self.rejected += other.rejected
        self.outcomes += other.outcomes


@dataclass(frozen=True, slots=True)
class Summary:
    """What a finished build holds."""

    rows_in: int
    kept: int
    rejected: dict[str, int]
    was_finished: bool
    """Whether it was there already."""


def build_dataset(
    recipe: Recipe,
    out: Path,
    *,
    workers: int,
    overwrite: bool = False,
    on_progress: Callable[[int, Counter[str]], None] = lambda kept, rejected: None,
) -> Summary:
    """Build, or resume, the dataset of a recipe in `out`.

    `on_progress` is told the rows kept and those rejected by reason since it was last called. Kill
    this at any point and run it again: the bytes are those of an undisturbed build.
    """
    from stepcode.dataset.parquet import open_build
    from stepcode.dataset.shards import BLOCK_ROWS

    cases = _read_some(recipe)
    isolation = current_isolation().value
    with open_build(out, recipe.identity(), isolation=isolation, overwrite=overwrite) as build:
        was_finished = build.finished
        blocks: set[int] = set()
        if not was_finished:
            batches = split_into_batches(
                cases, block_rows=BLOCK_ROWS, skip=build.done_blocks(), seen=blocks
            )
            make_task = partial(verifier, recipe.policy, recipe.limits)
            for block, verified in _join_blocks(
                batches, make_task, workers=workers, on_progress=on_progress
            ):
                build.write_block(
                    block,
                    verified.rows,
                    verified.rejected,
                    rows_in=len(verified.rows) + len(verified.rejected),
                    outcomes=verified.outcomes,
                )
        manifest = build.finish(
            blocks=blocks,
            evaluation_only=recipe.evaluation_only,
            drop_duplicates=not recipe.evaluation_only,
        )
    return Summary(
        manifest.rows["in"], manifest.rows["kept"], dict(manifest.rejected), was_finished
    )


def _read_some(recipe: Recipe) -> Iterator[Case]:
    """Read the first case at once, so that a source that cannot be read leaves nothing behind."""
    cases = read_cases(recipe.source)
    if recipe.limit:
        cases = islice(cases, recipe.limit)
    first = next(cases, None)
    if first is None:
        raise SourceError(f"{recipe.source.path or recipe.source.name}: holds no rows")
    return chain((first,), cases)


def split_into_batches(
    cases: Iterator[Case], *, block_rows: int, skip: set[int], seen: set[int]
) -> Iterator[Batch]:
    """Cut the cases into blocks of fixed size, and those not done yet into batches.

    `seen` collects the number of every block, done or not.
    """
    for block in count():
        members = tuple(islice(cases, block_rows))
        if not members:
            return
        seen.add(block)
        if block in skip:
            continue
        for start in range(0, len(members), BATCH_CASES):
            end = start + BATCH_CASES
            yield Batch(block, members[start:end], end >= len(members))


def _join_blocks(
    batches: Iterable[Batch],
    make_task: "partial[VerifierContext]",
    *,
    workers: int,
    on_progress: Callable[[int, Counter[str]], None],
) -> Iterator[tuple[int, Verified]]:
    """Have the batches verified and put each block together again."""
    block = Verified()
    for batch, verified in map_ordered(make_task, batches, workers=workers):
        on_progress(len(verified.rows), Counter(row.reason.value for row in verified.rejected))
        block.add(verified)
        if batch.is_last:
            yield batch.block, block
            block = Verified()


@contextmanager
def verifier(policy: str, limits: Limits) -> "Iterator[Callable[[Batch], BatchResult]]":
    """Own the two sandboxes of a worker, with different hash seeds, and verify batches in them."""
    first, second = HASH_SEEDS
    with (
        Sandbox(limits=limits, hash_seed=first) as here,
        Sandbox(limits=limits, hash_seed=second) as there,
    ):
        verify = _Verify(policy, here, there)
        yield verify.batch


VerifierContext = object  # what a context manager function returns has no public name
BatchResult = tuple[Batch, Verified]


class _Verify:
    """Verifies cases; remembers the last program, because its calls come one after another."""

    def __init__(self, policy: str, here: Sandbox, there: Sandbox) -> None:
        self._policy = policy
        self._here = here
        self._there = there
        self._last: AnchoredProgram | None = None

    def batch(self, batch: Batch) -> BatchResult:
        verified = Verified()
        for case in batch.cases:
            result = self._case(case, verified.outcomes)
            if isinstance(result, Row):
                verified.rows.append(result)
            else:
                verified.rejected.append(rejected_row(case, result, self._policy))
        # The cases themselves need not travel back.
        return Batch(batch.block, (), batch.is_last), verified

    def _case(self, case: Case, outcomes: Counter[str]) -> Row | Rejection:
        if case.rejection is not None:
            return case.rejection
        try:
            anchored = self._anchor(case.program)
        except AnchorError as error:
            return Rejection(Reason.REFUSED, str(error))
        # Two processes with two hash seeds: what depends on set order differs between them.
        self._here.start(case.program, case.call)
        self._there.start(anchored, case.call)
        original, first = self._here.finish(), self._there.finish()
        outcomes[original.outcome.value] += 1
        second = first
        if original.outcome is Outcome.OK:
            second = self._here.run(anchored, case.call)
        rejection = verdict(case, original, first, second)
        if rejection is not None:
            return rejection
        isolation = current_isolation().value
        return kept_row(case, anchored, first, isolation=isolation, version=stepcode.__version__)

    def _anchor(self, program: Program) -> AnchoredProgram:
        last = self._last
        if last is None or last.program != program:
            last = self._last = insert_anchors(program, policy=self._policy)
        return last
