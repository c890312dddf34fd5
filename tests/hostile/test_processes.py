"""Programs that make processes and threads, and leave them behind."""

import os
import time
from pathlib import Path

import pytest

from stepcode.execute import Sandbox
from stepcode.types import Outcome
from tests.hostile.attacks import attack


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
