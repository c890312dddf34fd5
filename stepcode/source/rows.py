"""Rows of a file: JSON Lines, one JSON array, or Parquet; plain or compressed with gzip.

A line that cannot be read is a row with a `problem`, and the next line is read as usual. Only a
file that cannot be read at all raises.
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from stepcode.errors import SourceError
from stepcode.source.cases import Row

COLUMNS = ("code", "input", "output", "id", "entry", "license")
"""The columns of an input row, by our names."""

_SLICE_ROWS = 10_000
_GZIP_MAGIC = b"\x1f\x8b"
_PARQUET_MAGIC = b"PAR1"


def open_file(path: str, *, source: str) -> Path:
    """Check that a source's file is there and can be read."""
    if not path:
        raise SourceError(f"source {source!r} needs a file: give its path with --input")
    file = Path(path)
    if file.is_dir():
        raise SourceError(
            f"{path}: is a folder; source {source!r} reads one file "
            "(for a folder of .py files use source 'folder')"
        )
    if not file.exists():
        raise SourceError(f"{path}: no such file; check the path given for {source!r}")
    return file


def read_lines(file: Path) -> Iterator[Row]:
    """Read JSON Lines; blank lines are no rows."""
    number = 0
    for line_number, line in enumerate(_raw_lines(file), start=1):
        if not line.strip():
            continue
        if number == 0:
            _refuse_other_shapes(file, line.strip())
        yield _read_line(line, number=number, where=f"line {line_number}")
        number += 1
    if number == 0:
        raise SourceError(f"{file}: is empty; expected one JSON object per line")


def read_array(file: Path) -> Iterator[Row]:
    """Read one JSON array of objects."""
    try:
        values = json.loads(b"".join(_raw_lines(file)).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{file}: is no JSON array: {error}") from error
    if not isinstance(values, list) or not values:
        raise SourceError(f"{file}: expected a JSON array with at least one object in it")
    for number, value in enumerate(values):
        yield _row_of(value, number=number, where=f"row {number}")


def read_parquet(files: Sequence[Path], *, columns: Sequence[str] = ()) -> Iterator[Row]:
    """Read Parquet files one after another, ten thousand rows in memory at a time.

    Only `columns` are read, of which the first has to be there; all where none are named.
    """
    number = 0
    for file in files:
        for fields in _parquet_rows(file, columns=columns):
            yield Row(number, f"row {number}", fields)
            number += 1
    if number == 0:
        raise SourceError(f"{files[0]}: holds no rows; check that its writer had finished")


def read_rows(file: Path) -> Iterator[Row]:
    """Read a benchmark's file in whichever of the three shapes it comes."""
    start = _first_bytes(file)
    if start.startswith(_PARQUET_MAGIC):
        return read_parquet([file])
    return read_array(file) if start.lstrip().startswith(b"[") else read_lines(file)


def rename(rows: Iterable[Row], fields: Sequence[tuple[str, str]]) -> Iterator[Row]:
    """Give mapped columns our names; a column that is mapped no longer has its own meaning."""
    if not fields:
        yield from rows
        return
    for row in rows:
        kept = {name: value for name, value in row.fields.items() if name not in dict(fields)}
        mapped = {ours: row.fields[theirs] for ours, theirs in fields if theirs in row.fields}
        yield Row(row.number, row.where, kept | mapped, row.problem)


def check_shape(rows: Iterable[Row], expected: Sequence[str], *, of: str) -> Iterator[Row]:
    """Raise if the first readable row lacks a field: then it is a file of another kind."""
    checked = False
    for row in rows:
        if not checked and not row.problem:
            checked = True
            missing = [name for name in expected if name not in row.fields]
            if missing:
                raise SourceError(
                    f"{of}: its rows have {', '.join(sorted(row.fields)) or 'no fields'}; "
                    f"expected {', '.join(expected)} (no {', '.join(missing)}): name the source "
                    "that this data is of, or map its fields to ours"
                )
        yield row


def one_line(error: BaseException) -> str:
    """Shorten an exception's message to its first line."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:300]


def _parquet_rows(file: Path, *, columns: Sequence[str]) -> Iterator[dict[str, object]]:
    import polars as pl

    try:
        frame = pl.scan_parquet(file, glob=False)
        present = frame.collect_schema().names()
        if columns and columns[0] not in present:
            raise SourceError(
                f"{file}: has the columns {', '.join(present)}; expected {columns[0]!r}: "
                "map the columns to ours"
            )
        frame = frame.select([name for name in present if not columns or name in columns])
        start = 0
        while not (part := frame.slice(start, _SLICE_ROWS).collect()).is_empty():
            yield from part.iter_rows(named=True)
            start += _SLICE_ROWS
    except (pl.exceptions.PolarsError, OSError) as error:
        raise SourceError(f"{file}: is not readable as Parquet: {one_line(error)}") from error


def _raw_lines(file: Path) -> Iterator[bytes]:
    try:
        with _open_binary(file) as stream:
            yield from stream
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SourceError(f"{file}: the gzip file is damaged ({error}); fetch it again") from error
    except OSError as error:
        raise SourceError(f"{file}: cannot be read: {error.strerror or error}") from error


def _open_binary(file: Path) -> BinaryIO:
    stream = file.open("rb")
    if stream.peek(2)[:2] != _GZIP_MAGIC:
        return stream
    stream.close()
    return cast(BinaryIO, gzip.open(file, "rb"))  # GzipFile is one in all but its declared base


def _first_bytes(file: Path) -> bytes:
    return next((line.strip() for line in _raw_lines(file) if line.strip()), b"")


def _refuse_other_shapes(file: Path, line: bytes) -> None:
    if line.startswith(_PARQUET_MAGIC):
        raise SourceError(f"{file}: is a Parquet file; expected JSON Lines (use source 'parquet')")
    if line == b"[" or line.startswith(b"[{"):
        raise SourceError(
            f"{file}: is one JSON array; expected JSON Lines: one object on each line"
        )


def _read_line(line: bytes, *, number: int, where: str) -> Row:
    try:
        value = json.loads(line.decode("utf-8-sig" if number == 0 else "utf-8"))
    except UnicodeDecodeError as error:
        return Row(number, where, {}, f"not UTF-8 at byte {error.start}")
    except json.JSONDecodeError as error:
        return Row(number, where, {}, f"not JSON: {error.msg} at column {error.colno}")
    except (ValueError, RecursionError) as error:
        return Row(number, where, {}, f"not readable JSON: {one_line(error)}")
    return _row_of(value, number=number, where=where)


def _row_of(value: object, *, number: int, where: str) -> Row:
    if isinstance(value, dict):
        return Row(number, where, value)
    return Row(number, where, {}, f"expected an object, found {type(value).__name__}")
