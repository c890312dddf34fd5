"""Two evaluations are compared row by row, and only if they are of the same questions."""

from math import comb

import pytest

from stepcode.errors import MisuseError
from stepcode.evaluate.compare import compare, sign_test
from tests.evaluate.report_samples import LOST, RIGHT, WRONG, WRONG_LOGIC, evaluation, row


def test_the_sign_test_is_exact() -> None:
    assert sign_test(0, 0) == 1
    assert sign_test(5, 5) == 1
    assert sign_test(0, 5) == sign_test(5, 0) == 2 / 2**5
    assert sign_test(3, 12) == pytest.approx(2 * sum(comb(15, k) for k in range(4)) / 2**15)


def test_the_sign_test_agrees_with_scipy_on_many_rows() -> None:
    stats = pytest.importorskip("scipy.stats")
    for better, worse in ((7, 19), (400, 470), (8000, 8400)):
        expected = stats.binomtest(better, better + worse).pvalue
        assert sign_test(better, worse) == pytest.approx(expected, rel=1e-9)


def test_rows_are_paired_so_that_a_small_steady_difference_shows() -> None:
    rows = range(60)
    first = evaluation(*(row(f"r{n}", RIGHT if n % 2 else WRONG) for n in rows))
    second = evaluation(*(row(f"r{n}", RIGHT if n % 2 or n < 20 else WRONG) for n in rows))
    found = compare(first, second).paired[0]
    assert (found.first_better, found.second_better, found.equal) == (0, 10, 50)
    assert (found.test, found.p_value) == ("McNemar, exact", 2 / 2**10)
    assert found.difference == pytest.approx(100 * 10 / 60)
    assert 0 < found.interval.low < found.difference < found.interval.high


def test_several_answers_a_row_are_compared_by_their_shares() -> None:
    first = evaluation(row("a", RIGHT, WRONG), row("b", RIGHT, RIGHT))
    second = evaluation(row("a", RIGHT, RIGHT), row("b", RIGHT, WRONG))
    found = compare(first, second).paired[0]
    assert (found.first_better, found.second_better) == (1, 1)
    assert (found.test, found.difference) == ("sign test, exact", 0)


def test_steps_are_compared_where_there_are_some() -> None:
    first, second = evaluation(row("a", WRONG_LOGIC)), evaluation(row("a", RIGHT))
    answers, steps = compare(first, second).paired
    assert (answers.difference, steps.difference) == (0, 50)


def test_what_was_not_scored_in_one_of_them_is_left_out_and_counted() -> None:
    first = evaluation(row("a", RIGHT), row("b", LOST))
    second = evaluation(row("a", WRONG), row("b", RIGHT))
    found = compare(first, second)
    assert (found.unpaired, found.paired[0].first_better) == (1, 1)


def test_rows_of_one_program_are_drawn_together() -> None:
    many = [row(f"r{number}", WRONG) for number in range(40)]
    better = [row(f"r{number}", RIGHT if number < 20 else WRONG) for number in range(40)]
    alone = compare(evaluation(*many), evaluation(*better)).paired[0].interval
    programs = [{"program": f"p{number // 10}"} for number in range(40)]
    together = [
        evaluation(*(one | program for one, program in zip(rows, programs, strict=True)))
        for rows in (many, better)
    ]
    clustered = compare(*together).paired[0].interval
    assert clustered.high - clustered.low > 2 * (alone.high - alone.low)


def test_a_row_that_has_no_answer_in_one_of_them_is_left_out() -> None:
    first, second = (
        evaluation(row("a", RIGHT), row("b")),
        evaluation(row("a", RIGHT), row("b", RIGHT)),
    )
    assert compare(first, second).paired[0].equal == 1


def test_another_benchmark_is_refused() -> None:
    with pytest.raises(MisuseError, match="one evaluation is of steps and the other of cruxeval"):
        compare(evaluation(), evaluation(benchmark="cruxeval-output"))


def test_another_data_file_is_refused() -> None:
    with pytest.raises(MisuseError, match="different data"):
        compare(evaluation(), evaluation(data="def"))


def test_rows_of_one_name_but_other_questions_are_refused() -> None:
    with pytest.raises(MisuseError, match="row a is another question in each"):
        compare(evaluation(row("a", RIGHT)), evaluation(row("a", RIGHT, code="def f(): pass")))


def test_evaluations_without_a_common_row_are_refused() -> None:
    with pytest.raises(MisuseError, match="no row in common"):
        compare(evaluation(row("a", RIGHT)), evaluation(row("b", RIGHT)))
