"""The numbers of `steps` mean what training logs under the same names."""

import math
import random

import pytest

from stepcode.evaluate.benchmarks.steps.metrics import (
    Scored,
    constant_answers,
    step_groups,
    step_intervals,
    step_metrics,
)
from stepcode.evaluate.passk import Interval
from stepcode.types import Score, Step, StepScore, TaskKind
from tests.unit.reason_samples import example


def scored(final: bool, *steps: bool, program: str = "p") -> Scored:
    shown = [f"v{number}: {number}" for number in range(len(steps))]
    some = example(TaskKind.OUTPUT, *shown) if steps else example()
    # Of the two anchors there are, whichever comes next.
    truth = tuple(Step(n % 2, 1, step.name, step.text) for n, step in enumerate(some.steps))
    told = Score(final, tuple(StepScore(one, None) for one in steps), 0)
    return Scored(some, program, truth[: len(steps)], told)


def width(interval: Interval) -> float:
    return interval.high - interval.low


def test_steps_and_answers_are_counted_apart() -> None:
    found = step_metrics(
        [scored(True, True, False), scored(True, True), scored(False, False, True)]
    )
    assert found["step_accuracy"] == pytest.approx(60)
    assert found["final_accuracy"] == pytest.approx(200 / 3)
    assert found["gap"] == pytest.approx(200 / 3 - 60)


def test_path_consistency_looks_at_completions_with_a_right_answer_only() -> None:
    found = step_metrics([scored(True, True, False), scored(False, True, True)])
    assert found["path_consistency"] == pytest.approx(50)


def test_what_there_is_nothing_of_has_no_metric() -> None:
    assert set(step_metrics([scored(False, True)])) == {"step_accuracy", "final_accuracy", "gap"}
    assert step_metrics([]) == {}


def test_metrics_agree_with_those_of_training() -> None:
    torch = pytest.importorskip("torch")
    from stepcode.train.metrics import training_metrics

    chance = random.Random(0)
    rows = [[chance.random() < 0.7 for _ in range(chance.randint(1, 6))] for _ in range(40)]
    rewards = torch.full((40, 6), math.nan)
    for number, row in enumerate(rows):
        rewards[number, : len(row)] = torch.tensor(row)
    logged = training_metrics(rewards, ~rewards.isnan(), group_size=4)
    found = step_metrics([scored(row[-1], *row[:-1]) for row in rows])
    assert found == pytest.approx({name: 100 * logged[name] for name in found})
    assert len(found) == 4


def test_intervals_are_wider_where_a_program_has_many_rows() -> None:
    rights = [number % 10 < 5 for number in range(100)]
    apart = step_intervals(scored(one, one, program=str(n)) for n, one in enumerate(rights))
    together = step_intervals(scored(one, one, program=str(n % 10)) for n, one in enumerate(rights))

    assert width(together["step_accuracy"]) > 2 * width(apart["step_accuracy"])
    assert apart["step_accuracy"].low < 50 < apart["step_accuracy"].high


def test_groups_tell_where_on_the_way_steps_go_wrong() -> None:
    groups = step_groups([scored(True, True, False, False), scored(False, True, False)])
    assert groups["position"]["1"] == {"n": 2, "step_accuracy": 100}
    assert groups["position"]["2"] == {"n": 2, "step_accuracy": 0}
    assert groups["kind of anchor"]["assign"]["n"] == 3
    assert groups["number of steps"]["3"]["final_accuracy"] == 100
    assert groups["task"]["output prediction"]["n"] == 2


def test_long_traces_share_a_group() -> None:
    groups = step_groups([scored(True, *[True] * 30)])
    assert list(groups["number of steps"]) == ["21-50"]
    assert list(groups["position"]) == [*map(str, range(1, 11)), "11-20", "21-50"]
    assert groups["position"]["11-20"]["n"] == 10


def test_constant_answers_are_the_most_frequent_ones_of_output_prediction() -> None:
    same, other = example(TaskKind.OUTPUT, "a: 1", "b: 1"), example(TaskKind.OUTPUT, "a: 1", "b: 2")
    asked = [same, other, example(TaskKind.INPUT)]
    assert constant_answers(asked) == {"step_accuracy": 75, "final_accuracy": 100, "gap": 25}
    assert constant_answers([example(TaskKind.INPUT)]) == {}
