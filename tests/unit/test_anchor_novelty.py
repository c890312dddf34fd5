"""The class of a step: what it teaches."""

from textwrap import dedent

import pytest

from stepcode.anchor import insert_anchors
from stepcode.anchor.fill import write_program
from stepcode.anchor.novelty import Form, Novelty, Shot, classify, input_texts, label_steps
from stepcode.anchor.policy import STRICT
from stepcode.execute import run
from stepcode.types import AnchoredProgram, Program
from tests.unit.fill_samples import places_of


def classes(code: str, call: str, *, policy: str = "strict") -> dict[str, str | None]:
    """The class of each name's first step; policy `fill` means all candidates."""
    program = Program(code=dedent(code))
    anchored = _all(program) if policy == "fill" else insert_anchors(program, policy=policy)
    found: dict[str, str | None] = {}
    for step in label_steps(anchored, call, run(anchored, call).steps):
        found.setdefault(step.name, step.novelty)
    return found


def _all(program: Program) -> AnchoredProgram:
    places = places_of(program.code)
    return write_program(program, places, range(len(places.candidates))).anchored


@pytest.mark.parametrize(
    ("statement", "novelty"),
    [
        ("y = x + [1]", "informative"),
        ("y = x", "alias"),
        ("y = list(x)", "alias"),
        ("y = x[:]", "alias"),
        ("y = x.copy()", "alias"),
        ("y = [v for v in x]", "alias"),
        ("y = sorted(x)", "noop"),
        ("y = len(x)", "informative"),
        ("y, z = x, 1 + 1", "alias"),
    ],
)
def test_class_of_an_assignment(statement: str, novelty: str) -> None:
    assert classes(f"def f(x):\n    {statement}\n    return 0\n", "f([1, 2])")["y"] == novelty


def test_constant_is_a_literal() -> None:
    assert classes("def f(x):\n    n = 0\n    return n\n", "f(1)", policy="fill")["n"] == "literal"


def test_loop_variable_is_an_element() -> None:
    code = "def f(xs):\n    for x in xs:\n        pass\n    return 1 + 1\n"
    assert classes(code, "f([700])", policy="fill")["x"] == "element"


def test_same_text_again_is_a_repeat() -> None:
    shots = [Shot("x", Form.PLAIN, "[1, 2]"), Shot("x", Form.PLAIN, "[1, 2]")]
    assert classify(shots, []) == [Novelty.INFORMATIVE, Novelty.REPEAT]


def test_item_that_is_taken_as_it_is_is_an_element() -> None:
    code = "def f(xs):\n    return [x for x in xs if x]\n"
    assert classes(code, "f(['abcdef', ''])", policy="fill")["_v2"] == "element"


def test_list_that_was_filled_by_an_unrolled_comprehension_is_no_alias() -> None:
    code = "def f(xs):\n    ys = [x + 1 for x in xs]\n    return 1\n"
    assert classes(code, "f([1])", policy="fill")["ys"] == "informative"


def test_small_values_may_be_the_same_by_chance() -> None:
    assert classify([Shot("x", Form.PLAIN, "True")], ["True"]) == [Novelty.INFORMATIVE]
    assert classify([Shot("x", Form.PLAIN, "-12.5e10")], ["-12.5e10"]) == [Novelty.INFORMATIVE]
    assert classify([Shot("x", Form.PLAIN, "'abcd'")], ["'abcd'"]) == [Novelty.NOOP]


def test_inputs_are_shown_as_the_policy_shows_them() -> None:
    assert input_texts("f('a', [1,2], k={1}, *xs)", "paper") == ["a", "[1, 2]", "{1}"]
    assert input_texts("f('a')", STRICT.name) == ["'a'"]
    assert input_texts("1 +", "strict") == input_texts("x", "strict") == []
