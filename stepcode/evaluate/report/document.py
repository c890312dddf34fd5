"""What a report says, before it is a page or Markdown: facts, tables, pictures and rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Shown = Mapping[str, Any]
"""A row as the page shows it; see rows.py and listing.py. Any: JSON."""


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as they are shown; the first column names, all others are numbers if it says so."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    is_text: bool = False
    """Whether the cells are words, to be set to the left."""
    has_bars: bool = False
    """Whether the last column is in percent and a page draws it as bars as well."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Shares in percent by some order, of one evaluation or of two."""

    title: str
    labels: Sequence[str]
    series: Mapping[str, Sequence[float | None]]
    """For each evaluation as many values as there are labels; None where there is nothing."""


@dataclass(frozen=True, slots=True)
class Point:
    """A value at a step of a training run, and where its interval begins and ends, if any."""

    step: float
    value: float
    """NaN where there was none, which breaks the line."""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Curves:
    """Values over the steps of a training run."""

    title: str
    series: Mapping[str, Sequence[Point]]
    """Each line by its name."""
    logged: Mapping[str, Sequence[Point]] = field(default_factory=dict)
    """The single values that a line is a mean of, drawn behind it."""
    note: str = ""
    are_shares: bool = False
    """Whether all values are between 0 and 1, and to be seen as parts of a whole."""


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report."""

    title: str
    about: str
    """One sentence below the title."""
    tables: Sequence[Table]
    pictures: Sequence[Bars | Curves] = ()
    rows: Sequence[Shown] | None = None
    """None where there are no rows to speak of."""
    rows_note: str = ""
    """Which rows these are, where they are not all."""
    filters: Sequence[str] = ()
    """The tags that a reader may choose rows by."""
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What else rows are chosen by: for each property its values; rows have theirs in `is`."""
    cases: Sequence[str] = ()
    """The rows to look at first: right answers of wrong logic, or where two evaluations differ."""
    cases_title: str = ""
