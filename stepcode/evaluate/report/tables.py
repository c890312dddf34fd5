"""The tables of a report: scores with intervals and baselines, counts, groups, settings."""

import json
import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from stepcode.evaluate.evaluation import Evaluation
from stepcode.evaluate.passk import Interval
from stepcode.evaluate.report.document import Bars, Table

POSITION = "position"
"""The group of which there is a picture."""
NONE = "-"
_MANY = 10_000


def score_table(evaluation: Evaluation) -> Table:
    """Each metric with its interval, and what constant answers would have got."""
    baselines = evaluation.baselines
    rows = [
        [
            words(name),
            number(value),
            interval(evaluation.intervals.get(name)),
            *(number(baseline.get(name)) for baseline in baselines.values()),
        ]
        for name, value in evaluation.metrics.items()
    ]
    columns = ["metric", "score", "95 % interval", *(f"baseline: {name}" for name in baselines)]
    return Table("Scores", columns, rows, note="In percent.")


def count_table(evaluation: Evaluation) -> Table:
    """What the answers came to."""
    rows = [[words(name), str(count)] for name, count in evaluation.counts.items()]
    return Table("Answers", ["what came of them", "answers"], rows)


def share_table(
    title: str, first: str, counts: Mapping[str, int], *, of: str, note: str = ""
) -> Table:
    """How often each of some things is, and which share that is of all of them."""
    total = sum(counts.values()) or 1
    rows = [[name, str(n), f"{100 * n / total:.1f}"] for name, n in counts.items()]
    return Table(title, [first, of, "%"], rows, note=note, has_bars=True)


def group_tables(evaluation: Evaluation) -> Iterator[Table]:
    """One table for each way to group."""
    for title, groups in evaluation.groups.items():
        metrics = metrics_of(groups.values())
        rows = [[name, *(cell(m, group.get(m)) for m in metrics)] for name, group in groups.items()]
        yield Table(f"By {words(title)}", [words(title), *map(words, metrics)], rows)


def settings_table(evaluation: Evaluation) -> Table:
    """How it was evaluated."""
    rows = [[words(name), setting(value)] for name, value in evaluation.settings.items()]
    return Table("Settings", ["setting", "value"], rows, is_text=True)


def bars_of(evaluations: Mapping[str, Evaluation]) -> list[Bars]:
    """The step accuracy by position, of each evaluation by its name."""
    tables = {name: one.groups.get(POSITION, {}) for name, one in evaluations.items()}
    labels = list(dict.fromkeys(label for table in tables.values() for label in table))
    if not labels:
        return []
    series = {
        name: [table.get(label, {}).get("step_accuracy") for label in labels]
        for name, table in tables.items()
    }
    return [Bars("Step accuracy by position", labels, series)]


def number(value: float | None) -> str:
    """Write a percentage."""
    return NONE if value is None else f"{value:.2f}"


def short(value: float) -> str:
    """Write a number that may be of any size in four digits."""
    if math.isnan(value):
        return NONE
    return f"{value:.4g}" if abs(value) < _MANY else f"{value:,.0f}"


def setting(value: object) -> str:
    """Write the value of a setting as a line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def flat_settings(
    values: Mapping[str, Any],  # Any: JSON
    path: str = "",
) -> Iterator[tuple[str, str]]:
    """List settings by their dotted names, without those that are not set."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from flat_settings(value, f"{path}{name}.")
        elif value is not None:
            yield f"{path}{name}", setting(value)


def keys_of(*mappings: Mapping[str, object]) -> list[str]:
    """Name the keys that any of them has, each once."""
    return list(dict.fromkeys(key for mapping in mappings for key in mapping))


def metrics_of(groups: Collection[Mapping[str, float]]) -> list[str]:
    """Name all metrics, in the order of the group that has the most."""
    return keys_of(*sorted(groups, key=len, reverse=True))


def cell(metric: str, value: float | None) -> str:
    """Write a value of a group, which is a percentage unless it is the group's size `n`."""
    return str(value) if metric == "n" and value is not None else number(value)


def interval(bounds: Interval | None) -> str:
    """Write an interval of percentages."""
    return NONE if bounds is None else f"{bounds.low:.2f} to {bounds.high:.2f}"


def words(name: str) -> str:
    """Write a key for people."""
    return name.replace("_", " ")
