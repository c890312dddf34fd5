"""What a report says, before it is a page or Markdown: facts, tables, bars and rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Shown = Mapping[str, Any]
"""A row as the page shows it; see rows.py. Any: JSON."""


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as they are shown; the first column names, all others are numbers if it says so."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    is_text: bool = False
    """Whether the cells are words, to be set to the left."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Shares in percent by some order, of one evaluation or of two."""

    title: str
    labels: Sequence[str]
    series: Mapping[str, Sequence[float | None]]
    """For each evaluation as many values as there are labels; None where there is nothing."""


@dataclass(frozen=True, slots=True)
class Curves:
    """Values over the steps of a training run."""

    title: str
    series: Mapping[str, Sequence[tuple[float, float]]]
    """For each line its points, step and value."""


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
    filters: Sequence[str] = ()
    """The tags that a reader may choose rows by."""
    cases: Sequence[str] = ()
    """The rows to look at first: right answers of wrong logic, or where two evaluations differ."""
    cases_title: str = ""
