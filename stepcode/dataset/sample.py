"""Some rows of a dataset to look at: the same ones each time, with the rare ones among them.

An id is a hash, so the rows with the smallest ids are as good as drawn by chance, however the
dataset is cut into shards. They are taken in turn from each number of steps, and of the rejected
rows from each reason, so that what is rare is there as well.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from stepcode.dataset.frames import Record, read_rejected_row, read_row
from stepcode.dataset.manifest import read_manifest
from stepcode.dataset.read import damage_named, shard_paths, split_of
from stepcode.dataset.rows import RejectedRow, Row


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row, and the split that it is in."""

    split: str
    row: Row


def sample_kept(directory: Path, *, most: int) -> list[KeptRow]:
    """Take up to so many kept rows, in turn from each number of steps, the longest first."""
    paths = shard_paths(directory, read_manifest(directory), "data")
    chosen = _choose(paths, "n_steps", most, descending=True)
    return [KeptRow(split_of(path), read_row(record)) for path, record in _read(chosen)]


def sample_rejected(directory: Path, *, most: int) -> list[RejectedRow]:
    """Take up to so many rejected rows, in turn from each reason."""
    paths = shard_paths(directory, read_manifest(directory), "rejected")
    chosen = _choose(paths, "reason", most, descending=False)
    return [read_rejected_row(record) for _, record in _read(chosen)]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a row is."""

    path: Path
    number: int


def _choose(paths: Sequence[Path], kind: str, most: int, *, descending: bool) -> list[_Place]:
    """Choose rows by their ids; every kind of them has its first before any has its second."""
    if not paths:
        return []
    frames = []
    for shard, path in enumerate(paths):
        with damage_named(path):
            ids = pl.scan_parquet(path, glob=False).select("id", kind).collect()
        frames.append(ids.with_row_index("number").with_columns(shard=pl.lit(shard)))
    every = pl.concat(frames).sort("id", "shard", "number")
    turn = pl.int_range(pl.len()).over(kind).alias("turn")
    first = every.with_columns(turn).sort(
        "turn", kind, descending=[False, descending], maintain_order=True
    )
    places = first.head(most).select("shard", "number")
    return [_Place(paths[shard], number) for shard, number in places.iter_rows()]


def _read(places: Sequence[_Place]) -> Iterator[tuple[Path, Record]]:
    """Read rows shard by shard, and give them in the order of the places."""
    records: dict[_Place, Record] = {}
    for path in dict.fromkeys(place.path for place in places):
        here = [place for place in places if place.path == path]
        with damage_named(path):
            shard = pl.read_parquet(path, glob=False)
        rows = shard[[place.number for place in here]].iter_rows(named=True)
        records |= dict(zip(here, rows, strict=True))
    for place in places:
        yield place.path, records[place]
