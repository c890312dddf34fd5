"""A zygote that hangs or is interrupted loses neither the caller's time nor its order."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stepcode.execute import Sandbox
from stepcode.execute import sandbox as sandbox_module
from stepcode.execute.isolate import Isolation
from stepcode.types import Limits, Outcome
from tests.unit.execute_samples import program

LIMITS = Limits(cpu_seconds=0.3, wall_seconds=0.4, memory_mb=256)
PLACE = program("import os\nplace = os.getppid(), os.getcwd()")
SLEEP = "import time\ndef f(seconds): return time.sleep(seconds)"


@pytest.fixture(autouse=True)
def _little_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_module, "GRACE_SECONDS", 0.3)


def zygote_of(sandbox: Sandbox) -> int:
    output = sandbox.run(PLACE, "place[0]").output
    assert output is not None
    return int(output)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_zygote_that_hangs_before_a_job_costs_one_try() -> None:
    with Sandbox(limits=LIMITS, isolation=Isolation.NONE) as sandbox:
        zygote = zygote_of(sandbox)
        os.kill(zygote, signal.SIGSTOP)
        assert sandbox.run(PLACE, "1 + 1").output == "2"
        assert not is_running(zygote)


def test_zygote_that_hangs_does_not_block_a_caller_with_much_to_send(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from stepcode.execute import handle

    monkeypatch.setattr(handle, "_SEND_SECONDS", 0.3)
    with Sandbox(limits=LIMITS, isolation=Isolation.NONE) as sandbox:
        os.kill(zygote_of(sandbox), signal.SIGSTOP)
        assert sandbox.run(PLACE, f"len('{'x' * 5_000_000}')").output == "5000000"


def test_program_that_stops_its_zygote_is_lost_in_time_and_leaves_nothing(tmp_path: Path) -> None:
    code = f"""
        import os, signal, subprocess, time
        def f():
            child = subprocess.Popen(['/bin/sleep', '60'], start_new_session=True)
            names = os.getppid(), os.getpid(), child.pid, os.getcwd()
            with open({str(tmp_path / "pids")!r}, 'a') as file:
                print(*names, file=file)
            os.kill(os.getppid(), signal.SIGSTOP)
            time.sleep(60)
    """
    with Sandbox(limits=LIMITS, isolation=Isolation.NONE) as sandbox:
        zygote_of(sandbox)
        before = time.monotonic()
        execution = sandbox.run(program(code), "f()")
        elapsed = time.monotonic() - before
        assert execution.outcome is Outcome.LOST
        assert sandbox.run(PLACE, "1 + 1").output == "2"
    # Each try waits for the limit, the grace and the second a zygote has to end by itself.
    assert elapsed < 2 * (LIMITS.wall_seconds + 0.3 + 1.0) + 2
    tries = [line.split() for line in (tmp_path / "pids").read_text().splitlines()]
    assert len(tries) == 2
    for *pids, folder in tries:
        assert not any(is_running(int(pid)) for pid in pids)
        assert not Path(folder).exists()


@contextmanager
def interrupted_after(seconds: float) -> Iterator[None]:
    """Send this process what Ctrl-C sends."""
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            yield
    finally:
        timer.join()


def test_sandbox_interrupted_while_it_waits_gives_the_next_program_its_own_answer() -> None:
    with Sandbox(limits=Limits(wall_seconds=20), isolation=Isolation.NONE) as sandbox:
        zygote_of(sandbox)
        with interrupted_after(0.1):
            sandbox.run(program(SLEEP), "f(3)")
        assert sandbox.run(PLACE, "1 + 1").output == "2"


def test_many_sandboxes_at_once_answer_each_its_own() -> None:
    answers: dict[int, list[str | None]] = {}

    def work(number: int) -> None:
        with Sandbox(limits=LIMITS, isolation=Isolation.NONE) as sandbox:
            calls = [f"{number} * 100 + {place}" for place in range(20)]
            answers[number] = [sandbox.run(PLACE, call).output for call in calls]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert answers == {n: [str(n * 100 + place) for place in range(20)] for n in range(4)}
