"""MBPP: the calls in each task's asserts; the sanitized JSON array and the original JSON Lines."""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from stepcode.source import calls
from stepcode.source.cases import (
    Row,
    make_program,
    no_call,
    read_cases_of,
    text_of,
    text_or_none,
    texts_of,
)
from stepcode.source.imports import free_names, imported_names, prepend_imports
from stepcode.source.rows import check_shape, open_file, read_rows, rename
from stepcode.source.settings import SourceSettings
from stepcode.types import Case

FIELDS = ("task_id", "code", "test_list")
LICENSE = "CC-BY-4.0"


@dataclass(frozen=True, slots=True)
class TestedCall:
    """A call inside an assert, and the value it is compared with, if that is all there is."""

    entry: str
    text: str
    declared: str | None


def read_mbpp(settings: SourceSettings) -> Iterator[Case]:
    """Read MBPP's tasks, each with the calls that its asserts make."""
    rows = rename(read_rows(open_file(settings.path, source=settings.name)), settings.fields)
    checked = check_shape(rows, FIELDS, of=settings.path)
    named = rename(checked, (("id", "task_id"),))
    licensed = replace(settings, license=LICENSE)
    return read_cases_of(named, lambda row: _read_task(row, licensed), settings=licensed)


def tested_calls(tests: Iterable[str], names: frozenset[str]) -> list[TestedCall]:
    """Find the calls of the function that the asserts are about: the one they call most."""
    found = [call for test in tests for call in _calls_in(test, names)]
    if not found:
        return []
    entry = Counter(call.entry for call in found).most_common(1)[0][0]
    declared: dict[str, str | None] = {}
    for call in found:
        if call.entry == entry:
            declared[call.text] = declared.get(call.text) or call.declared
    return [TestedCall(entry, text, value) for text, value in declared.items()]


def _read_task(row: Row, settings: SourceSettings) -> Iterator[Case]:
    code = text_of(row, "code")
    setup = text_or_none(row, "test_setup_code") or ""
    code = f"{code}\n{setup}" if setup.strip() else code
    module = calls.parse_module(code)
    functions = [n.name for n in module.body if isinstance(n, ast.FunctionDef)] if module else []
    found = tested_calls(texts_of(row, "test_list"), frozenset(functions))
    if not found:
        program = make_program(row, settings, code=code, entry="")
        yield no_call(program, row, "no assert of it calls a function that the code defines")
        return
    used = free_names("\n".join([code, *(call.text for call in found)]))
    imports = [s for s in texts_of(row, "test_imports") if imported_names(s) & used]
    code = prepend_imports(code, imports)
    program = make_program(row, settings, code=code, entry=found[0].entry)
    yield from (Case(program, call.text, call.declared) for call in found)


def _calls_in(test: str, names: frozenset[str]) -> Iterator[TestedCall]:
    module = calls.parse_module(test)
    if module is None:
        return
    values = calls.asserted_values(module)
    for name in sorted(names):
        for call in calls.calls_of(name, module):
            value = values.get(call)
            declared = calls.literal_text(value, test) if value else None
            yield TestedCall(name, calls.source_of(call, test), declared)
