"""Completions are judged by their rows in processes of their own; what cannot be is left out."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stepcode.dataset.examples import to_record
from stepcode.errors import SandboxError
from stepcode.execute import Sandbox
from stepcode.reason import render_completion
from stepcode.train import rewards
from stepcode.train.judge import Group, judge
from stepcode.train.rewards import Judged, Scorer
from stepcode.types import AnchoredProgram, Execution, Outcome, TaskKind
from tests.unit.reason_samples import example, executed

OUTPUT, INPUT = example(TaskKind.OUTPUT), example(TaskKind.INPUT)
RIGHT_OUTPUT, RIGHT_INPUT = render_completion(OUTPUT), render_completion(INPUT)
OTHER_INPUT = RIGHT_INPUT.replace("f([1, 3, 2])", "f([2, 1, 3])")
WRONG_INPUT = RIGHT_INPUT.replace("f([1, 3, 2])", "f([2, 1, 2])")
ENDLESS = "def f(xs):\n    while xs != 3:\n        pass\n    return 3\n"


@pytest.fixture(scope="module")
def scorer() -> Iterator[Scorer]:
    with Scorer(workers=1) as one:
        yield one


@pytest.mark.parametrize(
    ("cpus", "trainers", "workers"), [(8, "1", 8), (8, "4", 2), (2, "8", 1), (64, "1", 16)]
)
def test_trainers_of_a_machine_share_its_cpus(
    monkeypatch: pytest.MonkeyPatch, cpus: int, trainers: str, workers: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cpus)))
    monkeypatch.setenv("LOCAL_WORLD_SIZE", trainers)
    assert rewards._share_of_cpus() == workers


def finals(judged: list[Judged | None]) -> list[bool | None]:
    return [None if one is None else one.score.final for one in judged]


def steps(judged: Judged | None) -> list[bool]:
    assert judged is not None
    return [step.correct for step in judged.score.steps]


def row(one: Any, number: int = 0) -> dict[str, Any]:
    return to_record(replace(one, id=f"{one.id}-{number}"))


def test_completions_come_back_judged_in_their_order(scorer: Scorer) -> None:
    texts = [RIGHT_OUTPUT, "nothing", RIGHT_INPUT, OTHER_INPUT, WRONG_INPUT, "<answer>\n3"]
    kinds = [OUTPUT, OUTPUT, INPUT, INPUT, INPUT, OUTPUT]
    rows = [row(kind, number // 2) for number, kind in enumerate(kinds)]
    judged = scorer(texts, rows)
    assert finals(judged) == [True, False, True, True, False, True]
    assert steps(judged[3]) == [True, True]
    assert steps(judged[4]) == [False, False]


def test_of_nothing_nothing_is_judged(scorer: Scorer) -> None:
    assert scorer([], []) == []


def test_no_program_of_an_output_prediction_is_run() -> None:
    def run(program: AnchoredProgram, call: str) -> Execution:
        raise AssertionError(call)

    judged = judge(Group(OUTPUT, (RIGHT_OUTPUT, "")), run)
    assert finals(judged) == [True, False]


def test_a_call_is_run_once_for_all_that_propose_it_and_the_rows_own_never() -> None:
    calls = []

    def run(program: AnchoredProgram, call: str) -> Execution:
        calls.append(call)
        return executed(call, "3", "ys: [1, 2, 3]", "_ret: 3")

    texts = (OTHER_INPUT, RIGHT_INPUT, OTHER_INPUT, "no call", WRONG_INPUT)
    judged = judge(Group(INPUT, texts), run)
    assert calls == ["f([2, 1, 3])", "f([2, 1, 2])"]
    assert finals(judged) == [True, True, True, False, True]


def test_a_run_that_was_lost_is_left_out_and_never_wrong() -> None:
    def run(program: AnchoredProgram, call: str) -> Execution:
        return executed(call, None, outcome=Outcome.LOST)

    assert finals(judge(Group(INPUT, (OTHER_INPUT, RIGHT_INPUT)), run)) == [None, True]


def test_a_call_that_never_returns_is_wrong_and_its_neighbours_are_judged(scorer: Scorer) -> None:
    endless = replace(INPUT, anchored_code=ENDLESS, anchors=(), steps=(), target="f(3)")
    texts = ["<answer>\nf(4)\n</answer>", RIGHT_OUTPUT]
    assert finals(scorer(texts, [row(endless), row(OUTPUT)])) == [False, True]


def test_what_is_not_judged_in_time_is_left_out_and_the_next_batch_is_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endless = replace(INPUT, anchored_code=ENDLESS, anchors=(), steps=(), target="f(3)")
    texts = [RIGHT_OUTPUT, "<answer>\nf(4)\n</answer>"]
    rows = [row(OUTPUT), row(endless)]
    with Scorer(workers=1) as scorer:
        assert finals(scorer(texts[:1], rows[:1])) == [True]  # it has started
        monkeypatch.setattr(rewards, "MOST_SECONDS", 0.5)
        started = time.monotonic()
        assert finals(scorer(texts, rows)) == [True, None]
        assert time.monotonic() - started < 1.9  # before the program's own limit
        monkeypatch.undo()
        assert finals(scorer(texts[:1], rows[:1])) == [True]


def test_a_batch_whose_process_is_killed_is_left_out_and_the_next_is_judged() -> None:
    with Scorer(workers=1) as scorer:
        scorer([RIGHT_OUTPUT], [row(OUTPUT)])
        end_processes()
        assert finals(scorer([RIGHT_OUTPUT], [row(OUTPUT)])) == [None]
        assert finals(scorer([RIGHT_OUTPUT], [row(OUTPUT)])) == [True]


def test_batch_after_batch_that_cannot_be_judged_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with Scorer() as scorer:
        assert finals(scorer([RIGHT_OUTPUT], [row(OUTPUT)])) == [None]
        assert finals(scorer([RIGHT_OUTPUT], [row(OUTPUT)])) == [None]
        with pytest.raises(SandboxError, match="3 batches in a row"):
            scorer([RIGHT_OUTPUT], [row(OUTPUT)])


def end_processes() -> None:
    """Kill what judges for this process, as a machine without memory does."""
    for pid in judging_children(os.getpid()):
        os.kill(pid, signal.SIGKILL)


def judging_children(parent: int) -> list[int]:
    children = Path(f"/proc/{parent}/task").glob("*/children")
    pids = [int(pid) for path in children for pid in path.read_text().split()]
    return [pid for pid in pids if b"stepcode.train.judge" in command(pid)]


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


SCRIPT = """\
import os, signal, sys
from stepcode.dataset.examples import to_record
from stepcode.reason import render_completion
from stepcode.train.rewards import Scorer
from stepcode.types import TaskKind
from tests.unit.reason_samples import example
print("the script runs", flush=True)
one = example(TaskKind.INPUT)
text = render_completion(one).replace("f([1, 3, 2])", "f([2, 1, 3])")
scorer = Scorer(workers=2)
print([judged.score.final for judged in scorer([text], [to_record(one)])], flush=True)
if "die" in sys.argv:
    children = open(f"/proc/self/task/{os.getpid()}/children").read().split()
    print(*children, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def run_script(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = folder / "script.py"
    path.write_text(SCRIPT)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(["", *sys.path])}
    return subprocess.run(
        [sys.executable, path, *arguments],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_a_script_needs_no_guard_and_no_closing(tmp_path: Path) -> None:
    done = run_script(tmp_path)
    assert (done.stdout, done.stderr) == ("the script runs\n[True]\n", "")


def test_the_processes_end_with_a_trainer_that_is_killed(tmp_path: Path) -> None:
    done = run_script(tmp_path, "die")
    pids = [int(pid) for pid in done.stdout.splitlines()[-1].split()]
    assert pids
    deadline = time.monotonic() + 10
    while any(command(pid) for pid in pids):
        assert time.monotonic() < deadline, "a process is left over"
        time.sleep(0.02)


def test_what_judges_never_imports_torch() -> None:
    code = "import sys, stepcode.train.judge; sys.exit('torch' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=60)


def test_judging_agrees_with_the_sandbox_that_builds_datasets() -> None:
    with Sandbox() as sandbox:
        judged = judge(Group(INPUT, (OTHER_INPUT, WRONG_INPUT)), sandbox.run)
    assert finals(judged) == [True, False]
