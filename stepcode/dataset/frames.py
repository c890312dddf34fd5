"""The schema of a dataset, written once, and the way from rows to columns and back.

`to_frame` and `to_rejected_frame` write, `read_row` and `read_rejected_row` read; nothing else
knows the columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from stepcode.dataset.rows import NO_LICENSE, RejectedRow, Row
from stepcode.types import Anchor, AnchorKind, Reason, Step

ANCHOR = pl.Struct(
    {
        "index": pl.Int32,
        "kind": pl.String,
        "name": pl.String,
        "line": pl.Int32,
        "original_line": pl.Int32,
        "scope": pl.String,
    }
)

STEP = pl.Struct(
    {
        "anchor": pl.Int32,
        "visit": pl.Int32,
        "name": pl.String,
        "text": pl.String,
        "novelty": pl.String,
    }
)

SCHEMA = pl.Schema(
    {
        "id": pl.String(),
        "program_id": pl.String(),
        "source": pl.String(),
        "source_row": pl.String(),
        "license": pl.String(),
        "entry": pl.String(),
        "code": pl.String(),
        "anchored_code": pl.String(),
        "call": pl.String(),
        "output": pl.String(),
        "anchors": pl.List(ANCHOR),
        "steps": pl.List(STEP),
        "n_steps": pl.Int32(),
        "stdout": pl.String(),
        "policy": pl.String(),
        "isolation": pl.String(),
        "python": pl.String(),
        "stepcode": pl.String(),
    }
)

REJECTED_COLUMNS = (
    *("id", "program_id", "source", "source_row", "license", "code", "call", "reason", "detail"),
)
REJECTED_SCHEMA = pl.Schema([(name, pl.String()) for name in REJECTED_COLUMNS])

# Any: a record is what polars and JSON hand over, checked by the schema and not by types.
Record = dict[str, Any]


def to_frame(rows: Iterable[Row]) -> pl.DataFrame:
    """Build the frame of kept rows, in the order given."""
    return _frame([_record(row) for row in rows], SCHEMA)


def to_rejected_frame(rows: Iterable[RejectedRow]) -> pl.DataFrame:
    """Build the frame of rejected rows, in the order given."""
    return _frame([_rejected_record(row) for row in rows], REJECTED_SCHEMA)


def with_license(rejected: pl.DataFrame) -> pl.DataFrame:
    """Give rejected rows the column `license`, if they were written before they had one."""
    if "license" in rejected.columns:
        return rejected
    added = rejected.with_columns(license=pl.lit(NO_LICENSE))
    return added.select(sorted(added.columns, key=REJECTED_COLUMNS.index))


def in_shard_order(frame: pl.DataFrame) -> pl.DataFrame:
    """Sort a frame of either kind so that its bytes do not depend on the order of its rows."""
    keys = ["id", "source_row", "call"]
    # Equal ids mean equal program and call; only these columns can still tell two such rows apart.
    keys += ["reason", "detail", "license"] if "reason" in frame.columns else ["license"]
    return frame.sort(keys, maintain_order=True).rechunk()


def read_row(record: Mapping[str, Any]) -> Row:
    """Read a kept row back from one record of its frame."""
    anchors = tuple(Anchor(**(a | {"kind": AnchorKind(a["kind"])})) for a in record["anchors"])
    steps = tuple(Step(**step) for step in record["steps"])
    return Row(**(dict(record) | {"anchors": anchors, "steps": steps}))


def read_rejected_row(record: Mapping[str, Any]) -> RejectedRow:
    """Read a rejected row back from one record of its frame."""
    return RejectedRow(**(dict(record) | {"reason": Reason(record["reason"])}))


def _frame(records: Sequence[Record], schema: pl.Schema) -> pl.DataFrame:
    try:
        return pl.from_dicts(records, schema=schema)
    except UnicodeEncodeError:
        return pl.from_dicts([_escaped(record) for record in records], schema=schema)


def _record(row: Row) -> Record:
    record = {name: getattr(row, name) for name in SCHEMA}
    record["anchors"] = [_anchor_record(anchor) for anchor in row.anchors]
    record["steps"] = [_step_record(step) for step in row.steps]
    return record


def _rejected_record(row: RejectedRow) -> Record:
    return {name: getattr(row, name) for name in REJECTED_COLUMNS} | {"reason": row.reason.value}


# Written out: these two run for every step of a dataset, and a loop over field names is 3x slower.
def _anchor_record(anchor: Anchor) -> Record:
    return {
        "index": anchor.index,
        "kind": anchor.kind.value,
        "name": anchor.name,
        "line": anchor.line,
        "original_line": anchor.original_line,
        "scope": anchor.scope,
    }


def _step_record(step: Step) -> Record:
    return {
        "anchor": step.anchor,
        "visit": step.visit,
        "name": step.name,
        "text": step.text,
        "novelty": step.novelty,
    }


def _escaped(value: Any) -> Any:  # Any: walks records, which hold text at every depth
    """Write what UTF-8 cannot encode (lone surrogates) as backslash escapes."""
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode("utf-8")
        case dict():
            return {key: _escaped(item) for key, item in value.items()}
        case list():
            return [_escaped(item) for item in value]
        case _:
            return value
