import pytest

from stepcode.reason import Alignment, proposed_call, score
from stepcode.reason.score import align_by_name
from stepcode.types import Outcome, PredictedStep, Score, TaskKind
from tests.unit.reason_samples import claims, example, executed, steps

THREE = example(TaskKind.OUTPUT, "a: 1", "b: 2", "c: 3")


def right(result: Score) -> list[bool]:
    return [step.correct for step in result.steps]


def test_true_answer_is_perfect() -> None:
    result = score(claims("a: 1", "b: 2", "c: 3"), THREE)
    assert result.is_perfect
    assert (result.final, right(result), result.extra) == (True, [True] * 3, 0)


def test_skipped_step_costs_one_step() -> None:
    result = score(claims("a: 1", "c: 3"), THREE)
    assert right(result) == [True, False, True]
    assert result.steps[1].span is None


def test_skipped_step_costs_the_rest_by_position() -> None:
    result = score(claims("a: 1", "c: 3"), THREE, alignment=Alignment.BY_POSITION)
    assert right(result) == [True, False, False]


def test_step_that_was_made_up_is_extra() -> None:
    result = score(claims("a: 1", "z: 0", "b: 2", "c: 3"), THREE)
    assert (right(result), result.extra, result.is_perfect) == ([True] * 3, 1, False)


def test_wrong_step_has_its_span() -> None:
    answer = claims("a: 1", "b: 9", "c: 3")
    result = score(answer, THREE)
    assert right(result) == [True, False, True]
    assert result.steps[1].span == answer.step_spans[1]


def test_step_is_right_only_with_exactly_its_text() -> None:
    assert right(score(claims("a: 1.0", "b:  2", "c: 3"), THREE)) == [False, False, True]


def test_visits_of_one_name_are_aligned_by_what_they_show() -> None:
    loop = example(TaskKind.OUTPUT, "x: 1", "x: 2", "x: 3", "y: 0")
    assert right(score(claims("x: 2", "x: 3", "y: 0"), loop)) == [False, True, True, True]


def test_listing_every_value_earns_nothing() -> None:
    listed = claims(*(f"x: {number}" for number in range(10)))
    result = score(listed, example(TaskKind.OUTPUT, "x: 7"))
    assert (right(result), result.extra) == ([False], 9)


def test_order_counts() -> None:
    assert right(score(claims("c: 3", "b: 2", "a: 1"), THREE)).count(True) == 1


def test_of_equal_alignments_the_earliest_is_taken() -> None:
    predicted = [PredictedStep("x", "8"), PredictedStep("y", "1")]
    assert align_by_name(predicted, steps("x: 1", "x: 2", "y: 1")) == {0: 0, 2: 1}


@pytest.mark.parametrize(
    ("final", "correct"), [("3", True), ("3.0", True), (" 3 ", True), ("4", False), ("f(3)", False)]
)
def test_final_answer_is_compared_by_value(final: str, correct: bool) -> None:
    assert score(claims(final=final), THREE).final is correct


def test_answer_without_a_final_value_is_wrong() -> None:
    result = score(claims("a: 1", final=""), THREE)
    assert (result.final, right(result)) == (False, [True, False, False])


INPUT = example(TaskKind.INPUT)


def test_any_input_that_gives_the_output_is_right_and_its_own_run_is_the_truth() -> None:
    answer = claims("ys: [3]", "_ret: 3", final="f([3])")
    run = executed("f([3])", "3", "ys: [3]", "_ret: 3")
    assert score(answer, INPUT, run).is_perfect
    stale = claims("ys: [1, 2, 3]", "_ret: 3", final="f([3])")
    assert right(score(stale, INPUT, run)) == [False, True]


def test_known_input_needs_no_run() -> None:
    assert score(claims("ys: [1, 2, 3]", "_ret: 3", final="f([1, 3, 2])"), INPUT).is_perfect


def test_input_that_gives_another_output_is_wrong_but_its_steps_may_be_right() -> None:
    run = executed("f([2])", "2", "ys: [2]", "_ret: 2")
    result = score(claims("ys: [2]", "_ret: 2", final="f([2])"), INPUT, run)
    assert (result.final, right(result)) == (False, [True, True])


def test_steps_of_a_run_that_raised_are_judged() -> None:
    run = executed("f([])", None, "ys: []", outcome=Outcome.RAISED)
    result = score(claims("ys: []", final="f([])"), INPUT, run)
    assert (result.final, right(result)) == (False, [True])


def test_input_without_a_run_is_wrong() -> None:
    result = score(claims("ys: [3]", final="f([3])"), INPUT)
    assert (result.final, right(result), result.extra) == (False, [False, False], 1)


@pytest.mark.parametrize(
    "call",
    ["f([3])", "f(xs=[1, 3])", "f(list(range(4)))", "f([-3, 2 + 1])", "f(*[[3]])", " f({3}) ",
     "f({'a': (1, None)})"],
)  # fmt: skip
def test_call_that_only_builds_its_arguments_is_run(call: str) -> None:
    assert proposed_call(claims(final=call), INPUT) == call.strip()


@pytest.mark.parametrize(
    "call",
    ["3", "3 or f([1])", "g([3])", "f.__class__(3)", "(lambda x: 3)(f)", "f(f := 3)", "f(g)(3)",
     "f(globals().update(sorted=0))", "f([].append)", "f(exec('x'))", "f([3]", "", "f([3]); g()",
     "f((yield))", "f(lambda: 3)", "f([x for x in y])", "f" + "(" * 20_000, "f(" + "-" * 20_000],
    ids=lambda call: call[:20],
)  # fmt: skip
def test_what_could_cheat_is_no_call(call: str) -> None:
    answer = claims(final=call)
    assert proposed_call(answer, INPUT) is None
    assert not score(answer, INPUT, executed(call, "3")).final


def test_call_of_a_method_keeps_its_shape() -> None:
    method = example(TaskKind.INPUT)
    method = type(method)(
        id="m",
        kind=method.kind,
        anchored_code="",
        anchors=(),
        given="5",
        target="Account(2).deposit(3)",
        steps=(),
    )
    assert proposed_call(claims(final="Account(4).deposit(1)"), method)
    assert not proposed_call(claims(final="Account(4).__class__(5)"), method)
    assert not proposed_call(claims(final="Account(exec('')).deposit(1)"), method)
