"""How hard the rows of a dataset are.

Rows have no column for it. What stands for difficulty is measured: the steps that inform, the
lines and the loops of the program. Synthetic programs were written at a level, which follows from
their row and the recipe.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from stepcode.dataset.manifest import Manifest
from stepcode.dataset.profile import UNKNOWN, Measured
from stepcode.evaluate.report.document import Table
from stepcode.evaluate.report.tables import NONE, share_table
from stepcode.source.synthesize import level_of

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
    return level_of(int(number), source.get("difficulty") or 0)


def difficulty_tables(measured: Sequence[Measured], manifest: Manifest) -> Iterator[Table]:
    """Show how hard the kept rows are."""
    levels = defaultdict(list)
    for row in measured:
        levels[level_of_row(row.source_row, manifest)].append(row)
    by_level = {level: levels[level] for level in sorted(filter(None, levels))}
    yield _level_table(by_level, len(measured))
    yield share_table(
        "Difficulty: steps that inform",
        "of a row",
        _in_order(UNKNOWN if row.informative is None else row.informative for row in measured),
        of="rows",
        note="Rows carry no difficulty of their own. These three stand for it: how many steps "
        "have to be worked out, how long the program is, and whether it loops.",
    )
    yield share_table(
        "Difficulty: lines",
        "of the program",
        _grouped_lines([row.lines for row in measured]),
        of="rows",
        note="Without blank ones, as the program came.",
    )
    yield share_table(
        "Difficulty: loops",
        "in the program",
        _grouped_loops([row.loops for row in measured]),
        of="rows",
        note="Lines that begin with for or while; comprehensions are not counted.",
    )


@dataclass(frozen=True, slots=True)
class _Means:
    """What rows of a level ask for on average."""

    rows: Sequence[Measured]

    def cells(self) -> list[str]:
        informative = [row.informative for row in self.rows if row.informative is not None]
        return [
            f"{fmean(row.steps for row in self.rows):.2f}",
            f"{fmean(informative):.2f}" if informative else NONE,
            f"{fmean(row.lines for row in self.rows):.2f}",
            f"{fmean(row.loops for row in self.rows):.2f}",
        ]


def _level_table(levels: Mapping[int, Sequence[Measured]], total: int) -> Table:
    rows = [
        [str(level), *_Means(here).cells(), str(len(here)), f"{100 * len(here) / total:.1f}"]
        for level, here in levels.items()
    ]
    columns = ["level", "steps", "that inform", "lines", "loops", "rows", "%"]
    note = "The level that a synthetic program was written at, with the means of its rows."
    return Table("Difficulty: level", columns, rows, note=note, has_bars=True)


def _in_order(values: Iterable[int | str]) -> dict[str, int]:
    """Count values, numbers first and ascending."""
    counts = Counter(values)
    ordered = sorted(counts, key=lambda value: (isinstance(value, str), value))
    return {str(value): counts[value] for value in ordered}


def _grouped_lines(lines: Sequence[int]) -> dict[str, int]:
    firsts = [1, *(last + 1 for last in _LINES)]
    names = [f"{first} to {last}" for first, last in zip(firsts, _LINES, strict=False)]
    names.append(f"over {_LINES[-1]}")
    counts = Counter(sum(last < number for last in _LINES) for number in lines)
    return {name: counts[place] for place, name in enumerate(names) if counts[place]}


def _grouped_loops(loops: Sequence[int]) -> dict[str, int]:
    counts = Counter(min(number, _MOST_LOOPS) for number in loops)
    names = [*map(str, range(_MOST_LOOPS)), f"{_MOST_LOOPS} or more"]
    return {name: counts[place] for place, name in enumerate(names) if counts[place]}
