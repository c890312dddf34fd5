"""The recorded steps are what the anchors show, whatever the program does to its output."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from stepcode.execute import Sandbox
from stepcode.types import Execution, Outcome
from tests.unit.execute_samples import SHORT, anchored


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(limits=replace(SHORT, max_steps=50)) as sandbox:
        yield sandbox


def texts(execution: Execution) -> list[str | None]:
    return [step.text for step in execution.steps]


def test_steps_have_anchor_visit_name_and_text(sandbox: Sandbox) -> None:
    execution = sandbox.run(
        anchored("""
            def f(n):
                for i in range(n):
                    print(f'i: {i!r}')
                t = str(n)
                print(f't: {t!r}')
                return t
        """),
        "f(2)",
    )
    shown = [(step.anchor, step.visit, step.name, step.text) for step in execution.steps]
    assert shown == [(0, 1, "i", "0"), (0, 2, "i", "1"), (1, 1, "t", "'2'")]
    assert (execution.outcome, execution.output, execution.stdout) == (Outcome.OK, "'2'", "")


def test_without_conversion_text_is_what_the_empty_format_shows(sandbox: Sandbox) -> None:
    code = """
        class Odd(str):
            def __format__(self, spec):
                return 'formatted' + spec
        def f():
            for x in ('a', Odd('b'), 1.0, None):
                print(f'x: {x}')
    """
    assert texts(sandbox.run(anchored(code), "f()")) == ["a", "formatted", "1.0", "None"]


def test_repr_that_is_no_plain_string_is_formatted_as_an_f_string_does(sandbox: Sandbox) -> None:
    code = """
        class Odd(str):
            def __format__(self, spec):
                return 'formatted'
        class Value:
            def __repr__(self):
                return Odd('plain')
        def f():
            x = Value()
            print(f'x: {x!r}')
    """
    assert texts(sandbox.run(anchored(code), "f()")) == ["formatted"]


def test_value_is_shown_as_it_was_at_the_anchor(sandbox: Sandbox) -> None:
    code = """
        def f():
            x = [1]
            print(f'x: {x!r}')
            x.append(2)
            return x
    """
    execution = sandbox.run(anchored(code), "f()")
    assert (texts(execution), execution.output) == (["[1]"], "[1, 2]")


@pytest.mark.parametrize(
    "interference",
    [
        "import sys, io; sys.stdout = io.StringIO()",
        "import sys; sys.stdout.close()",
        "import os; os.close(1); os.close(2)",
        "print = lambda *a, **k: None",
        "import builtins; builtins.print = builtins.repr = builtins.format = None",
        "import builtins; builtins.str = builtins.type = builtins.Exception = None",
        "import os; os.write = os._exit = None",
        "import json; json.dumps = json.loads = None",
    ],
)
def test_steps_do_not_depend_on_what_the_program_patches(
    sandbox: Sandbox, interference: str
) -> None:
    code = f"""
        {interference}
        def f(x):
            print(f'x: {{x!r}}')
            return x
    """
    execution = sandbox.run(anchored(code), "f(7)")
    assert (execution.outcome, texts(execution), execution.output) == (Outcome.OK, ["7"], "7")


def test_lines_that_the_program_prints_itself_are_its_stdout(sandbox: Sandbox) -> None:
    code = """
        def f(x):
            print('x: ' + repr(x))
            print(f'x: {x!r}')
            print(f'x: {x}')
            return x
    """
    program = anchored(code)
    execution = sandbox.run(replace(program, anchors=program.anchors[:1]), "f(7)")
    assert (len(execution.steps), execution.stdout) == (1, "x: 7\nx: 7\n")


@pytest.mark.parametrize(
    "value",
    ["Bad()", "10 ** 5000", "Surrogate()", "[Bad()]", "Deep()"],
)
def test_value_that_cannot_be_shown_is_a_step_without_text(sandbox: Sandbox, value: str) -> None:
    code = f"""
        class Bad:
            def __repr__(self):
                raise ValueError('no')
        class Surrogate:
            def __repr__(self):
                return chr(0xd800)
        class Deep:
            def __repr__(self):
                return repr(self)
        def f():
            x = {value}
            print(f'x: {{x!r}}')
            x = 1
            print(f'x: {{x!r}}')
            return x
    """
    execution = sandbox.run(anchored(code), "f()")
    assert (execution.outcome, texts(execution)) == (Outcome.OK, [None, "1"])


def test_anchors_in_classes_closures_and_comprehended_functions_fire(sandbox: Sandbox) -> None:
    code = """
        class C:
            def __init__(self):
                self.__v = 0
                self.v = 1
                print(f'self.v: {self.v!r}')
        def f():
            def g(y):
                y += 1
                print(f'y: {y!r}')
                return y
            C()
            return [g(y) for y in (1, 2)]
    """
    assert texts(sandbox.run(anchored(code), "f()")) == ["1", "2", "3"]


def test_no_name_leads_to_the_recorder(sandbox: Sandbox) -> None:
    code = """
        def f(x):
            print(f'x: {x!r}')
            return sorted(globals())
    """
    names = "['__builtins__', '__doc__', '__loader__', '__name__', '__package__', '__spec__', 'f']"
    assert sandbox.run(anchored(code), "f(1)").output == names


@pytest.mark.parametrize("count", [50, 51])
def test_one_step_over_the_limit_ends_the_run(sandbox: Sandbox, count: int) -> None:
    code = """
        def f(n):
            for i in range(n):
                print(f'i: {i!r}')
    """
    execution = sandbox.run(anchored(code), f"f({count})")
    expected = Outcome.OK if count == 50 else Outcome.TOO_MANY_STEPS
    assert (execution.outcome, len(execution.steps)) == (expected, 50)


@pytest.mark.parametrize(
    ("size", "expected"), [(9_998, Outcome.OK), (9_999, Outcome.OUTPUT_TOO_LONG)]
)
def test_steps_and_result_share_one_limit_of_text(
    sandbox: Sandbox, size: int, expected: Outcome
) -> None:
    code = """
        def f(n):
            x = 'a' * n
            print(f'x: {x!r}')
            return x
    """
    execution = sandbox.run(anchored(code), f"f({size})")
    assert (execution.outcome, execution.steps[0].text) == (expected, repr("a" * size))


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("1 / 0", Outcome.RAISED),
        ("while True: pass", Outcome.TIMED_OUT),
        ("import os; os.abort()", Outcome.CRASHED),
        ("import os; os._exit(0)", Outcome.CRASHED),
        ("x = bytearray(10 ** 9)", Outcome.OUT_OF_MEMORY),
        ("print('a' * 30_000, flush=True)", Outcome.OUTPUT_TOO_LONG),
    ],
)
def test_steps_before_a_bad_end_are_kept(sandbox: Sandbox, end: str, expected: Outcome) -> None:
    code = f"""
        def f(x):
            print(f'x: {{x!r}}')
            {end}
    """
    execution = sandbox.run(anchored(code), "f(1)")
    assert (execution.outcome, texts(execution), execution.output) == (expected, ["1"], None)


@pytest.mark.parametrize(
    "dead", ["if 0:", "if None:", "if not __debug__:", "if 'a':\n        pass\n    else:"]
)
def test_anchor_that_the_compiler_removes_is_no_step(sandbox: Sandbox, dead: str) -> None:
    code = f"""
def f(x):
    {dead}
        y = x
        print(f'y: {{y!r}}')
    z = x * 2
    print(f'z: {{z!r}}')
    return z
    print(f'z: {{z!r}}')
"""
    execution = sandbox.run(anchored(code), "f(2)")
    assert (execution.output, [step.text for step in execution.steps]) == ("4", ["4"])
