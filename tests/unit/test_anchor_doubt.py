"""What LibCST refuses although Python takes it, and what leaves no doubt."""

import ast

import pytest

from stepcode.anchor.doubt import may_be_refused
from stepcode.anchor.insert import insert_anchors
from stepcode.errors import AnchorError
from stepcode.types import Program
from stepcode_pipelines.fill import plan_fill

REFUSED = [
    "def f(x):\n  if x:\n\t  y = x + 1\n\t  return y\n  return 2 * x\n",
    "def f(x):\n    try:\n        y = x + 1\n    except (A, B) :\n        y = x\n    return y\n",
    "def f(xs):\n    y = [('a' if x else x)for x in xs]\n    return y\n",
    f"def f(x):\n    y = x{' + x' * 600}\n    return y\n",
]


@pytest.mark.parametrize("code", REFUSED)
def test_what_libcst_refuses_is_refused_under_fill_as_well(code: str) -> None:
    ast.parse(code)
    with pytest.raises(AnchorError):
        insert_anchors(Program(code=code))
    with pytest.raises(AnchorError):
        plan_fill(Program(code=code), max_steps=1000)


def test_most_programs_leave_no_doubt() -> None:
    code = "def f(xs):\n    y = [x + 1 for x in xs if x]\n    return f'{len(y)}: {y}'\n"
    assert not may_be_refused(code, depth=10)
    assert may_be_refused(code, depth=100)
