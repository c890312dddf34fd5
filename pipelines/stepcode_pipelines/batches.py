"""Pieces of a build: blocks of input rows cut into batches for the workers, and joined again.

A block is a fixed number of input rows, so what is in it depends on the input alone.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count, islice

from stepcode.dataset.part import ALL, Part, Piece
from stepcode.dataset.rows import RejectedRow, Row
from stepcode.types import Case

BLOCK_ROWS = 1000
"""Input rows of a block; a build that is killed loses at most what it had done of one."""
BATCH_CASES = 20
"""Cases handed to a worker at a time: enough to hide the hand-over, few enough to share out.

Also what the parts of a build are dealt, so that an input of one block is shared out too.
"""


@dataclass(frozen=True, slots=True)
class Batch:
    """A piece of a block, worked on by one process."""

    block: int
    cases: tuple[Case, ...]
    is_last: bool
    """Whether the block, or what a part has of it, ends with it."""
    number: int
    """Its place among all batches of the input."""


@dataclass(slots=True)
class Seen:
    """What was found in the input on the way through it."""

    blocks: set[int] = field(default_factory=set)
    """Every block that has a batch of ours, done or not."""
    rows: int = 0
    """All input rows, ours or not."""


@dataclass(slots=True)
class Verified:
    """What became of a batch, or of a whole block, in input order."""

    block: int
    is_last: bool
    number: int
    rows_in: int = 0
    rows: list[Row] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    """How the programs ended without anchors."""
    mutations: Counter[str] = field(default_factory=Counter)
    """Further calls that were `proposed`, and those `kept`, which are input rows like others."""
    pieces: list[Piece] = field(default_factory=list)
    """The batches that it is made of."""

    def add(self, other: "Verified") -> None:
        """Append the next batch of the same block."""
        self.rows_in += other.rows_in
        self.rows += other.rows
        self.rejected += other.rejected
        self.outcomes += other.outcomes
        self.mutations += other.mutations
        self.pieces += other.pieces


def split_into_batches(
    cases: Iterator[Case], *, block_rows: int, skip: set[int], seen: Seen, part: Part = ALL
) -> Iterator[Batch]:
    """Cut the cases into blocks of fixed size, and those not done yet into batches, a part's own.

    Which blocks and batches there are depends on the input alone, never on the part.
    """
    numbers = count()
    for block in count():
        members = tuple(islice(cases, block_rows))
        if not members:
            return
        seen.rows += len(members)
        # The range first: zip then takes no number that it has no use for.
        batches = zip(range(0, len(members), BATCH_CASES), numbers, strict=False)
        ours = [(start, number) for start, number in batches if part.owns(number)]
        if ours:
            seen.blocks.add(block)
        if block in skip:
            continue
        for start, number in ours:
            batch = members[start : start + BATCH_CASES]
            yield Batch(block, batch, number == ours[-1][1], number)


def join_blocks(
    batches: Iterable[Verified], on_progress: Callable[[int, Counter[str]], None]
) -> Iterator[Verified]:
    """Put each block together again, telling `on_progress` of every batch."""
    whole: Verified | None = None
    for batch in batches:
        batch.pieces = [Piece(batch.number, len(batch.rows), len(batch.rejected))]
        on_progress(len(batch.rows), Counter(row.reason.value for row in batch.rejected))
        if whole is None:
            whole = batch
        else:
            whole.add(batch)
        if batch.is_last:
            yield whole
            whole = None
