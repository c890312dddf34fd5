"""From finished blocks to the final shards, a bounded number of rows at a time.

A shard holds the rows of `BLOCKS_PER_SHARD` consecutive blocks that are on one side of the split,
sorted by id; rows that repeat an earlier one move to the rejected rows of the same blocks.
"""

import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from stepcode.dataset.card import render_card
from stepcode.dataset.contamination import benchmark_of
from stepcode.dataset.duplicates import (
    NO_DUPLICATES,
    Blocks,
    count_by_block,
    count_by_likeness,
    find_duplicates,
    rows_of,
)
from stepcode.dataset.durable import write_durably
from stepcode.dataset.frames import (
    REJECTED_COLUMNS,
    REJECTED_SCHEMA,
    SCHEMA,
    in_shard_order,
    with_license,
)
from stepcode.dataset.manifest import NAME, Manifest, Shard, render_manifest
from stepcode.dataset.part import Piece
from stepcode.dataset.split import SPLITS, TEST, TRAIN, on_side
from stepcode.dataset.tallies import Tally, by_source, count_rows, join_tallies, open_tally
from stepcode.errors import StepcodeError
from stepcode.types import Reason

BLOCKS_PER_SHARD = 10
"""Together with the input rows of a block it fixes the bytes of every dataset.

With 50 blocks of 1,000 rows the last step of a build peaked at 490 MB, with 10 at 200 MB.
"""

_SCRATCH = "scratch"


@dataclass(frozen=True, slots=True)
class BlockCounts:
    """What a block says of itself; the only place that knows outcomes."""

    rows_in: int
    kept: int
    rejected: int
    outcomes: Mapping[str, int]
    mutations: Mapping[str, int] = field(default_factory=dict)
    pieces: tuple[Piece, ...] = ()
    """Where the block is a part's: what puts its rows between those of the other parts."""


@dataclass(frozen=True, slots=True)
class _Written:
    """The shards of one folder, and what was counted in them."""

    shards: tuple[Shard, ...]
    tally: Tally

    @property
    def rows(self) -> int:
        return sum(shard.rows for shard in self.shards)


def encode(frame: pl.DataFrame) -> bytes:
    """Write a frame as Parquet; the same frame gives the same bytes."""
    buffer = io.BytesIO()
    frame.write_parquet(
        buffer, compression="zstd", compression_level=3, statistics=True, row_group_size=5000
    )
    return buffer.getvalue()


def write_final(
    blocks: Blocks,
    final: Path,
    *,
    drop_duplicates: bool,
    test_share: float,
    recipe: Mapping[str, Any],  # Any: whatever JSON the recipe is made of
    versions: Mapping[str, str],
    isolation: str,
    evaluation_only: bool,
) -> None:
    """Write the whole dataset of these blocks into a new folder, the manifest last."""
    counts = {
        index: parse_counts((path / "counts.json").read_bytes()) for index, path in blocks.items()
    }
    again = find_duplicates(blocks, final / _SCRATCH) if drop_duplicates else NO_DUPLICATES
    splits = _write_kept(blocks, counts, again, final, test_share=test_share)
    kept = _joined(splits.values())
    rejected = _write_rejected(blocks, counts, again, final)
    manifest = Manifest(
        recipe=recipe,
        versions=versions,
        isolation=isolation,
        evaluation_only=evaluation_only,
        rows=_balance(sum(count.rows_in for count in counts.values()), kept.rows, rejected.rows),
        outcomes=add_counts(count.outcomes for count in counts.values()),
        mutations=add_counts(count.mutations for count in counts.values()),
        rejected=_sorted(rejected.tally.values["reason"]),
        duplicates=_sorted(count_by_likeness(again)),
        contamination=_sorted(_contamination(blocks)),
        splits={split: written.rows for split, written in splits.items() if written.rows},
        steps=_sorted(kept.tally.values["n_steps"]),
        policies=_sorted(kept.tally.values["policy"]),
        licenses=_sorted(kept.tally.values["license"]),
        sources=_sorted(kept.tally.values["source"]),
        licenses_by_source=by_source(kept.tally.licenses, rejected.tally.licenses),
        shards=kept.shards + rejected.shards,
    )
    write_durably(final / "README.md", render_card(manifest).encode())
    write_durably(final / NAME, render_manifest(manifest))


def _joined(written: Iterable[_Written]) -> _Written:
    """Put the shards of both sides of a split together."""
    both = tuple(written)
    shards = tuple(shard for some in both for shard in some.shards)
    return _Written(shards, join_tallies(some.tally for some in both))


def _contamination(blocks: Blocks) -> Counter[str]:
    counts: Counter[str] = Counter()
    for block in blocks.values():
        columns = ["reason", "detail"]
        rejected = pl.read_parquet(block / "rejected.parquet", glob=False, columns=columns)
        found = rejected.filter(pl.col("reason") == Reason.CONTAMINATED.value)
        counts.update(map(benchmark_of, found["detail"]))
    return counts


def _balance(rows_in: int, kept: int, rejected: int) -> dict[str, int]:
    if rows_in != kept + rejected:
        found = f"{rows_in} rows in, {kept} kept and {rejected} rejected"
        raise StepcodeError(f"rows were lost: {found}; build again with --overwrite")
    return {"in": rows_in, "kept": kept, "rejected": rejected}


def parse_counts(data: bytes) -> BlockCounts:
    """Read the `counts.json` of a block."""
    record = json.loads(data)
    pieces = tuple(Piece(**piece) for piece in record.pop("pieces", ()))
    return BlockCounts(**record, pieces=pieces)


def add_counts(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Add up what blocks counted, by name."""
    return _sorted(sum(map(Counter, counts), Counter()))


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    """By name; numbers, which count steps, by size."""

    def place(item: tuple[str, int]) -> tuple[int, str]:
        return int(item[0]) if item[0].isdigit() else -1, item[0]

    return dict(sorted(counts.items(), key=place))


def _write_kept(
    blocks: Blocks,
    counts: Mapping[int, BlockCounts],
    again: pl.DataFrame,
    final: Path,
    *,
    test_share: float,
) -> dict[str, _Written]:
    def read(index: int, split: str) -> pl.DataFrame:
        return on_side(_unrepeated(blocks[index], again, index), split, test_share=test_share)

    def count(index: int) -> dict[str, int]:
        ids = _unrepeated(blocks[index], again, index, columns=["program_id"])
        return {split: on_side(ids, split, test_share=test_share).height for split in SPLITS}

    moved = count_by_block(again)
    if test_share:
        rows = {index: count(index) for index in blocks}
    else:
        rows = {i: {TRAIN: some.kept - moved.get(i, 0), TEST: 0} for i, some in counts.items()}
    counted = ("n_steps", "policy", "license", "source")
    return {
        split: _write_shards(
            final / "data",
            {index: by_split[split] for index, by_split in rows.items()},
            partial(read, split=split),
            counted,
            split=split,
        )
        for split in SPLITS
    }


def _unrepeated(
    block: Path, again: pl.DataFrame, index: int, *, columns: list[str] | None = None
) -> pl.DataFrame:
    frame = pl.read_parquet(block / "data.parquet", glob=False, columns=columns)
    repeated = rows_of(again, index)
    if repeated.is_empty():  # a join copies
        return frame
    return frame.with_row_index("row").join(repeated, on="row", how="anti").drop("row")


def _write_rejected(
    blocks: Blocks, counts: Mapping[int, BlockCounts], again: pl.DataFrame, final: Path
) -> _Written:
    def read(index: int) -> pl.DataFrame:
        rejected = with_license(pl.read_parquet(blocks[index] / "rejected.parquet", glob=False))
        return pl.concat([rejected, _as_rejected(blocks[index], rows_of(again, index))])

    moved = count_by_block(again)
    rows = {index: count.rejected + moved.get(index, 0) for index, count in counts.items()}
    return _write_shards(final / "rejected", rows, read, ("reason",))


def _as_rejected(block: Path, repeated: pl.DataFrame) -> pl.DataFrame:
    shared = [column for column in REJECTED_SCHEMA if column in SCHEMA]
    frame = pl.read_parquet(block / "data.parquet", glob=False, columns=shared)
    return (
        frame.with_row_index("row")
        .join(repeated, on="row")
        .select(*shared, "detail", reason=pl.lit(Reason.DUPLICATE.value))
        .select(REJECTED_COLUMNS)
    )


def _write_shards(
    folder: Path,
    rows: Mapping[int, int],
    read: Callable[[int], pl.DataFrame],
    counted: Sequence[str],
    *,
    split: str = TRAIN,
) -> _Written:
    """Write one folder; with no rows, not even the folder, since nothing loads an empty file."""
    groups = _groups(rows)
    shards: list[Shard] = []
    tally = open_tally(counted)
    (folder if groups else folder.parent).mkdir(parents=True, exist_ok=True)
    for number, group in enumerate(groups):
        path = folder / f"{split}-{number:05d}-of-{len(groups):05d}.parquet"
        shards.append(_write_shard(path, map(read, group), tally))
    return _Written(tuple(shards), tally)


def _write_shard(path: Path, frames: Iterable[pl.DataFrame], tally: Tally) -> Shard:
    """Write one shard and count its rows; nothing of it stays in memory."""
    frame = in_shard_order(pl.concat(frames))
    count_rows(tally, frame)
    data = encode(frame)
    write_durably(path, data)
    digest = hashlib.sha256(data).hexdigest()
    return Shard(f"{path.parent.name}/{path.name}", frame.height, len(data), digest)


def _groups(rows: Mapping[int, int]) -> list[list[int]]:
    """Which blocks make which shard, leaving out shards without rows."""
    groups: dict[int, list[int]] = {}
    for index in sorted(rows):
        groups.setdefault(index // BLOCKS_PER_SHARD, []).append(index)
    return [group for group in groups.values() if any(rows[index] for index in group)]
