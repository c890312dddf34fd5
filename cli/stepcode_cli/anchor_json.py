"""The JSON line of `stepcode anchor --json`: the only place that writes one or reads one.

    {"path": "f.py", "anchored_code": "...", "anchors": [...],
     "edits": [{"start": 31, "end": 48, "original": ""}],
     "policy": "strict", "encoding": "utf-8", "line_map": [1, 2, 4]}

Strip reads `anchored_code`, `edits` and `encoding`; the rest is for people and other tools.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

from stepcode.anchor import line_map
from stepcode.errors import StripError
from stepcode.types import AnchoredProgram, Edit


@dataclass(frozen=True, slots=True)
class AnchoredText:
    """What a JSON line says about how to get the original back."""

    anchored_code: str
    edits: tuple[Edit, ...]
    encoding: str


def render_line(path: str, anchored: AnchoredProgram, *, encoding: str) -> bytes:
    """Write one line; it is plain ASCII, so no locale can change it."""
    row = {
        "path": path,
        "anchored_code": anchored.code,
        "anchors": [asdict(anchor) for anchor in anchored.anchors],
        "edits": [asdict(edit) for edit in anchored.edits],
        "policy": anchored.policy,
        "encoding": encoding,
        "line_map": line_map(anchored),
    }
    return json.dumps(row).encode("ascii") + b"\n"


def read_line(line: bytes) -> AnchoredText:
    """Read one line back, or say what is wrong with it."""
    try:
        row = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise StripError(f"not a line of JSON: {error}") from error
    edits = tuple(_read_edit(edit) for edit in _field(row, "edits", list))
    return AnchoredText(_field(row, "anchored_code", str), edits, _field(row, "encoding", str))


def _read_edit(edit: object) -> Edit:
    return Edit(_field(edit, "start", int), _field(edit, "end", int), _field(edit, "original", str))


def _field(row: object, name: str, kind: type) -> Any:  # Any: `kind` is checked right here
    if not isinstance(row, dict) or name not in row:
        raise StripError(f"no {name!r} in it; was it written by `stepcode anchor --json`?")
    if type(row[name]) is not kind:  # isinstance would take true for an offset
        raise StripError(f"{name!r} is a {type(row[name]).__name__}, expected {kind.__name__}")
    return row[name]
