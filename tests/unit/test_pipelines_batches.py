"""Blocks and batches: input rows in, in order, none lost, none twice."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from stepcode.dataset.part import ALL, Part
from stepcode.dataset.rows import RejectedRow, rejected_row
from stepcode.types import Case, Program, Reason, Rejection
from stepcode_pipelines.batches import (
    BATCH_CASES,
    Batch,
    Seen,
    Verified,
    join_blocks,
    split_into_batches,
)

NOT_RUN = Rejection(Reason.NO_CALL, "for the test")


def cases(count: int) -> list[Case]:
    return [Case(Program(code="", source_row=str(number)), "f()") for number in range(count)]


def split(
    count: int, *, block_rows: int, skip: set[int], part: Part = ALL
) -> tuple[list[Batch], Seen]:
    seen = Seen()
    batches = split_into_batches(
        iter(cases(count)), block_rows=block_rows, skip=skip, seen=seen, part=part
    )
    return list(batches), seen


def reject_all(batch: Batch) -> Verified:
    rejected = [rejected_row(case, NOT_RUN, "strict") for case in batch.cases]
    outcomes = Counter({"raised": len(batch.cases)})
    return Verified(
        batch.block,
        batch.is_last,
        batch.number,
        rows_in=len(batch.cases),
        rejected=rejected,
        outcomes=outcomes,
    )


def numbers(rows: list[RejectedRow]) -> list[int]:
    return [int(row.source_row) for row in rows]


@given(st.integers(0, 130), st.integers(1, 70), st.sets(st.integers(0, 20)))
def test_blocks_come_back_whole_and_in_order(count: int, block_rows: int, skip: set[int]) -> None:
    batches, seen = split(count, block_rows=block_rows, skip=skip)
    blocks = list(join_blocks(map(reject_all, batches), lambda kept, rejected: None))
    whole = range(count)
    expected = {
        block: list(whole[block * block_rows : (block + 1) * block_rows])
        for block in range(-(-count // block_rows))
    }
    assert (seen.blocks, seen.rows) == (set(expected), count)
    assert [block.block for block in blocks] == sorted(set(expected) - skip)
    for block in blocks:
        assert numbers(block.rejected) == expected[block.block]
        assert block.rows_in == block.outcomes["raised"] == len(expected[block.block])


def test_batch_is_small_and_only_the_last_of_a_block_says_so() -> None:
    batches, _ = split(2 * BATCH_CASES + 1, block_rows=2 * BATCH_CASES, skip=set())
    assert [len(batch.cases) for batch in batches] == [BATCH_CASES, BATCH_CASES, 1]
    assert [batch.is_last for batch in batches] == [False, True, True]


def test_progress_hears_of_every_batch() -> None:
    told: list[tuple[int, Counter[str]]] = []
    batches, _ = split(BATCH_CASES + 5, block_rows=1000, skip=set())
    for _ in join_blocks(map(reject_all, batches), lambda kept, gone: told.append((kept, gone))):
        pass
    assert told == [(0, Counter(no_call=BATCH_CASES)), (0, Counter(no_call=5))]


@given(st.integers(0, 300), st.integers(1, 70), st.integers(1, 5))
def test_parts_share_every_batch_out(count: int, block_rows: int, parts: int) -> None:
    whole, _ = split(count, block_rows=block_rows, skip=set())
    shares = [
        split(count, block_rows=block_rows, skip=set(), part=Part(index, parts))
        for index in range(parts)
    ]
    dealt = sorted((b for batches, _ in shares for b in batches), key=lambda batch: batch.number)
    assert [batch.cases for batch in dealt] == [batch.cases for batch in whole]
    sizes = [len(batches) for batches, _ in shares]
    assert max(sizes) - min(sizes) <= 1
    for batches, seen in shares:
        assert seen.rows == count
        assert seen.blocks == {batch.block for batch in batches}
        ends = [batch.block for batch in batches if batch.is_last]
        assert ends == sorted(seen.blocks)
