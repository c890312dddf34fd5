"""Which rows are for training and which for testing: all calls of a program on the same side."""

import hashlib

import polars as pl

TRAIN, TEST = SPLITS = ("train", "test")


def split_of(program_id: str, *, test_share: float) -> str:
    """Say where a program belongs; with a larger share, what was in `test` stays there."""
    digest = hashlib.blake2b(program_id.encode(), digest_size=8, person=b"stepcode split").digest()
    return TEST if int.from_bytes(digest, "big") < test_share * 2**64 else TRAIN


def on_side(rows: pl.DataFrame, split: str, *, test_share: float) -> pl.DataFrame:
    """Keep the rows whose programs belong to one side."""
    if not test_share:
        return rows if split == TRAIN else rows.clear()
    ids = rows["program_id"].unique()
    chosen = [name for name in ids if split_of(name, test_share=test_share) == split]
    return rows.filter(pl.col("program_id").is_in(chosen))
