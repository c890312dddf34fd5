"""CRUXEval: 800 small functions; predict the output of a call, or an input that has the output.

Scored as the benchmark's own harness does (facebookresearch/cruxeval, 190faf1), to the boolean:

- an answer that repeats the question is left out and so lowers the number of answers, but only in
  rows where another is right; a row without a right answer is wrong as often as it was asked;
- the answer is any Python expression, and in input prediction any call that gives the output.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stepcode.evaluate.assertions import Assertion
from stepcode.evaluate.extract import Side
from stepcode.evaluate.prediction import Answers, Scored, judge_rows, sum_up
from stepcode.evaluate.programs import Verdict
from stepcode.execute.isolate import Isolation


@dataclass(frozen=True, slots=True)
class Question:
    """A row of the benchmark."""

    id: str
    code: str
    input: str
    """The text between the parentheses of `f(...)`."""
    output: str


def official_answer(text: str, side: Side, *, with_thought: bool) -> str:
    """Take the answer out of a completion as the harness does for models that it runs itself."""
    if with_thought and "[ANSWER]" in text:
        text = text.split("[ANSWER]")[1].strip()
    pieces = text.split("==")
    match side:
        case Side.OUTPUT:
            return (pieces[1] if len(pieces) > 1 else text).strip()
        case Side.INPUT:
            call = pieces[0].strip()
            return f"f{call.split('assert f')[1]}".strip() if "assert f" in call else call


def is_skipped(question: Question, answer: str, side: Side) -> bool:
    """Whether the harness runs an answer at all: not if it repeats the call, or has none."""
    if side is Side.INPUT:
        return "f(" not in answer
    return f"f({question.input})" in answer


def score(
    questions: Mapping[str, Question],
    answers: Answers,
    side: Side,
    *,
    isolation: Isolation | None = None,
    workers: int = 1,
) -> Scored:
    """Score the answers to questions, by id."""
    assertions = {
        row: [_assertion(questions[row], answer, side) for answer in given]
        for row, given in answers.items()
    }
    verdicts = judge_rows(assertions, isolation=isolation, workers=workers)
    return sum_up({row: _row_scores(ones) for row, ones in verdicts.items()}, verdicts)


def _assertion(question: Question, answer: str, side: Side) -> Assertion | None:
    if is_skipped(question, answer, side):
        return None
    return Assertion(question.code, question.output, answer)


def _row_scores(verdicts: Sequence[Verdict | None]) -> list[bool]:
    if Verdict.PASSED in verdicts:
        return [one is Verdict.PASSED for one in verdicts if one is not None]
    return [False] * len(verdicts)
