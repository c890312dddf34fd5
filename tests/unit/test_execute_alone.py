"""A program that is timed out gets a second try, with nothing beside it and at no one's cost."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stepcode.execute import run, run_all
from stepcode.execute.alone import Gate, GatePaths, open_gate
from stepcode.execute.isolate import choose_isolation
from stepcode.source import SourceSettings
from stepcode.types import Case, Limits, Outcome, Program
from stepcode_pipelines.batches import Batch
from stepcode_pipelines.build import open_verifier
from stepcode_pipelines.recipe import Recipe
from tests.unit.execute_samples import program

ROOT = Path(__file__).resolve().parents[2]
LIMITS = Limits(cpu_seconds=0.3, wall_seconds=3)
ENDLESS = program("""
    import time
    def f():
        print(time.monotonic(), flush=True)
        while True:
            pass
""")
SHORT = program("""
    import time
    def f():
        start = time.monotonic()
        while time.monotonic() < start + 0.02:
            pass
        return start, time.monotonic()
""")


@pytest.fixture
def paths() -> Iterator[GatePaths]:
    with open_gate() as paths:
        yield paths


def hold_alone(paths: GatePaths, entered: threading.Event) -> threading.Thread:
    """Go through the gate alone in a thread, which says so and leaves at once."""

    def enter() -> None:
        with Gate(paths).alone():
            entered.set()

    thread = threading.Thread(target=enter, daemon=True)
    thread.start()
    return thread


def test_many_pass_the_gate_at_once(paths: GatePaths) -> None:
    with Gate(paths).beside_others(), Gate(paths).beside_others():
        pass


def test_one_that_wants_to_be_alone_waits_for_those_inside(paths: GatePaths) -> None:
    entered = threading.Event()
    with Gate(paths).beside_others():
        thread = hold_alone(paths, entered)
        assert not entered.wait(0.1)
    assert entered.wait(5)
    thread.join()


def test_stream_of_others_does_not_keep_one_from_being_alone(paths: GatePaths) -> None:
    entered = threading.Event()

    def stream() -> None:
        gate = Gate(paths)
        while not entered.is_set():
            with gate.beside_others():
                time.sleep(0.01)

    others = [threading.Thread(target=stream, daemon=True) for _ in range(3)]
    for other in others:
        other.start()
    hold_alone(paths, entered)
    assert entered.wait(5)
    for other in others:
        other.join()


def test_killed_process_leaves_the_gate_open(paths: GatePaths) -> None:
    code = f"""if True:
        import time
        from stepcode.execute.alone import Gate
        with Gate({paths!r}).alone():
            print(flush=True)
            time.sleep(60)
    """
    command = [sys.executable, "-c", code]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        os.kill(holder.pid, signal.SIGKILL)
    with Gate(paths).beside_others():
        pass


def test_gate_costs_a_program_microseconds(paths: GatePaths) -> None:
    gate = Gate(paths)
    rounds = []
    for _ in range(5):
        before = time.process_time()
        for _ in range(1000):
            with gate.beside_others():
                pass
        rounds.append((time.process_time() - before) / 1000)
    assert min(rounds) < 50e-6  # 4 when nothing disturbs


def test_endless_program_costs_its_limit_twice() -> None:
    before = time.monotonic()
    execution = run(ENDLESS, "f()", limits=LIMITS)
    seconds = time.monotonic() - before
    assert execution.outcome is Outcome.TIMED_OUT
    assert seconds >= 2 * LIMITS.cpu_seconds
    # What is recorded is the second try, which began when the first had ended.
    assert float(execution.stdout) >= before + LIMITS.cpu_seconds


def test_second_try_has_no_other_program_beside_it() -> None:
    jobs = [(SHORT, "f()")] * 40
    jobs[5] = jobs[30] = (ENDLESS, "f()")
    runs = list(run_all(jobs, limits=LIMITS, workers=2))
    endless = [runs.pop(30), runs.pop(5)]
    assert [one.outcome for one in endless] == [Outcome.TIMED_OUT] * 2
    assert {one.outcome for one in runs} == {Outcome.OK}
    periods = [tuple(map(float, (one.output or "").strip("()").split(","))) for one in runs]
    for one in endless:
        start = float(one.stdout)
        end = start + LIMITS.cpu_seconds
        assert not [period for period in periods if period[0] < end and period[1] > start]


def test_verifier_does_not_run_what_was_timed_out_twice_with_anchors_again() -> None:
    code = "def f(n):\n    total = 0\n    while True:\n        total += n\n"
    case = Case(Program(code=code), "f(1)")
    limits = Limits(cpu_seconds=0.5, wall_seconds=5)
    recipe = Recipe(source=SourceSettings(name="bundled"), limits=limits)
    with open_verifier(recipe, choose_isolation(None), None) as verify:
        before = time.monotonic()
        verified = verify(Batch(0, (case,), is_last=True, number=0))
        seconds = time.monotonic() - before
    assert [row.reason.value for row in verified.rejected] == ["timed_out"]
    assert 2 * limits.cpu_seconds <= seconds < 10  # generous: it is the clock of a busy machine
