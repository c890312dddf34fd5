"""Blocks of which every part holds some pieces: described where they are made, joined in a merge.

The files of a part may have travelled; each is compared with the digest that its part states.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from stepcode.dataset.frames import REJECTED_SCHEMA, SCHEMA, with_license
from stepcode.dataset.part import BLOCKS, PartFile, PartManifest
from stepcode.dataset.shards import BlockCounts, add_counts, parse_counts
from stepcode.errors import DatasetError

Digests = Mapping[str, str]
"""The sha256 of every file of a part, by its path in the part's folder."""

FILES = ("counts.json", "data.parquet", "rejected.parquet")


@dataclass(frozen=True, slots=True)
class Joined:
    """A block in memory, its rows in input order."""

    data: pl.DataFrame
    rejected: pl.DataFrame
    counts: BlockCounts


def describe_part(
    blocks: Mapping[int, Path],
    *,
    part: str,
    recipe: Mapping[str, Any],  # Any: whatever JSON the recipe is made of
    versions: Mapping[str, str],
    isolation: str,
    evaluation_only: bool,
    drop_duplicates: bool,
    test_share: float,
    input_rows: int,
) -> PartManifest:
    """Say what the blocks of a part hold, and name every file with its digest."""
    counts = [parse_counts((path / "counts.json").read_bytes()) for path in blocks.values()]
    reasons: Counter[str] = Counter()
    for path in blocks.values():
        column = pl.read_parquet(path / "rejected.parquet", glob=False, columns=["reason"])
        reasons.update(dict(column["reason"].value_counts().iter_rows()))
    return PartManifest(
        part=part,
        recipe=recipe,
        versions=versions,
        isolation=isolation,
        evaluation_only=evaluation_only,
        drop_duplicates=drop_duplicates,
        test_share=test_share,
        input_rows=input_rows,
        rows={
            "in": sum(count.rows_in for count in counts),
            "kept": sum(count.kept for count in counts),
            "rejected": sum(count.rejected for count in counts),
        },
        mutations=add_counts(count.mutations for count in counts),
        rejected=dict(sorted(reasons.items())),
        files=tuple(_describe(path / name) for path in blocks.values() for name in FILES),
    )


def join_pieces(index: int, parts: Mapping[Path, Digests]) -> Joined:
    """Put one block together of what the parts, by their folders, have of it."""
    shares = [_read_share(folder, digests, index) for folder, digests in parts.items()]
    held = [share for share in shares if share is not None]
    pieces = sorted((piece for share in held for piece in _pieces(share)), key=lambda p: p.number)
    return Joined(
        pl.concat([SCHEMA.to_frame(), *(piece.data for piece in pieces)]),
        pl.concat([REJECTED_SCHEMA.to_frame(), *(piece.rejected for piece in pieces)]),
        BlockCounts(
            rows_in=sum(share.counts.rows_in for share in held),
            kept=sum(share.counts.kept for share in held),
            rejected=sum(share.counts.rejected for share in held),
            outcomes=add_counts(share.counts.outcomes for share in held),
            mutations=add_counts(share.counts.mutations for share in held),
        ),
    )


@dataclass(frozen=True, slots=True)
class _PieceRows:
    number: int
    data: pl.DataFrame
    rejected: pl.DataFrame


def _pieces(share: Joined) -> Iterator[_PieceRows]:
    kept = rejected = 0
    for piece in share.counts.pieces:
        yield _PieceRows(
            piece.number,
            share.data.slice(kept, piece.kept),
            share.rejected.slice(rejected, piece.rejected),
        )
        kept += piece.kept
        rejected += piece.rejected


def _read_share(folder: Path, digests: Digests, index: int) -> Joined | None:
    names = [f"{BLOCKS}/{index:06d}/{name}" for name in FILES]
    if names[0] not in digests:
        return None
    counts, data, rejected = (_verified(folder / name, digests[name]) for name in names)
    rejected_rows = with_license(pl.read_parquet(rejected))
    return Joined(pl.read_parquet(data), rejected_rows, parse_counts(counts))


def _verified(path: Path, sha256: str) -> bytes:
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != sha256:
        damaged = "missing or damaged; copy the part again, or build it again with --overwrite"
        raise DatasetError(f"{path}: {damaged}")
    return data


def _describe(path: Path) -> PartFile:
    data = path.read_bytes()
    name = f"{BLOCKS}/{path.parent.name}/{path.name}"
    return PartFile(name, len(data), hashlib.sha256(data).hexdigest())
