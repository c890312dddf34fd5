"""A case under `fill` takes two processes where all runs tell the same, else what it needs."""

from collections.abc import Iterator

import pytest

from stepcode.execute.alone import Gate
from stepcode.execute.determinism import HASH_SEEDS
from stepcode.execute.job import Job
from stepcode.execute.sandbox import Sandbox
from stepcode.types import Limits, Outcome, Program
from stepcode_pipelines.fill import plan_fill
from stepcode_pipelines.fill_and_run import Verifiable, fill_and_run, fill_for, run_anchored
from stepcode_pipelines.runner import Runner
from tests.unit.execute_samples import program

LIMITS = Limits(cpu_seconds=0.5)
PLAIN = "def f(xs):\n    y = sorted(xs)\n    return [x * 2 for x in y]\n"
COUNTS_RUNS = """
    import sys
    def f(n):
        sys.runs = getattr(sys, "runs", 0) + n
        y = [sys.runs] * 3
        return y
    """
KEEPS_WHAT_IT_SAW = """
    import string
    def f(n):
        before = string.digits
        string.digits = "no more"
        return len(before + "x") * 0
    """
ORDERS_BY_HASH = """
    def f(n):
        words = ["".join(sorted({"tea", "hot", "is"}, key=len)), "".join({"tea", "hot", "is"})]
        total = n + 1
        return total * 2
    """


class CountingSandbox(Sandbox):
    """Counts the processes that it starts."""

    started = 0

    def start_job(self, job: Job, *, twin: Job | None = None) -> None:
        self.started += 1
        super().start_job(job, twin=twin)


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    first, second = (CountingSandbox(limits=LIMITS, hash_seed=seed) for seed in HASH_SEEDS)
    with first, second:
        yield Runner(first, second, Gate(None))


def started(runner: Runner) -> int:
    assert isinstance(runner.here, CountingSandbox)
    assert isinstance(runner.there, CountingSandbox)
    return runner.here.started + runner.there.started


def at_once(runner: Runner, program: Program, call: str) -> Verifiable:
    return fill_and_run(plan_fill(program, max_steps=LIMITS.max_steps), call, runner)


def apart(runner: Runner, program: Program, call: str) -> Verifiable:
    """Give every run that decides anything a process of its own."""
    plan = plan_fill(program, max_steps=LIMITS.max_steps)
    return run_anchored(fill_for(plan, [call], runner), call, runner)


@pytest.mark.parametrize(
    ("code", "call", "expected"),
    [
        (PLAIN, "f([2, 1])", 2),
        ("def f(x):\n    y = [x]\n    return y[1]\n", "f(1)", 1),
        (ORDERS_BY_HASH, "f(1)", 6),
        (COUNTS_RUNS, "f(1)", 6),
    ],
)
def test_processes_that_a_case_takes(runner: Runner, code: str, call: str, expected: int) -> None:
    before = started(runner)
    at_once(runner, program(code), call)
    assert started(runner) - before == expected


@pytest.mark.parametrize("code", [PLAIN, COUNTS_RUNS, KEEPS_WHAT_IT_SAW, ORDERS_BY_HASH])
def test_what_runs_behind_another_in_its_process_changes_nothing(runner: Runner, code: str) -> None:
    call = "f([3, 1])" if code is PLAIN else "f(1)"
    found, expected = at_once(runner, program(code), call), apart(runner, program(code), call)
    assert found.anchored == expected.anchored
    assert found.executions == expected.executions


def test_value_that_depends_on_the_hash_seed_is_not_chosen(runner: Runner) -> None:
    anchored = at_once(runner, program(ORDERS_BY_HASH), "f(1)").anchored
    assert "words" not in {anchor.name for anchor in anchored.anchors}


def test_program_that_never_ends_is_decided_by_one_run_alone(runner: Runner) -> None:
    before = started(runner)
    case = at_once(runner, program("def f(x):\n    while x: y = x\n"), "f(1)")
    assert case.executions.original.outcome is Outcome.TIMED_OUT
    assert started(runner) - before == 2
