"""The evaluation: what came of one model on one benchmark, in one JSON file.

`stepcode eval` writes it and `stepcode report` reads it; the field names are the file's keys.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from stepcode.dataset.durable import plain_disk_errors, write_durably
from stepcode.errors import MisuseError
from stepcode.evaluate.passk import Interval

Json = Any  # Any: JSON
Record = Mapping[str, Json]

MOST_CHARS = 2000
"""Of each text in the rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a benchmark says of answers; with who answered, and how, it is an evaluation."""

    metrics: Mapping[str, float]
    """In percent."""
    intervals: Mapping[str, Interval]
    """95 %, of the metrics that have one."""
    baselines: Mapping[str, Mapping[str, float]]
    """Metrics of answers that know nothing, by their names."""
    scores: Mapping[str, Sequence[bool]]
    """For each row as many as the benchmark's own harness gives."""
    counts: Mapping[str, int]
    groups: Mapping[str, Mapping[str, Mapping[str, float]]]
    """Tables: for each group its size `n` and its metrics."""
    rows: Sequence[Record]
    """Every question with its truth and what was said to it; texts are cut, see `cut`.

    Keys: `id`, `program`, `code`, `call` or `given`, `expected` and `completions`, each of these
    with `answer` (None where none was found), `verdict`, `text` and, for `steps`, `steps`: name,
    text, predicted, right, kind.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation(Parts):
    """What came of one model on one benchmark."""

    benchmark: str
    model: str
    settings: Record
    """All that decides on the scores; `data` and `data_sha256` say what was asked."""


def read_evaluation(path: Path) -> Evaluation:
    """Read an evaluation; raises MisuseError for a file that is something else."""
    try:
        record = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise MisuseError(f"{path}: is no evaluation but no JSON at all: {error}") from error
    problem = _problem_with(record)
    if problem:
        raise MisuseError(f"{path}: is no evaluation that `stepcode eval -o` wrote: {problem}")
    intervals = {name: Interval(*pair) for name, pair in record["intervals"].items()}
    values = {one.name: record[one.name] for one in fields(Evaluation)}
    return Evaluation(**(values | {"intervals": intervals}))


def write_evaluation(path: Path, evaluation: Evaluation) -> None:
    """Write an evaluation as `read_evaluation` reads it."""
    pairs = {name: [one.low, one.high] for name, one in evaluation.intervals.items()}
    record = asdict(evaluation) | {"intervals": pairs}
    with plain_disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, f"{json.dumps(record, indent=1)}\n".encode())


def cut(text: str, most: int = MOST_CHARS) -> str:
    """Bound a text, and say how much of it is left out."""
    return text if len(text) <= most else f"{text[:most]}… [{len(text) - most} more characters]"


def _problem_with(record: Json) -> str:
    """Say what keeps JSON from being an evaluation, or nothing."""
    if not isinstance(record, dict):
        return "it is no JSON object"
    for name, fits in _SHAPES.items():
        if name not in record:
            return f"it has no '{name}'"
        if not fits(record[name]):
            return f"its '{name}' is not as it should be"
    return ""


Fits = Callable[[Json], bool]


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def _is_text_or_nothing(value: Json) -> bool:
    return value is None or isinstance(value, str)


def _is_pair(value: Json) -> bool:
    return _list_of(_is_number)(value) and len(value) == 2


def _table_of(fits: Fits) -> Fits:
    return lambda value: isinstance(value, dict) and all(map(fits, value.values()))


def _list_of(fits: Fits) -> Fits:
    return lambda value: isinstance(value, list) and all(map(fits, value))


def _object(required: Mapping[str, Fits], optional: Mapping[str, Fits]) -> Fits:
    def fits(value: Json) -> bool:
        if not isinstance(value, dict) or not required.keys() <= value.keys():
            return False
        known = {**required, **optional}
        return all(known[name](one) for name, one in value.items() if name in known)

    return fits


_STEP = _object(
    {"name": _is_text, "right": lambda value: isinstance(value, bool)},
    {"text": _is_text_or_nothing, "predicted": _is_text_or_nothing, "kind": _is_text},
)
_COMPLETION = _object(
    {"answer": _is_text_or_nothing, "verdict": _is_text},
    {"text": _is_text, "steps": _list_of(_STEP)},
)
_ROW = _object(
    {"id": _is_text, "completions": _list_of(_COMPLETION)},
    dict.fromkeys(("program", "code", "call", "given", "expected"), _is_text_or_nothing),
)
_SHAPES: Mapping[str, Fits] = {
    "benchmark": _is_text,
    "model": _is_text,
    "settings": _table_of(lambda value: True),
    "metrics": _table_of(_is_number),
    "intervals": _table_of(_is_pair),
    "baselines": _table_of(_table_of(_is_number)),
    "scores": _table_of(_list_of(lambda value: isinstance(value, bool))),
    "counts": _table_of(_is_number),
    "groups": _table_of(_table_of(_table_of(_is_number))),
    "rows": _list_of(_ROW),
}
