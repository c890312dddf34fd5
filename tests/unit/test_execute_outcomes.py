"""Every way a run can end, by a small program."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from stepcode.errors import SandboxError
from stepcode.execute import Sandbox, run, run_all
from stepcode.execute.isolate import Isolation
from stepcode.types import Execution, Outcome
from tests.unit.execute_samples import SHORT, program


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(limits=SHORT) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def end(sandbox: Sandbox) -> "End":
    return End(sandbox)


class End:
    """Runs a program in the module's sandbox and shows how it ended."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def __call__(self, code: str, call: str = "f()") -> tuple[Outcome, str | None]:
        execution = self.sandbox.run(program(code), call)
        assert (execution.error is None) == (execution.outcome is Outcome.OK)
        assert (execution.output is None) == (execution.outcome is not Outcome.OK)
        return execution.outcome, execution.error


def test_program_returns(sandbox: Sandbox) -> None:
    given = program("def f(x): print('seen', x); return [x]")
    version = ".".join(map(str, sys.version_info[:3]))
    expected = Execution(
        given.id, "f('\u00e9')", Outcome.OK, (), "['\u00e9']", None, "seen \u00e9\n", version
    )
    assert sandbox.run(given, "f('\u00e9')") == expected


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("exit()", "SystemExit: None"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise ValueError('x' * 900)", "ValueError: " + "x" * 499 + "\u2026"),
        ("raise ValueError(chr(0xd800))", "ValueError: \\ud800"),
        ("raise type('E', (Exception,), {'__str__': None})", "E: the message cannot be shown"),
    ],
)
def test_program_raises(end: End, body: str, error: str) -> None:
    assert end(f"def f(): {body}") == (Outcome.RAISED, error)


@pytest.mark.parametrize(
    ("code", "call", "kind"),
    [
        ("def f(:", "f()", "SyntaxError"),
        ("def f(): pass", "f(", "SyntaxError"),
        ("def f(): pass", "", "SyntaxError"),
        ("def f(): pass", "g()", "NameError"),
        ("x = '\ud800'", "x", "UnicodeEncodeError"),
        ("def f(x): pass", "f('\ud800')", "UnicodeEncodeError"),
        ("import pytest", "1", "ModuleNotFoundError"),
        ("import stepcode", "1", "ModuleNotFoundError"),
        ("class C:\n def __repr__(self): raise OSError", "C()", "OSError"),
        ("class C:\n def __repr__(self): return chr(0xd800)", "C()", "UnicodeEncodeError"),
        ("", "10 ** 5000", "ValueError"),
        ("def f(): return f()", "f()", "RecursionError"),
    ],
)
def test_text_call_or_result_that_python_refuses_is_raised(
    end: End, code: str, call: str, kind: str
) -> None:
    outcome, error = end(code, call)
    assert (outcome, (error or "").partition(":")[0]) == (Outcome.RAISED, kind)


def test_main_guard_does_not_run(sandbox: Sandbox) -> None:
    given = program("y = __name__\nif __name__ == '__main__': y = 'ran'")
    assert sandbox.run(given, "y").output == "'program'"


def test_loop_is_stopped_by_its_processor_time(end: End) -> None:
    assert end("def f():\n while True: pass") == (
        Outcome.TIMED_OUT,
        "over 0.3 seconds of processor time",
    )


def test_sleeper_is_stopped_by_the_clock(end: End) -> None:
    assert end("import time\ndef f(): time.sleep(9)") == (Outcome.TIMED_OUT, "over 3.0 seconds")


def test_loop_while_compiling_or_showing_is_stopped_too(end: End) -> None:
    assert end("while True: pass")[0] is Outcome.TIMED_OUT
    code = "class C:\n def __repr__(self):\n  while True: pass"
    assert end(code, "C()")[0] is Outcome.TIMED_OUT


def test_memory_has_a_limit(end: End) -> None:
    assert end("def f(): return len(bytearray(10 ** 9))")[0] is Outcome.OUT_OF_MEMORY
    assert end("def f():\n x = []\n while True: x.append(bytes(10 ** 7))")[0] is (
        Outcome.OUT_OF_MEMORY
    )


@pytest.mark.parametrize(
    "body",
    [
        "print('x' * 30_000)",
        "import os; os.write(1, b'x' * 30_000)",
        "import os; os.write(2, b'x' * 30_000)",
        "import sys; sys.stderr.write('x' * 30_000)",
        "return 'x' * 30_000",
        "open('file', 'w').write('x' * 90_000)",
    ],
)
def test_output_has_a_limit(end: End, body: str) -> None:
    assert end(f"def f(): {body}")[0] is Outcome.OUTPUT_TOO_LONG


def test_output_at_the_limit_is_whole(sandbox: Sandbox) -> None:
    execution = sandbox.run(program("def f(): print('x' * 19_999)"), "f()")
    assert (execution.outcome, len(execution.stdout)) == (Outcome.OK, 20_000)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("import os; os.kill(os.getpid(), 9)", "killed by SIGKILL"),
        ("import os; os.abort()", "killed by SIGABRT"),
        ("import faulthandler; faulthandler._sigsegv()", "killed by SIGSEGV"),
        ("import os; os._exit(0)", "exited with status 0 before the end"),
        ("import os; os._exit(7)", "exited with status 7 before the end"),
    ],
)
def test_process_that_ends_itself_has_crashed(end: End, body: str, error: str) -> None:
    assert end(f"def f(): {body}") == (Outcome.CRASHED, error)


def test_stdout_that_is_not_text_is_shown_escaped(sandbox: Sandbox) -> None:
    execution = sandbox.run(program("import os\ndef f(): os.write(1, b'a\\xff')"), "f()")
    assert execution.stdout == "a\\xff"


def test_program_has_the_stack_of_a_script(sandbox: Sandbox) -> None:
    code = "def f(n): return n and 1 + f(n - 1)"
    assert sandbox.run(program(code), "f(990)").output == "990"


def test_unprotected_zygote_that_is_killed_is_lost_and_the_next_one_runs() -> None:
    killer = program("import os, signal\ndef f(): os.kill(os.getppid(), signal.SIGKILL)")
    with Sandbox(limits=SHORT, isolation=Isolation.NONE) as sandbox:
        assert sandbox.run(killer, "f()").outcome is Outcome.LOST
        assert sandbox.run(program("x = 1"), "x").outcome is Outcome.OK


def test_two_sandboxes_run_at_once_under_two_hash_seeds() -> None:
    code = program("import os\ny = os.environ['PYTHONHASHSEED'], hash('a')")
    with Sandbox(hash_seed=1) as first, Sandbox(hash_seed=2) as second:
        first.start(code, "y")
        second.start(code, "y")
        assert first.finish().output != second.finish().output


def test_start_and_finish_come_in_turns(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match=r"start\(\) comes before"):
        sandbox.finish()
    sandbox.start(program("x = 1"), "x")
    with pytest.raises(SandboxError, match=r"finish\(\) it before"):
        sandbox.start(program("x = 1"), "x")
    assert sandbox.finish().output == "1"


def test_machine_where_no_zygote_starts_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(SandboxError, match=r"no sandbox process starts here .*status 1"):
        run(program("x = 1"), "x", isolation=Isolation.NONE)
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(SandboxError, match="No such file"):
        run(program("x = 1"), "x", isolation=Isolation.NONE)


def test_run_all_is_lazy_and_keeps_the_order() -> None:
    taken: list[int] = []

    def jobs() -> Iterator[tuple[object, str]]:
        for number in range(1_000_000):
            taken.append(number)
            yield program("def f(x): return x"), f"f({number})"

    results = run_all(jobs(), limits=SHORT)  # type: ignore[arg-type]  # a narrower element
    assert [next(results).output for _ in range(3)] == ["0", "1", "2"]
    assert taken == [0, 1, 2]
    results.close()  # type: ignore[attr-defined]  # it is a generator


def test_null_byte_in_code_is_raised_under_the_name_that_this_python_gives_it(end: End) -> None:
    outcome, error = end("x = 1\x00", "x")
    assert outcome is Outcome.RAISED
    assert "null bytes" in (error or "")  # a ValueError before 3.11.4, a SyntaxError since


@pytest.mark.parametrize("options", [["-X", "no_debug_ranges"], ["-O"], ["-OO"]])
def test_options_of_the_callers_python_change_nothing(options: list[str]) -> None:
    script = """
from stepcode.execute import run
from tests.unit.execute_samples import anchored
code = '''
def f(x):
    "text"
    y = x + 1
    print(f'y: {y!r}')
    assert __debug__ and f.__doc__
    assert y < 3
    return y
'''
for call in ("f(1)", "f(2)"):
    execution = run(anchored(code), call)
    print(execution.outcome.value, [step.text for step in execution.steps])
"""
    path = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, *options, "-c", script],
        capture_output=True,
        env=os.environ | {"PYTHONPATH": path},
        timeout=100,
        check=False,
    )
    assert done.stdout == b"ok ['2']\nraised ['3']\n"
