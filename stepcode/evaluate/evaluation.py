"""One evaluation: whom was asked what, every boolean, the numbers made of them, and the rows.

The file that `stepcode eval -o` writes and `stepcode report` reads. Percentages are from 0 to 100.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from stepcode.dataset.durable import plain_disk_errors, to_json, write_durably
from stepcode.errors import DatasetError

FORMAT = 1

Numbers = Mapping[str, float]
Groups = Mapping[str, Mapping[str, Numbers]]
"""Tables: what rows are told apart by, then its values, each with its number of rows and scores."""


@dataclass(frozen=True, slots=True)
class StepDetail:
    """A step of the truth, and what a model said of it."""

    name: str
    text: str
    predicted: str | None
    """What it was paired with, `name: text` as it was written; None where there is no such step."""
    right: bool
    kind: str = ""
    """Of its anchor."""


@dataclass(frozen=True, slots=True)
class Detail:
    """What came of one completion."""

    answer: str | None
    """What was judged; None where no answer was found."""
    verdict: str
    text: str | None = None
    """The completion; None where only answers are known."""
    found: bool = True
    """Whether what was judged has the form of an answer at all."""
    steps: tuple[StepDetail, ...] = ()


@dataclass(frozen=True, slots=True)
class RowDetail:
    """A question with its truth and all that was said to it."""

    id: str
    code: str
    question: str
    """The call, the value that a call has to return, or the text of the task."""
    expected: str
    completions: tuple[Detail, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What `stepcode eval` found out."""

    benchmark: str
    model: str
    settings: Mapping[str, Any]  # Any: JSON
    """Everything else that decides on the result, and the versions that it was made with."""
    metrics: Numbers
    intervals: Mapping[str, tuple[float, float]]
    """95 %, by bootstrap over the rows; of the metrics that have one."""
    scores: Mapping[str, Sequence[bool]]
    """For each row as many booleans as the benchmark's own harness gives."""
    counts: Mapping[str, int]
    """Completions by what came of them."""
    rows: tuple[RowDetail, ...]
    baselines: Mapping[str, Numbers] = field(default_factory=dict)
    """The same metrics, of answers that look at nothing."""
    groups: Groups = field(default_factory=dict)


def write_evaluation(path: Path, evaluation: Evaluation) -> None:
    """Write the file, at once or not at all."""
    with plain_disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, to_json({"format": FORMAT, **asdict(evaluation)}))


def read_evaluation(path: Path) -> Evaluation:
    """Read what `write_evaluation` wrote; raises DatasetError for anything else."""
    try:
        record = json.loads(path.read_bytes())
        if record.pop("format") > FORMAT:
            raise DatasetError(f"{path}: written by a newer stepcode; upgrade stepcode")
        intervals = {name: (low, high) for name, (low, high) in record["intervals"].items()}
        rows = tuple(_row(row) for row in record["rows"])
        return Evaluation(**(record | {"intervals": intervals, "rows": rows}))
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(f"{path}: is no evaluation of stepcode eval ({error})") from error


def _row(record: dict[str, Any]) -> RowDetail:  # Any: JSON
    completions = tuple(
        Detail(**(one | {"steps": tuple(StepDetail(**step) for step in one["steps"])}))
        for one in record["completions"]
    )
    return RowDetail(**(record | {"completions": completions}))
