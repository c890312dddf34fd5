"""Programs that end their process, or another that returns in its place: none of it is a result."""

import time

import pytest

from stepcode.execute import Sandbox
from stepcode.types import Outcome
from tests.hostile.attacks import assert_honest, attack, texts


def test_leaving_at_once_is_a_crash(sandbox: Sandbox) -> None:
    code = """
        import os
        def f():
            x = 1
            print(f'x: {x!r}')
            os._exit(0)
    """
    execution = attack(sandbox, code)
    assert (execution.outcome, texts(execution)) == (Outcome.CRASHED, ["1"])


def test_segmentation_fault_is_a_crash(sandbox: Sandbox) -> None:
    code = "import os, signal\ndef f(): os.kill(os.getpid(), signal.SIGSEGV)"
    assert attack(sandbox, code).outcome is Outcome.CRASHED


def test_abort_is_a_crash(sandbox: Sandbox) -> None:
    assert attack(sandbox, "import os\ndef f(): os.abort()").outcome is Outcome.CRASHED


def test_exhausted_stack_of_c_is_a_crash(sandbox: Sandbox) -> None:
    code = """
        def f():
            x = ()
            for _ in range(300_000): x = (x,)
            return hash(x)
    """
    assert attack(sandbox, code).outcome is Outcome.CRASHED


def test_dying_of_the_processor_signal_is_no_success(sandbox: Sandbox) -> None:
    code = "import os, signal\ndef f(): os.kill(os.getpid(), signal.SIGXCPU)"
    assert attack(sandbox, code).outcome in {Outcome.TIMED_OUT, Outcome.CRASHED}


def test_other_program_in_its_place_returns_nothing(sandbox: Sandbox) -> None:
    code = """
        import os
        def f():
            x = 1
            print(f'x: {x!r}')
            os.execv('/bin/echo', ['echo', 'x: 2'])
    """
    execution = attack(sandbox, code)
    assert execution.outcome in {Outcome.CRASHED, Outcome.RAISED}
    assert_honest(execution, steps=["1"], output="")


@pytest.mark.usefixtures("company")
def test_both_sides_of_a_fork_that_return_give_one_result(sandbox: Sandbox) -> None:
    code = """
        import os
        def f():
            x = os.fork() and 1
            print(f'x: {x!r}')
            return x
    """
    execution = attack(sandbox, code)
    assert (texts(execution), execution.output) == (["1"], "1")


@pytest.mark.usefixtures("company")
def test_child_that_returns_instead_of_its_parent_gives_no_result(sandbox: Sandbox) -> None:
    code = """
        import os
        def f():
            x = os.fork()
            if x:
                os.waitpid(x, 0)
                os._exit(0)
            print(f'x: {x!r}')
            return 'forged'
    """
    execution = attack(sandbox, code)
    assert (execution.outcome, texts(execution)) == (Outcome.CRASHED, [])


@pytest.mark.usefixtures("company")
def test_thread_that_returns_gives_no_result(sandbox: Sandbox) -> None:
    code = """
        import threading
        def f():
            thread = threading.Thread(target=lambda: 'forged')
            thread.start()
            thread.join()
            return 1
    """
    assert attack(sandbox, code).output == "1"


@pytest.mark.parametrize("raised", ["SystemExit(0)", "KeyboardInterrupt", "GeneratorExit"])
def test_leaving_by_exception_is_no_success(sandbox: Sandbox, raised: str) -> None:
    execution = attack(sandbox, f"def f(): raise {raised}")
    assert (execution.outcome, execution.output) == (Outcome.RAISED, None)


def test_alarm_that_kills_after_the_result_changes_nothing_later(sandbox: Sandbox) -> None:
    code = "import signal\ndef f(): return signal.setitimer(signal.ITIMER_REAL, 0.01)"
    attack(sandbox, code)
    time.sleep(0.02)
    assert attack(sandbox, code).outcome in {Outcome.OK, Outcome.CRASHED}
