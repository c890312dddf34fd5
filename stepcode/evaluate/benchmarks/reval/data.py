"""REval's two files: 154 programs, and the lines and variables that are asked about."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepcode.errors import SourceError
from stepcode.evaluate.table import read_table

TASKS = "DREval_tasks.jsonl"
_FIELDS = ("task_id", "entry_point", "code", "inputs", "test")


@dataclass(frozen=True, slots=True)
class Probe:
    """A line, counted from 1, and an expression over the variables there."""

    lineno: int
    var: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A program with one of its inputs, and all that is asked about that run."""

    task: str
    number: int
    """Of the input; in programs of ClassEval, of the test class."""
    entry: str
    code: str
    test: str | None
    """The test module of a class program; None where `input` is a tuple of arguments."""
    input: str
    probes: tuple[Probe, ...]
    output_question: str
    """Assertions with `??` in the place of values."""

    @property
    def id(self) -> str:
        """The program and the input."""
        return f"{self.task}/{self.number}"

    @property
    def invocation(self) -> str:
        """What runs the program, as people write it."""
        if self.test is not None:
            return self.input.rstrip()
        arguments = re.sub(r",\s*\)$", ")", self.input.strip())
        return f"{self.entry}{arguments}"

    def line(self, probe: Probe) -> str:
        """The code of a probe's line."""
        return self.code.splitlines()[probe.lineno - 1].strip()


def read_pairs(data: str) -> list[Pair]:
    """Read the programs, and the inputs and probes from the file beside them.

    Raises SourceError where either is missing or of another shape.
    """
    tasks = Path(data).with_name(TASKS)
    if not tasks.is_file():
        raise SourceError(f"{data}: needs {TASKS} beside it, which says what is asked")
    programs = {row["task_id"]: row for row in read_table(data).of_fields(_FIELDS)}
    return [pair for row in read_table(str(tasks)).rows for pair in _pairs(tasks, row, programs)]


def _pairs(tasks: Path, row: Mapping[str, Any], programs: Mapping[str, Any]) -> Iterator[Pair]:
    """Make the pairs of a row of the tasks. Any: JSON."""
    try:
        program = programs[row["task_id"]]
        for one in row["tasks"]:
            yield Pair(
                task=row["task_id"],
                number=one["input_idx"],
                entry=program["entry_point"],
                code=program["code"],
                test=program["test"],
                input=program["inputs"][one["input_idx"]],
                probes=tuple(Probe(probe["lineno"], probe["var"]) for probe in one["task"]),
                output_question=one["output_pred"],
            )
    except (KeyError, IndexError, TypeError) as error:
        raise SourceError(f"{tasks}: does not fit the programs ({error!r})") from error
