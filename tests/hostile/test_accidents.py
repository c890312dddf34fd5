"""What one program breaks, no other program and no caller notices."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stepcode.execute import Sandbox, run
from stepcode.execute.isolate import Isolation
from stepcode.types import Outcome
from tests.unit.execute_samples import SHORT, anchored, program


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(limits=SHORT) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def unprotected() -> Iterator[Sandbox]:
    with Sandbox(limits=SHORT, isolation=Isolation.NONE) as sandbox:
        yield sandbox


def output(sandbox: Sandbox, code: str, call: str = "f()") -> str | None:
    return sandbox.run(program(code), call).output


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("damage", "look"),
    [
        ("global leak; leak = 1", "'leak' in globals()"),
        ("import builtins; builtins.len = None", "len([1]) != 1"),
        ("import builtins; builtins.leak = 1", "'leak' in dir(__builtins__)"),
        ("import math; math.pi = 3", "__import__('math').pi == 3"),
        ("import sys; sys.setrecursionlimit(99)", "__import__('sys').getrecursionlimit() == 99"),
        ("import sys; sys.path.append('leak')", "'leak' in __import__('sys').path"),
        ("import os; os.environ['LEAK'] = '1'", "'LEAK' in __import__('os').environ"),
        ("open('leak', 'w').close()", "__import__('os').path.exists('leak')"),
        ("import os; os.makedirs('a/b'); os.chmod('a', 0)", "__import__('os').listdir()"),
        (
            "import os; [(os.mkdir('d'), os.chdir('d')) for _ in range(1500)]",
            "__import__('os').listdir()",
        ),
        ("import os; os.chmod('.', 0)", "not __import__('os').access('.', 7)"),
        ("import os; os.rmdir(os.getcwd())", "not __import__('os').path.exists('.')"),
        ("import os; os.chdir('/')", "__import__('os').getcwd() == '/'"),
        ("import os; os.umask(0o777)", "__import__('os').umask(0) == 0o777"),
        ("import signal; signal.signal(15, 1)", "__import__('signal').getsignal(15) == 1"),
        ("import os; os._exit = os.kill = None; 1 / 0", "__import__('os')._exit is None"),
        ("import sys; sys.modules.clear()", "False"),
        ("import gc; gc.disable()", "not __import__('gc').isenabled()"),
        ("import sys; sys.set_int_max_str_digits(0)", "len(str(10 ** 4299)) != 4300"),
        ("import os; os.ftruncate(1, 0); os.lseek(1, 99, 0)", "print('x')"),
    ],
)
def test_nothing_of_a_program_is_seen_by_the_next(sandbox: Sandbox, damage: str, look: str) -> None:
    sandbox.run(program(f"def f(): {damage}"), "f()")
    execution = sandbox.run(program("x = 1"), look)
    assert (execution.outcome, execution.output in ("False", "None", "[]")) == (Outcome.OK, True)
    assert execution.stdout == ("x\n" if look.startswith("print") else "")


@pytest.mark.parametrize("own_session", [False, True])
def test_background_process_is_gone_with_its_program(
    unprotected: Sandbox, own_session: bool
) -> None:
    code = f"""
        import subprocess
        def f():
            return subprocess.Popen(['/bin/sleep', '60'], start_new_session={own_session}).pid
    """
    pid = output(unprotected, code)
    assert pid is not None
    assert not is_running(int(pid))


def test_grandchild_whose_parent_has_ended_is_gone_too(unprotected: Sandbox) -> None:
    code = """
        import os, time
        def f():
            read, write = os.pipe()
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.setsid()
                    os.write(write, str(os.getpid()).encode())
                    time.sleep(60)
                os._exit(0)
            return int(os.read(read, 20))
    """
    pid = output(unprotected, code)
    assert pid is not None
    assert not is_running(int(pid))


def test_background_thread_does_not_outlive_the_result(sandbox: Sandbox) -> None:
    code = """
        import threading, time
        def f():
            threading.Thread(target=time.sleep, args=(60,)).start()
            return 1
    """
    before = time.monotonic()
    assert output(sandbox, code) == "1"
    assert time.monotonic() - before < 0.9


def test_process_that_a_program_forks_writes_into_no_trace() -> None:
    code = """
        import os
        def f():
            x = os.fork()
            if x:
                os.waitpid(x, 0)
            y = bool(x)
            print(f'y: {y!r}')
            return y
    """
    execution = run(anchored(code), "f()", limits=SHORT)
    assert ([step.text for step in execution.steps], execution.output) == (["True"], "True")


def test_limit_counts_threads_and_survives_ignored_signals(sandbox: Sandbox) -> None:
    code = """
        import signal, threading
        def loop():
            while True: pass
        def f():
            for number in set(signal.valid_signals()) - {9, 19}:
                signal.signal(number, signal.SIG_IGN)
            threading.Thread(target=loop).start()
            loop()
    """
    assert sandbox.run(program(code), "f()").outcome is Outcome.TIMED_OUT


def test_secrets_of_the_caller_are_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    execution = run(program("import os"), "sorted(os.environ), os.listdir()", limits=SHORT)
    assert execution.output == (
        "(['HOME', 'LC_ALL', 'PATH', 'PYTHONDONTWRITEBYTECODE', 'PYTHONHASHSEED', "
        "'PYTHONIOENCODING', 'PYTHONUTF8', 'TMPDIR', 'TZ'], [])"
    )


def test_program_holds_no_file_of_the_caller_and_reads_no_input() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        os.set_inheritable(ours.fileno(), True)
        code = "import os, sys\ny = [os.readlink(f'/proc/self/fd/{n}') for n in range(3, 99) "
        code += "if os.path.exists(f'/proc/self/fd/{n}')], sys.stdin.read()"
        execution = run(program(code), "y", limits=SHORT, isolation=Isolation.NONE)
    assert execution.output == "([], '')"


def test_ctrl_c_that_the_caller_ignores_is_not_ignored_by_programs() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        code = "import os\ndef f(): os.kill(os.getpid(), 2)"
        assert run(program(code), "f()", limits=SHORT).error == "KeyboardInterrupt"
    finally:
        signal.signal(signal.SIGINT, before)


def test_killing_the_zygote_loses_no_job() -> None:
    with Sandbox(limits=SHORT, isolation=Isolation.NONE) as sandbox:
        zygote = output(sandbox, "import os", "os.getppid()")
        assert zygote is not None
        os.kill(int(zygote), signal.SIGKILL)
        assert output(sandbox, "x = 1", "x") == "1"
        zygote = output(sandbox, "import os", "os.getppid()")
        assert zygote is not None
        sandbox.start(program("import time\ndef f(): time.sleep(0.3); return 2"), "f()")
        threading.Timer(0.1, os.kill, (int(zygote), signal.SIGKILL)).start()
        assert sandbox.finish().output == "2"


def test_closing_in_the_middle_of_a_run_leaves_nothing() -> None:
    with Sandbox(isolation=Isolation.NONE) as sandbox:
        place = output(sandbox, "import os", "os.getppid(), os.getcwd()")
        sandbox.start(program("import time\ndef f(): time.sleep(60)"), "f()")
    assert place is not None
    zygote, folder = place.strip("()").split(", ")
    assert not is_running(int(zygote))
    assert not Path(folder.strip("'")).exists()


def test_sandbox_may_start_in_a_thread_that_ends(sandbox: Sandbox) -> None:
    with Sandbox(limits=SHORT) as threaded:
        thread = threading.Thread(target=threaded.run, args=(program("x = 1"), "x"))
        thread.start()
        thread.join()
        assert output(threaded, "x = 1", "x") == "1"
