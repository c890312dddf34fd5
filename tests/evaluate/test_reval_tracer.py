"""The tracer: what it tells of a line is what a slow, separate reference tells."""

import sys
import trace
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcode.evaluate.benchmarks.reval.inside.observe import names_in, next_lines, values_after
from stepcode.evaluate.benchmarks.reval.inside.recorder import (
    Recorder,
    follow_by_monitoring,
    follow_by_settrace,
)
from stepcode.source.calls import parse_module
from tests.evaluate.reval_reference import slow_covered, slow_next, slow_trace, slow_values
from tests.property.programs import programs

FILE = "<subject>"
EXPRESSIONS = ("n", "xs", "(n, a)", "xs[0]", "d[n]", "n.real", "b.missing", "a[n, 1]", "a[-1]", "i")
HAS_MONITORING = sys.version_info >= (3, 12)
FOLLOWERS = [
    follow_by_settrace,
    pytest.param(
        follow_by_monitoring,
        marks=pytest.mark.skipif(not HAS_MONITORING, reason="sys.monitoring is of Python 3.12"),
    ),
]


def swallow(run: Callable[[], object]) -> Callable[[], None]:
    def quietly() -> None:
        try:
            run()
        except Exception:
            return

    return quietly


def whole_programs() -> st.SearchStrategy[str]:
    """Quotes within an f-string are Python from 3.12 on only."""
    return programs().filter(lambda code: parse_module(code) is not None)


def define(code: str, call: str) -> tuple[Any, Callable[[], None]]:  # Any: a code object
    names: dict[str, object] = {}
    compiled = compile(code, FILE, "exec")
    exec(compiled, names)
    return compiled, swallow(lambda: eval(call, names))


def recorded(code: str, call: str, follow: Any = None, expression: str = "x") -> Recorder:
    compiled, run = define(code, call)
    lines = range(1, len(code.splitlines()) + 2)
    recorder = Recorder(dict.fromkeys(lines, names_in(expression)))
    (follow or follow_by_settrace)(run, code=compiled, recorder=recorder)
    return recorder


@pytest.mark.parametrize("follow", FOLLOWERS)
@given(code=whole_programs(), expression=st.sampled_from(EXPRESSIONS))
def test_every_line_has_the_labels_of_the_slow_reference(
    follow: Any, code: str, expression: str
) -> None:
    call = "f([1, 2, 3], [4])"
    states = slow_trace(define(code, call)[1], FILE)
    entries = recorded(code, call, follow, expression).entries
    assert [entry.line for entry in entries] == [state.line for state in states]
    for line in range(1, len(code.splitlines()) + 1):
        assert set(next_lines(entries, line)) == slow_next(states, line)
        ours = values_after(entries, line, expression)
        theirs = slow_values(states, line, expression)
        assert repr(ours) == repr(theirs)


@given(code=whole_programs())
def test_the_lines_that_run_are_those_that_the_standard_library_counts(code: str) -> None:
    entries = recorded(code, "f([1, 2], [4, 5])").entries
    counter = trace.Trace(count=1, trace=0)
    counter.runfunc(define(code, "f([1, 2], [4, 5])")[1])
    counted = {line for file, line in counter.results().counts if file == FILE}
    # A frame that returns or raises is on a line too, which it may not have entered by itself.
    assert counted <= {entry.line for entry in entries}


def test_only_the_variables_that_are_asked_for_are_copied() -> None:
    code = "def f(x):\n    y = [x]\n    z = y\n    return z\n"
    compiled, run = define(code, "f(1)")
    recorder = Recorder({2: frozenset({"y"})})
    follow_by_settrace(run, code=compiled, recorder=recorder)
    assert [entry.before for entry in recorder.entries] == [{}, {"y": [1]}, {}]


def test_a_copy_shows_what_a_value_was_and_not_what_became_of_it() -> None:
    code = "def f(x):\n    x.append(1)\n    x.append(2)\n    x.clear()\n"
    entries = recorded(code, "f([])").entries
    assert values_after(entries, 2, "x") == [[1]]
    assert values_after(entries, 3, "x") == [[1, 2]]


def test_after_the_last_entry_a_variable_is_what_it_was_before_it() -> None:
    code = "def f(x):\n    x = x + 1\n    x = x + 1\n"
    assert values_after(recorded(code, "f(1)").entries, 3, "x") == [2]


def test_a_caller_comes_after_its_callee_on_the_line_that_returns() -> None:
    code = "def g(x):\n    return x\ndef f(x):\n    y = g(x)\n    return y\n"
    entries = recorded(code, "f(1)").entries
    assert [entry.line for entry in entries] == [4, 2, 5]
    assert next_lines(entries, 4) == [2]
    assert next_lines(entries, 2) == [5]
    assert next_lines(entries, 5) == [-1]


def test_a_loop_has_every_line_that_follows_and_every_value() -> None:
    code = "def f(x):\n    while x:\n        x -= 1\n    return x\n"
    entries = recorded(code, "f(2)").entries
    assert next_lines(entries, 2) == [3, 4]
    assert values_after(entries, 3, "x") == [1, 0]


def test_a_line_that_never_runs_is_followed_by_the_end_and_has_no_value() -> None:
    entries = recorded("def f(x):\n    return x\n    x = 2\n", "f(1)").entries
    assert next_lines(entries, 3) == [-1]
    assert values_after(entries, 3, "x") is None


@pytest.mark.parametrize("value", ["sys", "len", "f", "iter([1])", "(i for i in [])"])
def test_modules_functions_and_iterators_are_no_values(value: str) -> None:
    code = f"import sys\ndef f(a):\n    x = {value}\n    return 1\n"
    assert values_after(recorded(code, "f(1)").entries, 3, "x") is None


def test_operands_are_combined_whether_or_not_they_met() -> None:
    code = "def f(x):\n    for i in x:\n        pass\n        pass\n"
    entries = recorded(code, "f('ab')", expression="(x, i)").entries
    assert values_after(entries, 3, "x[0], i") == [("a", "a"), ("a", "b")] * 2


def test_a_key_that_is_not_there_leaves_the_others() -> None:
    code = "def f(x):\n    for k in ('a', 'b'):\n        x[k] = 1\n    return x\n"
    entries = recorded(code, "f({})", expression="x[k]").entries
    assert values_after(entries, 3, "x[k]") == [1, 1, 1]  # {'a'} with 'b' is missing


def test_frames_of_other_files_are_not_followed() -> None:
    code = "import json\ndef f(x):\n    return json.dumps(x)\n"
    assert {entry.line for entry in recorded(code, "f([1])").entries} == {3}


@pytest.mark.skipif(HAS_MONITORING, reason="comprehensions have no frames from Python 3.12 on")
def test_a_comprehension_has_a_frame_of_its_own_before_python_3_12() -> None:
    code = "def f(x):\n    y = 1\n    return [i for i in x]\n"
    assert values_after(recorded(code, "f([7])").entries, 2, "x") is None


@pytest.mark.skipif(not HAS_MONITORING, reason="comprehensions have frames before Python 3.12")
def test_a_comprehension_has_no_frame_from_python_3_12_on() -> None:
    code = "def f(x):\n    y = 1\n    return [i for i in x]\n"
    assert values_after(recorded(code, "f([7])").entries, 2, "x") == [[7]]


@pytest.mark.parametrize("follow", FOLLOWERS)
@pytest.mark.parametrize(
    "code",
    [
        "def f(x):\n    return '%s!' % x\n",
        "def f(x):\n    return ''.join(filter(lambda c: c in 'ab', x))\n",
        "def g(x):\n    try:\n        yield x\n    finally:\n        x = 2\n"
        "def f(x):\n    for y in g(x):\n        break\n    return list(g(y))\n",
        "def f(x):\n    try:\n        int(x)\n    except ValueError as e:\n        x = 1\n"
        "    while x < 3: x += 1\n    return x\n",
        "def g(x):\n    raise KeyError(x)\ndef f(x):\n    try:\n        g(x)\n"
        "    except KeyError:\n        raise\n",
    ],
)
def test_what_the_interpreters_do_differently_is_traced_alike(follow: Any, code: str) -> None:
    states = slow_trace(define(code, "f('a')")[1], FILE)
    entries = recorded(code, "f('a')", follow).entries
    assert [(entry.line, slow_covered(states, entry.line)) for entry in entries] == [
        (state.line, True) for state in states
    ]
