"""Rows that repeat an earlier one: the same program with the same call, or a program's likeness.

The only questions that need all rows of a dataset. For the first, hashes of 64 bits name the
suspects, 20 bytes a row, and only suspects are compared in full. A program that repeats an earlier
one goes with all its calls, so that what a detail names is always a row that is kept.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from stepcode.dataset.near_duplicates import Repeat, code_hash, find_repeated_programs

Blocks = Mapping[int, Path]
"""The folders of finished blocks, by their place in the input."""

_KEY = ["program_id", "call"]
_SAME_CALL = "same_call"
NO_DUPLICATES = pl.DataFrame(
    schema={"block": pl.Int64, "row": pl.UInt32, "likeness": pl.String, "detail": pl.String}
)


def find_duplicates(blocks: Blocks, scratch: Path) -> pl.DataFrame:
    """Find every row that repeats an earlier one: its block, its row there, how and which.

    `scratch` is a folder that is made and removed.
    """
    repeats = find_repeated_programs(blocks, scratch)
    programs = [_rows_of_repeats(index, path, repeats) for index, path in blocks.items()]
    same = pl.concat([NO_DUPLICATES, *programs])
    calls = _find_same_calls(blocks).join(same, on=["block", "row"], how="anti")
    return pl.concat([same, calls]).sort("block", "row")


def count_by_likeness(duplicates: pl.DataFrame) -> Counter[str]:
    """How many rows repeat a call, a program under other names, or nearly a program."""
    return Counter(duplicates["likeness"])


def _rows_of_repeats(index: int, block: Path, repeats: Mapping[int, Repeat]) -> pl.DataFrame:
    if not repeats:
        return NO_DUPLICATES
    code = pl.read_parquet(block / "data.parquet", glob=False, columns=["code"])
    hashes = code.select(code_hash()).to_series().to_list()
    found = [(row, repeats[number]) for row, number in enumerate(hashes) if number in repeats]
    rows = [(index, row, repeat.likeness.value, repeat.detail()) for row, repeat in found]
    return pl.DataFrame(rows, schema=NO_DUPLICATES.schema, orient="row")


def _find_same_calls(blocks: Blocks) -> pl.DataFrame:
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
        .with_columns(
            likeness=pl.lit(_SAME_CALL),
            detail=pl.lit("same program and call as row ") + pl.col("id").first().over(_KEY),
        )
        .filter(~pl.struct(_KEY).is_first_distinct())
        .select(NO_DUPLICATES.columns)
    )


def rows_of(duplicates: pl.DataFrame, block: int) -> pl.DataFrame:
    """The duplicates in one block: their rows and what each repeats."""
    return duplicates.filter(pl.col("block") == block).select("row", "detail")


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
