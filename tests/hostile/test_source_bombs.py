"""Source text that is hostile before it runs: it harms neither the caller nor the compiler."""

import contextlib
import resource

import pytest

from stepcode.anchor.insert import insert_anchors
from stepcode.errors import AnchorError
from stepcode.execute import Sandbox
from stepcode.types import Outcome, Program
from tests.hostile.attacks import attack

CONTAINED = {
    Outcome.OK,
    Outcome.RAISED,
    Outcome.OUT_OF_MEMORY,
    Outcome.TIMED_OUT,
    Outcome.CRASHED,
    Outcome.OUTPUT_TOO_LONG,
}


def nested_finally(depth: int) -> str:
    """Each body of `finally` is compiled twice, with all that is inside it."""
    lines = []
    for level in range(depth):
        lines += [" " * level + "try: g()", " " * level + "finally:"]
    return "\n".join([*lines, " " * depth + "g()"])


def nested_ways_out(depth: int, width: int) -> str:
    """Each body of `finally` is compiled once more for each `return` before it."""
    lines = ["def g(x=0):"]
    for level in range(1, depth + 1):
        lines += [" " * level + "try:", *[f"{' ' * level} if x: return"] * width]
        lines += [" " * level + "finally:"]
    return "\n".join([*lines, " " * (depth + 1) + "x"])


BOMBS = {
    "parentheses": "(" * 1000 + ")" * 1000,
    "unclosed parentheses": "(" * 90_000,
    "lists": "x = " + "[" * 90 + "]" * 90,
    "many lists": "x = " + "[" * 5000 + "]" * 5000,
    "braces and brackets": "{[(" * 3000,
    "unary": "x = " + "-" * 50_000 + "1",
    "not": "x = " + "not " * 20_000 + "1",
    "sum": "x = 1" + " + 1" * 20_000,
    "power": "x = 1" + " ** 1" * 20_000,
    "attributes": "x = int" + ".a" * 40_000,
    "calls": "x = int" + "()" * 40_000,
    "subscripts": "x = int" + "[0]" * 30_000,
    "lambda": "x = " + "lambda: " * 10_000 + "1",
    "ternary": "x = " + "1 if 1 else " * 8_000 + "1",
    "elif": "if 0: pass\n" + "elif 0: pass\n" * 6_000,
    "indentation": "\n".join(" " * n + "if 1:" for n in range(99)) + "\n" + " " * 99 + "x = 1",
    "comprehensions": "x = " + "[" * 15 + "1" + " for _ in (1,)]" * 15,
    "functions in functions": "\n".join(" " * n + "def f():" for n in range(90)) + " pass",
    "loops in loops": "\n".join(" " * n + "for _ in ():" for n in range(30)) + " pass",
    "with": "with " + "(" * 80 + "a" + ")" * 80 + ": pass",
    "f-strings": "x = f'" + "{1}" * 20_000 + "'",
    "nested f-string": "x = f'{" + "(" * 150 + "1" + ")" * 150 + "}'",
    "huge number": "x = " + "9" * 90_000,
    "huge hexadecimal number": "x = 0x" + "f" * 90_000,
    "huge text": "x = '" + "a" * 90_000 + "'",
    "larger text": "x = '" + "a" * 3_000_000 + "'",
    "folded text": "x = 'a' * 10 ** 9",
    "folded power": "x = 2 ** 2 ** 2 ** 2 ** 2 ** 2",
    "folded shift": "x = 1 << 10 ** 10",
    "folded tuple": "x = ((1,) * 1000,) * 10 ** 6",
    "patterns": "match 1:\n case " + "(" * 90 + "1" + ")" * 90 + ": x = 1",
    "patterns in patterns": "match 1:\n case " + "[" * 80 + "]" * 80 + ": x = 1",
    "mapping patterns": "match 1:\n case " + "{1: " * 40 + "x" + "}" * 40 + ": x = 1",
    "class patterns": "match 1:\n case " + "A(x=" * 40 + "1" + ")" * 40 + ": x = 1",
    "many tuple patterns": "match 1:\n" + " case ((((x,),),),): x = 1\n" * 3_000,
    "ways out of finally": nested_ways_out(8, 7),
    "ways out of finally, and a global": f"{nested_ways_out(14, 3)}\ndef h():\n global q",
    "ways out of one finally": nested_ways_out(1, 2_500) + "\n" + "  x = 1\n" * 3_500,
    "functions in functions without end": "x = " + "lambda: " * 1_000 + "1",
    "decorators": "@int\n" * 10_000 + "def f(): pass",
    "arguments": "def f(" + ", ".join(f"a{n}" for n in range(9_000)) + "): pass",
    "names": "\n".join(f"x{n} = {n}" for n in range(6_000)),
    "null": "x = 1\0",
    "coding cookie": "# -*- coding: rot13 -*-\nk = 1",
    "unknown coding": "# coding: forged\nx = 1",
    "byte order mark": "\ufeffx = 1",
    "surrogate": "x = '\ud800'",
    "form feeds": "\f\f\fx = 1\f",
    "carriage returns": "x = 1\r\rx = 2\r",
    "tabs": "if 1:\n\tx = 1\n        x = 2",
    "line that goes on": "x = 1" + " \\\n" * 20_000,
    "direction marks": "x = 'a\u202e' # \u2066",
    "future": "from __future__ import braces",
    "star imports": "from os import *",
    "globals": "def f():\n global " + ", ".join(f"a{n}" for n in range(9_000)),
}


def spent_here() -> float:
    """Tell how many seconds this process itself has computed."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


@pytest.mark.parametrize("name", BOMBS)
def test_source_bomb_harms_neither_caller_nor_sandbox(sandbox: Sandbox, name: str) -> None:
    before = spent_here()
    execution = attack(sandbox, BOMBS[name], "1", anchors=False)
    assert execution.outcome in CONTAINED
    assert spent_here() - before < 5


def test_bodies_that_double_are_not_compiled_by_the_caller(sandbox: Sandbox) -> None:
    before, memory = spent_here(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    code = "def g(): pass\n" + nested_finally(19)
    assert attack(sandbox, code, "1", anchors=False).outcome in CONTAINED
    assert spent_here() - before < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 200_000


def test_call_that_is_a_bomb_harms_nothing(sandbox: Sandbox) -> None:
    for call in (
        "f(" + "lambda: " * 1_000 + "1)",
        "-" * 50_000 + "1",
        "[" * 5000,
        "9" * 90_000,
        "",
        "x = 1",
        "1\0",
        "f(" * 99,
    ):
        assert attack(sandbox, "x = 1", call, anchors=False).outcome in CONTAINED


def test_text_that_the_program_compiles_itself_is_its_own_harm(sandbox: Sandbox) -> None:
    code = "def f(): return eval('-' * 10 ** 6 + '1')"
    assert attack(sandbox, code).outcome in CONTAINED


def test_pickle_and_json_bombs_are_the_programs_own(sandbox: Sandbox) -> None:
    code = """
        import json, pickle
        def f():
            try: json.loads('[' * 100_000)
            except RecursionError: pass
            return pickle.loads(b'cos\\nabort\\n(tR.')
    """
    assert attack(sandbox, code).outcome is Outcome.CRASHED


@pytest.mark.parametrize("name", BOMBS)
def test_source_bomb_is_anchored_or_refused(name: str) -> None:
    before = spent_here()
    with contextlib.suppress(AnchorError):
        insert_anchors(Program(code=BOMBS[name]), policy="strict")
    assert spent_here() - before < 20
