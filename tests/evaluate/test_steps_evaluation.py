"""What `steps` says of a whole dataset: metrics, counts, and every row step by step."""

from dataclasses import replace

import pytest

from stepcode.evaluate.benchmarks.steps import Question, evaluate
from stepcode.evaluate.benchmarks.steps.rows import count_answers, to_row
from stepcode.evaluate.evaluation import Parts
from stepcode.evaluate.programs import Verdict
from tests.evaluate.steps_samples import INPUT, OUTPUT, RIGHT, WRONG_LOGIC, says

FOUND = evaluate(
    [OUTPUT, INPUT],
    {OUTPUT.id: [RIGHT, WRONG_LOGIC], INPUT.id: [says("f([3])", "ys: [3]"), " "]},
)


def test_metrics_are_of_all_completions() -> None:
    assert FOUND.metrics == pytest.approx(
        {"step_accuracy": 50, "final_accuracy": 75, "gap": 25, "path_consistency": 100 * 4 / 6}
    )
    assert FOUND.scores == {OUTPUT.id: [True, True], INPUT.id: [True, False]}


def test_counts_tell_right_answers_of_wrong_logic() -> None:
    assert FOUND.counts == {
        "passed": 3, "failed": 1, "timed_out": 0, "unscored": 0,
        "empty": 1, "not_extracted": 1, "wrong_logic": 2,
    }  # fmt: skip


def test_rows_have_the_predicted_step_beside_the_true_one() -> None:
    first, second = FOUND.rows
    assert (first["call"], first["expected"]) == ("f([1, 3, 2])", "3")
    assert (second["given"], second["expected"]) == ("3", "f([1, 3, 2])")
    assert first["completions"][1]["steps"][0] == {
        "name": "ys", "text": "[1, 2, 3]", "predicted": "[3, 2, 1]", "right": False,
        "kind": "assign",
    }  # fmt: skip
    assert second["completions"][0]["steps"][1]["predicted"] is None
    assert second["completions"][1]["answer"] is None


def test_a_step_is_shown_as_it_was_read_and_not_as_it_was_escaped() -> None:
    tagged = replace(OUTPUT.example, steps=(replace(OUTPUT.example.steps[0], text="'</print>'"),))
    question = Question(tagged, "p")
    row = evaluate([question], {question.id: [says("3", "ys: '</print>'")]}).rows[0]
    assert row["completions"][0]["steps"][0]["predicted"] == "'</print>'"


def test_what_the_machine_lost_is_counted_and_not_scored() -> None:
    from stepcode.evaluate.benchmarks.steps import judge

    judged = judge([OUTPUT], {OUTPUT.id: [RIGHT]})[OUTPUT.id][0]
    lost = replace(judged, verdict=Verdict.UNSCORED, score=None)
    assert count_answers({OUTPUT.id: [lost]}, {OUTPUT.id: [RIGHT]})["unscored"] == 1
    assert to_row(OUTPUT, [lost], [RIGHT])["completions"][0]["steps"] == []


def test_the_same_completions_give_the_same_evaluation() -> None:
    assert isinstance(FOUND, Parts)
    texts = {OUTPUT.id: [RIGHT, WRONG_LOGIC], INPUT.id: [says("f([3])", "ys: [3]"), " "]}
    assert evaluate([OUTPUT, INPUT], texts, workers=2) == FOUND
