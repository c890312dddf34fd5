"""What became of one answer: the unit of which all of REval's metrics, and its logs, are made."""

from collections.abc import Mapping
from dataclasses import dataclass

Response = bool | tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer and whether it is right."""

    generated: str
    """All that the model said."""
    right: bool
    response: Response = None
    """What was read from it: whether a line runs, or the lines that may come next; else None."""
    expected: Response = None
    """What is true, in the same form."""
    is_extracted: bool = True
    """Whether an answer was found in it at all."""
    timed_out: bool = False


Run = Mapping[str, Judged]
"""One answer to each question, by the question's id; those that could not be judged are missing."""
