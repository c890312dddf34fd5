import pytest

from stepcode.evaluate.benchmarks import cruxeval, livecodebench
from stepcode.evaluate.extract import Side, lenient_answer


@pytest.mark.parametrize(
    ("text", "with_thought", "answer"),
    [
        ("assert f(1) == [1]", False, "[1]"),
        (" [1] ", False, "[1]"),
        ("[THOUGHT] a [/THOUGHT] [ANSWER] assert f(1) == 'x' ", True, "'x'"),
        ("[ANSWER] 'x' [ANSWER] 'y'", True, "'x'"),
        ("a == b == c", False, "b"),
        ("'a==b'", False, "b'"),
        ("'x' [/ANSWER]", False, "'x' [/ANSWER]"),
    ],
)
def test_output_of_cruxeval_is_found_as_its_harness_does(
    text: str, with_thought: bool, answer: str
) -> None:
    assert cruxeval.official_answer(text, Side.OUTPUT, with_thought=with_thought) == answer


@pytest.mark.parametrize(
    ("text", "with_thought", "answer"),
    [
        ("assert f(1) == [1]", False, "f(1)"),
        ("f(1)", False, "f(1)"),
        ("[ANSWER] assert f('a') == 'x' ", True, "f('a')"),
        ("nothing", False, "nothing"),
    ],
)
def test_input_of_cruxeval_is_found_as_its_harness_does(
    text: str, with_thought: bool, answer: str
) -> None:
    assert cruxeval.official_answer(text, Side.INPUT, with_thought=with_thought) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("assert g(1) == 2 [/ANSWER] more", "2"),
        ("2\nbecause", "2"),
        ("[ANSWER]assert g(1) == 2[/ANSWER]", "2"),
    ],
)
def test_answer_of_livecodebench_is_found_as_its_harness_does(text: str, answer: str) -> None:
    assert livecodebench.official_answer(text, with_thought=True) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("'a==b'", "'a==b'"),
        ("assert f(1) == 'a==b'", "'a==b'"),
        ("```python\nassert f(1) == {'a': 1}\n```", "{'a': 1}"),
        ("<think>maybe 3</think>\n[ANSWER]\nassert f(1) == 4\n[/ANSWER]", "4"),
        ("The result is:\n\n`[1, 2]`", "[1, 2]"),
        ("<answer>\n{1: 2}\n</answer>", "{1: 2}"),
        ("f(1) == (1,\n  2)", "(1,\n  2)"),
        ("assert 5 == f(1)", "5"),
        ("assert f(1) == 5 == 5", "5"),
    ],
)
def test_output_is_found_wherever_it_stands(text: str, answer: str) -> None:
    assert lenient_answer(text, Side.OUTPUT) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("```\nassert f([1], 'x') == 3\n```", "f([1], 'x')"),
        ("[ANSWER]f(2)[/ANSWER]", "f(2)"),
        ("So 3 == f(7)", "f(7)"),
        ("`f(0)`", "f(0)"),
    ],
)
def test_input_is_found_wherever_it_stands(text: str, answer: str) -> None:
    found = lenient_answer(text.removeprefix("So "), Side.INPUT)
    assert found == answer


@pytest.mark.parametrize("text", ["", "I do not know.", "[ANSWER]", "((((", "assert"])
def test_text_without_an_answer_has_none(text: str) -> None:
    assert lenient_answer(text, Side.INPUT) is None
    assert lenient_answer(text, Side.OUTPUT) is None
