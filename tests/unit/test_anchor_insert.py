"""The rewriter, as before and after side by side."""

import inspect
from textwrap import dedent

import pytest
from libcst._nodes.internal import CodegenState

from stepcode.anchor import insert_anchors
from stepcode.errors import AnchorError, MisuseError
from stepcode.types import AnchorKind, Program
from tests.unit.anchor_samples import anchored, shown


def check(before: str, after: str, *, policy: str = "strict") -> None:
    assert anchored(dedent(before), policy=policy).code == dedent(after)


def test_assignment_is_shown_behind_it() -> None:
    check(
        """\
        def f(x):
            y = x + 1
            return y
        """,
        """\
        def f(x):
            y = x + 1
            print(f'y: {y!r}')
            return y
        """,
    )


def test_paper_policy_writes_the_exact_format_of_the_paper() -> None:
    check(
        """\
        def f(x):
            return x * 2
        """,
        """\
        def f(x):
            _ret = x * 2
            print(f'_ret: {_ret}')
            return _ret
        """,
        policy="paper",
    )


def test_loop_shows_behind_it_what_it_changed_and_what_was_bound() -> None:
    check(
        """\
        def f(xs):
            total, seen = 0, []
            for x in xs:
                total += x
                seen.append(x)
                fresh = x
            return total
        """,
        """\
        def f(xs):
            total, seen = 0, []
            print(f'total: {total!r}')
            print(f'seen: {seen!r}')
            for x in xs:
                total += x
                seen.append(x)
                fresh = x
            print(f'total: {total!r}')
            print(f'seen: {seen!r}')
            return total
        """,
    )


def test_return_in_a_loop_is_shown() -> None:
    check(
        """\
        def f(xs):
            for x in xs:
                if x > 2: return x + 1  # found
            return None
        """,
        """\
        def f(xs):
            for x in xs:
                if x > 2:
                    _ret = x + 1  # found
                    print(f'_ret: {_ret!r}')
                    return _ret
            _ret = None
            print(f'_ret: {_ret!r}')
            return _ret
        """,
    )


def test_line_of_several_statements_is_split_only_where_an_anchor_stands() -> None:
    check(
        """\
        def f(x):
            a = 1; b = 2; c = x + a; d = c;  # tail
            return d
        """,
        """\
        def f(x):
            a = 1; b = 2; c = x + a
            print(f'c: {c!r}')
            d = c;  # tail
            print(f'd: {d!r}')
            return d
        """,
    )


def test_comments_and_blank_lines_stay_where_they_were() -> None:
    check(
        """\
        def f(x):  # head

            # above
            y = x()  # beside

            # last words
            return y
            # footer
        """,
        """\
        def f(x):  # head

            # above
            y = x()  # beside
            print(f'y: {y!r}')

            # last words
            return y
            # footer
        """,
    )


def test_one_line_case_becomes_a_block() -> None:
    check(
        """\
        def f(x):
            match x:
                case 1: y = x + 1
                case _: y = x()
            return y
        """,
        """\
        def f(x):
            match x:
                case 1:
                    y = x + 1
                    print(f'y: {y!r}')
                case _:
                    y = x()
                    print(f'y: {y!r}')
            print(f'y: {y!r}')
            return y
        """,
    )


def test_return_keeps_line_continuations_and_tight_brackets() -> None:
    check(
        """\
        def f(x):
            if x: return[x][0]
            return \\
                x + 1
        """,
        """\
        def f(x):
            if x:
                _ret = [x][0]
                print(f'_ret: {_ret!r}')
                return _ret
            _ret = \\
                x + 1
            print(f'_ret: {_ret!r}')
            return _ret
        """,
    )


def test_fresh_name_avoids_every_name_of_the_program() -> None:
    assert shown("def f(_ret):\n    return _ret + 1\n") == ["_ret2"]


def body(*lines: str, head: str = "def f(x, d, xs):") -> str:
    return "\n".join([head, *(f"    {line}" for line in lines)]) + "\n"


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("a: int = x", ["a"]),
        ("a: int", []),
        ("a += 1", ["a"]),
        ("a = 1", []),
        ("a = -1.5", []),
        ("a = []", []),
        ("a = {}", []),
        ("a = list()", []),
        ("a = list(xs)", ["a"]),
        ("a = lambda: x", []),
        ("a = (i for i in xs)", []),
        ("a = map(str, xs)", []),
        ("a = zip(xs, xs)", []),
        ("a = open('p')", []),
        ("a = [lambda: x]", []),
        ("a, (b, *c) = xs", ["a", "b", "c"]),
        ("a = b = x", ["a", "b"]),
        ("a, a = xs", ["a"]),
        ("a, d[x] = xs", ["a", "d"]),
        ("d[x] = 0", ["d"]),
        ("d[x][0] += 1", ["d"]),
        ("d[0], d[1] = d[1], d[0]", ["d"]),
        ("del d[x]", ["d"]),
        ("del d[x], d", []),
        ("xs.append(x)", ["xs"]),
        ("d[x].append(x)", ["d"]),
        ("xs.index(x)", []),
        ("x().append(1)", []),
        ("(a := x + 1)", ["a"]),
        ("a = (b := x)", ["a"]),
        ("print(x)", []),
        ("assert x", []),
        ("a = yield x", ["a"]),
        ("yield x", []),
        ("x.y = 1 + x", []),
        ("import re; re.purge(); a = re", []),
    ],
)
def test_statement_shows(line: str, names: list[str]) -> None:
    assert shown(body(line)) == names


def test_mutating_call_of_a_module_or_class_shows_nothing() -> None:
    code = "import os\nclass A: pass\ndef f(p):\n    os.remove(p)\n    A.update(p)\n"
    assert shown(code) == []


def test_attribute_of_self_is_shown_unless_looking_runs_code() -> None:
    plain = "class A:\n    def __init__(self, v):\n        self.v = v\n        self.size = v + 1\n"
    assert shown(plain) == ["self.v", "self.size"]
    with_property = plain + "    @property\n    def size(self): pass\n"
    assert shown(with_property) == ["self.v"]
    with_hook = plain + "    def __getattr__(self, name): pass\n"
    assert shown(with_hook) == []


@pytest.mark.parametrize("name", ["__repr__", "__eq__", "__del__", "__getitem__"])
def test_dunder_methods_are_silent(name: str) -> None:
    assert (
        shown(f"class A:\n    def {name}(self, x=0):\n        y = x + 1\n        return y\n") == []
    )


G = "def g(n):\n    y = n + 1\n    return y\n"
LOOP = "def f(xs):\n    for x in xs: "


@pytest.mark.parametrize(
    "code",
    [
        "def f(n):\n    return g(n - 1)\ndef g(n):\n    y = f(n)\n    return y\n",
        G + LOOP + "g(x)\n",
        G + "def f(xs):\n    while g(xs): pass\n",
        G + "def f(xs):\n    r = [g(x) for x in xs]\n",
        G + "def f(xs):\n    xs.sort(key=g)\n",
        G + "def h(n):\n    g(n)\n" + LOOP + "h(x)\n",
        LOOP + "\n        def g(n):\n            y = n\n            return y\n",
        "class A:\n    def g(self):\n        y = 1 + 1\n        return y\n" + LOOP + "x.g()\n",
        "class A:\n    def __init__(self, y):\n        self.y = y\n" + LOOP + "A(x)\n",
    ],
)
def test_function_that_may_fire_many_times_is_silent(code: str) -> None:
    assert not {"y", "self.y"} & set(shown(code))


def test_helper_called_once_is_anchored() -> None:
    assert shown("def g(n):\n    y = n + 1\n    return y\ndef f(x):\n    return g(x)\n") == [
        "y",
        "_ret",
    ]


def test_names_bound_on_every_branch_count_as_bound() -> None:
    loop = ["for i in xs: a = i", "return 0"]
    both = body("if x: a = 1", "else: a = 2", *loop)
    one = body("if x: a = 1", *loop)
    leaves = body("if x: a = 1", "else: raise x", *loop)
    assert shown(both) == ["a", "_ret"]
    assert shown(leaves) == ["a", "_ret"]
    assert shown(one) == ["_ret"]


def test_names_bound_in_try_or_with_do_not_count_as_bound() -> None:
    loop = ["for i in xs: a = i", "return 0"]
    assert shown(body("try: a = 1", "except x: pass", *loop)) == ["_ret"]
    assert shown(body("with x: a = 1", *loop)) == ["_ret"]


def test_name_deleted_in_a_loop_is_not_shown_behind_it() -> None:
    assert shown(body("a = 1", "for i in xs:", "    a = i", "    del a", "return 0")) == ["_ret"]


def test_nothing_is_shown_behind_an_endless_loop() -> None:
    assert shown(body("a = 0", "while True:", "    a += 1")) == []
    assert shown(body("a = 0", "while True:", "    a += 1", "    if a > 5: break")) == ["a"]


@pytest.mark.parametrize("reader", ["locals()", "vars()", "eval('x')", "sys._getframe()"])
def test_function_that_reads_its_frame_gets_no_fresh_name(reader: str) -> None:
    assert shown(body(f"y = {reader}", "return y + 1")) == ["y"]


def test_return_of_what_has_no_text_is_left_alone() -> None:
    assert shown(body("return lambda: x")) == []
    assert shown(body("return (i for i in xs)")) == []
    assert shown(body("return")) == []
    assert shown(body("def g(): pass", "return g")) == []


def test_return_is_not_shown_twice_in_a_row() -> None:
    assert shown(body("y = x + 1", "return y")) == ["y"]
    assert shown(body("return x")) == ["x"]


def test_trivial_constants_are_left_out_of_classes_and_headers_too() -> None:
    code = '"""Doc."""\nfrom __future__ import annotations\nX = 1 + 1\nclass A:\n    y = X + 1\n'
    assert shown(code) == ["X"]


def test_kinds_lines_and_scopes_are_told() -> None:
    code = "class A:\n    def m(self, xs):\n        a = len(xs)\n        a += 1\n        xs.pop()\n"
    code += "        del xs[0]\n        for x in xs: a += x\n        return a + 1\n"
    result = anchored(code)
    kinds = [AnchorKind.ASSIGN, AnchorKind.AUGMENT, AnchorKind.MUTATE, AnchorKind.DELETE]
    assert [a.kind for a in result.anchors] == [*kinds, AnchorKind.LOOP, AnchorKind.RETURN]
    assert [a.original_line for a in result.anchors] == [3, 4, 5, 6, 7, 8]
    assert {a.scope for a in result.anchors} == {"A.m"}
    lines = result.code.split("\n")
    assert all(a.name in lines[a.line - 1] and "print" in lines[a.line - 1] for a in result.anchors)


def test_user_print_that_looks_like_an_anchor_is_neither_doubled_nor_stripped() -> None:
    code = "def f(x):\n    y = x + 1\n    print(f'y: {y!r}')\n    return y\n"
    result = anchored(code)
    assert (result.code, result.edits) == (code, ())


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("x = 1\nprint = len\n", 2),
        ("def print(x): pass\n", 1),
        ("def f(x, print): return x\n", 1),
        ("import a as print\n", 1),
        ("from a import print\n", 1),
        ("def f():\n    global print\n", 2),
        ("for print in []: pass\n", 1),
        ("try: pass\nexcept E as print: pass\n", 2),
        ("f = lambda print: 1\n", 1),
        ("class print: pass\n", 1),
        ("with a as print: pass\n", 1),
        ("match 1:\n    case print: pass\n", 2),
        ("(print := 1)\n", 1),
        ("del print\n", 1),
        ("import builtins\nbuiltins.print = None\n", 2),
    ],
)
def test_program_that_rebinds_print_is_refused_with_the_line(code: str, line: int) -> None:
    with pytest.raises(AnchorError, match="print is rebound") as refusal:
        anchored(code)
    assert refusal.value.line == line


def test_method_called_print_binds_no_global_and_is_fine() -> None:
    assert shown("class A:\n    def print(self, x):\n        y = x + 1\n") == ["y"]


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("def f(:\n", 1),
        ("x = 1\nprint 'old'\n", 2),
        ("return 1\n", 1),
        ("for x in y: pass\nbreak\n", 2),
        ("x = 1\nfrom __future__ import annotations\n", 2),
        ("def f():\n    nonlocal x\n", 2),
        ("x = await y\n", 1),
    ],
)
def test_code_that_does_not_compile_is_refused_with_the_line(code: str, line: int) -> None:
    with pytest.raises(AnchorError) as refusal:
        anchored(code)
    assert refusal.value.line == line


@pytest.mark.parametrize("code", ["x = '\0'", "x = " + "(" * 300 + ")" * 300, "\ud800 = 1"])
def test_code_that_breaks_the_parser_is_refused(code: str) -> None:
    with pytest.raises(AnchorError):
        anchored(code)


def test_expression_too_deep_to_render_is_refused_and_not_a_crash() -> None:
    with pytest.raises(AnchorError, match="nested too deeply"):
        anchored("x = " + " + ".join(["a()"] * 3000) + "\n")


def test_unknown_policy_is_misuse_and_names_the_nearest() -> None:
    with pytest.raises(MisuseError, match="did you mean 'strict'"):
        insert_anchors(Program(code=""), policy="strickt")
    with pytest.raises(MisuseError, match="guided by a run"):
        insert_anchors(Program(code=""), policy="fill")


def test_what_libcst_cannot_parse_or_reproduce_is_refused() -> None:
    tabs_and_blanks = "def f(x):\n if x:\n \ty = x()\n else:\n\t y = x\n return y\n"
    with pytest.raises(AnchorError, match="LibCST cannot parse it"):
        anchored(tabs_and_blanks)
    with pytest.raises(AnchorError, match="LibCST does not reproduce") as refusal:
        anchored("x = f()\ntry: pass\nexcept (A, B) : pass\n")
    assert refusal.value.line == 3


def test_libcst_still_has_the_hooks_that_rendering_relies_on() -> None:
    parameters = {
        name: list(inspect.signature(getattr(CodegenState, name)).parameters)
        for name in ("before_codegen", "after_codegen", "add_token", "pop_trailing_newline")
    }
    assert parameters == {
        "before_codegen": ["self", "node"],
        "after_codegen": ["self", "node"],
        "add_token": ["self", "value"],
        "pop_trailing_newline": ["self"],
    }
    assert CodegenState("    ", "\n").tokens == []


def test_variable_that_has_the_name_of_a_function_or_module_is_a_variable() -> None:
    assert shown("def total(xs):\n    total = sum(xs)\n    return total\n") == ["total"]
    assert shown("import re\ndef f(re):\n    re.append(1)\n    return re\n") == ["re"]
    code = "def print_all(xs): pass\nclass A:\n    def print(self): pass\nprint = 1\n"
    with pytest.raises(AnchorError, match="print is rebound"):
        anchored(code)


def test_variable_named_like_a_frame_reader_is_only_a_name() -> None:
    assert shown(body("stack = list(xs)", "return stack[0]")) == ["stack", "_ret"]
    assert shown(body("dir = list(xs)", "return dir[0]")) == ["dir", "_ret"]
    assert shown(body("return dir()[0]")) == []
    assert shown("import inspect\n" + body("return inspect.stack()[0]")) == []
