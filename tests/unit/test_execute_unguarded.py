"""A sandbox without the guard: programs of ours may follow the interpreter, and nothing more."""

import pytest

from stepcode.execute import Sandbox, run_all
from stepcode.types import Limits, Outcome, Program

FOLLOWS = Program(
    code="""
import sys

def f():
    seen = []
    sys.settrace(lambda frame, event, value: seen.append(frame.f_code.co_name))
    (lambda: None)()
    sys.settrace(None)
    return seen
"""
)
LIMITS = Limits(cpu_seconds=2.0)


def test_without_the_guard_a_program_may_follow_the_interpreter() -> None:
    with Sandbox(is_guarded=False) as sandbox:
        execution = sandbox.run(FOLLOWS, "f()")
    assert (execution.outcome, execution.output) == (Outcome.OK, "['<lambda>']")


def test_with_the_guard_the_same_program_is_ended() -> None:
    [execution] = run_all([(FOLLOWS, "f()")])
    assert execution.outcome is Outcome.TAMPERED


def test_without_the_guard_what_is_installed_can_be_imported() -> None:
    program = Program(code="import typer")
    [with_guard] = run_all([(program, "typer.__name__")])
    [without] = run_all([(program, "typer.__name__")], is_guarded=False)
    assert (with_guard.outcome, without.output) == (Outcome.RAISED, "'typer'")


@pytest.mark.parametrize(
    "call",
    [
        "open('/etc/passwd').read()",
        "__import__('socket').create_connection(('127.0.0.1', 9))",
        "open('/usr/stepcode-was-here', 'w')",
        "__import__('os').kill(1, 9)",
    ],
)
def test_without_the_guard_the_machine_is_as_far_away(call: str) -> None:
    with Sandbox(is_guarded=False, limits=LIMITS) as sandbox:
        execution = sandbox.run(Program(code=""), call)
    assert execution.outcome is Outcome.RAISED, execution


def test_without_the_guard_the_limits_hold() -> None:
    with Sandbox(is_guarded=False, limits=Limits(cpu_seconds=0.3, memory_mb=256)) as sandbox:
        assert sandbox.run(Program(code="while True: pass"), "1").outcome is Outcome.TIMED_OUT
        assert sandbox.run(Program(code="x = 'a' * 10**9"), "1").outcome is Outcome.OUT_OF_MEMORY
