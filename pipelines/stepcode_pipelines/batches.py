"""Pieces of a build: blocks of input rows cut into batches for the workers, and joined again.

A block is a fixed number of input rows, so what is in it depends on the input alone.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count, islice

from stepcode.dataset.rows import RejectedRow, Row
from stepcode.types import Case

BLOCK_ROWS = 1000
"""Input rows of a block; a build that is killed loses at most what it had done of one."""
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
    """What became of a batch, or of a whole block, in input order."""

    block: int
    is_last: bool
    rows_in: int = 0
    rows: list[Row] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    """How the programs ended without anchors."""

    def add(self, other: "Verified") -> None:
        """Append the next batch of the same block."""
        self.rows_in += other.rows_in
        self.rows += other.rows
        self.rejected += other.rejected
        self.outcomes += other.outcomes


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


def join_blocks(
    batches: Iterable[Verified], on_progress: Callable[[int, Counter[str]], None]
) -> Iterator[Verified]:
    """Put each block together again, telling `on_progress` of every batch."""
    whole: Verified | None = None
    for batch in batches:
        on_progress(len(batch.rows), Counter(row.reason.value for row in batch.rejected))
        if whole is None:
            whole = batch
        else:
            whole.add(batch)
        if batch.is_last:
            yield whole
            whole = None
