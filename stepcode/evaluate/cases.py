"""What kind of case each answer is, by which a report sorts rows; and where a trace goes wrong."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from stepcode.evaluate.programs import Verdict

Row = Mapping[str, Any]
"""A row of an evaluation, or one of its completions, as in its file. Any: JSON."""


SKIPPED = "skipped"
"""Said of an answer that a benchmark does not judge, because it repeats the question."""


class Case(StrEnum):
    """What a reader may look for; the values are what is shown."""

    RIGHT = "right"
    WRONG = "wrong"
    WRONG_LOGIC = "right answer, wrong logic"
    NOT_EXTRACTED = "not extracted"
    TIMED_OUT = "timed out"
    UNSCORED = "unscored"
    SKIPPED = "skipped"


def cases_of(completion: Row) -> Iterator[Case]:
    """Say of what kinds a completion is."""
    verdict = completion.get("verdict")
    if verdict in (Verdict.UNSCORED, SKIPPED):
        yield Case(verdict)
        return
    if verdict == Verdict.PASSED:
        yield Case.RIGHT
        if first_wrong(completion.get("steps") or ()) is not None:
            yield Case.WRONG_LOGIC
    else:
        yield Case.WRONG
    if verdict == Verdict.TIMED_OUT:
        yield Case.TIMED_OUT
    if completion.get("answer") is None:
        yield Case.NOT_EXTRACTED


def row_cases(row: Row) -> list[Case]:
    """Say of what kinds the completions of a row are, each once and in the order of `Case`."""
    found = {case for completion in row.get("completions", ()) for case in cases_of(completion)}
    return [case for case in Case if case in found]


def first_wrong(steps: Sequence[Row]) -> int | None:
    """Find the first step (0-based) that is not right."""
    return next((number for number, step in enumerate(steps) if not step["right"]), None)
