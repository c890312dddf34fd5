"""Programs that never end: each is stopped at its limit and called timed out."""

import time

import pytest

from stepcode.execute import Sandbox
from stepcode.types import Outcome
from tests.hostile.attacks import LIMITS, attack, texts


def test_endless_loop_is_stopped(sandbox: Sandbox) -> None:
    assert attack(sandbox, "def f():\n    while True: pass").outcome is Outcome.TIMED_OUT


def test_steps_before_an_endless_loop_are_kept(sandbox: Sandbox) -> None:
    code = """
        def f():
            x = 1
            print(f'x: {x!r}')
            while True: pass
    """
    execution = attack(sandbox, code)
    assert (execution.outcome, texts(execution)) == (Outcome.TIMED_OUT, ["1"])


def test_huge_power_is_stopped_inside_c(sandbox: Sandbox) -> None:
    code = "def f(): return len(bin(7 ** (7 ** 9)))"
    assert attack(sandbox, code).outcome is Outcome.TIMED_OUT


def test_endless_iterator_in_c_is_stopped(sandbox: Sandbox) -> None:
    code = "import itertools\ndef f(): return sum(itertools.repeat(0))"
    assert attack(sandbox, code).outcome is Outcome.TIMED_OUT


def test_search_of_an_endless_iterator_is_stopped(sandbox: Sandbox) -> None:
    code = "import itertools\ndef f(): return -1 in itertools.count()"
    assert attack(sandbox, code).outcome is Outcome.TIMED_OUT


def test_regular_expression_that_backtracks_is_stopped(sandbox: Sandbox) -> None:
    code = "import re\ndef f(): return re.match('(a|aa)+$', 'a' * 99 + 'b')"
    assert attack(sandbox, code).outcome is Outcome.TIMED_OUT


def test_sleeper_is_stopped_by_the_wall_clock(sandbox: Sandbox) -> None:
    before = time.monotonic()
    execution = attack(sandbox, "import time\ndef f(): time.sleep(3600)")
    assert execution.outcome is Outcome.TIMED_OUT
    assert time.monotonic() - before < 2 * LIMITS.wall_seconds + 10


def test_wait_for_a_lock_that_is_never_released_is_stopped(sandbox: Sandbox) -> None:
    code = """
        import threading
        def f():
            lock = threading.Lock()
            lock.acquire()
            lock.acquire()
    """
    assert attack(sandbox, code).outcome is Outcome.TIMED_OUT


def test_wait_for_an_empty_pipe_is_stopped(sandbox: Sandbox) -> None:
    code = "import os\ndef f(): os.read(os.pipe()[0], 1)"
    assert attack(sandbox, code).outcome is Outcome.TIMED_OUT


def test_ignoring_every_signal_ends_nothing(sandbox: Sandbox) -> None:
    code = """
        import signal
        def f():
            signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
            for number in set(signal.valid_signals()) - {9, 19}:
                try: signal.signal(number, signal.SIG_IGN)
                except OSError: pass
            while True: pass
    """
    assert attack(sandbox, code).outcome is Outcome.TIMED_OUT


def test_catching_every_exception_ends_nothing(sandbox: Sandbox) -> None:
    code = """
        def f():
            while True:
                try:
                    while True: pass
                except BaseException: pass
    """
    assert attack(sandbox, code).outcome is Outcome.TIMED_OUT


def test_stopping_itself_is_no_way_out_of_the_wall_limit(sandbox: Sandbox) -> None:
    code = "import os, signal\ndef f(): os.kill(os.getpid(), signal.SIGSTOP)"
    assert attack(sandbox, code).outcome is Outcome.TIMED_OUT


def test_raising_its_own_processor_limit_gains_nothing(sandbox: Sandbox) -> None:
    code = """
        import resource
        def f():
            infinity = resource.RLIM_INFINITY
            try: resource.setrlimit(resource.RLIMIT_CPU, (infinity, infinity))
            except (ValueError, OSError): pass
            while True: pass
    """
    assert attack(sandbox, code).outcome is Outcome.TIMED_OUT


@pytest.mark.usefixtures("company")
def test_work_in_child_processes_is_ended_by_the_wall_clock(sandbox: Sandbox) -> None:
    code = """
        import os
        def f():
            while True:  # each child may reach the processor limit, and then comes the next
                pid = os.fork()
                while pid == 0: pass
                os.waitpid(pid, 0)
    """
    assert attack(sandbox, code).outcome is Outcome.TIMED_OUT


@pytest.mark.parametrize("place", ["__del__", "__repr__", "__str__"])
def test_loop_in_a_method_that_python_calls_is_stopped(sandbox: Sandbox, place: str) -> None:
    code = f"""
        class A(Exception):
            def {place}(self):
                while True: pass
        def f():
            x = A()
            if '{place}' == '__del__': del x
            elif '{place}' == '__str__': raise x
            else: return x
    """
    assert attack(sandbox, code).outcome is Outcome.TIMED_OUT


def test_loop_in_the_repr_of_an_anchored_value_is_stopped(sandbox: Sandbox) -> None:
    code = """
        class A:
            def __repr__(self):
                while True: pass
        def f():
            x = A()
            print(f'x: {x!r}')
    """
    execution = attack(sandbox, code)
    assert (execution.outcome, texts(execution)) == (Outcome.TIMED_OUT, [])


def test_loop_in_the_close_of_a_generator_is_stopped(sandbox: Sandbox) -> None:
    code = """
        def endless():
            try: yield
            finally:
                while True: pass
        def f():
            generator = endless()
            next(generator)
            generator.close()
    """
    assert attack(sandbox, code).outcome is Outcome.TIMED_OUT


def test_generator_that_refuses_to_close_is_stopped(sandbox: Sandbox) -> None:
    code = """
        def stubborn():
            while True:
                try: yield
                except GeneratorExit: pass
        def f():
            for _ in range(10 ** 9):
                next(stubborn())
    """
    # Python complains about each on the standard error.
    allowed = {Outcome.TIMED_OUT, Outcome.OUTPUT_TOO_LONG}
    assert attack(sandbox, code).outcome in allowed


def test_loop_at_exit_delays_nothing(sandbox: Sandbox) -> None:
    code = """
        import atexit
        def loop():
            while True: pass
        def f():
            atexit.register(loop)
            return 1
    """
    execution = attack(sandbox, code)
    assert (execution.outcome, execution.output) == (Outcome.OK, "1")


def test_loop_in_the_flush_of_its_own_stream_is_stopped(sandbox: Sandbox) -> None:
    code = """
        import sys
        class Stream:
            def write(self, text): pass
            def flush(self):
                while True: pass
        def f():
            sys.stdout = Stream()
            return 1
    """
    execution = attack(sandbox, code)
    assert (execution.outcome, execution.output) == (Outcome.TIMED_OUT, None)


@pytest.mark.usefixtures("company")
def test_loop_in_a_thread_is_counted(sandbox: Sandbox) -> None:
    code = """
        import threading
        def loop():
            while True: pass
        def f():
            thread = threading.Thread(target=loop)
            thread.start()
            thread.join()
    """
    assert attack(sandbox, code).outcome is Outcome.TIMED_OUT


def test_timer_that_interrupts_everything_ends_like_any_other_error(sandbox: Sandbox) -> None:
    code = """
        import signal
        def strike(number, frame): raise KeyboardInterrupt
        def f():
            signal.signal(signal.SIGALRM, strike)
            signal.setitimer(signal.ITIMER_REAL, 0.00001, 0.00001)
            while True: pass
    """
    allowed = {Outcome.RAISED, Outcome.TIMED_OUT, Outcome.CRASHED}
    assert attack(sandbox, code).outcome in allowed
