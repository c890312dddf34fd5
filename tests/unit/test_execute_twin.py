"""Two programs in one process: what the first does, and that the second tells nothing false."""

from collections.abc import Iterator

import pytest

from stepcode.execute import Sandbox
from stepcode.execute.job import prepare
from stepcode.execute.sandbox import Runs
from stepcode.types import AnchoredProgram, Execution, Outcome, Program
from tests.unit.execute_samples import SHORT, anchored, program

DOUBLE = program("def f(x):\n    y = x * 2\n    print('seen', y)\n    return y\n")
DOUBLE_ANCHORED = anchored(
    "def f(x):\n    y = x * 2\n    print(f'y: {y!r}')\n    print('seen', y)\n    return y\n"
)
LOOP = program("def f(x):\n    while True: pass\n")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(limits=SHORT) as sandbox:
        yield sandbox


def run_both(
    sandbox: Sandbox,
    first: Program | AnchoredProgram,
    twin: Program | AnchoredProgram,
    call: str = "f(3)",
) -> Runs:
    sandbox.start_job(prepare(first, call), twin=prepare(twin, call))
    return sandbox.finish_both()


def twin_of(runs: Runs) -> Execution:
    assert runs.twin is not None
    return runs.twin


def texts(execution: Execution) -> list[str | None]:
    return [step.text for step in execution.steps]


def test_both_run_and_each_is_as_if_it_had_run_alone(sandbox: Sandbox) -> None:
    runs = run_both(sandbox, DOUBLE, DOUBLE_ANCHORED)
    assert runs.first == sandbox.run(DOUBLE, "f(3)")
    assert runs.twin == sandbox.run(DOUBLE_ANCHORED, "f(3)")
    assert (runs.first.stdout, twin_of(runs).stdout) == ("seen 6\n", "seen 6\n")


def test_steps_of_both_are_apart_and_count_their_visits_anew(sandbox: Sandbox) -> None:
    other = anchored(
        "def f(x):\n    for z in range(x):\n        print(f'z: {z!r}')\n    return 'other'\n"
    )
    runs = run_both(sandbox, other, DOUBLE_ANCHORED)
    assert [(step.name, step.visit, step.text) for step in runs.first.steps] == [
        ("z", 1, "0"),
        ("z", 2, "1"),
        ("z", 3, "2"),
    ]
    assert [(step.name, step.visit, step.text) for step in twin_of(runs).steps] == [("y", 1, "6")]
    assert (runs.first.output, twin_of(runs).output) == ("'other'", "6")


@pytest.mark.parametrize(
    ("first", "outcome"),
    [
        (program("def f(x): raise ValueError(x)"), Outcome.RAISED),
        (program("def f(x): return"), Outcome.OK),
        (program("def f(x: return"), Outcome.RAISED),
        (program("def f(x): exit()"), Outcome.RAISED),
        (program("import os\ndef f(x): os._exit(0)"), Outcome.CRASHED),
        (program("def f(x): return 'x' * 30_000"), Outcome.OUTPUT_TOO_LONG),
        (program("def f(x): return bytearray(10 ** 9)"), Outcome.OUT_OF_MEMORY),
        (program("def f(x): return chr(0xd800)"), Outcome.OK),
        (program("class C:\n def __repr__(self): return chr(0xd800)\nf = lambda x: C()"), "raised"),
        (LOOP, Outcome.TIMED_OUT),
    ],
)
def test_twin_runs_only_if_the_first_returned(
    sandbox: Sandbox, first: Program, outcome: Outcome
) -> None:
    runs = run_both(sandbox, first, DOUBLE_ANCHORED)
    assert runs.first == sandbox.run(first, "f(3)")
    assert runs.first.outcome == outcome
    assert (runs.twin is not None) == (outcome is Outcome.OK)


@pytest.mark.parametrize(
    ("twin", "outcome"),
    [
        (LOOP, Outcome.TIMED_OUT),
        (program("def f(x): raise KeyError(x)"), Outcome.RAISED),
        (program("def f(x: return"), Outcome.RAISED),
        (program("import os\ndef f(x): os.kill(os.getpid(), 9)"), Outcome.CRASHED),
        (program("def f(x): print('x' * 30_000)"), Outcome.OUTPUT_TOO_LONG),
        (program("def f(x): return 'other'"), Outcome.OK),
    ],
)
def test_twin_ends_in_its_own_way_and_the_first_keeps_its_result(
    sandbox: Sandbox, twin: Program, outcome: Outcome
) -> None:
    runs = run_both(sandbox, DOUBLE, twin)
    assert runs.first == sandbox.run(DOUBLE, "f(3)")
    assert twin_of(runs).outcome is outcome
    assert twin_of(runs).error == sandbox.run(twin, "f(3)").error


def test_twin_that_is_stopped_keeps_its_steps(sandbox: Sandbox) -> None:
    twin = anchored("def f(x):\n    print(f'x: {x!r}')\n    while True: pass\n")
    runs = run_both(sandbox, DOUBLE_ANCHORED, twin)
    assert (texts(runs.first), texts(twin_of(runs))) == (["6"], ["3"])


@pytest.mark.parametrize("stream", [1, 2])
def test_first_that_prints_too_much_is_told_so_as_if_alone(sandbox: Sandbox, stream: int) -> None:
    size = SHORT.max_output_bytes + 1  # over the limit, but under what the kernel ends
    flood = program(f"import os\ndef f(x): os.write({stream}, b'x' * {size})")
    runs = run_both(sandbox, flood, DOUBLE)
    assert runs == Runs(sandbox.run(flood, "f(3)"), None)
    assert runs.first.outcome is Outcome.OUTPUT_TOO_LONG


def test_each_may_use_the_whole_of_its_steps() -> None:
    one = anchored("def f(x):\n    for y in range(x):\n        print(f'y: {y!r}')\n    return x\n")
    with Sandbox(limits=SHORT) as sandbox:
        runs = run_both(sandbox, one, one, "f(1000)")
        assert [len(runs.first.steps), len(twin_of(runs).steps)] == [1000, 1000]
        assert run_both(sandbox, one, one, "f(1001)").first.outcome is Outcome.TOO_MANY_STEPS


@pytest.mark.parametrize(
    "damage",
    [
        "import builtins; builtins.print = builtins.repr = builtins.len = builtins.str = None",
        "import builtins; vars(builtins).clear()",
        "import sys, io; sys.stdout = sys.stderr = io.StringIO()",
        "import sys; sys.stdout = sys.stderr = None",
        "import sys; del sys.stdout, sys.stderr",
        "import sys; sys.stdout.close()",
        "import sys; sys.modules.clear()",
        "import sys; sys.settrace(lambda *_: 1 / 0)",
        "import sys; sys.setrecursionlimit(30)",
        "import os; os._exit = os.kill = os.fstat = os.write = None",
        "import gc, marshal; marshal.loads = None; gc.disable()",
        "import signal; signal.setitimer(signal.ITIMER_REAL, 0.05)",
        "import os; os.closerange(0, 3)",
        "import os; os.chdir('/'); os.dup2(os.open('/dev/null', 1), 1)",
    ],
)
def test_first_that_breaks_its_process_returns_and_the_next_job_is_whole(
    sandbox: Sandbox, damage: str
) -> None:
    breaker = program(f"def f(x):\n    {damage}\n    return x\n")
    alone = sandbox.run(breaker, "f(3)")
    first = run_both(sandbox, breaker, DOUBLE_ANCHORED).first
    assert first == alone
    assert run_both(sandbox, DOUBLE, DOUBLE_ANCHORED).twin == sandbox.run(DOUBLE_ANCHORED, "f(3)")


def test_recorders_of_the_twin_ignore_what_the_first_patched(sandbox: Sandbox) -> None:
    patcher = program(
        """
        import builtins, io, sys
        def f(x):
            sys.stdout = io.StringIO()
            builtins.repr = builtins.format = builtins.str = lambda *_: 'forged'
            return x
        """
    )
    assert texts(twin_of(run_both(sandbox, patcher, DOUBLE_ANCHORED))) == ["6"]


def test_prints_that_were_not_flushed_belong_to_their_own_run(sandbox: Sandbox) -> None:
    def printing(text: str) -> Program:
        return program(f"import sys\ndef f(x): sys.stdout.write({text!r})")

    runs = run_both(sandbox, printing("first"), printing("twin"))
    assert (runs.first.stdout, twin_of(runs).stdout) == ("first", "twin")


def test_twin_sees_no_name_of_the_first(sandbox: Sandbox) -> None:
    runs = run_both(sandbox, program("secret = 1\ndef f(x): return x"), program("f = dir"), "f()")
    assert runs.first.outcome is Outcome.RAISED
    runs = run_both(sandbox, program("secret = 1"), program("shown = dir()"), "dir()")
    assert "secret" in (runs.first.output or "")
    assert "secret" not in (twin_of(runs).output or "")


def test_code_too_long_to_compile_in_the_caller_runs_all_the_same(sandbox: Sandbox) -> None:
    padding = "# " + "x" * 120_000 + "\n"
    first = program(f"{padding}{DOUBLE.code}")
    twin = anchored(f"{padding}{DOUBLE_ANCHORED.code}")
    runs = run_both(sandbox, first, twin)
    assert (runs.first.output, texts(twin_of(runs))) == ("6", ["6"])


@pytest.mark.parametrize(
    ("code", "error"),
    [("x = '\ud800'", "UnicodeEncodeError"), ("(" * 300, "Syntax")],
)
def test_text_that_does_not_compile_fails_in_the_child_as_first_and_as_twin(
    sandbox: Sandbox, code: str, error: str
) -> None:
    assert (run_both(sandbox, program(code), DOUBLE).first.error or "").startswith(error)
    twin = twin_of(run_both(sandbox, DOUBLE, program(code)))
    assert (twin.outcome, (twin.error or "").startswith(error)) == (Outcome.RAISED, True)


def test_call_with_a_surrogate_fails_as_data(sandbox: Sandbox) -> None:
    runs = run_both(sandbox, DOUBLE, DOUBLE_ANCHORED, "f('\ud800')")
    assert (runs.first.outcome, runs.twin) == (Outcome.RAISED, None)


def test_process_that_leaves_its_group_is_ended_all_the_same(sandbox: Sandbox) -> None:
    code = """
        import os, time
        def f(x):
            if os.fork() == 0:
                time.sleep(60)
            os.setpgid(0, os.getpgid(os.getppid()))
            while True: pass
    """
    assert sandbox.run(program(code), "f(3)").outcome in {
        Outcome.TIMED_OUT,
        Outcome.RAISED,  # where the system call is refused
    }


def test_stream_that_is_no_longer_append_only_is_whole_for_the_next(sandbox: Sandbox) -> None:
    code = """
        import fcntl
        def f(x):
            print('x' * 100, flush=True)
            return fcntl.fcntl(1, fcntl.F_SETFL, 0)
    """
    assert sandbox.run(program(code), "f(3)").output == "0"
    assert sandbox.run(DOUBLE, "f(3)").stdout == "seen 6\n"


def test_name_of_an_exception_is_cut_like_its_message(sandbox: Sandbox) -> None:
    execution = sandbox.run(program("def f(x): raise type('E' * 40_000, (Exception,), {})"), "f(3)")
    assert (execution.outcome, execution.error) == (Outcome.RAISED, "E" * 500)
