"""Who may follow programs step by step: nobody, but where the caller says so."""

import pytest

from stepcode.execute import Sandbox
from stepcode.types import Outcome, Program

CODE = """
import sys

def f():
    seen = []
    sys.settrace(lambda frame, event, argument: seen.append(frame.f_lineno))
    (lambda: 1)()
    sys.settrace(None)
    return len(seen)
"""
FOLLOWS_THE_HARNESS = """
import sys

def f():
    return sys._getframe(2).f_code
"""


@pytest.mark.parametrize(("may_trace", "outcome"), [(False, Outcome.TAMPERED), (True, Outcome.OK)])
def test_program_traces_only_where_it_may(may_trace: bool, outcome: Outcome) -> None:
    with Sandbox(may_trace=may_trace) as sandbox:
        assert sandbox.run(Program(code=CODE), "f()").outcome is outcome


def test_who_may_trace_may_not_look_into_the_harness() -> None:
    with Sandbox(may_trace=True) as sandbox:
        execution = sandbox.run(Program(code=FOLLOWS_THE_HARNESS), "f()")
    assert execution.outcome is Outcome.TAMPERED
