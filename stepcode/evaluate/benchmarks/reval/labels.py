"""What is true of every probe: computed here, by running the programs in the sandbox.

    labels = compute_labels(read_subjects(data, tasks))
    labels.probes["DREval/0/0/1"].next_lines       # (15, 16)

The programs are the benchmark's, not a model's, so they run without the guard against following
the interpreter, which is how they are labelled, and may import what is installed. What comes back
is plain data. A program that cannot run here, because it needs a package that is not there or a
version of one, leaves its probes without labels, and the reason is told.
"""

import ast
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stepcode.evaluate.benchmarks.reval.bundle import bundled_program
from stepcode.evaluate.benchmarks.reval.data import Pair, Subject
from stepcode.execute import run_all
from stepcode.execute.isolate import Isolation
from stepcode.types import Execution, Limits, Outcome, Program

LIMITS = Limits(cpu_seconds=120.0, wall_seconds=600.0, memory_mb=4096, max_output_bytes=64_000_000)
"""For all inputs of one program; the benchmark gives each input 120 seconds."""
_FILES = ("recorder", "observe", "encode", "subject")


@dataclass(frozen=True, slots=True)
class Value:
    """A value that an expression had."""

    type: str
    """`int`, `datetime.datetime`."""
    text: str
    """What it looks like; the beginning if that is long."""
    data: Any  # Any: JSON, as `inside/encode.py` writes it


@dataclass(frozen=True, slots=True)
class Label:
    """What is true of a probe."""

    covered: bool
    """Whether the line runs."""
    next_lines: tuple[int, ...]
    """The lines that follow it, 1-based and sorted; -1 for the end, and for a line not covered."""
    values: tuple[Value, ...] | None
    """What the expression is after it, in order, one for each visit or more; None is Nil."""


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of a benchmark, and what has none."""

    probes: Mapping[str, Label]
    """By the probe's id."""
    failures: Mapping[str, str]
    """Why a pair has no labels, by the pair's id."""
    python: str
    """The interpreter that they are true of: a few differ from version to version."""


def compute_labels(
    subjects: Sequence[Subject], *, isolation: Isolation | None = None, workers: int = 1
) -> Labels:
    """Run every program on its inputs and tell what is true of each probe."""
    program = Program(code=bundled_program(_FILES), entry="")
    jobs = ((program, _call(subject)) for subject in subjects)
    executions = run_all(
        jobs, limits=LIMITS, isolation=isolation, workers=workers, is_guarded=False
    )
    probes: dict[str, Label] = {}
    failures: dict[str, str] = {}
    for subject, execution in zip(subjects, executions, strict=True):
        for pair, found in zip(subject.pairs, _read(execution, len(subject.pairs)), strict=True):
            if "error" in found:
                failures[subject.pair_id(pair)] = found["error"]
            else:
                probes |= _labels(subject, pair, found["probes"])
    return Labels(probes, failures, platform.python_version())


def _call(subject: Subject) -> str:
    pairs = [
        (pair.number, pair.input, [(probe.line, probe.expression) for probe in pair.probes])
        for pair in subject.pairs
    ]
    return f"label_subject({subject.code!r}, {subject.entry!r}, {subject.test!r}, {pairs!r})"


def _read(execution: Execution, pairs: int) -> list[dict[str, Any]]:  # Any: JSON
    if execution.outcome is not Outcome.OK:
        why = f"{execution.outcome.value}: {execution.error}"
        return [{"error": why}] * pairs
    return list(json.loads(ast.literal_eval(execution.output or "")))


def _labels(
    subject: Subject,
    pair: Pair,
    found: Sequence[dict[str, Any]],  # Any: JSON
) -> dict[str, Label]:
    return {
        subject.probe_id(pair, number): Label(one["covered"], tuple(one["next"]), _values(one))
        for number, one in enumerate(found)
    }


def _values(found: Mapping[str, Any]) -> tuple[Value, ...] | None:  # Any: JSON
    if found["values"] is None:
        return None
    seen: dict[str, Value] = {}  # a loop may show one value a hundred thousand times
    return tuple(seen.setdefault(repr(value), Value(**value)) for value in found["values"])
