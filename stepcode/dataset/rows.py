"""Rows: what a dataset says about one execution, and about one input row that was not kept.

Polars is not imported here, so that worker processes can make rows; `frames.py` puts them in
columns.
"""

from dataclasses import dataclass, replace

from stepcode.types import (
    Anchor,
    AnchoredProgram,
    Case,
    Execution,
    Reason,
    Rejection,
    Step,
    short_hash,
)

NO_LICENSE = "unknown"
"""In the place of a licence that nobody stated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One verified trace: a program, a call, its output and what every anchor showed."""

    id: str
    program_id: str
    source: str
    source_row: str
    license: str
    entry: str
    code: str
    anchored_code: str
    call: str
    output: str
    anchors: tuple[Anchor, ...]
    steps: tuple[Step, ...]
    n_steps: int
    stdout: str
    policy: str
    isolation: str
    python: str
    stepcode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRow:
    """One input row that was not kept, and why."""

    id: str
    program_id: str
    source: str
    source_row: str
    license: str = NO_LICENSE
    code: str
    call: str
    reason: Reason
    detail: str


def row_id(source: str, source_row: str, code: str, call: str, policy: str) -> str:
    """Name a row by all that decides what it says."""
    return short_hash(source, source_row, code, call, policy)


def kept_row(
    case: Case, anchored: AnchoredProgram, execution: Execution, *, isolation: str, version: str
) -> Row:
    """Make the row of an execution that passed every filter."""
    if execution.output is None:
        raise ValueError(f"{case.program.source_row}: a kept row needs an output")
    program = case.program
    return Row(
        id=row_id(program.source, program.source_row, program.code, case.call, anchored.policy),
        program_id=program.id,
        source=program.source,
        source_row=program.source_row,
        license=program.license,
        entry=program.entry,
        code=program.code,
        anchored_code=anchored.code,
        call=case.call,
        output=execution.output,
        anchors=anchored.anchors,
        steps=execution.steps,
        n_steps=len(execution.steps),
        stdout=execution.stdout,
        policy=anchored.policy,
        isolation=isolation,
        python=execution.python,
        stepcode=version,
    )


def row_of_mutation(row: Row, number: int) -> Row:
    """Name the row of a further call of a program, the first of which is number 1."""
    source_row = f"{row.source_row}~{number}"
    named = row_id(row.source, source_row, row.code, row.call, row.policy)
    return replace(row, id=named, source_row=source_row)


def rejected_row(case: Case, rejection: Rejection, policy: str) -> RejectedRow:
    """Make the row that says why a case was not kept."""
    program = case.program
    return RejectedRow(
        id=row_id(program.source, program.source_row, program.code, case.call, policy),
        program_id=program.id,
        source=program.source,
        source_row=program.source_row,
        license=program.license,
        code=program.code,
        call=case.call,
        reason=rejection.reason,
        detail=rejection.detail,
    )
