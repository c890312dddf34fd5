"""Programs that make, kill, stop or follow processes."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stepcode.execute import Sandbox
from stepcode.types import Outcome
from tests.hostile.attacks import assert_honest, attack, texts

KILLED = {Outcome.CRASHED, Outcome.RAISED, Outcome.OK, Outcome.TIMED_OUT, Outcome.LOST}


@pytest.fixture
def victim() -> Iterator[subprocess.Popen[bytes]]:
    """A process of this test's own, in a group of its own."""
    with subprocess.Popen(["/bin/sleep", "60"], start_new_session=True) as process:
        yield process
        process.kill()


def left_over(name: str) -> list[str]:
    """List the processes whose command line holds a text, once those killed have had a second."""
    deadline = time.monotonic() + 1
    while (found := named(name)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def named(name: str) -> list[str]:
    """List the processes whose command line holds a text; a new process name is drawn a test."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and name.encode() in (folder / "cmdline").read_bytes():
                found.append(folder.name)
        except OSError:
            continue
    return found


def test_fork_bomb_is_gone_with_its_program(sandbox: Sandbox) -> None:
    code = """
        import os
        def f():
            for _ in range(7):
                try: os.fork()
                except OSError: pass
            while True: pass
    """
    assert attack(sandbox, code).outcome is Outcome.TIMED_OUT


def test_fork_bomb_without_end_is_gone_too(isolated: Sandbox) -> None:
    code = """
        import os
        def f():
            while True:
                try: os.fork()
                except OSError: pass
    """
    assert attack(isolated, code).outcome in {Outcome.TIMED_OUT, Outcome.OUT_OF_MEMORY}


def test_bomb_of_threads_and_forks_together_is_gone(isolated: Sandbox) -> None:
    code = """
        import os, threading
        def bomb():
            while True:
                try:
                    if os.fork() == 0: threading.Thread(target=bomb).start()
                except (OSError, RuntimeError): pass
        def f(): bomb()
    """
    assert attack(isolated, code).outcome in {Outcome.TIMED_OUT, Outcome.OUT_OF_MEMORY}


def test_daemon_that_forks_twice_is_gone_with_its_program(sandbox: Sandbox) -> None:
    code = """
        import os
        def f(name):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0: os.execv('/bin/sleep', ['sleep', name])
                os._exit(0)
            return 1
    """
    name = f"60.{os.getpid()}1"
    assert attack(sandbox, code, f"f('{name}')").outcome in {Outcome.OK, Outcome.RAISED}
    assert left_over(name) == []


@pytest.mark.usefixtures("company")
def test_daemon_outlives_no_limit_either(sandbox: Sandbox) -> None:
    code = """
        import os
        def f(name):
            if os.fork() == 0:
                os.setsid()
                os.execv('/bin/sleep', ['sleep', name])
            while True: pass
    """
    name = f"60.{os.getpid()}2"
    assert attack(sandbox, code, f"f('{name}')").outcome is Outcome.TIMED_OUT
    assert left_over(name) == []


@pytest.mark.usefixtures("company")
def test_chain_of_daemons_that_respawn_is_broken(isolated: Sandbox) -> None:
    code = """
        import os, time
        def f():
            if os.fork() == 0:
                os.setsid()
                while True:  # whenever it could be looked for, it is another process
                    if os.fork(): os._exit(0)
            time.sleep(0.05)
            return 1
    """
    assert attack(isolated, code).outcome in {Outcome.OK, Outcome.CRASHED}


@pytest.mark.usefixtures("company")
def test_stopped_child_is_gone_with_its_program(sandbox: Sandbox) -> None:
    code = """
        import os, signal
        def f():
            pid = os.fork()
            if pid == 0: os.kill(os.getpid(), signal.SIGSTOP)
            os.waitpid(pid, os.WUNTRACED)
            return 1
    """
    assert attack(sandbox, code).output == "1"


@pytest.mark.usefixtures("company")
def test_zombies_hurt_nobody(sandbox: Sandbox) -> None:
    code = """
        import os
        def f():
            for _ in range(20):
                if os.fork() == 0: os._exit(0)
            return 1
    """
    assert attack(sandbox, code).output == "1"


@pytest.mark.usefixtures("company")
def test_thread_left_behind_touches_no_later_run(sandbox: Sandbox) -> None:
    code = """
        import os, threading, time
        def late():
            time.sleep(0.05)
            while True: os.write(1, b'late')
        def f():
            threading.Thread(target=late).start()
            return 1
    """
    execution = attack(sandbox, code)
    assert (execution.output, execution.stdout) == ("1", "")


@pytest.mark.parametrize("number", ["SIGKILL", "SIGSTOP", "SIGTERM", "SIGSEGV", "SIGALRM"])
def test_signal_to_the_parent_hits_nothing(isolated: Sandbox, number: str) -> None:
    code = f"""
        import os, signal
        def f():
            os.kill(os.getppid(), signal.{number})
            return 1
    """
    assert attack(isolated, code).outcome in {Outcome.OK, Outcome.RAISED}


def test_signal_to_everyone_hits_only_its_own(
    isolated: Sandbox, victim: subprocess.Popen[bytes]
) -> None:
    code = """
        import os, signal
        def f():
            try: os.kill(-1, signal.SIGKILL)
            except OSError as error: return type(error).__name__
    """
    assert attack(isolated, code).outcome in KILLED
    assert victim.poll() is None


def test_signal_to_every_number_hits_only_its_own(
    isolated: Sandbox, victim: subprocess.Popen[bytes]
) -> None:
    code = """
        import os, signal
        def f(last):
            for pid in range(1, last):
                for kill in (os.kill, os.killpg):
                    if pid not in (os.getpid(), os.getpgid(0)):
                        try: kill(pid, signal.SIGKILL)
                        except OSError: pass
            return 1
    """
    last = victim.pid + 10
    if last > 200_000:
        pytest.skip("processes have too large numbers here to try them all")
    assert attack(isolated, code, f"f({last})").outcome in KILLED
    assert victim.poll() is None


def test_signal_to_its_own_group_hits_only_itself(sandbox: Sandbox) -> None:
    code = "import os, signal\ndef f(): os.killpg(0, signal.SIGKILL)"
    assert attack(sandbox, code).outcome is Outcome.CRASHED


def test_joining_the_parents_group_and_killing_it_hits_nothing_else(isolated: Sandbox) -> None:
    code = """
        import os, signal
        def f():
            try: os.setpgid(0, os.getpgid(os.getppid()))
            except OSError: return 'refused'
            os.killpg(0, signal.SIGKILL)
    """
    assert attack(isolated, code).outcome in {Outcome.OK, Outcome.CRASHED}


def test_signal_through_a_pidfd_hits_nothing(
    isolated: Sandbox, victim: subprocess.Popen[bytes]
) -> None:
    code = """
        import os, signal
        def f(pid):
            for number in (pid, os.getppid()):
                try: signal.pidfd_send_signal(os.pidfd_open(number), signal.SIGKILL)
                except OSError: pass
            return 1
    """
    assert attack(isolated, code, f"f({victim.pid})").output == "1"
    assert victim.poll() is None


def test_limits_of_other_processes_stay(isolated: Sandbox, victim: subprocess.Popen[bytes]) -> None:
    code = """
        import os, resource
        def f(pid):
            for number in (pid, os.getppid()):
                try: resource.prlimit(number, resource.RLIMIT_NOFILE, (0, 0))
                except OSError: pass
            return 1
    """
    assert attack(isolated, code, f"f({victim.pid})").output == "1"
    assert (
        "0" not in Path(f"/proc/{victim.pid}/limits").read_text().split("open files")[1].split()[:1]
    )


def test_priority_of_other_processes_stays(
    isolated: Sandbox, victim: subprocess.Popen[bytes]
) -> None:
    code = """
        import os
        def f(pid):
            for number in (pid, os.getppid()):
                try:
                    os.setpriority(os.PRIO_PROCESS, number, 19)
                    os.sched_setaffinity(number, {0})
                except OSError: pass
            return 1
    """
    before = os.getpriority(os.PRIO_PROCESS, victim.pid), os.sched_getaffinity(victim.pid)
    assert attack(isolated, code, f"f({victim.pid})").output == "1"
    assert before == (os.getpriority(os.PRIO_PROCESS, victim.pid), os.sched_getaffinity(victim.pid))


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


def test_tracing_another_process_is_refused(isolated: Sandbox) -> None:
    code = """
        import ctypes, os
        def f(): return ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0)
    """
    assert attack(isolated, code).outcome in {Outcome.RAISED, Outcome.TAMPERED}


@pytest.mark.usefixtures("company")
def test_own_session_and_terminal_gain_nothing(isolated: Sandbox) -> None:
    code = """
        import os
        def f():
            if os.fork() == 0:
                os.setsid()
                try: os.openpty()
                except OSError: pass
                os._exit(0)
            os.wait()
            return 1
    """
    assert attack(isolated, code).output == "1"


def test_ctrl_c_of_a_program_reaches_nobody(sandbox: Sandbox) -> None:
    code = "import os, signal\ndef f(): os.killpg(0, signal.SIGINT)"
    assert attack(sandbox, code).error == "KeyboardInterrupt"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
