"""Steps: what a model says of a run is judged step by step, by the run itself."""

from pathlib import Path

import pytest

from stepcode.errors import DatasetError, MisuseError
from stepcode.evaluate.benchmarks.steps import Judged, Question, judge, read_questions
from stepcode.evaluate.programs import Verdict
from stepcode.types import Limits, TaskKind
from tests.evaluate.steps_samples import INPUT, OUTPUT, RIGHT, WRONG_LOGIC, says
from tests.unit.dataset_samples import build_sample

QUICK = Limits(cpu_seconds=0.5, wall_seconds=20.0)


def judged(question: Question, text: str) -> Judged:
    return judge([question], {question.id: [text]}, limits=QUICK)[question.id][0]


def right(found: Judged) -> list[bool]:
    assert found.score is not None
    return [step.correct for step in found.score.steps]


def test_every_row_of_a_dataset_asks_for_an_output_and_for_an_input(tmp_path: Path) -> None:
    build_sample(tmp_path / "set")
    questions = read_questions(tmp_path / "set")
    kinds = [question.example.kind for question in questions]
    assert kinds[:2] == [TaskKind.OUTPUT, TaskKind.INPUT]
    assert len({question.id for question in questions}) == len(questions)
    assert "f(1)" in questions[0].prompt[0]["content"]
    assert "f(1)" not in questions[1].prompt[0]["content"]


def test_a_folder_that_is_no_dataset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError):
        read_questions(tmp_path)


def test_a_split_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    build_sample(tmp_path / "set")
    with pytest.raises(DatasetError, match="has no rows in split 'dev', but train"):
        read_questions(tmp_path / "set", split="dev")


def test_a_question_without_a_completion_is_refused() -> None:
    with pytest.raises(MisuseError, match="1 questions have no completion, row-input first"):
        judge([OUTPUT, INPUT], {OUTPUT.id: [RIGHT]})


def test_a_completion_without_a_question_is_refused_with_the_nearest_one() -> None:
    expected = "1 questions not asked: row-outptu; did you mean 'row-output'"
    with pytest.raises(MisuseError, match=expected):
        judge([OUTPUT], {OUTPUT.id: [RIGHT], "row-outptu": [RIGHT]})


def test_the_true_completion_is_right_in_every_step() -> None:
    found = judged(OUTPUT, RIGHT)
    assert (found.verdict, right(found)) == (Verdict.PASSED, [True, True])
    assert not found.is_wrong_logic


def test_a_right_answer_with_a_wrong_step_is_wrong_logic() -> None:
    found = judged(OUTPUT, WRONG_LOGIC)
    assert (found.verdict, right(found)) == (Verdict.PASSED, [False, True])
    assert found.is_wrong_logic


def test_a_wrong_answer_is_never_wrong_logic() -> None:
    found = judged(OUTPUT, says("4", "ys: [3, 2, 1]", "_ret: 4"))
    assert (found.verdict, found.is_wrong_logic) == (Verdict.FAILED, False)


def test_another_input_with_the_same_output_is_right_and_judged_by_its_own_run() -> None:
    found = judged(INPUT, says("f([3])", "ys: [3]", "_ret: 3"))
    assert (found.verdict, right(found)) == (Verdict.PASSED, [True, True])
    assert [step.text for step in found.truth] == ["[3]", "3"]


def test_an_input_with_another_output_is_wrong_though_its_steps_may_be_right() -> None:
    found = judged(INPUT, says("f([4])", "ys: [4]", "_ret: 3"))
    assert (found.verdict, right(found)) == (Verdict.FAILED, [True, False])


def test_a_proposed_call_that_takes_too_long_is_told_apart_from_a_wrong_one() -> None:
    found = judged(INPUT, says("f(range(10**8))", "ys: [3]", "_ret: 3"))
    assert found.verdict in (Verdict.TIMED_OUT, Verdict.FAILED)  # or out of memory, if it is quick
    assert not any(right(found))


@pytest.mark.parametrize("question", [OUTPUT, INPUT])
def test_a_text_without_an_answer_is_wrong_in_every_step(question: Question) -> None:
    found = judged(question, "I do not know.")
    assert (found.verdict, right(found), found.extracted) == (Verdict.FAILED, [False, False], None)


def test_completions_are_judged_in_the_order_they_came_in() -> None:
    texts = {OUTPUT.id: [RIGHT, "", WRONG_LOGIC], INPUT.id: [says("f([3])"), says("g()")]}
    found = judge([OUTPUT, INPUT], texts)
    assert [one.verdict.value for one in found[OUTPUT.id]] == ["passed", "failed", "passed"]
    assert [one.verdict.value for one in found[INPUT.id]] == ["passed", "failed"]
