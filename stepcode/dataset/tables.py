"""Writing a table that is longer than memory: JSON lines or Parquet, whole or not at all."""

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

from stepcode.dataset.durable import sync_folder
from stepcode.dataset.frames import Record
from stepcode.errors import StepcodeError


def write_table(path: Path, batches: Iterable[list[Record]], schema: pl.Schema) -> None:
    """Write batches of records to `path`, as its suffix says; what is there stays until the end.

    Raises StepcodeError if the disk does not take it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Its own name, so that two exports at a time do not write into one file.
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=".tmp")
        os.close(handle)
        temporary = Path(name)
        try:
            if path.suffix == ".parquet":
                _write_parquet(temporary, batches, schema)
            else:
                _write_lines(temporary, batches)
            _settle(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except (OSError, pl.exceptions.ComputeError) as error:
        why = getattr(error, "strerror", None) or error
        raise StepcodeError(f"{path}: cannot be written: {why}") from error


def _write_lines(path: Path, batches: Iterable[list[Record]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for batch in batches:
            file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in batch)


def _write_parquet(path: Path, batches: Iterable[list[Record]], schema: pl.Schema) -> None:
    failures: list[Exception] = []

    def read(
        with_columns: list[str] | None,
        predicate: pl.Expr | None,
        n_rows: int | None,
        batch_size: int | None,
    ) -> Iterator[pl.DataFrame]:
        # A sink asks for everything, so there is nothing to select.
        try:
            for batch in batches:
                yield pl.from_dicts(batch, schema=schema)
        except Exception as error:
            failures.append(error)
            raise

    try:
        register_io_source(read, schema=schema).sink_parquet(
            path, compression="zstd", row_group_size=5000, maintain_order=True
        )
    except pl.exceptions.PolarsError as error:
        if failures:  # what it says would be lost in polars' words
            raise failures[0] from error
        raise


def _settle(temporary: Path, path: Path) -> None:
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    umask = os.umask(0)
    os.umask(umask)
    temporary.chmod(0o666 & ~umask)
    temporary.replace(path)
    sync_folder(path.parent)
