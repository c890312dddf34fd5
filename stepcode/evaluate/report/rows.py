"""The rows of a report: every question with its truth, and every answer with its steps.

    {"id": "3f2a-output", "tags": ["right"], "facts": [["Call", "f(1)"], ["Expected", "3"]],
     "code": "def f(x): ...", "answers": [{"says": "3", "cases": ["right"], "count": 2,
     "steps": [["y", "assign", "3", "3", true]], "wrong": null, "text": "..."}]}

Answers that would look the same are shown once with their `count`. A step is its name, its kind,
the truth, what was predicted, and whether that is right.
"""

from collections.abc import Iterator, Sequence

from stepcode.evaluate.cases import Row, cases_of, first_wrong, row_cases
from stepcode.evaluate.compare import Comparison
from stepcode.evaluate.report.document import Shown

FIRST_BETTER, SECOND_BETTER, OTHER_STEPS = "A is better", "B is better", "steps differ"
COMPARED = (FIRST_BETTER, SECOND_BETTER, OTHER_STEPS)
"""In what way two evaluations differ in a row."""

_FACTS = {"call": "Call", "given": "Returned value", "expected": "Expected"}


def shown_rows(rows: Sequence[Row]) -> list[Shown]:
    """Show all rows of an evaluation."""
    return [_shown(row, [case.value for case in row_cases(row)], _answers(row)) for row in rows]


def differing_rows(comparison: Comparison) -> list[Shown]:
    """Show the rows in which two evaluations differ, the answers of both below each other."""
    others = {row["id"]: row for row in comparison.second.rows}
    shown = []
    for row in comparison.first.rows:
        other = others.get(row["id"])
        tags = [] if other is None else list(_differences(comparison, row, other))
        if other is not None and tags:
            answers = [*_answers(row, side="A"), *_answers(other, side="B")]
            shown.append(_shown(row, tags, answers))
    return shown


def _differences(comparison: Comparison, row: Row, other: Row) -> Iterator[str]:
    first, second = (
        one.scores.get(row["id"]) or () for one in (comparison.first, comparison.second)
    )
    if first and second:
        share, other_share = sum(first) / len(first), sum(second) / len(second)
        if share > other_share:
            yield FIRST_BETTER
        if share < other_share:
            yield SECOND_BETTER
    if _right_steps(row) != _right_steps(other):
        yield OTHER_STEPS


def _right_steps(row: Row) -> list[list[bool]]:
    return [[s["right"] for s in one.get("steps") or ()] for one in row["completions"]]


def _shown(row: Row, tags: Sequence[str], answers: Sequence[Shown]) -> Shown:
    facts = [[label, row[key]] for key, label in _FACTS.items() if row.get(key)]
    return {
        "id": row["id"],
        "tags": tags,
        "facts": facts,
        "code": row.get("code") or "",
        "answers": answers,
    }


def _answers(row: Row, *, side: str = "") -> list[Shown]:
    return [_answer(completion, side) for completion in row.get("completions", ())]


def _answer(completion: Row, side: str) -> Shown:
    steps: Sequence[Row] = completion.get("steps") or ()
    return {
        "side": side,
        "says": completion.get("answer"),
        "cases": [case.value for case in cases_of(completion)],
        "steps": [
            [step["name"], step.get("kind") or "", step["text"], step["predicted"], step["right"]]
            for step in steps
        ],
        "wrong": first_wrong(steps),
        "text": completion.get("text") or "",
    }
