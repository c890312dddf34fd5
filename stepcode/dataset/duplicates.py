"""Rows that repeat an earlier one: the same program with the same call.

The only question that needs all rows of a dataset. Hashes of 64 bits name the suspects, 20 bytes a
row; only suspects are compared in full.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

Blocks = Mapping[int, Path]
"""The folders of finished blocks, by their place in the input."""

_KEY = ["program_id", "call"]
NO_DUPLICATES = pl.DataFrame(schema={"block": pl.Int64, "row": pl.UInt32, "first": pl.String})


def find_duplicates(blocks: Blocks) -> pl.DataFrame:
    """Find every row that repeats an earlier one: its block, its row there, and the first's id."""
    hashed = [_hashes(index, path) for index, path in blocks.items()]
    if not hashed:
        return NO_DUPLICATES
    keys = pl.concat(hashed)
    suspects = keys.filter(pl.col("hash").is_duplicated())
    if suspects.is_empty():
        return NO_DUPLICATES
    full = [_full_keys(blocks[index], rows) for (index,), rows in suspects.group_by("block")]
    return (
        pl.concat(full)
        .sort("block", "row")
        .with_columns(first=pl.col("id").first().over(_KEY))
        .filter(~pl.struct(_KEY).is_first_distinct())
        .select("block", "row", "first")
    )


def rows_of(duplicates: pl.DataFrame, block: int) -> pl.DataFrame:
    """The duplicates in one block: their rows and the ids of the firsts."""
    return duplicates.filter(pl.col("block") == block).select("row", "first")


def count_by_block(duplicates: pl.DataFrame) -> dict[int, int]:
    """How many duplicates each block has."""
    return dict(duplicates.group_by("block").len().iter_rows())


def _hashes(index: int, block: Path) -> pl.DataFrame:
    keys = pl.read_parquet(block / "data.parquet", glob=False, columns=_KEY)
    return keys.select(
        hash=pl.struct(_KEY).hash(),
        block=pl.lit(index, pl.Int64),
        row=pl.int_range(pl.len(), dtype=pl.UInt32),
    )


def _full_keys(block: Path, rows: pl.DataFrame) -> pl.DataFrame:
    keys = pl.read_parquet(block / "data.parquet", glob=False, columns=["id", *_KEY])
    return pl.concat([rows.select("block", "row"), keys[rows["row"]]], how="horizontal")
