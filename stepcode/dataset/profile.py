"""How a dataset's kept rows are distributed: what its steps show, and what its programs ask for.

    for measured in measure_rows(directory): ...     # a few numbers of every row
    count_steps(directory)                           # all steps by kind of anchor and by novelty

Both read only the columns they need, one shard after another, so that memory does not grow with
the dataset.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from stepcode.dataset.manifest import Counts, read_manifest
from stepcode.dataset.read import damage_named, shard_paths

UNKNOWN = "not classified"
"""The novelty of steps whose policy tells none."""

_LOOP = r"(?m)^[ \t]*(?:async[ \t]+)?(?:for|while)\b"
_LINE = r"(?m)^.*\S"


@dataclass(frozen=True, slots=True)
class Measured:
    """What one row asks for, in numbers."""

    source: str
    source_row: str
    steps: int
    informative: int | None
    """Steps that inform; None where the policy does not tell."""
    lines: int
    """Of the program as it came, blank ones left out."""
    loops: int
    """Lines of the program that begin with `for` or `while`; comprehensions are none."""


@dataclass(frozen=True, slots=True)
class StepCounts:
    """All steps of the kept rows, the most frequent first."""

    kinds: Counts
    """By the kind of their anchor."""
    novelty: Counts
    """By what they teach."""


def measure_rows(directory: Path) -> Iterator[Measured]:
    """Measure every kept row, in the order of the shards."""
    novelty = pl.col("steps").list.eval(pl.element().struct.field("novelty"))
    informative = novelty.list.count_matches("informative")
    columns = [
        pl.col("source"),
        pl.col("source_row"),
        pl.col("n_steps").alias("steps"),
        pl.when(novelty.list.drop_nulls().list.len() > 0).then(informative).alias("informative"),
        pl.col("code").str.count_matches(_LINE).alias("lines"),
        pl.col("code").str.count_matches(_LOOP).alias("loops"),
    ]
    for path in shard_paths(directory, read_manifest(directory), "data"):
        with damage_named(path):
            measured = pl.scan_parquet(path, glob=False).select(columns).collect()
        yield from (Measured(*row) for row in measured.iter_rows())


def count_steps(directory: Path) -> StepCounts:
    """Count the steps of all kept rows."""
    kinds: Counter[str] = Counter()
    novelty: Counter[str] = Counter()
    for path in shard_paths(directory, read_manifest(directory), "data"):
        with damage_named(path):
            steps = _steps_of(pl.scan_parquet(path, glob=False))
        kinds += _counts(steps, "kind")
        novelty += _counts(steps, "novelty")
    return StepCounts(_ordered(kinds), _ordered(novelty))


def _steps_of(shard: pl.LazyFrame) -> pl.DataFrame:
    """Give each step of a shard with the kind of its anchor."""
    rows = shard.select("anchors", "steps").with_row_index("row")
    steps = rows.select("row", "steps").explode("steps").unnest("steps")
    anchors = rows.select("row", "anchors").explode("anchors").unnest("anchors")
    joined = steps.select("row", "anchor", "novelty").join(
        anchors.select("row", "index", "kind"),
        left_on=["row", "anchor"],
        right_on=["row", "index"],
    )
    return joined.select("kind", "novelty").collect()


def _counts(steps: pl.DataFrame, column: str) -> Counter[str]:
    counted = steps.select(pl.col(column).fill_null(UNKNOWN)).get_column(column).value_counts()
    return Counter(dict(counted.iter_rows()))


def _ordered(counts: Counter[str]) -> Counts:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
