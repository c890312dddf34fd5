"""The tables: every arm by every measure, and the differences, as Markdown that reads as text."""

import math
from collections.abc import Sequence

from stepcode.train.micro.statistics import Difference, Estimate
from stepcode.train.micro.summary import COMPARED, DIFFERENT_IN, TaskSummary

_MEASURES = (
    "sampled step",
    "sampled informative",
    "sampled final",
    "gap",
    "path consistency",
    "greedy step",
    "greedy informative",
    "greedy final",
    "entropy",
)


def arms_table(summary: TaskSummary) -> str:
    """Write a line for the warm-up and each arm: means over seeds, with half an interval."""
    rows = [
        [arm, *(_estimate(arm_summary.mean(measure)) for measure in _MEASURES)]
        for arm, arm_summary in summary.arms.items()
    ]
    return _table([summary.task, *_MEASURES], rows)


def differences_table(summary: TaskSummary) -> str:
    """Write a line for each pair of arms: differences, both intervals, * where both are clear."""
    rows = [
        [
            f"{arm} - {against}",
            *(_difference(summary.compared(arm, against, measure)) for measure in DIFFERENT_IN),
        ]
        for arm, against in COMPARED
    ]
    return _table([f"{summary.task}, paired by seed", *DIFFERENT_IN], rows)


def show_difference(difference: Difference) -> str:
    """Write a difference with the interval over seeds, `+0.062 ± 0.020`."""
    return _estimate(difference.over_seeds, sign="+")


def _estimate(found: Estimate, *, sign: str = "") -> str:
    if math.isnan(found.mean):
        return "-"
    half = "" if found.half is None else f" ± {found.half:.3f}"
    return f"{found.mean:{sign}.3f}{half}"


def _difference(difference: Difference) -> str:
    programs = difference.over_programs
    mark = " *" if difference.is_clear else ""
    return f"{show_difference(difference)} [{programs.low:+.3f}, {programs.high:+.3f}]{mark}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [_line(head, widths), "|".join(["", *("-" * (width + 2) for width in widths), ""])]
    return "\n".join([*lines, *(_line(row, widths) for row in rows)])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (f" {cell:<{width}} " for cell, width in zip(cells, widths, strict=True))
    return "|".join(["", *padded, ""])
