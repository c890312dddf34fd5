"""Your own rows, as JSON Lines or Parquet.

{"id": 7, "code": "def f(x): ...", "input": "[1, 2]", "output": "3"}      an argument list for f
{"code": "class A: ...", "input": "A(1).run(2)"}                           a whole call
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from stepcode.errors import SourceError
from stepcode.source import calls
from stepcode.source.cases import (
    Row,
    RowError,
    entry_of,
    make_program,
    no_call,
    read_cases_of,
    text_of,
    text_or_none,
)
from stepcode.source.rows import COLUMNS, open_file, read_lines, read_parquet, rename
from stepcode.source.settings import SourceSettings
from stepcode.types import Case


def read_jsonl_file(settings: SourceSettings) -> Iterator[Case]:
    """Read input rows from JSON Lines, compressed with gzip or not."""
    rows = read_lines(open_file(settings.path, source=settings.name))
    return read_input_rows(rows, settings)


def read_parquet_files(settings: SourceSettings) -> Iterator[Case]:
    """Read input rows from a Parquet file, or from all the Parquet files below a folder."""
    folder = Path(settings.path)
    if settings.path and folder.is_dir():
        files = sorted(folder.rglob("*.parquet"))
        if not files:
            raise SourceError(f"{folder}: holds no .parquet file; give a file or another folder")
    else:
        files = [open_file(settings.path, source=settings.name)]
    theirs = dict(settings.fields)
    columns = [theirs.get(name, name) for name in COLUMNS]
    return read_input_rows(read_parquet(files, columns=columns), settings)


def read_input_rows(rows: Iterable[Row], settings: SourceSettings) -> Iterator[Case]:
    """Give the columns of input rows our names, and make the case of each."""
    renamed = rename(rows, settings.fields)
    return read_cases_of(renamed, lambda row: [read_input(row, settings)], settings=settings)


def read_input(row: Row, settings: SourceSettings) -> Case:
    """Make the case of one input row."""
    code = text_of(row, "code")
    declared = text_or_none(row, "output")
    given = text_or_none(row, "input")
    own_entry = entry_of(row, "entry")
    entry = own_entry or settings.entry
    if given is None:
        program = make_program(row, settings, code=code, entry=entry)
        return no_call(program, row, "it has no 'input'; give the arguments or a whole call")
    module = calls.parse_module(code)
    names = calls.defined_names(module) if module else frozenset[str]()
    call = _whole_call(given, names, entry=entry, prefer_arguments=own_entry is not None)
    if call is None:
        call = calls.WholeCall(entry, _composed(entry, given))
    program = make_program(row, settings, code=code, entry=call.root)
    missing = calls.why_undefined(call.root, module)
    if missing:
        return no_call(program, row, missing, call=call.text)
    return Case(program, call.text, declared)


def _whole_call(
    text: str, names: frozenset[str], *, entry: str, prefer_arguments: bool
) -> calls.WholeCall | None:
    """Read an input as a whole call, unless it is rather an argument of the entry.

    `g(1)` beside both `f` and `g` is the argument of `f`: a row that means `g` can say so.
    """
    call = calls.read_call(text)
    if call is None:
        return None
    is_argument = prefer_arguments or entry in names
    if call.root == entry or (call.root in names and not is_argument):
        return call
    return None


def _composed(entry: str, arguments: str) -> str:
    call = calls.compose_call(entry, arguments)
    if call is None:
        shown = arguments if len(arguments) <= 60 else f"{arguments[:60]}..."
        raise RowError(f"{entry}(...) with the input {shown!r} is not exactly one call")
    return call
