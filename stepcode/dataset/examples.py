"""A row as tasks: every row asks for an output and for an input; and tasks as records.

The records are what exports hand to other trainers, so that a reward there can read the task back.
"""

from collections.abc import Mapping
from typing import Any

from stepcode.dataset.rows import Row
from stepcode.types import Anchor, AnchorKind, Example, Step, TaskKind


def to_examples(row: Row) -> tuple[Example, Example]:
    """Make the two examples of a row: output prediction, then input prediction."""
    return (
        _example(row, TaskKind.OUTPUT, given=row.call, target=row.output),
        _example(row, TaskKind.INPUT, given=row.output, target=row.call),
    )


def to_record(example: Example) -> dict[str, Any]:  # Any: JSON
    """Write an example as JSON values; `read_example` reads it back."""
    return {
        "id": example.id,
        "kind": example.kind.value,
        "anchored_code": example.anchored_code,
        "anchors": [_anchor_record(anchor) for anchor in example.anchors],
        "given": example.given,
        "target": example.target,
        "steps": [_step_record(step) for step in example.steps],
    }


def read_example(record: Mapping[str, Any]) -> Example:  # Any: JSON
    """Read an example from a record, or from the columns of an export that hold one."""
    anchors = tuple(Anchor(**(a | {"kind": AnchorKind(a["kind"])})) for a in record["anchors"])
    return Example(
        id=record["id"],
        kind=TaskKind(record["kind"]),
        anchored_code=record["anchored_code"],
        anchors=anchors,
        given=record["given"],
        target=record["target"],
        steps=tuple(Step(**(s | {"novelty": s["novelty"] or None})) for s in record["steps"]),
    )


def _example(row: Row, kind: TaskKind, *, given: str, target: str) -> Example:
    return Example(
        id=f"{row.id}-{kind.value}",
        kind=kind,
        anchored_code=row.anchored_code,
        anchors=row.anchors,
        given=given,
        target=target,
        steps=row.steps,
    )


# Written out: `asdict` copies deeply, and took nine tenths of an export.
def _anchor_record(anchor: Anchor) -> dict[str, Any]:  # Any: JSON
    return {
        "index": anchor.index,
        "kind": anchor.kind.value,
        "name": anchor.name,
        "line": anchor.line,
        "original_line": anchor.original_line,
        "scope": anchor.scope,
    }


def _step_record(step: Step) -> dict[str, Any]:  # Any: JSON
    return {
        "anchor": step.anchor,
        "visit": step.visit,
        "name": step.name,
        "text": step.text,
        # Not null: the type of a column that begins with nulls is guessed wrong from JSON lines.
        "novelty": step.novelty or "",
    }
