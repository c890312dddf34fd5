"""What is logged says how true the steps and answers of a batch are."""

import math

import pytest

pytest.importorskip("torch")

import torch

from stepcode.train.metrics import training_metrics

NAN = math.nan


def metrics(rows: list[list[float]], *, group_size: int) -> dict[str, float]:
    rewards = torch.tensor(rows)
    return training_metrics(rewards, ~rewards.isnan(), group_size=group_size)


def test_steps_and_answers_are_counted_apart() -> None:
    found = metrics([[1, 0, 1], [1, 1, NAN], [0, 0, 0], [1, 1, 1]], group_size=2)
    assert found["step_accuracy"] == pytest.approx(4 / 7)
    assert found["final_accuracy"] == pytest.approx(3 / 4)
    assert found["gap"] == pytest.approx(3 / 4 - 4 / 7)


def test_path_consistency_looks_at_completions_with_a_right_answer_only() -> None:
    found = metrics([[1, 0, 1], [1, 1, 0], [0, 0, 0], [1, 1, NAN]], group_size=2)
    assert found["path_consistency"] == pytest.approx(2 / 3)


def test_groups_that_teach_nothing_are_counted_at_both_levels() -> None:
    found = metrics([[1, 0, 1], [1, 1, 1], [0, 0, 0], [0, 0, 1]], group_size=2)
    assert found["zero_variance_final"] == 1 / 2
    assert found["zero_variance_steps"] == 3 / 4


def test_what_could_not_be_scored_counts_as_nothing_else() -> None:
    found = metrics([[1, 1], [NAN, NAN], [0, 0], [1, 0]], group_size=2)
    assert found["unscored"] == 1 / 4
    assert found["final_accuracy"] == pytest.approx(1 / 3)
    assert found["step_accuracy"] == pytest.approx(2 / 3)
    assert found["zero_variance_steps"] == 1 / 2


def test_of_nothing_there_is_no_share() -> None:
    found = metrics([[NAN, NAN], [NAN, NAN]], group_size=2)
    assert found.pop("unscored") == 1
    assert all(map(math.isnan, found.values()))
