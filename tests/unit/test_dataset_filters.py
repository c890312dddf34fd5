import pytest

from stepcode.dataset.filters import MAX_STEPS, MAX_VALUE_CHARS, verdict
from stepcode.literals import is_literal, same_value
from stepcode.types import Execution, Outcome, Reason
from tests.unit.dataset_samples import case, execution

FINE = execution()


def reason(
    original: Execution = FINE,
    first: Execution = FINE,
    second: Execution | None = None,
    declared: str | None = None,
) -> Reason | None:
    rejection = verdict(case(declared=declared), original, first, second or first)
    return rejection.reason if rejection else None


def test_runs_that_agree_are_kept() -> None:
    assert reason(declared="2") is None
    assert reason(declared=None) is None


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.OK])
def test_outcome_of_the_original_is_the_reason(outcome: Outcome) -> None:
    run = execution(None, outcome=outcome, error="why")
    rejection = verdict(case(), run, FINE, FINE)
    assert rejection is not None
    assert (rejection.reason, rejection.detail) == (Reason(outcome.value), "why")


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome.LOST, Reason.LOST),
        (Outcome.TAMPERED, Reason.TAMPERED),
        (Outcome.TOO_MANY_STEPS, Reason.TOO_MANY_STEPS),
        (Outcome.RAISED, Reason.RESULT_CHANGED),
        (Outcome.TIMED_OUT, Reason.RESULT_CHANGED),
        (Outcome.OUTPUT_TOO_LONG, Reason.RESULT_CHANGED),
    ],
)
def test_bad_ending_only_with_anchors(outcome: Outcome, expected: Reason) -> None:
    assert reason(first=execution(None, outcome=outcome, error="why")) is expected


def test_endings_that_differ_between_seeds_are_unstable() -> None:
    raised = execution(None, outcome=Outcome.RAISED, error="ValueError: x")
    assert reason(second=raised) is Reason.UNSTABLE
    assert reason(first=raised, second=FINE) is Reason.UNSTABLE
    lost = execution(None, outcome=Outcome.LOST, error="gone")
    assert reason(second=lost) is Reason.LOST


def test_same_change_in_both_anchored_runs_is_the_anchors_fault() -> None:
    assert reason(first=execution("3")) is Reason.RESULT_CHANGED
    assert reason(first=execution(stdout="hi\n")) is Reason.RESULT_CHANGED


def test_change_from_run_to_run_is_unstable() -> None:
    assert reason(first=execution("3"), second=execution("4")) is Reason.UNSTABLE
    assert reason(second=execution("3")) is Reason.UNSTABLE
    assert reason(second=execution(stdout="x")) is Reason.UNSTABLE
    assert reason(second=execution(steps=["3"])) is Reason.UNSTABLE
    assert reason(second=execution(steps=["2", "2"])) is Reason.UNSTABLE


def test_value_that_cannot_be_shown_changes_the_result() -> None:
    rejection = verdict(case(), FINE, execution(steps=[None]), FINE)
    assert rejection is not None
    assert rejection.detail == "printing y raises"
    assert rejection.reason is Reason.RESULT_CHANGED


def test_output_other_than_the_declared_one_differs() -> None:
    assert reason(declared="3") is Reason.OUTPUT_DIFFERS
    assert reason(declared="no literal") is Reason.OUTPUT_DIFFERS
    assert reason(declared="(" * 100_000) is Reason.OUTPUT_DIFFERS


def test_declared_output_may_be_spelled_differently() -> None:
    assert reason(declared=" 1 + 1j - 1j") is Reason.OUTPUT_DIFFERS
    assert reason(declared="+2") is None
    assert same_value('{"b": [1], "a": (2,)}', "{'a': (2,), 'b': [1]}")
    assert not same_value("nan", "inf")
    assert not same_value("1", "x")


def test_address_is_named_even_where_runs_differ_because_of_it() -> None:
    here, there = "<A object at 0x7f00deadbeef>", "<A object at 0x7f00deadbeff>"
    assert reason(execution(here), execution(there), execution(here)) is Reason.ADDRESS
    assert reason(first=execution(steps=[here])) is Reason.ADDRESS
    printed = execution(stdout=here)
    assert reason(printed, printed) is Reason.ADDRESS
    assert reason(execution("'meet at 0x10'"), execution("'meet at 0x10'")) is None


def test_set_of_strings_is_unstable_though_the_runs_agree() -> None:
    strings = execution("{'a', 'b'}")
    assert reason(strings, strings, declared="{'b', 'a'}") is Reason.UNSTABLE
    assert reason(first=execution(steps=["[{'a', 'b'}]"])) is Reason.UNSTABLE
    numbers = execution("{1, 2}")
    assert reason(numbers, numbers) is None


@pytest.mark.parametrize("text", ["nan", "[inf]", "<A>", "Counter({'a': 1})", "deque([1])", ""])
def test_output_has_to_be_a_literal(text: str) -> None:
    assert reason(execution(text), execution(text)) is Reason.NOT_LITERAL


@pytest.mark.parametrize("text", ["set()", "None", "-1.5", "'\\ud800'", "b'x'", "(1, {2: [3]})"])
def test_literals_are_kept(text: str) -> None:
    assert is_literal(text)


def test_form_is_bounded() -> None:
    longest = repr("x" * (MAX_VALUE_CHARS - 2))
    too_long = repr("x" * (MAX_VALUE_CHARS - 1))
    assert reason(execution(longest), execution(longest)) is None
    assert reason(execution(too_long), execution(too_long)) is Reason.VALUE_TOO_LONG
    assert reason(first=execution(steps=[too_long])) is Reason.VALUE_TOO_LONG
    assert reason(first=execution(steps=[])) is Reason.NO_STEPS
    assert reason(first=execution(steps=["1"] * MAX_STEPS)) is None
    assert reason(first=execution(steps=["1"] * (MAX_STEPS + 1))) is Reason.TOO_MANY_STEPS


def test_details_are_short() -> None:
    huge = "x" * 10_000
    for run in (execution(huge), execution(None, outcome=Outcome.RAISED, error=huge)):
        rejection = verdict(case(declared=huge * 2), run, execution(huge), execution(huge))
        assert rejection is not None
        assert len(rejection.detail) <= 200


def test_declared_sums_are_worked_out() -> None:
    assert same_value("(3 + 5 + 7, 3 * 5 * 7)", "(15, 105)")
    assert same_value("-1 + 2.5", "1.5")
    assert not same_value("3 + 5", "9")
    assert not same_value("f(3)", "9")
    assert not same_value("9" * 400 + " * 9", "9")
