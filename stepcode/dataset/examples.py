"""A row as tasks: every row asks for an output and for an input; and tasks as records.

The records are what exports hand to other trainers, so that a reward there can read the task back.
"""

from collections.abc import Mapping
from dataclasses import asdict
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
    return asdict(example) | {
        "kind": example.kind.value,
        "anchors": [asdict(anchor) | {"kind": anchor.kind.value} for anchor in example.anchors],
        "steps": [asdict(step) for step in example.steps],
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
        steps=tuple(Step(**step) for step in record["steps"]),
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
