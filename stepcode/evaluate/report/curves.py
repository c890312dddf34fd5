"""The curves of a stage of training, of one run or of several that are compared."""

import math
from collections.abc import Iterator, Mapping, Sequence

from stepcode.evaluate.report.document import Curves, Point
from stepcode.evaluate.report.runs import Stage
from stepcode.evaluate.report.series import (
    FEWEST_TO_SMOOTH,
    mean_of_neighbours,
    mean_of_runs,
    thin,
)
from stepcode.evaluate.report.tables import words

Arms = Mapping[str, Sequence[Stage]]
"""A stage of the runs that are compared, by what sets them apart; one arm has runs of other seeds.

There is one arm, without a name, where nothing but the seeds differs.
"""

_LENGTH = "completions/mean_length"
_DRAWN = {
    "accuracy": ("step_accuracy", "final_accuracy", "path_consistency"),
    "gap": ("gap",),
    "reward": ("reward",),
    "loss": ("loss",),
    "completion length in tokens": (_LENGTH,),
    "KL": ("kl",),
    "entropy": ("entropy",),
    "token accuracy": ("mean_token_accuracy",),
    "groups without a signal": ("zero_variance_final", "zero_variance_steps"),
}
"""Pictures, each with the metrics that it shows where they were logged."""
_SHARES = ("accuracy", "token accuracy", "groups without a signal")
_INTERVAL = "95 % intervals (Student's t)"
_OF_NEIGHBOURS = (
    "Dots are what was logged. The line is the mean of a tenth of the run, the band its 95 % "
    "interval (Student's t): how much batches differ, and nothing about other seeds."
)
_OF_FEW = "As it was logged: one run of so few points has no interval."


def stage_curves(stage: str, arms: Arms) -> Iterator[Curves]:
    """Draw what was logged in a stage; of several arms each metric apart, to be compared."""
    for title, metrics in _DRAWN.items():
        if len(arms) == 1:
            [runs] = arms.values()
            lines = {words(metric): _logged(metric, runs) for metric in metrics}
            yield from _picture(f"{stage}: {title}", lines, are_shares=title in _SHARES)
            continue
        for metric in metrics:
            named = words(metric) if len(metrics) > 1 else title
            lines = {arm: _logged(metric, runs) for arm, runs in arms.items()}
            yield from _picture(f"{stage}: {named}", lines, are_shares=title in _SHARES)


def _logged(metric: str, runs: Sequence[Stage]) -> list[Sequence[Point]]:
    """Give the line of each run that has the metric."""
    return [run.logged[metric] for run in runs if metric in run.logged]


def _picture(
    title: str, lines: Mapping[str, Sequence[Sequence[Point]]], *, are_shares: bool
) -> Iterator[Curves]:
    """Make a picture of the lines that have a value."""
    series, logged, notes = {}, {}, []
    for name, runs in lines.items():
        if len(runs) > 1:
            line = mean_of_runs(runs)
            notes.append(
                f"Means of {len(runs)} runs, bands: 95 % intervals over them (Student's t)."
            )
        elif runs and len(runs[0]) >= FEWEST_TO_SMOOTH:
            line = mean_of_neighbours(runs[0])
            logged[name] = thin(runs[0])
            notes.append(_OF_NEIGHBOURS)
        else:
            line = list(runs[0]) if runs else []
            notes += [_OF_FEW] if runs else []
        if any(not math.isnan(point.value) for point in line):
            series[name] = thin(line)
    if series:
        drawn = {name: points for name, points in logged.items() if name in series}
        yield Curves(title, series, drawn, " ".join(dict.fromkeys(notes)), are_shares)
