from itertools import combinations

import pytest

from stepcode.errors import MisuseError
from stepcode.evaluate.passk import bootstrap, chance_of_one, pass_at_k


@pytest.mark.parametrize("k", [1, 2, 3, 5])
@pytest.mark.parametrize("right", [0, 1, 3, 5])
def test_chance_is_the_share_of_choices_with_a_right_answer(k: int, right: int) -> None:
    answers = [True] * right + [False] * (5 - right)
    choices = list(combinations(answers, k))
    assert chance_of_one(answers, k) == pytest.approx(sum(map(any, choices)) / len(choices))


def test_score_is_the_mean_over_rows_in_percent() -> None:
    assert pass_at_k({"a": [True, False], "b": [False, False]}, 1) == 25.0
    assert pass_at_k({"a": [True, False], "b": [False, False]}, 2) == 50.0


def test_row_of_one_kind_of_answers_needs_no_more_of_them() -> None:
    assert pass_at_k({"a": [True], "b": [False]}, 5) == 50.0


@pytest.mark.parametrize(
    ("scores", "k", "says"),
    [
        ({}, 1, "nothing was scored"),
        ({"a": []}, 1, "a: has no answer"),
        ({"a": [True, False]}, 3, "a: has 2 answers, too few for pass@3"),
        ({"a": [True]}, 0, "k is 0"),
    ],
)
def test_score_that_cannot_be_told_is_refused(
    scores: dict[str, list[bool]], k: int, says: str
) -> None:
    with pytest.raises(MisuseError, match=says):
        pass_at_k(scores, k)


def test_interval_holds_the_score_and_narrows_with_more_rows() -> None:
    few = {str(number): [number % 4 == 0] for number in range(40)}
    many = {str(number): [number % 4 == 0] for number in range(4000)}
    wide, narrow = bootstrap(few, 1), bootstrap(many, 1)
    assert wide.low < 25.0 < wide.high
    assert narrow.low < 25.0 < narrow.high
    assert narrow.high - narrow.low < (wide.high - wide.low) / 5


def test_interval_has_the_width_of_a_binomial_one() -> None:
    scores = {str(number): [number % 2 == 0] for number in range(1000)}
    interval = bootstrap(scores, 1)
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * 50 / 1000**0.5, rel=0.1)


def test_interval_is_the_same_for_the_same_seed() -> None:
    scores = {str(number): [number % 3 == 0, True] for number in range(50)}
    assert bootstrap(scores, 1, seed=3) == bootstrap(scores, 1, seed=3)
