"""New inputs for a program: of the same types, near its constants, each once."""

import ast
from itertools import islice
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcode.source.change import Changer, render
from stepcode.source.mutate import constants_of, propose_calls

_SCALARS = st.booleans() | st.integers(-50, 50) | st.text("abc XY09", max_size=8)
literals = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(_SCALARS, inner, max_size=3)
        | st.sets(_SCALARS, max_size=4)
    ),
    max_leaves=8,
)


def propose(code: str, *calls: str, count: int = 40, seed: int = 0) -> list[str]:
    return list(islice(propose_calls(code, calls, rng=Random(seed)), count))


def argument(call: str) -> object:
    tree = ast.parse(call, mode="eval").body
    assert isinstance(tree, ast.Call)
    value: object = ast.literal_eval(tree.args[0])
    return value


@given(literals, st.integers(0, 99))
def test_change_keeps_the_type(value: object, seed: int) -> None:
    changed = Changer(Random(seed), [3, "ab"]).change(value)
    assert type(changed) is type(value)
    assert ast.literal_eval(render(changed)) == changed


@given(literals, st.integers(0, 99))
def test_change_leaves_the_value_as_it_was(value: object, seed: int) -> None:
    before = render(value)
    Changer(Random(seed), [3, "ab"]).change(value)
    assert render(value) == before


@given(literals, st.integers(0, 99))
def test_proposals_are_calls_each_once_and_the_same_for_one_seed(value: object, seed: int) -> None:
    call = f"f({render(value)}, 2)"
    found = propose("def f(x, n): return x", call, count=10, seed=seed)
    assert found == propose("def f(x, n): return x", call, count=10, seed=seed)
    assert len(set(found)) == len(found)
    assert call not in found
    for text in found:
        assert isinstance(ast.parse(text, mode="eval").body, ast.Call)


def test_constants_of_the_program_and_their_neighbours_are_tried() -> None:
    code = "def f(n):\n    if n > 37:\n        return 'big'\n    return 'small'\n"
    tried = {argument(call) for call in propose(code, "f(3)")}
    assert {36, 37, 38} <= tried


def test_texts_of_the_program_are_tried() -> None:
    code = "def f(text):\n    return text.startswith('http')\n"
    tried = [argument(call) for call in propose(code, "f('index')", count=150)]
    assert any(str(text).startswith("http") for text in tried)


def test_lengths_that_the_program_asks_for_are_tried() -> None:
    code = "def f(xs):\n    return len(xs) > 11\n"
    tried = propose(code, "f([1, 2, 3])", count=300)
    lengths = {len(ast.literal_eval(call.removeprefix("f"))) for call in tried}
    assert {0, 1, 12} <= lengths


def test_arguments_are_taken_over_from_other_calls() -> None:
    found = propose("def f(a, b): return a", "f('one', 1)", "f('two', 2)", count=60)
    assert "f('one', 2)" in found
    assert "f('two', 1)" in found


def test_only_literal_arguments_change() -> None:
    found = propose("def f(a, b): return a", "f(list('ab'), 4)")
    assert found
    assert all(call.startswith("f(list('ab'), ") or call.startswith("f(list('") for call in found)


def test_calls_of_methods_and_keywords_change_too() -> None:
    found = propose("class A: ...", "A(1).run(n=2)", count=30)
    assert any(call.startswith("A(1).run(") for call in found)
    assert any(call.endswith(".run(n=2)") for call in found)


@pytest.mark.parametrize("call", ["f()", "f(x)", "f(*xs)", "no call", ""])
def test_call_without_literals_gives_nothing(call: str) -> None:
    assert propose("def f(*xs): return xs", call) == []


def test_proposals_end_when_nothing_is_new() -> None:
    assert propose("def f(x): return x", "f(True)") == ["f(False)"]


def test_numbers_stay_small_enough_to_count_up_to() -> None:
    code = "def f(n):\n    return n % 1000000007\n"
    tried = [argument(call) for call in propose(code, "f(3)", count=60)]
    assert all(isinstance(number, int) and abs(number) <= 1000 for number in tried)


def test_constants_are_told_apart_by_type_and_docstrings_left_out() -> None:
    code = "def f(x):\n    'what it does'\n    return x or 1 or 1.0 or True or 'a' or 1\n"
    assert sorted(map(repr, constants_of(code))) == ["'a'", "1", "1.0"]
    assert constants_of("def f(:") == []


def test_set_is_written_in_one_order() -> None:
    assert render({"b", "a", "c"}) == "{'a', 'b', 'c'}"
    assert render({(1,): [set(), {2: (3, 4)}]}) == "{(1,): [set(), {2: (3, 4)}]}"
