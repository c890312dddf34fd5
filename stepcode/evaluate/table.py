"""The rows of a benchmark: a file that somebody downloaded, or a dataset of the Hub."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepcode.errors import SourceError
from stepcode.source.hub import read_hub_rows
from stepcode.source.rows import open_file, read_rows
from stepcode.source.settings import SourceSettings

_HUB_SPLIT = "test"
_OTHER = "it is of another benchmark, or of another version of this one"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with where they came from."""

    name: str
    rows: Sequence[Mapping[str, Any]]  # Any: JSON

    def of_texts(self, fields: Sequence[str]) -> Iterator[Mapping[str, str]]:
        """Give the rows, which have to have texts in these fields; the first is an id."""
        seen: set[str] = set()
        for number, row in enumerate(self.rows):
            self._require(number, row, fields)
            for field in fields:
                if not isinstance(row[field], str):
                    found = type(row[field]).__name__
                    raise SourceError(
                        f"{self.name}: row {number}: {field} is {found}: expected text"
                    )
            if row[fields[0]] in seen:
                raise SourceError(f"{self.name}: {row[fields[0]]} is there twice")
            seen.add(row[fields[0]])
            yield row

    def of_fields(self, fields: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        """Give the rows, which all have to have these fields."""
        for number, row in enumerate(self.rows):
            self._require(number, row, fields)
            yield row

    def is_other(self, row: str, why: str) -> SourceError:
        """Say that this is another benchmark's data, and by which row that is seen."""
        return SourceError(f"{self.name}: {row}: {why}; {_OTHER}")

    def _require(self, number: int, row: Mapping[str, Any], fields: Sequence[str]) -> None:
        missing = [field for field in fields if field not in row]
        if missing:
            found = ", ".join(sorted(row)) or "no fields"
            raise SourceError(
                f"{self.name}: row {number} has no {', '.join(missing)} but {found}; {_OTHER}"
            )


def read_table(name: str) -> Table:
    """Read all rows of a file in any of the shapes benchmarks come in, or of a dataset.

    A dataset is an id of the Hub, or a folder in the form of one; its split `test` is read.

    Raises SourceError for a file with a row that cannot be read: a score over the rest would not be
    the benchmark's.
    """
    path = Path(name)
    is_id = not path.exists() and name.count("/") == 1 and "." not in name.split("/")[0]
    if is_id or path.is_dir():
        rows = list(read_hub_rows(SourceSettings(name="hub", path=name, split=_HUB_SPLIT)))
    else:
        rows = list(read_rows(open_file(name, source="benchmark")))
    for row in rows:
        if row.problem:
            raise SourceError(f"{name}: {row.where}: {row.problem}; fetch the file again")
    return Table(name, [row.fields for row in rows])
