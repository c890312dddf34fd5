"""The evaluation: what came of one model on one benchmark, in one JSON file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from stepcode.errors import MisuseError
from stepcode.evaluate.passk import Interval

Json = Any  # Any: JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What came of one model on one benchmark."""

    benchmark: str
    model: str
    settings: Mapping[str, Json]
    metrics: Mapping[str, float]
    intervals: Mapping[str, Sequence[float]] = field(default_factory=dict)
    baselines: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    scores: Mapping[str, Sequence[bool]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    groups: Mapping[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)
    rows: Sequence[Mapping[str, Json]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a benchmark says of answers; with who was asked and how it is an evaluation."""

    metrics: Mapping[str, float]
    intervals: Mapping[str, Interval]
    baselines: Mapping[str, Mapping[str, float]]
    scores: Mapping[str, Sequence[bool]]
    counts: Mapping[str, int]
    groups: Mapping[str, Mapping[str, Mapping[str, float]]]
    rows: Sequence[Mapping[str, Json]]


def read_evaluation(path: Path) -> Evaluation:
    """Read an evaluation, or say in one line what the file is instead."""
    try:
        record = json.loads(path.read_bytes())
        names = {one.name for one in fields(Evaluation)}
        return Evaluation(**{name: value for name, value in record.items() if name in names})
    except (ValueError, TypeError, AttributeError) as error:
        raise MisuseError(f"{path}: is no evaluation that `stepcode eval -o` wrote") from error


def write_evaluation(path: Path, evaluation: Evaluation) -> None:
    """Write an evaluation."""
    path.write_text(json.dumps(asdict(evaluation)), encoding="utf-8")
