"""HumanEval: the calls in each task's `check` function, put to the canonical solution."""

import ast
from collections.abc import Iterator
from dataclasses import replace

from stepcode.source import calls
from stepcode.source.cases import (
    Row,
    RowError,
    entry_of,
    make_program,
    no_call,
    read_cases_of,
    text_of,
)
from stepcode.source.rows import check_shape, open_file, read_rows, rename
from stepcode.source.settings import SourceSettings
from stepcode.types import Case

FIELDS = ("task_id", "prompt", "canonical_solution", "entry_point", "test")
LICENSE = "MIT"
CANDIDATE = "candidate"
"""What `check` calls the function that it tests."""


def read_humaneval(settings: SourceSettings) -> Iterator[Case]:
    """Read HumanEval's tasks, each with the calls that its tests write out."""
    rows = rename(read_rows(open_file(settings.path, source=settings.name)), settings.fields)
    checked = check_shape(rows, FIELDS, of=settings.path)
    named = rename(checked, (("id", "task_id"),))
    licensed = replace(settings, license=LICENSE)
    return read_cases_of(named, lambda row: _read_task(row, licensed), settings=licensed)


def read_check(test: str, entry: str) -> dict[str, str | None]:
    """Map the calls that a task's tests write out to the values that they declare, if any.

    A call whose arguments are computed by the test is left out: here nothing is run.
    """
    module = calls.parse_module(test)
    checks = [n for n in module.body if _is_check(n)] if module else []
    if not checks:
        raise RowError("field 'test' defines no function 'check'")
    values = calls.asserted_values(checks[0])
    found: dict[str, str | None] = {}
    for call in calls.calls_of(CANDIDATE, checks[0]):
        if calls.has_constant_arguments(call):
            text = calls.source_of(call, test).replace(CANDIDATE, entry, 1)
            value = values.get(call)
            declared = calls.literal_text(value, test) if value else None
            found[text] = found.get(text) or declared
    return found


def _read_task(row: Row, settings: SourceSettings) -> Iterator[Case]:
    code = text_of(row, "prompt") + text_of(row, "canonical_solution")
    entry = entry_of(row, "entry_point")
    if entry is None:
        raise RowError("field 'entry_point' is empty")
    program = make_program(row, settings, code=code, entry=entry)
    found = read_check(text_of(row, "test"), entry)
    if not found:
        yield no_call(program, row, "every call in its tests is computed while they run")
    for call, declared in found.items():
        missing = calls.why_undefined(entry, calls.parse_module(code))
        yield (
            no_call(program, row, missing, call=call) if missing else Case(program, call, declared)
        )


def _is_check(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == "check"
