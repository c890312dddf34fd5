"""Programs that reach for other processes: signals, limits, priorities, tracing."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from stepcode.execute import Sandbox
from stepcode.types import Outcome
from tests.hostile.attacks import attack

KILLED = {Outcome.CRASHED, Outcome.RAISED, Outcome.OK, Outcome.TIMED_OUT, Outcome.LOST}


@pytest.fixture
def victim() -> Iterator[subprocess.Popen[bytes]]:
    """A process of this test's own, in a group of its own."""
    with subprocess.Popen(["/bin/sleep", "60"], start_new_session=True) as process:
        yield process
        process.kill()


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


def test_tracing_another_process_is_refused(isolated: Sandbox) -> None:
    code = """
        import ctypes, os
        def f(): return ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0)
    """
    assert attack(isolated, code).outcome in {Outcome.RAISED, Outcome.TAMPERED}


def test_ctrl_c_of_a_program_reaches_nobody(sandbox: Sandbox) -> None:
    code = "import os, signal\ndef f(): os.killpg(0, signal.SIGINT)"
    assert attack(sandbox, code).error == "KeyboardInterrupt"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
