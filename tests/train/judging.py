"""A scorer without processes: output prediction by the rows, and input prediction as they are."""

from collections.abc import Sequence

from stepcode.dataset.examples import read_example
from stepcode.reason import read_answer, score
from stepcode.train.rewards import Judged, Row


def judge_by_rows(completions: Sequence[str], rows: Sequence[Row]) -> list[Judged | None]:
    """Judge each completion by its row's own trace; only the row's own call is right."""
    answers = map(read_answer, completions)
    examples = map(read_example, rows)
    return [Judged(score(a, e), a) for a, e in zip(answers, examples, strict=True)]
