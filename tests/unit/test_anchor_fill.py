"""Where `fill` can anchor and what it writes there, as before and after side by side."""

import ast
from textwrap import dedent

import pytest

from stepcode.anchor.fill import write_program
from stepcode.anchor.fill.model import Tier
from stepcode.anchor.fill.text import read_text
from stepcode.errors import AnchorError
from stepcode.types import Program
from tests.unit.fill_samples import check, places_of, written


def test_part_of_an_expression_is_computed_before_it() -> None:
    check(
        """\
        def f(text, n):
            return text.split()[n].upper()
        """,
        """\
        def f(text, n):
            _v1 = text.split()
            print(f'_v1: {_v1!r}')
            _v2 = _v1[n]
            print(f'_v2: {_v2!r}')
            _ret = _v2.upper()
            print(f'_ret: {_ret!r}')
            return _ret
        """,
    )


def test_what_runs_earlier_and_may_notice_is_computed_before_too_without_a_print() -> None:
    code = dedent(
        """\
        def f(xs):
            def g():
                return xs.pop()
            y = xs[0] + g()
            return y
        """
    )
    places = places_of(code)
    call = max(c.index for c in places.candidates if c.tier is Tier.SPINE)
    after = write_program(Program(code=code), places, [call]).anchored.code
    assert after == dedent(
        """\
        def f(xs):
            def g():
                return xs.pop()
            _v1 = xs[0]
            _v2 = g()
            print(f'_v2: {_v2!r}')
            y = _v1 + _v2
            return y
        """
    )


def test_harmless_parts_may_change_places() -> None:
    code = "def f(s):\n    y = s.count('a') - s.count('b')\n    return y\n"
    places = places_of(code)
    last = max(c.index for c in places.candidates if c.tier is Tier.SPINE)
    after = write_program(Program(code=code), places, [last]).anchored.code
    assert "_v1 = s.count('b')\n" in after
    assert "y = s.count('a') - _v1\n" in after


def test_test_of_an_if_is_shown_but_not_that_of_an_elif() -> None:
    check(
        """\
        def f(x):
            if x > 1: return 'a'
            elif x > 0: return 'b'
        """,
        """\
        def f(x):
            _v1 = x > 1
            print(f'_v1: {_v1!r}')
            if _v1: return 'a'
            elif x > 0: return 'b'
        """,
        Tier.TEST,
    )


def test_operands_of_and_become_an_if() -> None:
    check(
        """\
        def f(x, y):
            return x and y > 1
        """,
        """\
        def f(x, y):
            _v1 = x
            print(f'_v1: {_v1!r}')
            if _v1:
                _v1 = y > 1
                print(f'_v1: {_v1!r}')
            return _v1
        """,
        Tier.CLAUSE,
    )


def test_operands_of_or_become_an_if_not_and_nest() -> None:
    check(
        """\
        def f(x, y, z):
            if x or y or z:
                return 1
        """,
        """\
        def f(x, y, z):
            _v1 = x
            print(f'_v1: {_v1!r}')
            if not _v1:
                _v1 = y
                print(f'_v1: {_v1!r}')
                if not _v1:
                    _v1 = z
                    print(f'_v1: {_v1!r}')
            if _v1:
                return 1
        """,
        Tier.CLAUSE,
    )


def test_comprehension_becomes_a_loop_with_its_tests_and_items() -> None:
    check(
        """\
        def f(xs):
            return [x * 2 for x in xs if x > 1]
        """,
        """\
        def f(xs):
            _v1 = []
            for x in xs:
                _v2 = x > 1
                print(f'_v2: {_v2!r}')
                if _v2:
                    _v3 = x * 2
                    print(f'_v3: {_v3!r}')
                    _v1.append(_v3)
            return _v1
        """,
        Tier.ITEM,
    )


def test_generator_that_is_read_to_its_end_becomes_a_loop() -> None:
    check(
        """\
        def f(xs):
            return ''.join(str(x) for x in xs)
        """,
        """\
        def f(xs):
            _v1 = []
            for x in xs:
                _v2 = str(x)
                print(f'_v2: {_v2!r}')
                _v1.append(_v2)
            return ''.join(_v1)
        """,
        Tier.ITEM,
    )


def test_key_of_a_dict_comprehension_is_computed_before_the_value() -> None:
    check(
        """\
        def f(xs):
            return {x + 1: x * 2 for x in xs}
        """,
        """\
        def f(xs):
            _v1 = {}
            for x in xs:
                _v2 = x + 1
                _v3 = x * 2
                print(f'_v3: {_v3!r}')
                _v1[_v2] = _v3
            return _v1
        """,
        Tier.ITEM,
    )


def test_test_of_a_while_is_computed_in_its_body() -> None:
    check(
        """\
        def f(n):
            while n % 7 > 1: n -= 1
            return n
        """,
        """\
        def f(n):
            while True:
                _v1 = n % 7
                print(f'_v1: {_v1!r}')
                _v2 = _v1 > 1
                print(f'_v2: {_v2!r}')
                if not _v2:
                    break
                n -= 1
                print(f'n: {n!r}')
            return n
        """,
        Tier.LOOP,
    )


def test_loop_variable_is_shown_where_the_loop_is_left() -> None:
    check(
        """\
        def f(xs):
            for i, x in enumerate(xs):
                if x: break
        """,
        """\
        def f(xs):
            for i, x in enumerate(xs):
                if x:
                    print(f'i: {i!r}')
                    print(f'x: {x!r}')
                    break
        """,
        Tier.EXIT,
    )


def test_loop_variable_is_shown_where_the_body_begins() -> None:
    check(
        """\
        def f(xs):
            for x in xs: y = x
        """,
        """\
        def f(xs):
            for x in xs:
                print(f'x: {x!r}')
                y = x
        """,
        Tier.VARIABLE,
    )


def test_recursive_function_can_be_anchored() -> None:
    after = written("def f(n):\n    return n and n + f(n - 1)\n", Tier.OFTEN).code
    assert "print(f'_ret: {_ret!r}')" in after


def test_several_lines_are_kept_in_parentheses() -> None:
    check(
        """\
        def f(x):
            y = (x
                 + 1  # why
                 ) * 2
            return y
        """,
        """\
        def f(x):
            _v1 = (x
                 + 1)
            print(f'_v1: {_v1!r}')
            y = (_v1  # why
                 ) * 2
            return y
        """,
        Tier.SPINE,
    )


def test_name_is_kept_apart_from_keywords() -> None:
    after = written("def f(x):\n    return[x + 1][0]if x else(x)\n", Tier.SPINE).code
    ast.parse(after)
    # The arms of a conditional are not entered; its test is a bare name.
    assert after == "def f(x):\n    return[x + 1][0]if x else(x)\n"
    after = written("def f(x):\n    return[x][0]+1\n", Tier.SPINE).code
    assert after.endswith("    return _v1+1\n")


def test_names_of_the_program_are_not_taken() -> None:
    after = written("def f(_v1):\n    return _v1[0] + 1\n", Tier.SPINE).code
    assert "_v2 = _v1[0]" in after


def test_one_line_case_is_opened() -> None:
    check(
        """\
        def f(x):
            match x:
                case 1: y = str(x); z = y
                case _: return x
        """,
        """\
        def f(x):
            match x:
                case 1:
                    y = str(x)
                    print(f'y: {y!r}')
                    z = y
                    print(f'z: {z!r}')
                case _:
                    print(f'x: {x!r}')
                    return x
        """,
    )


@pytest.mark.parametrize(
    ("why", "statement"),
    [
        ("a walrus stays", "y = (z := x) + 1"),
        ("an await or yield stays", "y = (yield x)"),
        ("`any` stops early", "y = any(v > 1 for v in x)"),
        ("`sum` takes turns", "y = sum(v for v in x)"),
        ("a later comparison may not happen", "y = 1 < 2 < len(x)"),
        ("an arm may not be evaluated", "y = len(x) if x else len(z)"),
        ("an f-string is one piece", "y = f'{len(x)}{x.pop()}'"),
        ("a lambda runs later", "y = lambda: len(x)"),
    ],
)
def test_what_does_not_run_for_certain_here_is_no_candidate(why: str, statement: str) -> None:
    places = places_of(f"def f(x, z=0):\n    {statement}\n")
    assert [c for c in places.candidates if c.tier is not Tier.PAPER] == [], why


def test_comprehension_whose_variable_is_used_elsewhere_stays() -> None:
    code = "def f(xs, x):\n    ys = [x * 2 for x in xs]\n    return ys + [x]\n"
    assert not [c for c in places_of(code).candidates if c.tier is Tier.ITEM]


@pytest.mark.parametrize("name", ["__bool__", "__len__"])
def test_operands_stay_where_asking_for_truth_runs_code(name: str) -> None:
    code = f"class A:\n    def {name}(self): return 1\ndef f(x, y):\n    return x and y\n"
    assert not [c for c in places_of(code).candidates if c.tier is Tier.CLAUSE]


@pytest.mark.parametrize("name", ["__del__", "weakref", "gc"])
def test_nothing_is_moved_where_lifetimes_show(name: str) -> None:
    code = f"def f(x):\n    return x.{name}(x + 1) + 2\n"
    assert {c.tier for c in places_of(code).candidates} <= {Tier.PAPER}


def test_while_with_else_is_never_rewritten() -> None:
    code = "def f(n):\n    while n > 1:\n        n -= 1\n    else:\n        n = 5\n    return n\n"
    assert "while n > 1:" in written(code).code


def test_code_behind_a_jump_has_no_candidates() -> None:
    assert len(places_of("def f(x):\n    return x\n    y = x + 1\n").candidates) == 1


def test_byte_order_mark_is_refused_because_it_shifts_columns() -> None:
    with pytest.raises(AnchorError, match="byte order mark"):
        read_text("\ufeffx = 1")


def test_carriage_returns_and_missing_final_newline_survive() -> None:
    code = "def f(a=2):\r\n\tif a: b = a + 1; c = b * 2 # hm\r\n\telse: c = 0\r\n\treturn c - 1"
    lines = written(code).code.split("\r\n")
    assert "\t\tprint(f'b: {b!r}')" in lines
    assert "\t\tc = b * 2 # hm" in lines
