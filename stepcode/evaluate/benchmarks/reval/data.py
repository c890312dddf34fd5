"""REval's two files: programs with their inputs, and which lines and expressions are asked about.

Both are read whole and checked against each other before anything runs.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepcode.errors import SourceError
from stepcode.source.cases import Row
from stepcode.source.rows import check_shape, read_lines

_DATA_FIELDS = ("task_id", "entry_point", "code", "inputs", "test")
_TASK_FIELDS = ("task_id", "tasks")


@dataclass(frozen=True, slots=True)
class Probe:
    """A line of a program, and an expression to be told after it."""

    line: int
    """1-based."""
    expression: str
    """A name, attribute, subscript, constant or tuple of such."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A program with one of its inputs."""

    number: int
    """Which of the row's inputs, or which of its test classes, 0-based."""
    input: str
    """The text of a tuple of arguments, or the body of a test."""
    question: str
    """The assertions to be completed, with `??` in the place of what is asked for."""
    probes: tuple[Probe, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """A row: a program, and what is asked about it."""

    id: str
    """`DREval/86`."""
    entry: str
    """The function that is called or the class that is tested."""
    code: str
    test: str | None
    """A unittest module; None where the entry is a function."""
    pairs: tuple[Pair, ...]

    def pair_id(self, pair: Pair) -> str:
        """Name a pair: `DREval/86/1`."""
        return f"{self.id}/{pair.number}"

    def probe_id(self, pair: Pair, probe: int) -> str:
        """Name a probe of a pair by its place: `DREval/86/1/3`."""
        return f"{self.id}/{pair.number}/{probe}"


def read_subjects(data: Path, tasks: Path) -> list[Subject]:
    """Read `DREval_data.jsonl` and `DREval_tasks.jsonl`, in the order of the tasks.

    Raises SourceError naming the file, the row and what is wrong with it.
    """
    programs = dict(_programs(data))
    subjects = []
    for row in _rows(tasks, _TASK_FIELDS):
        task_id = _text(row, "task_id", tasks)
        if task_id not in programs:
            raise SourceError(f"{tasks}: {row.where} asks about {task_id}, which {data} has not")
        subjects.append(_subject(row, programs.pop(task_id), tasks))
    return subjects


def _programs(data: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:  # Any: JSON
    for row in _rows(data, _DATA_FIELDS):
        fields = {name: _text(row, name, data) for name in ("task_id", "entry_point", "code")}
        test, inputs = row.fields["test"], row.fields["inputs"]
        if test is not None and not isinstance(test, str):
            raise SourceError(f"{data}: {row.where} has a 'test' that is neither text nor null")
        if not isinstance(inputs, list) or not all(isinstance(one, str) for one in inputs):
            raise SourceError(f"{data}: {row.where} has 'inputs' that are no list of texts")
        yield fields["task_id"], {**fields, "test": test, "inputs": inputs}


def _rows(file: Path, fields: tuple[str, ...]) -> Iterator[Row]:
    """Read the rows of a file in which every row counts."""
    if not file.is_file():
        raise SourceError(f"{file}: no such file; REval's two files lie in one folder as a rule")
    for row in check_shape(read_lines(file), fields, of=str(file)):
        missing = [name for name in fields if name not in row.fields]
        if row.problem or missing:
            raise SourceError(f"{file}: {row.where}: {row.problem or f'has no {missing[0]!r}'}")
        yield row


def _subject(
    row: Row,
    program: Mapping[str, Any],  # Any: JSON
    tasks: Path,
) -> Subject:
    task_id = program["task_id"]
    items: Any = row.fields["tasks"]  # Any: JSON
    try:
        pairs = tuple(_pair(item, program["inputs"]) for item in items)
    except (KeyError, TypeError, ValueError, IndexError, SyntaxError) as error:
        raise SourceError(
            f"{tasks}: {row.where} ({task_id}) has no good 'tasks' ({error!r}): expected a list of "
            "{input_idx, task: [{lineno, var}], output_pred}"
        ) from error
    lines = program["code"].count("\n") + 1
    for probe in (probe for pair in pairs for probe in pair.probes):
        if not 1 <= probe.line <= lines:
            raise SourceError(
                f"{tasks}: {row.where} ({task_id}) asks about line {probe.line} of {lines}"
            )
    return Subject(task_id, program["entry_point"], program["code"], program["test"], pairs)


def _pair(item: Mapping[str, Any], inputs: list[str]) -> Pair:  # Any: JSON
    number, question = int(item["input_idx"]), str(item["output_pred"])
    if not 0 <= number < len(inputs):
        raise IndexError(f"input {number} of {len(inputs)}")
    probes = tuple(_probe(int(one["lineno"]), str(one["var"])) for one in item["task"])
    return Pair(number, inputs[number], question, probes)


def _probe(line: int, expression: str) -> Probe:
    ast.parse(expression, mode="eval")
    return Probe(line, expression)


def _text(row: Row, name: str, file: Path) -> str:
    value = row.fields[name]
    if not isinstance(value, str):
        raise SourceError(f"{file}: {row.where} has a {name!r} that is no text")
    return value
