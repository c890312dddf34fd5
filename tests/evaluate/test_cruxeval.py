"""Answers of CRUXEval that repeat the question are left out, as its harness leaves them out."""

import pytest

from stepcode.evaluate.benchmarks import cruxeval
from stepcode.evaluate.extract import Side

ROW = cruxeval.Question("sample_0", "def f(x):\n    return x + 1", "1", "2")


def scores(answers: list[str], side: Side) -> list[bool]:
    return list(cruxeval.score({ROW.id: ROW}, {ROW.id: answers}, side).scores[ROW.id])


def test_echoed_call_is_not_run_and_lowers_the_number_of_answers() -> None:
    assert scores(["2", "f(1)", "3"], Side.OUTPUT) == [True, False]


def test_row_without_a_right_answer_is_wrong_as_often_as_it_was_asked() -> None:
    assert scores(["f(1)", "3"], Side.OUTPUT) == [False, False]


def test_call_of_another_argument_is_no_echo() -> None:
    assert scores(["f(0) + 1"], Side.OUTPUT) == [True]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (["f(1)", "1", "f(2)"], [True, False]),
        (["f(x=1)", "f(True)"], [True, True]),
        (["(1)", "g(1)"], [False, False]),
    ],
)
def test_input_without_a_call_of_f_is_not_run(answers: list[str], expected: list[bool]) -> None:
    assert scores(answers, Side.INPUT) == expected
