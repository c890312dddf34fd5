"""The rows of a dataset: code with its anchors and what each shows, or why it was not kept.

    {"id": "3f2a", "tags": ["2 steps"], "is": {"outcome": ["kept"], "steps": ["2"], ...},
     "facts": [["Call", "f(1)"], ["Output", "2"]], "code": "def f(x): ...", "answers": [],
     "anchors": [3, 5], "trace": [[3, "y", "assign", "2"]]}

A step of the trace is the line of its anchor, its name, the anchor's kind, and what it shows.
`anchors` has the lines of all anchors, those that never fired as well, and `is` what rows are
chosen by.
"""

from collections.abc import Mapping, Sequence

from stepcode.dataset.rows import RejectedRow, Row
from stepcode.dataset.sample import KeptRow
from stepcode.evaluate.report.document import Shown

_KEPT, _REJECTED = "kept", "rejected"
_PROPERTIES = ("outcome", "reason", "steps", "kind", "level", "source", "split")
"""What rows are chosen by, in the order of the page."""


def shown_kept(kept: KeptRow, *, level: int | None) -> Shown:
    """Show a row that was kept."""
    row = kept.row
    anchors = {anchor.index: anchor for anchor in row.anchors}
    kinds = {anchors[step.anchor].kind.value for step in row.steps}
    properties = {
        "outcome": [_KEPT],
        "steps": [str(row.n_steps)],
        "kind": sorted(kinds),
        "level": [] if level is None else [str(level)],
        "source": [row.source],
        "split": [kept.split],
    }
    return {
        "id": row.id,
        "tags": ["1 step" if row.n_steps == 1 else f"{row.n_steps} steps"],
        "is": properties,
        "facts": _facts(row),
        "code": row.anchored_code,
        "answers": [],
        "anchors": [anchor.line for anchor in row.anchors],
        "trace": [
            [anchors[step.anchor].line, step.name, anchors[step.anchor].kind.value, step.text]
            for step in row.steps
        ],
    }


def shown_rejected(row: RejectedRow) -> Shown:
    """Show a row that was rejected, with the program as it came."""
    return {
        "id": row.id,
        "tags": [row.reason.value],
        "is": {"outcome": [_REJECTED], "reason": [row.reason.value], "source": [row.source]},
        "facts": [
            ["Rejected", f"{row.reason.value}: {row.detail}"],
            *([["Call", row.call]] if row.call else []),
            ["Row of its source", f"{row.source} {row.source_row}"],
        ],
        "code": row.code,
        "answers": [],
        "anchors": [],
        "trace": [],
    }


def choices_of(rows: Sequence[Shown]) -> dict[str, list[str]]:
    """Name the values that rows can be chosen by; a property that all share chooses nothing."""
    choices = {}
    for name in _PROPERTIES:
        own = [row["is"].get(name, []) for row in rows]
        values = {value for one in own for value in one}
        if len(values) > 1 or (values and [] in own):
            choices[name] = sorted(values, key=_as_number)
    return choices


def _facts(row: Row) -> list[Sequence[str]]:
    facts: Mapping[str, str] = {
        "Call": row.call,
        "Output": row.output,
        "Prints": row.stdout,
        "Row of its source": f"{row.source} {row.source_row}",
    }
    return [[label, value] for label, value in facts.items() if value]


def _as_number(value: str) -> tuple[int, str]:
    return (int(value), "") if value.isdecimal() else (0, value)
