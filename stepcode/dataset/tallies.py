"""What the rows of a dataset are counted by: values of a column, and licences by source.

The code of rejected rows is published too, so their licences count as those of kept rows do.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from stepcode.dataset.frames import with_license
from stepcode.dataset.manifest import Licensed, Manifest


@dataclass(frozen=True, slots=True)
class Tally:
    """How often values occur; counting adds to it."""

    values: Mapping[str, Counter[str]]
    """By column."""
    licenses: Counter[tuple[str, str]]
    """Rows with code, by source and licence."""


def open_tally(columns: Iterable[str]) -> Tally:
    """Begin to count the values of some columns, and licences by source."""
    return Tally({column: Counter() for column in columns}, Counter())


def count_rows(tally: Tally, frame: pl.DataFrame) -> None:
    """Count the rows of one shard."""
    for column, counter in tally.values.items():
        counter.update({str(k): n for k, n in frame[column].value_counts().iter_rows()})
    tally.licenses.update(_licenses(frame))


def join_tallies(tallies: Iterable[Tally]) -> Tally:
    """Add up tallies of the same columns."""
    joined = Tally({}, Counter())
    values: dict[str, Counter[str]] = {}
    for tally in tallies:
        joined.licenses.update(tally.licenses)
        for column, counter in tally.values.items():
            values[column] = values.get(column, Counter()) + counter
    return Tally(values, joined.licenses)


def by_source(kept: Counter[tuple[str, str]], rejected: Counter[tuple[str, str]]) -> Licensed:
    """Write the counts of both kinds of rows as a manifest has them, sorted."""
    table: dict[str, dict[str, dict[str, int]]] = {}
    for source, license in sorted(kept | rejected):
        pair = source, license
        counts = {"kept": kept[pair], "rejected": rejected[pair]}
        table.setdefault(source, {})[license] = counts
    return table


def licenses_of(directory: Path, manifest: Manifest) -> Licensed:
    """Give the licences by source; of a dataset that was built before they were kept, count them.

    Its rejected rows do not say their licence, which is then unknown.
    """
    if manifest.licenses_by_source:
        return manifest.licenses_by_source
    counts: dict[str, Counter[tuple[str, str]]] = {"data": Counter(), "rejected": Counter()}
    for shard in manifest.shards:
        path = directory / shard.path
        wanted: list[str] = [
            n for n in ("source", "license", "code") if n in pl.read_parquet_schema(path)
        ]
        frame = pl.read_parquet(path, glob=False, columns=wanted)
        counts[shard.path.partition("/")[0]].update(_licenses(with_license(frame)))
    return by_source(counts["data"], counts["rejected"])


def _licenses(frame: pl.DataFrame) -> Counter[tuple[str, str]]:
    """A row without code, such as a broken line of the input, has nothing to be licensed."""
    pairs = frame.filter(pl.col("code") != "").group_by("source", "license").len()
    return Counter({(source, license): n for source, license, n in pairs.iter_rows()})
