"""Worker processes keep order, survive being killed, and never outlive their driver."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from stepcode.errors import MisuseError, RecipeError, SandboxError
from stepcode.execute import run_all
from stepcode.execute.workers import map_ordered
from tests.unit import execute_samples as samples

ROOT = Path(__file__).resolve().parents[2]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until_dead(pids: list[int]) -> None:
    deadline = time.monotonic() + 5
    while any(map(is_alive, pids)):
        assert time.monotonic() < deadline, "a process is left over"
        time.sleep(0.02)


def python(code: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def test_results_come_in_the_order_of_the_items() -> None:
    assert list(map_ordered(samples.squaring, range(40), workers=2)) == [n * n for n in range(40)]


def test_no_items_give_no_results() -> None:
    assert list(map_ordered(samples.squaring, [], workers=1)) == []


def test_fewer_workers_than_one_are_refused() -> None:
    with pytest.raises(MisuseError, match="0 workers"):
        list(map_ordered(samples.squaring, [1], workers=0))


def test_items_are_taken_a_few_at_a_time_and_closing_ends_the_workers(tmp_path: Path) -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1_000_000):
            taken.append(number)
            yield number

    make_task = partial(samples.writing_pid, tmp_path)
    results = cast(
        Generator[int, None, None],  # the declared Iterator has no close
        map_ordered(make_task, items(), workers=1),
    )
    assert [next(results) for _ in range(20)] == list(range(20))
    assert len(taken) < 30
    results.close()
    wait_until_dead([int(path.name) for path in tmp_path.iterdir()])


def test_item_of_a_killed_worker_is_tried_again(tmp_path: Path) -> None:
    make_task = partial(samples.dying_once, tmp_path)
    assert list(map_ordered(make_task, range(6), workers=1)) == [0, 1, 4, 9, 16, 25]


def test_script_that_its_workers_would_run_again_is_told_so(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from stepcode.execute.workers import map_ordered\n"
        "from tests.unit import execute_samples\n"
        "print(list(map_ordered(execute_samples.dying_always, [1], workers=1)))\n"
    )
    done = subprocess.run(
        [sys.executable, script],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "below `if __name__ == '__main__':`" in done.stderr.splitlines()[-1]


def test_item_that_kills_every_worker_is_named() -> None:
    results = map_ordered(samples.dying_always, [1, 2, 3], workers=1)
    assert [next(results), next(results)] == [1, 2]
    with pytest.raises(SandboxError, match="item 2 ended its worker 3 times: 3"):
        next(results)


def test_error_of_ours_keeps_its_type_and_comes_in_order() -> None:
    results = map_ordered(samples.failing, [0, 1, 3], workers=1)
    assert [next(results), next(results)] == [0, 0]
    with pytest.raises(RecipeError, match="three is refused"):
        next(results)


def test_another_error_keeps_its_traceback() -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        list(map_ordered(samples.failing, [5], workers=1))


def test_task_that_cannot_be_made_says_why() -> None:
    with pytest.raises(SandboxError, match="cannot start"):
        list(map_ordered(samples.never_entered, [5], workers=1))


def test_workers_load_no_heavy_library() -> None:
    heavy = "polars datasets torch libcst"
    code = (
        "from tests.unit.execute_samples import naming_modules\n"
        "from stepcode.execute.workers import map_ordered\n"
        f"print(list(map_ordered(naming_modules, ['{heavy}'], workers=1)))"
    )
    assert python(code).stdout == "[[]]\n"


def test_importing_execute_loads_no_heavy_library() -> None:
    code = "import sys, stepcode.execute; print({'polars', 'torch', 'libcst'} & set(sys.modules))"
    assert python(code).stdout == "set()\n"


def test_workers_and_their_zygotes_end_when_the_driver_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "driver.py"
    script.write_text(
        "import os\n"
        "from stepcode.execute import run_all\n"
        "from stepcode.execute.isolate import Isolation\n"
        "from stepcode.types import Program\n"
        "if __name__ == '__main__':\n"
        "    code = 'import os, time\\n'\n"
        "    code += 'def f(): return os.getpid(), os.getppid(), time.sleep(0.02)'\n"
        "    jobs = ((Program(code=code), 'f()') for _ in range(10_000))\n"
        "    for execution in run_all(jobs, workers=2, isolation=Isolation.NONE):\n"
        "        print(execution.output, flush=True)\n",
        encoding="utf-8",
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as driver:
        assert driver.stdout is not None
        output = driver.stdout.readline()
        driver.send_signal(signal.SIGKILL)
    child, zygote, _ = output.strip("()\n").split(", ")
    wait_until_dead([int(child), int(zygote)])


def test_worker_in_the_middle_of_a_long_item_ends_with_its_driver(tmp_path: Path) -> None:
    script = tmp_path / "driver.py"
    script.write_text(
        "import sys\n"
        "from functools import partial\n"
        "from pathlib import Path\n"
        "from stepcode.execute.workers import map_ordered\n"
        "from tests.unit.execute_samples import sleeping\n"
        "if __name__ == '__main__':\n"
        "    list(map_ordered(partial(sleeping, Path(sys.argv[1])), [60.0], workers=1))\n",
        encoding="utf-8",
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    pids = tmp_path / "pids"
    pids.mkdir()
    with subprocess.Popen([sys.executable, str(script), str(pids)], env=environment) as driver:
        deadline = time.monotonic() + 20
        while not any(pids.iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        driver.send_signal(signal.SIGKILL)
    wait_until_dead([int(path.name) for path in pids.iterdir()])


def test_workers_killed_at_any_moment_change_no_result() -> None:
    seed = random.Random(1)
    for _ in range(3):
        results = map_ordered(samples.echoing, range(40), workers=2)
        for index, (number, pid, filling) in enumerate(results):
            assert (index, len(filling)) == (number, number % 7 * 30_000)
            if seed.random() < 0.05:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        assert index == 39


def test_two_maps_at_once_do_not_mix() -> None:
    first = map_ordered(samples.squaring, range(20), workers=1)
    second = map_ordered(samples.squaring, range(100, 120), workers=1)
    pairs = list(zip(first, second, strict=True))
    assert pairs == [(n * n, (n + 100) ** 2) for n in range(20)]


def test_run_all_with_workers_gives_what_one_gives() -> None:
    given = samples.program("def f(x): print(x); return x * 2")
    jobs = [(given, f"f({number})") for number in range(50)]
    assert list(run_all(jobs, workers=2)) == list(run_all(jobs))


def test_script_without_a_main_guard_can_use_one_worker(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from stepcode.execute import run_all\n"
        "from stepcode.execute.isolate import Isolation\n"
        "from stepcode.types import Program\n"
        "for execution in run_all([(Program(code='x = 1'), 'x')]): print(execution.output)\n",
        encoding="utf-8",
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(script)]
    shown = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert shown.stdout == "1\n"
