import pytest

from stepcode.dataset.normal_form import MAX_CHARACTERS, form_text, read_form
from tests.unit.leaks import DISGUISES

CODE = '''\
import math as m

def total(xs: list[int], *, start=0):  # sums
    """Add them up."""
    result: int = start
    for x in xs:
        result += m.floor(x) if x > 1 else sum(y for y in [x, 2])
    return result
'''


def form(code: str) -> str:
    found = read_form(code)
    assert found is not None
    return form_text(found)


@pytest.mark.parametrize("name", [name for name in DISGUISES if "longer" not in name][:-1])
def test_disguised_program_has_the_same_form(name: str) -> None:
    assert form(DISGUISES[name](CODE)) == form(CODE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x > 1", "x >= 1"),
        ("x > 1", "x > 2"),
        ("x > 1", "x > 1.0"),
        ("x > 1", "x > True"),
        ("+=", "-="),
        ("m.floor", "m.ceil"),
        ("sum(y", "max(y"),
        ("in [x, 2]", "in [x, x]"),
        ("in [x, 2]", "in (x, 2)"),
        ("return result", "return xs"),
        ("    return result", "        return result"),
        ("result: int = start", "result: int = 0"),
        ("*, start=0", "start=0"),
        ("for x in xs:", "for x in reversed(xs):"),
    ],
)
def test_changed_program_has_another_form(before: str, after: str) -> None:
    assert before in CODE
    assert form(CODE.replace(before, after)) != form(CODE)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (
            "def f(a):\n    if a:\n        b()\n    c()",
            "def f(a):\n    if a:\n        b()\n        c()",
        ),
        ("x = y[1:]", "x = y[:1]"),
        ("f(a)(b)", "f(a, b)"),
        ("x = [[1], 2]", "x = [[1, 2]]"),
        ("a < b < c", "a < (b < c)"),
        ("print(1)", "def print(x): pass\nprint(1)"),
        ("x = 'a' 'b'", "x = 'a', 'b'"),
        ("def f(a, b): return a - b", "def f(b, a): return a - b"),
    ],
)
def test_programs_of_other_structure_have_other_forms(left: str, right: str) -> None:
    assert form(left) != form(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (
            "def f(sum): return sum\ndef g(a): return sum(a)",
            "def f(x): return x\ndef g(a): return sum(a)",
        ),
        ("def f(x): return [x for x in x]", "def f(a): return [b for b in a]"),
        ("f = lambda x: x\ng = lambda x: x", "f = lambda a: a\ng = lambda b: b"),
        ("import numpy as np\nnp.sum(1)", "import numpy\nnumpy.sum(1)"),
        ("from math import sqrt as root\nroot(2)", "from math import sqrt\nsqrt(2)"),
        ("def f(a=1): return a\nf(a=2)", "def g(b=1): return b\ng(b=2)"),
        ("class A:\n def m(self): self.x = 1", "class B:\n def n(this): this.y = 1"),
        ("try: f()\nexcept E as e: e", "try: f()\nexcept E as error: error"),
        ("match a:\n case [x, *y]: x, y", "match a:\n case [p, *q]: p, q"),
        ("def f():\n global a\n a = 1", "def g():\n global b\n b = 1"),
        ("x: int\nx = 1", "x = 1"),
        ("if a: pass", "if a:\n    ..."),
    ],
)
def test_names_are_renamed_in_their_own_scope_alone(left: str, right: str) -> None:
    assert form(left) == form(right)


@pytest.mark.parametrize(
    "code", ["def f(:", "\0", "(" * 300, "-" * 5000 + "1", "x\n" * MAX_CHARACTERS]
)
def test_text_without_a_form_is_no_error(code: str) -> None:
    assert read_form(code) is None
