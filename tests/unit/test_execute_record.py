"""Anchors become recorder calls by their position, and everything else stays."""

import pytest

from stepcode.errors import AnchorError
from stepcode.execute.record import fresh_marker, recorded_source
from stepcode.types import Anchor, AnchoredProgram, AnchorKind, Program
from tests.unit.execute_samples import anchored


def by_hand(code: str, *lines: int) -> AnchoredProgram:
    anchors = tuple(
        Anchor(index, AnchorKind.ASSIGN, "x", line, 1, "f") for index, line in enumerate(lines)
    )
    return AnchoredProgram(Program(code=code), code, anchors, (), "strict")


def test_anchor_becomes_a_call_of_its_marker() -> None:
    before = "def f(x):\n    print(f'x: {x!r}')\n    return x\n"
    after = "def f(x):\n    'm:0:2:commit'('m:0:2:!r'(x))\n    return x\n"
    assert recorded_source(anchored(before), marker="m:") == after


def test_anchor_without_conversion_keeps_having_none() -> None:
    after = "x = 1\n'm:0:2:commit'('m:0:2:'(x))"
    assert recorded_source(anchored("x = 1\nprint(f'x: {x}')"), marker="m:") == after


def test_line_that_looks_like_an_anchor_but_is_none_stays() -> None:
    code = "x = 1\nprint(f'x: {x!r}')\nprint(f'x: {x!r}')"
    assert recorded_source(by_hand(code, 3), marker="m:").split("\n")[1] == code.split("\n")[1]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_python_ends_them(end: str) -> None:
    code = end.join(["s = 'a\x0cb\x1cc\u2028d'", "x = 1", "print(f'x: {x!r}')", ""])
    expected = code.replace("print(f'x: {x!r}')", "'m:0:3:commit'('m:0:3:!r'(x))")
    assert recorded_source(by_hand(code, 3), marker="m:") == expected


@pytest.mark.parametrize("line", [0, 1, 9])
def test_anchor_that_is_not_where_it_should_be_is_refused(line: int) -> None:
    with pytest.raises(AnchorError, match=f"line {line}: no anchor of x"):
        recorded_source(by_hand("x = 1\nprint(f'x: {x!r}')", line), marker="m:")


def test_markers_never_repeat() -> None:
    assert fresh_marker() != fresh_marker()
