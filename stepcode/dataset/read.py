"""Reading a finished dataset: all rows, or one of them by its id."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from stepcode.dataset.frames import Record, read_rejected_row, read_row
from stepcode.dataset.manifest import DAMAGED, Manifest, read_manifest, require_whole
from stepcode.dataset.rows import RejectedRow, Row
from stepcode.errors import DatasetError

BATCH_ROWS = 1000
_ALL = pl.lit(True)


def read_rows(directory: Path) -> Iterator[Row]:
    """All kept rows, in the order of the shards, a bounded number in memory."""
    for path in shard_paths(directory, read_manifest(directory), "data"):
        yield from read_shard(path)


def read_shard(path: Path) -> Iterator[Row]:
    """The rows of one shard of kept rows, in order."""
    with damage_named(path):
        shard = pl.read_parquet(path, glob=False)
    for batch in shard.iter_slices(BATCH_ROWS):
        yield from map(read_row, batch.iter_rows(named=True))


def find_row(directory: Path, row_id: str) -> Row | RejectedRow:
    """The row whose id is or begins with `row_id`, kept or rejected."""
    manifest = read_manifest(directory)
    kept = _starting_with(shard_paths(directory, manifest, "data"), row_id)
    rejected = _starting_with(shard_paths(directory, manifest, "rejected"), row_id)
    ids = sorted({record["id"] for record in kept + rejected})
    if not ids:
        hint = "`stepcode show DIR --sample` shows one"
        raise DatasetError(f"{directory}: no row has an id that begins with {row_id!r}; {hint}")
    if len(ids) > 1:
        found = ", ".join(ids[:3])
        raise DatasetError(f"{directory}: {row_id!r} begins several ids ({found}); give more of it")
    return read_row(kept[0]) if kept else read_rejected_row(rejected[0])


def sample_row(directory: Path, *, at_least_steps: int = 3) -> Row:
    """The first row with enough steps to be worth looking at, else the first one."""
    paths = shard_paths(directory, read_manifest(directory), "data")
    for path in paths:
        long_enough = pl.col("n_steps") >= at_least_steps
        found = _collect(path, rows=1, where=long_enough)
        if found:
            return read_row(found[0])
    if not paths:
        raise DatasetError(f"{directory}: no row was kept, so there is none to show")
    return read_row(_collect(paths[0], rows=1)[0])


def sample_rejected(directory: Path, manifest: Manifest) -> list[RejectedRow]:
    """The first rejected row of every reason, in the order of the manifest."""
    found: dict[str, Record] = {}
    for path in shard_paths(directory, manifest, "rejected"):
        other = ~pl.col("reason").is_in(list(found))
        for record in _collect(path, rows=len(manifest.rejected), where=other, each="reason"):
            found[record["reason"]] = record
    return [read_rejected_row(found[reason]) for reason in manifest.rejected if reason in found]


def shard_paths(directory: Path, manifest: Manifest, folder: str) -> list[Path]:
    """The shards of one folder that the manifest lists, which have to be there whole."""
    shards = [shard for shard in manifest.shards if shard.path.startswith(f"{folder}/")]
    for shard in shards:
        require_whole(directory, shard)
    return [directory / shard.path for shard in shards]


def split_shards(directory: Path, manifest: Manifest, split: str) -> list[Path]:
    """The shards of kept rows that belong to a split, of which there has to be one."""
    shards = shard_paths(directory, manifest, "data")
    chosen = [path for path in shards if split_of(path) == split]
    if not chosen:
        found = ", ".join(sorted({split_of(path) for path in shards})) or "no rows at all"
        raise DatasetError(f"{directory}: has no rows in split '{split}', but {found}")
    return chosen


def split_of(shard: Path) -> str:
    """Tell the split that a shard of kept rows belongs to."""
    return shard.name.split("-", 1)[0]


def _starting_with(paths: list[Path], prefix: str) -> list[Record]:
    """At most a few records of each shard: one is wanted, two are already too many."""
    found: list[Record] = []
    for path in paths:
        found += _collect(path, rows=4, where=pl.col("id").str.starts_with(prefix))
    return found


def _collect(
    path: Path, *, rows: int, where: pl.Expr = _ALL, each: str | None = None
) -> list[Record]:
    """Read the first records of a shard, or the first of each value of a column."""
    with damage_named(path):
        found = pl.scan_parquet(path, glob=False).filter(where)
        if each is not None:
            found = found.unique(each, keep="first", maintain_order=True)
        return found.head(rows).collect().to_dicts()


@contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """Name a shard that has its length, but not its content."""
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DatasetError(f"{path}: {DAMAGED}") from error
