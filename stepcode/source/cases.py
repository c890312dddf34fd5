"""From a row to its cases: the fields of a row, the programs made of them, and rejected rows.

A reader is a function from one `Row` to its cases. It raises `RowError` for a row that it cannot
use; `read_cases_of` turns that into a rejected case, so that no row is lost and none stops the
rest.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from stepcode.source.settings import SourceSettings
from stepcode.types import Case, Program, Reason, Rejection


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a source as it was found."""

    number: int
    """0-based, counted over readable and broken rows alike."""
    where: str
    """How a person finds it: `line 17`."""
    fields: Mapping[str, object]
    problem: str = ""
    """Why it could not be read at all; empty when it could."""


class RowError(Exception):
    """A row that no case can be made of, and why; caught by `read_cases_of` alone."""


def read_cases_of(
    rows: Iterable[Row], read: Callable[[Row], Iterable[Case]], *, settings: SourceSettings
) -> Iterator[Case]:
    """Read every row; one that cannot be used becomes a rejected case."""
    for row in rows:
        try:
            if row.problem:
                raise RowError(row.problem)
            cases = list(read(row))
        except RowError as error:
            cases = [_rejected(row, error, settings=settings)]
        yield from cases


def make_program(row: Row, settings: SourceSettings, *, code: str, entry: str) -> Program:
    """Make the program of a row, under the licence of the row, the settings, or nobody."""
    return Program(
        code=code,
        entry=entry,
        source=settings.name,
        source_row=row_id(row),
        license=text_or_none(row, "license") or settings.license or "unknown",
    )


def no_call(program: Program, row: Row, detail: str, *, call: str = "") -> Case:
    """Make the case of a program that the row gives no usable call for."""
    return Case(program, call, rejection=Rejection(Reason.NO_CALL, f"{row.where}: {detail}"))


def row_id(row: Row) -> str:
    """Give the row's own id as text, else its number."""
    match row.fields.get("id"):
        case None | "":
            return str(row.number)
        case str(value):
            return _storable(value, "id")
        case int(value) if not isinstance(value, bool):
            return str(value)
        case other:
            raise RowError(_wrong_type("id", "a string or a whole number", other))


def text_of(row: Row, name: str) -> str:
    """Give a field that has to be a non-empty string."""
    text = text_or_none(row, name)
    if text is None:
        state = "is null" if name in row.fields else "is missing"
        found = ", ".join(sorted(row.fields)) or "nothing"
        raise RowError(f"field {name!r} {state}; the row has {found}")
    if not text.strip():
        raise RowError(f"field {name!r} is empty")
    return text


def text_or_none(row: Row, name: str) -> str | None:
    """Give a field that may be absent or null, but is a string otherwise."""
    value = row.fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise RowError(_wrong_type(name, "a string", value))
    return _storable(value, name)


def texts_of(row: Row, name: str) -> list[str]:
    """Give a field that has to be a list of strings; an absent or null one is empty."""
    value = row.fields.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise RowError(_wrong_type(name, "a list of strings", value))
    for item in value:
        if not isinstance(item, str):
            raise RowError(_wrong_type(name, "a list of strings", item, inside=True))
    return [_storable(item, name) for item in value]


def entry_of(row: Row, name: str) -> str | None:
    """Give the entry that the row names; None where it names none."""
    entry = text_or_none(row, name) or None
    if entry is not None and not entry.isidentifier():
        raise RowError(f"field {name!r} must be a function's name; found {entry!r}")
    return entry


def _rejected(row: Row, error: RowError, *, settings: SourceSettings) -> Case:
    """Keep what can be stored of a row beside the reason why the rest cannot be used."""
    text = _stored(row, "code")
    try:
        source_row = row_id(row)
    except RowError:
        source_row = str(row.number)
    program = Program(
        code=text,
        entry="",
        source=settings.name,
        source_row=source_row,
        license=_stored(row, "license") or settings.license or "unknown",
    )
    return Case(program, "", rejection=Rejection(Reason.BAD_ROW, f"{row.where}: {error}"))


def _stored(row: Row, name: str) -> str:
    value = row.fields.get(name)
    return value if isinstance(value, str) and _is_storable(value) else ""


def _wrong_type(name: str, expected: str, value: object, *, inside: bool = False) -> str:
    return f"field {name!r} must be {expected}; found {type(value).__name__}{' in it' * inside}"


def _storable(text: str, name: str) -> str:
    if not _is_storable(text):
        raise RowError(f"field {name!r} holds a lone surrogate, which no UTF-8 file can store")
    return text


def _is_storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
