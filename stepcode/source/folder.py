"""Folders of .py files, with the calls of each in `calls.json`: `{"name.py": ["f(1)", "f(2)"]}`."""

import json
import os
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from stepcode.errors import SourceError
from stepcode.source import calls
from stepcode.source.cases import (
    Row,
    RowError,
    make_program,
    no_call,
    read_cases_of,
    text_of,
    text_or_none,
)
from stepcode.source.settings import SourceSettings
from stepcode.types import Case

SIDECAR = "calls.json"


def read_folder(settings: SourceSettings) -> Iterator[Case]:
    """Read every .py file below a folder with its calls, in the order of their paths."""
    folder = Path(settings.path)
    if not settings.path or not folder.is_dir():
        found = repr(settings.path) if settings.path else "no path"
        raise SourceError(f"source {settings.name!r} needs a folder of .py files; found {found}")
    files = _find_programs(folder)
    if not files:
        raise SourceError(f"{folder}: holds no .py file; give the folder that the programs lie in")
    sidecar = folder / SIDECAR
    listed = read_sidecar(sidecar.read_bytes(), of=str(sidecar)) if sidecar.is_file() else {}
    return read_programs(_rows_of(folder, files, listed), settings)


def read_sidecar(content: bytes, *, of: str) -> Mapping[str, object]:
    """Read the calls of a folder's programs, by file name."""
    try:
        value = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{of}: is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise SourceError(f"{of}: expected an object of file names, each with a list of calls")
    return value


def read_programs(rows: Iterable[Row], settings: SourceSettings) -> Iterator[Case]:
    """Make the cases of rows that hold a program and one call of it each."""
    return read_cases_of(rows, lambda row: [_read_program(row, settings)], settings=settings)


def rows_of_program(name: str, content: bytes, listed: object) -> Iterator[Row]:
    """Make one row for each call of a program; one with no call if none is listed."""
    try:
        fields: dict[str, object] = {"id": name, "code": _decode(content)}
    except (SyntaxError, UnicodeError, LookupError) as error:
        yield Row(0, name, {"id": name}, f"cannot be decoded: {error}")
        return
    if listed is not None and not isinstance(listed, list):
        found = type(listed).__name__
        yield Row(0, name, fields, f"{SIDECAR} must give a list of calls; found {found}")
        return
    for call in listed or [None]:
        yield Row(0, name, {**fields, "call": call})


def _find_programs(folder: Path) -> dict[str, Path]:
    found = {path.relative_to(folder): path for path in folder.rglob("*.py") if path.is_file()}
    return {
        _name_of(relative): path
        for relative, path in found.items()
        if not any(part.startswith(".") for part in relative.parts)
    }


def _name_of(relative: Path) -> str:
    """Write a path as text, which the bytes of a file name need not be."""
    return os.fsencode(relative.as_posix()).decode("utf-8", "backslashreplace")


def _rows_of(
    folder: Path, files: Mapping[str, Path], listed: Mapping[str, object]
) -> Iterator[Row]:
    root = folder.resolve()
    for name in sorted({*files, *listed}):
        if name not in files:
            yield Row(0, name, {"id": name}, f"{SIDECAR} lists it, but there is no such file")
            continue
        if not files[name].resolve().is_relative_to(root):
            yield Row(0, name, {"id": name}, "is a link that leads out of the folder")
            continue
        try:
            content = files[name].read_bytes()
        except OSError as error:
            yield Row(0, name, {"id": name}, f"cannot be read: {error.strerror}")
        else:
            yield from rows_of_program(name, content, listed.get(name))


def _decode(content: bytes) -> str:
    """Decode as Python itself does: UTF-8, unless the first lines say otherwise."""
    lines = iter(content.splitlines(keepends=True))
    encoding, _ = tokenize.detect_encoding(lambda: next(lines, b""))
    return content.decode(encoding)


def _read_program(row: Row, settings: SourceSettings) -> Case:
    code = text_of(row, "code")
    text = text_or_none(row, "call")
    if text is None:
        program = make_program(row, settings, code=code, entry="")
        return no_call(program, row, f"{SIDECAR} lists no call of it")
    call = calls.read_call(text)
    if call is None:
        raise RowError(f"{text!r} is no call; write it whole, like 'f([1, 2])'")
    program = make_program(row, settings, code=code, entry=call.root)
    missing = calls.why_undefined(call.root, calls.parse_module(code))
    if missing:
        return no_call(program, row, missing, call=call.text)
    return Case(program, call.text)
