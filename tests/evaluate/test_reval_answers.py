"""Answers as REval reads them, edge by edge."""

import pytest

from stepcode.evaluate.benchmarks.reval import Mode
from stepcode.evaluate.benchmarks.reval.answers import (
    Said,
    StatedValue,
    is_empty_test,
    read_coverage,
    read_output,
    read_path,
    read_state,
)
from stepcode.evaluate.extract import Extractor

OFFICIAL, LENIENT = Extractor.OFFICIAL, Extractor.LENIENT
DIRECT, COT = Mode.DIRECT, Mode.COT
CODE = "def f(x):\n    x += 1\n\n    if x:\n        x += 1\n    return x\n"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("YES", True),
        ("no", False),
        ("  Yes, it does", True),
        ("No.", False),
        ("[ANSWER]yes[/ANSWER]", True),
        ("NO [ANSWER] YES [/ANSWER] NO", True),
        ("[ANSWER]YES[/ANSWER", True),
        ("[answer]YES[/answer]", True),
        ("", None),
        ("[ANSWER][/ANSWER]YES", None),
        ("The answer is YES", None),
        ("maybe", None),
        ("YE", None),
        ("EYES", None),
        ("NOY", False),
    ],
)
def test_coverage_is_told_by_the_first_three_characters(text: str, answer: bool | None) -> None:
    assert read_coverage(text, DIRECT, OFFICIAL) is answer


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("return x", (6,)),
        ("x += 1", (2, 5)),
        ("  if x:  \nand then", (4,)),
        ("-1", (-1,)),
        ("[ANSWER]\nreturn x\n[/ANSWER]", (6,)),
        ("", None),
        ("\nreturn x", None),
        ("return  x", None),
        ("6\treturn x", None),
        ("`return x`", None),
        ("-2", None),
        ("[ANSWER][/ANSWER]", None),
    ],
)
def test_a_path_is_every_line_with_the_text_of_the_answers_first(
    text: str, lines: tuple[int, ...] | None
) -> None:
    assert read_path(text, DIRECT, OFFICIAL, code=CODE) == lines


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1; int", StatedValue("1", "int")),
        ("[1, 2]; list[int]", StatedValue("[1, 2]", "list")),
        ("'a;b'; str", StatedValue("'a;b'", "str")),
        ("'a'; String", StatedValue("'a'", "str")),
        ("1; Integer", StatedValue("1", "int")),
        ("(1, 'a'); int, str", StatedValue("(1, 'a')", "tuple")),
        ("(1,); Tuple[int]", StatedValue("(1,)", "tuple")),
        ("[(1, 2)]; list[tuple[int, int]]", StatedValue("[(1, 2)]", "tuple")),
        ("1.5; <class 'float'>", StatedValue("1.5", "float")),
        ("\u2018a\u2019; str", StatedValue("'a'", "str")),
        ("\u201ca\u201d; str", StatedValue('"a"', "str")),
        ("Decimal('1'); Decimal", StatedValue("Decimal('1')", "decimal")),
        ("nil", Said.NIL),
        ("NIL", Said.NIL),
        ("[Nil]", Said.NIL),
        ("Nil; int", Said.NIL),
        ("[ANSWER]Nil[/ANSWER]", Said.NIL),
        ("[nil]", None),
        ("Nil.", None),
        ("1", None),
        ("", None),
        ("; int", StatedValue("", "int")),
    ],
)
def test_a_state_is_a_value_and_a_type_behind_the_last_semicolon(
    text: str, said: StatedValue | Said | None
) -> None:
    assert read_state(text, DIRECT, OFFICIAL) == said


def test_an_output_that_is_too_short_gets_the_first_lines_of_the_question() -> None:
    question = "x = 1\ny = f(x)\nassertEqual(y, ??)"
    assert read_output("assertEqual(y, 2)", DIRECT, OFFICIAL, question=question) == (
        "x = 1\ny = f(x)\nassertEqual(y, 2)"
    )
    whole = "x = 1\ny = f(x)\nassertEqual(y, 2)\n# so"
    assert read_output(f"[ANSWER]{whole}[/ANSWER]", DIRECT, OFFICIAL, question=question) == whole


@pytest.mark.parametrize(
    ("answer", "is_empty"),
    [
        ("assert f(1) == True", False),
        ("assertEqual(f(1), 2)", False),
        ("assert True == f(1)", True),
        ("assertTrue(True)", True),
        ("assertFalse(False)", True),
        ("assert Falsehood == f(1)", True),
        ("f(1) == 2", True),
    ],
)
def test_a_test_of_nothing_is_wrong_by_its_text(answer: str, is_empty: bool) -> None:
    assert is_empty_test(answer, question="assert f(1) == ??") is is_empty


def test_fewer_assertions_than_were_asked_for_are_wrong() -> None:
    assert is_empty_test("assertEqual(a, 1)", question="assertEqual(a, ??)\nassertEqual(b, ??)")


@pytest.mark.parametrize("text", ["YES", "[ANSWER]YES[/ANSWER]", "[THOUGHT] so YES"])
def test_a_thought_that_does_not_end_leaves_no_answer(text: str) -> None:
    assert read_coverage(text, COT, OFFICIAL) is None
    assert read_path(text, COT, OFFICIAL, code="YES") is None
    assert read_state(f"{text}; str", COT, OFFICIAL) is None
    assert read_output(text, COT, OFFICIAL, question="assert ??") is None


def test_behind_a_thought_the_answer_is_read_as_ever() -> None:
    thought = "It runs.\n[/THOUGHT]\n[ANSWER]\n{}\n[/ANSWER]"
    assert read_coverage(thought.format("YES"), COT, OFFICIAL) is True
    assert read_path(thought.format("-1"), COT, OFFICIAL, code=CODE) == (-1,)
    assert read_state(thought.format("1; int"), COT, OFFICIAL) == StatedValue("1", "int")


@pytest.mark.parametrize("mode", [DIRECT, COT])
def test_the_lenient_way_takes_what_people_would_take(mode: Mode) -> None:
    assert read_coverage("So the answer is YES.", mode, LENIENT) is True
    assert read_coverage("[ANSWER]no[/ANSWER]\n[ANSWER]yes[/ANSWER]", mode, LENIENT) is True
    assert read_coverage("YES or NO", mode, LENIENT) is None
    assert read_path("`6\treturn x`", mode, LENIENT, code=CODE) == (6,)
    assert read_path("```python\nif x:\n```", mode, LENIENT, code=CODE) == (4,)
    assert read_state("<think>Nil?</think>`1; int`", mode, LENIENT) == StatedValue("1", "int")
    assert read_output("```\nassert 1\n```", mode, LENIENT, question="assert ??") == "assert 1"
