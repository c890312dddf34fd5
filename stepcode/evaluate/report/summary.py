"""A report as JSON: the numbers, and the ids of the rows to look at; without the rows themselves.

Of one evaluation it has the keys of the evaluation, but for `scores` and `rows`, and `cases`: the
ids of rows by what is found in them. Of two it has `a` and `b`, each such a summary, `paired`, and
`differences`: the ids of rows by how the two differ in them.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from stepcode.evaluate.cases import Case, row_cases
from stepcode.evaluate.compare import Comparison, Paired
from stepcode.evaluate.evaluation import Evaluation
from stepcode.evaluate.report.document import Curves, Document, Point
from stepcode.evaluate.report.rows import COMPARED, differing_rows

Record = dict[str, Any]
"""Any: JSON."""


def sum_up(evaluation: Evaluation) -> Record:
    """Sum up an evaluation."""
    tagged = [(row["id"], row_cases(row)) for row in evaluation.rows]
    return {
        "benchmark": evaluation.benchmark,
        "model": evaluation.model,
        "settings": evaluation.settings,
        "metrics": evaluation.metrics,
        "intervals": {name: [i.low, i.high] for name, i in evaluation.intervals.items()},
        "baselines": evaluation.baselines,
        "counts": evaluation.counts,
        "groups": evaluation.groups,
        "cases": _by_tag(tagged, [case.value for case in Case]),
    }


def sum_up_comparison(comparison: Comparison) -> Record:
    """Sum up two evaluations and how they differ."""
    rows = differing_rows(comparison)
    return {
        "a": sum_up(comparison.first),
        "b": sum_up(comparison.second),
        "paired": [_paired(one) for one in comparison.paired],
        "unpaired_rows": comparison.unpaired,
        "differences": _by_tag([(row["id"], row["tags"]) for row in rows], COMPARED),
    }


def sum_up_document(document: Document) -> Record:
    """Give the tables of a report by their titles, each row by its columns, and its curves."""
    tables = {
        table.title: [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        for table in document.tables
    }
    curves = {
        picture.title: {name: _points(points) for name, points in picture.series.items()}
        for picture in document.pictures
        if isinstance(picture, Curves)
    }
    return {
        "title": document.title,
        "about": document.about,
        "tables": tables,
        **({"curves": curves} if curves else {}),
    }


def render_summary(record: Mapping[str, Any]) -> str:
    """Write a summary as JSON."""
    return json.dumps(record, indent=2) + "\n"


def _points(points: Sequence[Point]) -> list[Record]:
    """JSON has no NaN."""
    return [
        {name: None if value is None or math.isnan(value) else value for name, value in one.items()}
        for one in map(asdict, points)
    ]


def _paired(paired: Paired) -> Record:
    return asdict(paired) | {"difference": paired.difference}


def _by_tag(rows: Iterable[tuple[str, Sequence[str]]], tags: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {tag: [] for tag in tags}
    for row, own in rows:
        for tag in own:
            found[tag].append(row)
    return found
