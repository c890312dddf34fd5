"""The report of the proof in small: arms over several seeds, from the results that are there.

It reads the files that `stepcode train micro` writes, and knows of them only what it shows.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from stepcode.errors import DatasetError
from stepcode.evaluate.report.document import Curves, Document, Point, Table
from stepcode.evaluate.report.series import mean_of_runs
from stepcode.evaluate.report.tables import NONE, flat_settings, keys_of

SETUP = "setup.json"
_RESULTS = "runs"
_SUMMARY = "micro.json"
_GAP = "gap"
_DRAWN = {
    "step accuracy": "step",
    "accuracy of informative steps": "informative",
    "final accuracy": "final",
    _GAP: _GAP,
}
"""Pictures, each with what it shows of a point; the gap is final minus step accuracy."""

Record = Mapping[str, Any]
"""Any: JSON."""


def is_micro(directory: Path) -> bool:
    """Tell whether a folder is one that `stepcode train micro` writes."""
    return (directory / SETUP).is_file() and (directory / _RESULTS).is_dir()


def micro_document(directory: Path) -> Document:
    """Write the report of a proof in small, which may be going on.

    Raises DatasetError if a file is not what it should be.
    """
    results = [_read(path) for path in sorted(directory.glob(f"{_RESULTS}/*/*.json"))]
    summary = _read(directory / _SUMMARY) if (directory / _SUMMARY).is_file() else {}
    setup = _read(directory / SETUP)
    try:
        tasks: Mapping[str, Record] = summary.get("tasks", {})
        arms = keys_of(*(found["arms"] for found in tasks.values()), _by(results, "arm"))
        going_on = "" if tasks else " It is not finished: run the same command again."
        return Document(
            title=f"Proof in small {directory.resolve().name}",
            about=f"{len(results)} results of {_seeds(results)}.{going_on}",
            tables=[
                *(table for task, found in tasks.items() for table in _tables(task, found)),
                Table("Settings", ["setting", "value"], list(flat_settings(setup)), is_text=True),
            ],
            pictures=[
                curves for task in _by(results, "task") for curves in _curves(task, results, arms)
            ],
        )
    except (KeyError, TypeError, AttributeError) as error:
        why = f"a result has no {error}"
        raise DatasetError(f"{directory}: is no proof in small of stepcode train: {why}") from error


def _read(path: Path) -> Record:
    try:
        record = json.loads(path.read_bytes())
    except ValueError as error:
        raise DatasetError(f"{path}: is broken JSON ({error}); remove it and run again") from error
    if not isinstance(record, dict):
        raise DatasetError(f"{path}: is no JSON object; remove it and run again")
    return record


def _by(results: Sequence[Record], key: str) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for result in results:
        found[result[key]].append(result)
    return dict(found)


def _seeds(results: Sequence[Record]) -> str:
    count = len({result["seed"] for result in results})
    return "1 seed" if count == 1 else f"{count} seeds"


def _curves(task: str, results: Sequence[Record], arms: Sequence[str]) -> Iterator[Curves]:
    """Draw each measure of a task, a line for each arm that has one."""
    own = [one for one in results if one["task"] == task and one["curve"]]
    note = _note(own)
    for title, measure in _DRAWN.items():
        lines = {
            arm: mean_of_runs([_line(one, measure) for one in own if one["arm"] == arm])
            for arm in arms
        }
        series = {arm: line for arm, line in lines.items() if line}
        if series:
            yield Curves(f"{task}: {title}", series, note=note, are_shares=title != _GAP)


def _note(results: Sequence[Record]) -> str:
    sampled = "Sampled on held-out programs while training."
    if len({result["seed"] for result in results}) < 2:
        return f"{sampled} One seed has no interval."
    return (
        f"{sampled} Means over {_seeds(results)}; bands are 95 % intervals over them (Student's "
        "t). Arms are paired by seed, which bands do not show: whether two of them differ is in "
        "the table of differences."
    )


def _line(result: Record, measure: str) -> list[Point]:
    return [
        Point(at["update"], at["final"] - at["step"] if measure == _GAP else at[measure])
        for at in result["curve"]
    ]


def _tables(task: str, found: Record) -> Iterator[Table]:
    arms: Mapping[str, Record] = found["arms"]
    measures = keys_of(*(arm["measures"] for arm in arms.values()))
    rows = [
        [name, *(_estimate(arm["measures"][measure]) for measure in measures)]
        for name, arm in arms.items()
    ]
    note = "Means over seeds, each with half of its 95 % interval (Student's t)."
    yield Table(f"{task}: arms", ["arm", *measures], rows, note=note)
    yield _differences(task, found["differences"])


def _differences(task: str, differences: Sequence[Record]) -> Table:
    pairs: dict[str, dict[str, str]] = defaultdict(dict)
    for one in differences:
        programs, mark = one["over_programs"], " *" if one["is_clear"] else ""
        pairs[f"{one['arm']} - {one['against']}"][one["measure"]] = (
            f"{_estimate(one['over_seeds'], sign='+')} "
            f"[{programs['low']:+.3f}, {programs['high']:+.3f}]{mark}"
        )
    measures = keys_of(*pairs.values())
    rows = [[pair, *(own.get(one, NONE) for one in measures)] for pair, own in pairs.items()]
    note = (
        "Paired by seed: mean with half of its 95 % interval over seeds, and in brackets the 95 % "
        "interval over programs. * where both leave zero out, on the same side."
    )
    return Table(f"{task}: differences", ["arms", *measures], rows, note=note)


def _estimate(found: Record, *, sign: str = "") -> str:
    if found["mean"] is None:
        return NONE
    half = "" if found["half"] is None else f" ± {found['half']:.3f}"
    return f"{found['mean']:{sign}.3f}{half}"
