"""The tables of two evaluations beside each other, and whether they differ by more than chance."""

from collections.abc import Iterator

from stepcode.evaluate.compare import Comparison
from stepcode.evaluate.passk import Interval
from stepcode.evaluate.report.document import Table
from stepcode.evaluate.report.tables import (
    NONE,
    cell,
    interval,
    keys_of,
    metrics_of,
    number,
    setting,
    words,
)


def side_by_side(comparison: Comparison) -> Iterator[Table]:
    """Metrics, counts, groups and settings of two evaluations beside each other."""
    first, second = comparison.first, comparison.second
    yield _metrics(comparison)
    yield _significance(comparison)
    counts = [
        [words(name), *(str(one.counts.get(name, 0)) for one in (first, second))]
        for name in keys_of(first.counts, second.counts)
    ]
    yield Table("Answers", ["what came of them", "A", "B"], counts)
    for title in keys_of(first.groups, second.groups):
        yield _grouped(title, comparison)
    yield _settings(comparison)


def _metrics(comparison: Comparison) -> Table:
    first, second = comparison.first, comparison.second
    rows = []
    for name in keys_of(first.metrics, second.metrics):
        a, b = first.metrics.get(name), second.metrics.get(name)
        difference = None if a is None or b is None else b - a
        around_a, around_b = (interval(one.intervals.get(name)) for one in (first, second))
        rows.append([words(name), number(a), around_a, number(b), around_b, _signed(difference)])
    columns = ["metric", "A", "95 %", "B", "95 %", "B - A"]
    return Table("Scores", columns, rows, note="In percent.")


def _significance(comparison: Comparison) -> Table:
    """One column for each measure, so that a narrow page has the p-value too."""
    paired = comparison.paired
    rows = [
        ["B - A", *(_signed(one.difference) for one in paired)],
        ["95 %", *(_around(one.interval) for one in paired)],
        ["rows better in A", *(str(one.first_better) for one in paired)],
        ["rows better in B", *(str(one.second_better) for one in paired)],
        ["equal rows", *(str(one.equal) for one in paired)],
        ["p", *(_p_value(one.p_value) for one in paired)],
        ["test", *(one.test for one in paired)],
    ]
    note = (
        "The same rows of both. The interval comes from drawing programs again, in pairs; the test "
        "asks how likely rows would differ so one-sidedly if neither were better. A small p and an "
        "interval without zero speak against chance."
    )
    if comparison.unpaired:
        note += f" {comparison.unpaired} rows that only one of them has are left out."
    return Table("Could it be chance?", ["", *(one.measure for one in paired)], rows, note=note)


def _grouped(title: str, comparison: Comparison) -> Table:
    tables = [one.groups.get(title, {}) for one in (comparison.first, comparison.second)]
    metrics = metrics_of([group for table in tables for group in table.values()])
    rows = [
        [name, *(cell(m, table.get(name, {}).get(m)) for m in metrics for table in tables)]
        for name in keys_of(*tables)
    ]
    columns = [f"{words(metric)}, {side}" for metric in metrics for side in "AB"]
    return Table(f"By {words(title)}", [words(title), *columns], rows)


def _settings(comparison: Comparison) -> Table:
    both = [one.settings for one in (comparison.first, comparison.second)]
    rows = [
        [words(name), *(setting(one[name]) if name in one else NONE for one in both)]
        for name in keys_of(*both)
    ]
    return Table("Settings", ["setting", "A", "B"], rows, is_text=True)


def _signed(value: float | None) -> str:
    return NONE if value is None else f"{value:+.2f}"


def _around(bounds: Interval) -> str:
    return f"{_signed(bounds.low)} to {_signed(bounds.high)}"


def _p_value(value: float) -> str:
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}"
