"""Take benchmark programs out of Parquet files that are there already, of whoever's making.

    index = build_index(["cruxeval.jsonl", "HumanEval.jsonl.gz"])
    decontaminate(["data.parquet"], Path("clean.parquet"), index)

Polars streams the rows through in their order, so memory is bounded by a batch, not by the file.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import polars as pl

from stepcode.dataset.contamination import BenchmarkIndex
from stepcode.errors import DatasetError

BATCH_ROWS = 2000
ROW_GROUP_ROWS = 5000
"""A group is held until it is whole; polars would take 262,144 rows."""


@dataclass(frozen=True, slots=True)
class Decontaminated:
    """What came of the rows; those kept and those of any benchmark are all of them."""

    rows_in: int
    kept: int
    contamination: Mapping[str, int]
    """Rows left out, by benchmark."""


def decontaminate(
    sources: Sequence[Path], target: Path, index: BenchmarkIndex, *, column: str = "code"
) -> Decontaminated:
    """Copy the rows whose program, in `column`, is none of the benchmarks' into one new file.

    Raises DatasetError if a file cannot be read or has no such column of text.
    """
    rows = _open(sources, column)
    counts: Counter[str] = Counter()
    unfinished = target.with_name(f"{target.name}.tmp")

    one_at_a_time = Lock()  # polars may call from several threads, and they count together

    def clean(batch: pl.DataFrame) -> pl.DataFrame:
        slices = batch.iter_slices(BATCH_ROWS)
        with one_at_a_time:
            parts = [_without_leaks(some, index, column, counts) for some in slices]
        return pl.concat(parts) if parts else batch

    try:
        cleaned = rows.map_batches(clean, streamable=True)
        cleaned.sink_parquet(
            unfinished, engine="streaming", maintain_order=True, row_group_size=ROW_GROUP_ROWS
        )
    except pl.exceptions.PolarsError as error:
        unfinished.unlink(missing_ok=True)
        raise _unreadable(sources, error) from error
    unfinished.replace(target)
    rows_in = counts.pop(_ROWS, 0)
    return Decontaminated(rows_in, rows_in - counts.total(), dict(sorted(counts.items())))


_ROWS = ""
"""Where all rows are counted; no benchmark has this name."""


def _without_leaks(
    rows: pl.DataFrame, index: BenchmarkIndex, column: str, counts: Counter[str]
) -> pl.DataFrame:
    codes = rows[column]
    programs = codes.unique().drop_nulls().to_list()  # several calls of one are usual
    found = {
        code: match.benchmark
        for code, match in zip(programs, index.find(programs), strict=True)
        if match is not None
    }
    counts[_ROWS] += rows.height
    if not found:
        return rows
    benchmarks = [found.get(code) for code in codes]
    counts.update(name for name in benchmarks if name is not None)
    return rows.filter(pl.Series(benchmarks, dtype=pl.String).is_null())


def _open(sources: Sequence[Path], column: str) -> pl.LazyFrame:
    try:
        rows = pl.scan_parquet(list(sources), glob=False)
        schema = rows.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _unreadable(sources, error) from error
    if schema.get(column) != pl.String:
        found = ", ".join(schema.names())
        raise DatasetError(f"{sources[0]}: has no column {column!r} of text; it has {found}")
    return rows


def _unreadable(sources: Sequence[Path], error: Exception) -> DatasetError:
    files = ", ".join(map(str, sources[:3])) or "no files"
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return DatasetError(f"{files}: cannot be decontaminated: {reason}")
