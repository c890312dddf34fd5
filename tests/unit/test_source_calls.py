"""Calls are composed as text and judged as syntax; nothing runs."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcode.source import calls

LITERALS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def names_of(code: str) -> frozenset[str]:
    module = calls.parse_module(code)
    assert module is not None
    return calls.defined_names(module)


@pytest.mark.parametrize(
    "arguments",
    ["", "1", "1, 2,", "[1,\n 2]", "x=1, *[2], **{}", "'a)b'", "'''two\nlines'''", "a for a in b"],
)
def test_arguments_are_put_between_parentheses_as_they_are(arguments: str) -> None:
    assert calls.compose_call("f", arguments) == f"f({arguments})"


def test_a_comment_does_not_swallow_the_closing_parenthesis() -> None:
    assert calls.compose_call("f", "1 # one") == "f(1 # one\n)"


@pytest.mark.parametrize(
    "arguments",
    [
        "1); import os; (2",
        "1) + f(2",
        "1)(2",
        "1).real(",
        "1) # the rest is a comment",
        "1)\nf(2",
        "1, )]",
        "yield",
        "a=1, a=2",
        "x = = 1",
        "1 2",
        "\x00",
        "'" + "\ud800" + "'",
        "(" * 500 + ")" * 500,
        "-" * 100_000 + "1",
    ],
)
def test_arguments_that_make_no_single_call_are_refused(arguments: str) -> None:
    assert calls.compose_call("f", arguments) is None


def test_an_entry_that_is_no_name_makes_no_call() -> None:
    assert calls.compose_call("def", "1") is None
    assert calls.compose_call("a.b", "1") is None


@given(values=st.lists(LITERALS, max_size=4))
def test_literal_arguments_always_compose_to_one_call(values: list[object]) -> None:
    arguments = ", ".join(repr(value) for value in values)
    text = calls.compose_call("f", arguments)
    assert text is not None
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    assert len(call.args) == len(values)


@given(st.text(alphabet="f(),1 ='\"#\\\n;[]:x", max_size=20))
def test_whatever_composes_is_exactly_one_call_of_the_entry(arguments: str) -> None:
    text = calls.compose_call("f", arguments)
    if text is None:
        return
    module = ast.parse(text)
    assert [type(statement) for statement in module.body] == [ast.Expr]
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    assert isinstance(call.func, ast.Name)
    assert call.func.id == "f"
    assert text[1:].startswith(f"({arguments}")


@given(st.text(alphabet="fA(),1. ='#\n;[]x", max_size=20))
def test_whatever_reads_as_a_whole_call_stands_on_its_own(text: str) -> None:
    call = calls.read_call(text)
    if call is not None:
        assert isinstance(ast.parse(call.text, mode="eval").body, ast.Call)
        assert calls.read_call(call.text) == call


@pytest.mark.parametrize(
    ("text", "root", "expected"),
    [
        ("solve(s = '01')", "solve", "solve(s = '01')"),
        ("  g(1)  # easy\n", "g", "g(1)"),
        ("A(1).run(2)", "A", "A(1).run(2)"),
        ("table['k'][0](3)", "table", "table['k'][0](3)"),
        ("(g(\n1))", "g", "g(\n1)"),
        ("(a\n.run(1))", "a", "(a\n.run(1))"),
    ],
)
def test_a_whole_call_is_read_with_the_name_it_starts_from(
    text: str, root: str, expected: str
) -> None:
    assert calls.read_call(text) == calls.WholeCall(root, expected)


@pytest.mark.parametrize(
    "text", ["1, 2", "f", "f(1), f(2)", "[f(1)]", "''.join(x)", "f(1) + 1", ""]
)
def test_anything_else_is_no_whole_call(text: str) -> None:
    assert calls.read_call(text) is None


def test_defined_names_are_all_that_a_module_binds() -> None:
    code = """
import os.path, json as j
from math import gcd as g
def f(a): b = a
class C:
    d = 1
x, (y, *z) = 1, (2, 3)
if x:
    w = [hidden for hidden in y]
for i in []: pass
with open(x) as handle: pass
def changes():
    global later
    later = 1
match x:
    case {"k": captured, **others}: pass
    case [first, *tail]: pass
if (walrus := 1): pass
"""
    expected = "os j g f C x y z w i handle changes later captured others first tail walrus"
    assert names_of(code) == frozenset(expected.split())


def test_a_star_import_may_define_any_name() -> None:
    module = calls.parse_module("from helpers import *\n")
    assert calls.why_undefined("f", module) == ""


def test_an_undefined_entry_is_told_what_there_is() -> None:
    module = calls.parse_module("LIMIT = 3\nclass A: pass\ndef g(): pass\n")
    assert (
        calls.why_undefined("f", module) == "the code does not define 'f'; it defines A, g, LIMIT"
    )


def test_code_that_is_no_python_is_not_judged() -> None:
    assert calls.parse_module("def f(:") is None
    assert calls.parse_module("x = 1\x00") is None
    assert calls.why_undefined("f", None) == ""
    assert calls.why_undefined("f", calls.parse_module("pass")).endswith("it defines nothing")


@pytest.mark.parametrize(
    ("text", "constant", "literal"),
    [
        ("[1, -2, {'a': (None, True)}]", True, True),
        ("1 + 2j", True, True),
        ("14 * 14", True, False),
        ("set([1])", False, False),
        ("name", False, False),
    ],
)
def test_constants_and_literals_are_told_apart(text: str, constant: bool, literal: bool) -> None:
    node = ast.parse(text, mode="eval").body
    assert calls.is_constant(node) is constant
    assert (calls.literal_text(node, text) == text) is literal
