"""How hard the rows of a dataset are.

Rows have no column for it. What stands for difficulty is measured: the steps that inform, the
lines and the loops of the program. Synthetic programs were written at a level, which follows from
their row and the recipe.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from stepcode.dataset.manifest import Manifest
from stepcode.dataset.profile import UNKNOWN, Measured
from stepcode.evaluate.report.document import Table
from stepcode.evaluate.report.tables import NONE, share_table
from stepcode.source.synthesize import level_of

Value = TypeVar("Value")

_SYNTHETIC = "synthetic"
_LINES = (3, 6, 10, 15, 20, 30, 50)
"""The last number of lines of each group."""
_MOST_LOOPS = 4


def level_of_row(source_row: str, manifest: Manifest) -> int | None:
    """Tell the level that a synthetic program was written at; None for a program of elsewhere."""
    source = manifest.recipe.get("source")
    if not isinstance(source, dict) or source.get("name") != _SYNTHETIC:
        return None
    number, *_ = source_row.split("~")  # behind it is the number of a further call
    return level_of(int(number), source.get("difficulty") or 0) if number.isdecimal() else None


def difficulty_tables(measured: Iterable[Measured], manifest: Manifest) -> Iterator[Table]:
    """Show how hard the kept rows are."""
    # Rows that ask for the same are counted, not kept: there may be millions.
    rows = Counter(
        _Asked(level_of_row(row.source_row, manifest), replace(row, source="", source_row=""))
        for row in measured
    )
    yield _level_table(rows)
    yield share_table(
        "Difficulty: steps that inform",
        "of a row",
        _in_order(
            _count(rows, lambda row: UNKNOWN if row.informative is None else row.informative)
        ),
        of="rows",
        note="Rows carry no difficulty of their own. These three stand for it: how many steps "
        "have to be worked out, how long the program is, and whether it loops.",
    )
    yield share_table(
        "Difficulty: lines",
        "of the program",
        _grouped_lines(_count(rows, lambda row: row.lines)),
        of="rows",
        note="Without blank ones, as the program came.",
    )
    yield share_table(
        "Difficulty: loops",
        "in the program",
        _grouped_loops(_count(rows, lambda row: row.loops)),
        of="rows",
        note="Lines that begin with for or while; comprehensions are not counted.",
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What some rows ask for."""

    level: int | None
    row: Measured
    """Without where it is from."""


def _count(rows: Counter[_Asked], value: Callable[[Measured], Value]) -> Counter[Value]:
    counts: Counter[Value] = Counter()
    for asked, count in rows.items():
        counts[value(asked.row)] += count
    return counts


def _level_table(rows: Counter[_Asked]) -> Table:
    cells = []
    for level in sorted({asked.level for asked in rows if asked.level is not None}):
        own = Counter({asked: count for asked, count in rows.items() if asked.level == level})
        means = (
            _mean(_count(own, lambda row: row.steps)),
            _mean(_count(own, lambda row: row.informative)),
            _mean(_count(own, lambda row: row.lines)),
            _mean(_count(own, lambda row: row.loops)),
        )
        share = 100 * own.total() / rows.total()
        cells.append([str(level), *means, str(own.total()), f"{share:.1f}"])
    columns = ["level", "steps", "that inform", "lines", "loops", "rows", "%"]
    note = "The level that a synthetic program was written at, with the means of its rows."
    return Table("Difficulty: level", columns, cells, note=note, has_bars=True)


def _mean(counts: Mapping[int | None, int] | Mapping[int, int]) -> str:
    known = [(value, count) for value, count in counts.items() if value is not None]
    total = sum(count for _, count in known)
    return f"{sum(value * count for value, count in known) / total:.2f}" if total else NONE


def _in_order(counts: Mapping[int | str, int]) -> dict[str, int]:
    """Sort counts by their values, numbers first."""
    ordered = sorted(counts, key=lambda value: (isinstance(value, str), value))
    return {str(value): counts[value] for value in ordered}


def _grouped_lines(lines: Mapping[int, int]) -> dict[str, int]:
    firsts = [1, *(last + 1 for last in _LINES)]
    names = [f"{first} to {last}" for first, last in zip(firsts, _LINES, strict=False)]
    names.append(f"over {_LINES[-1]}")
    grouped = dict.fromkeys(names, 0)
    for number, count in lines.items():
        grouped[names[sum(last < number for last in _LINES)]] += count
    return {name: count for name, count in grouped.items() if count}


def _grouped_loops(loops: Mapping[int, int]) -> dict[str, int]:
    names = [*map(str, range(_MOST_LOOPS)), f"{_MOST_LOOPS} or more"]
    grouped = dict.fromkeys(names, 0)
    for number, count in loops.items():
        grouped[names[min(number, _MOST_LOOPS)]] += count
    return {name: count for name, count in grouped.items() if count}
