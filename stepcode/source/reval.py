"""REval (DREval): its HumanEval part has calls; its ClassEval part is tested by unittest classes.

`DREval_tasks.jsonl` chooses among the inputs of `DREval_data.jsonl`: 396 of 651. Where it lies
beside the data only the chosen inputs are cases, which is the published benchmark.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
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
    texts_of,
)
from stepcode.source.rows import check_shape, open_file, read_lines, read_rows, rename
from stepcode.source.settings import SourceSettings
from stepcode.types import Case

FIELDS = ("task_id", "entry_point", "code", "inputs", "outputs", "test")
LICENSE = "none stated"
TASKS = "DREval_tasks.jsonl"


def read_reval(settings: SourceSettings) -> Iterator[Case]:
    """Read REval's programs, each with the inputs that the benchmark asks about."""
    file = open_file(settings.path, source=settings.name)
    checked = check_shape(rename(read_rows(file), settings.fields), FIELDS, of=settings.path)
    named = rename(checked, (("id", "task_id"),))
    licensed = replace(settings, license=LICENSE)
    tasks = file.with_name(TASKS)
    chosen = read_chosen_inputs(tasks) if tasks.is_file() else {}
    return read_cases_of(named, lambda row: _read_task(row, licensed, chosen), settings=licensed)


def read_chosen_inputs(tasks: Path) -> dict[str, list[int]]:
    """Read which inputs of each program the benchmark asks about."""
    rows = check_shape(read_lines(tasks), ("task_id", "tasks"), of=str(tasks))
    return dict(_chosen(row, of=tasks) for row in rows)


def _chosen(row: Row, *, of: Path) -> tuple[str, list[int]]:
    match row.fields:
        case {"task_id": str(task), "tasks": list(items)}:
            return task, [item["input_idx"] for item in items]
        case _:
            raise SourceError(f"{of}: {row.where} has no 'task_id' with its list of 'tasks'")


def _read_task(
    row: Row, settings: SourceSettings, chosen: Mapping[str, list[int]]
) -> Iterator[Case]:
    entry = entry_of(row, "entry_point")
    program = make_program(row, settings, code=text_of(row, "code"), entry=entry or "")
    inputs, outputs = texts_of(row, "inputs"), texts_of(row, "outputs")
    if text_or_none(row, "test") is not None:
        yield no_call(
            program, row, "it is tested by the methods of a unittest class, not by a call"
        )
        return
    if not (entry and inputs):
        yield no_call(program, row, "it has no 'entry_point' or no 'inputs'")
        return
    for number in chosen.get(program.source_row, range(len(inputs))):
        declared = outputs[number] if number < len(outputs) else None
        yield Case(program, _call_of(entry, inputs, number), declared)


def _call_of(entry: str, inputs: list[str], number: int) -> str:
    """Turn an argument tuple's text, `([1.0], 0.3,)`, into a call."""
    if number >= len(inputs):
        raise RowError(f"{TASKS} asks for input {number} of {len(inputs)}")
    text = inputs[number].strip()
    is_tuple = text.startswith("(") and text.endswith(")")
    arguments = text[1:-1].removesuffix(",") if is_tuple else ""
    call = calls.compose_call(entry, arguments) if is_tuple else None
    if call is None:
        raise RowError(f"input {number} is no tuple of arguments: {text[:60]!r}")
    return call
