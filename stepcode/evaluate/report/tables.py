"""The tables of a report: scores with intervals and baselines, counts, groups, settings."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence

from stepcode.evaluate.compare import Comparison
from stepcode.evaluate.evaluation import Evaluation
from stepcode.evaluate.report.document import Bars, Table

POSITION = "position"
"""The group of which there is a picture."""
_NONE = "-"


def score_table(evaluation: Evaluation) -> Table:
    """Each metric with its interval, and what constant answers would have got."""
    baselines = evaluation.baselines
    rows = [
        [
            _words(name),
            number(value),
            _interval(evaluation.intervals.get(name)),
            *(number(baseline.get(name)) for baseline in baselines.values()),
        ]
        for name, value in evaluation.metrics.items()
    ]
    columns = ["metric", "score", "95 % interval", *(f"baseline: {name}" for name in baselines)]
    return Table("Scores", columns, rows, note="In percent.")


def count_table(evaluation: Evaluation) -> Table:
    """What the answers came to."""
    rows = [[_words(name), str(count)] for name, count in evaluation.counts.items()]
    return Table("Answers", ["what came of them", "answers"], rows)


def group_tables(evaluation: Evaluation) -> Iterator[Table]:
    """One table for each way to group."""
    for title, groups in evaluation.groups.items():
        metrics = _metrics_of(groups.values())
        rows = [
            [name, *(_cell(m, group.get(m)) for m in metrics)] for name, group in groups.items()
        ]
        yield Table(f"By {_words(title)}", [_words(title), *map(_words, metrics)], rows)


def settings_table(evaluation: Evaluation) -> Table:
    """How it was evaluated."""
    rows = [[_words(name), setting(value)] for name, value in evaluation.settings.items()]
    return Table("Settings", ["setting", "value"], rows, is_text=True)


def side_by_side(comparison: Comparison) -> Iterator[Table]:
    """Metrics, counts, groups and settings of two evaluations beside each other."""
    first, second = comparison.first, comparison.second
    yield _metrics(comparison)
    yield _significance(comparison)
    counts = [
        [_words(name), *(str(one.counts.get(name, 0)) for one in (first, second))]
        for name in _keys(first.counts, second.counts)
    ]
    yield Table("Answers", ["what came of them", "A", "B"], counts)
    for title in _keys(first.groups, second.groups):
        yield _grouped(title, comparison)
    yield _settings(comparison)


def bars_of(evaluations: Mapping[str, Evaluation]) -> Bars | None:
    """The step accuracy by position, of each evaluation by its name."""
    tables = {name: one.groups.get(POSITION, {}) for name, one in evaluations.items()}
    labels = list(dict.fromkeys(label for table in tables.values() for label in table))
    if not labels:
        return None
    series = {
        name: [table.get(label, {}).get("step_accuracy") for label in labels]
        for name, table in tables.items()
    }
    return Bars("Step accuracy by position", labels, series)


def number(value: float | None) -> str:
    """Write a percentage."""
    return _NONE if value is None else f"{value:.2f}"


def setting(value: object) -> str:
    """Write the value of a setting as a line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _metrics(comparison: Comparison) -> Table:
    first, second = comparison.first, comparison.second
    rows = []
    for name in _keys(first.metrics, second.metrics):
        a, b = first.metrics.get(name), second.metrics.get(name)
        difference = None if a is None or b is None else b - a
        low, high = (_interval(one.intervals.get(name)) for one in (first, second))
        rows.append([_words(name), number(a), low, number(b), high, _signed(difference)])
    columns = ["metric", "A", "95 %", "B", "95 %", "B - A"]
    return Table("Scores", columns, rows, note="In percent.")


def _significance(comparison: Comparison) -> Table:
    rows = [
        [
            one.measure,
            _signed(one.difference),
            f"{_signed(one.interval.low)} to {_signed(one.interval.high)}",
            str(one.first_better),
            str(one.second_better),
            str(one.equal),
            _p_value(one.p_value),
            one.test,
        ]
        for one in comparison.paired
    ]
    note = "The same rows of both; the interval comes from drawing programs again, in pairs."
    if comparison.unpaired:
        note += f" {comparison.unpaired} rows that only one of them has are left out."
    columns = ["measure", "B - A", "95 %", "rows better in A", "in B", "equal", "p", "test"]
    return Table("Could it be chance?", columns, rows, note=note)


def _grouped(title: str, comparison: Comparison) -> Table:
    tables = [one.groups.get(title, {}) for one in (comparison.first, comparison.second)]
    metrics = _metrics_of([group for table in tables for group in table.values()])
    rows = [
        [name, *(_cell(m, table.get(name, {}).get(m)) for m in metrics for table in tables)]
        for name in _keys(*tables)
    ]
    columns = [f"{_words(metric)}, {side}" for metric in metrics for side in "AB"]
    return Table(f"By {_words(title)}", [_words(title), *columns], rows)


def _settings(comparison: Comparison) -> Table:
    both = [one.settings for one in (comparison.first, comparison.second)]
    rows = [
        [_words(name), *(setting(one[name]) if name in one else _NONE for one in both)]
        for name in _keys(*both)
    ]
    return Table("Settings", ["setting", "A", "B"], rows, is_text=True)


def _keys(*mappings: Mapping[str, object]) -> list[str]:
    return list(dict.fromkeys(key for mapping in mappings for key in mapping))


def _metrics_of(groups: Collection[Mapping[str, float]]) -> list[str]:
    """Name all metrics, in the order of the group that has the most."""
    return _keys(*sorted(groups, key=len, reverse=True))


def _cell(metric: str, value: float | None) -> str:
    return str(value) if metric == "n" and value is not None else number(value)


def _interval(bounds: Sequence[float] | None) -> str:
    return _NONE if bounds is None else f"{bounds[0]:.2f} to {bounds[1]:.2f}"


def _signed(value: float | None) -> str:
    return _NONE if value is None else f"{value:+.2f}"


def _p_value(value: float) -> str:
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}"


def _words(name: str) -> str:
    return name.replace("_", " ")
