"""Builds on a real Ray cluster of two cores on the loopback: the bytes of a local build."""

import importlib.util
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from stepcode.dataset.manifest import current_versions
from stepcode.execute.processes import descendants_of
from stepcode_pipelines.ray_engine import _Actor
from tests.end_to_end.build_samples import (
    digests,
    row,
    start,
    wait_for,
    wait_until_none_runs,
    write_jsonl,
)

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]

# Looked for, not imported: Ray warns when it is, and here warnings are errors.
needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="needs Ray: pip install 'stepcode[ray]'"
)
COMMAND = ("build-dataset", "--source", "jsonl", "--input", "in.jsonl")
ON_RAY = (*COMMAND, "--engine", "ray", "--workers", "2", "--out", "ray")
# About a third of a second a batch, so that there is time to interfere.
BUSY = "def f(x):\n    y = sum(range(300_000)) + x\n    return y\n"
# A cluster on the loopback alone, with a token made up for it.
OF_ITS_OWN = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": "of-a-cluster-that-lives-for-one-test",
}
CLUSTER = """
import os, sys, tempfile, time
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
from pathlib import Path
import ray
with tempfile.TemporaryDirectory(dir="/tmp") as folder:
    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False,
        logging_level="ERROR", _node_ip_address="127.0.0.1", _temp_dir=folder)
    Path("address.tmp").write_text(ray.get_runtime_context().gcs_address)
    Path("address.tmp").rename("address")
    time.sleep(float(sys.argv[1]))
    ray.shutdown()
"""
LISTENING = "0A"
LOOPBACKS = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
DEADLY = """
import os
from contextlib import contextmanager
from stepcode.errors import SandboxError
from stepcode_pipelines.ray_engine import map_on_ray

@contextmanager
def deadly():
    def task(item):
        if item == 3:
            os._exit(1)
        return item
    yield task

got = []
try:
    for item in map_on_ray(deadly, range(5), workers=1):
        got.append(item)
except SandboxError as error:
    print(got, error)
"""


@pytest.fixture
def local(tmp_path: Path, stepcode: Stepcode) -> dict[str, str]:
    """The files of a local build of the same rows."""
    rows = [row(number, code=BUSY) for number in range(150)]
    repeated = [row(number + 200, code=BUSY, input=str(number)) for number in range(10)]
    wrong = [row(number + 300, output="0") for number in range(10)]
    write_jsonl(tmp_path / "in.jsonl", [*rows[:50], *wrong, *repeated, *rows[50:]])
    assert stepcode(*COMMAND, "--out", "local").returncode == 0
    return digests(tmp_path / "local")


def wait_for_actors(tmp_path: Path, process: subprocess.Popen[bytes]) -> list[int]:
    """Wait until both actors run and have a sandbox, and give their process ids."""
    deadline = time.monotonic() + 60
    while True:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        actors = [path for path in Path("/proc").glob("[0-9]*") if is_actor(path, tmp_path)]
        pids = [int(path.name) for path in actors]
        zygotes = [pid for actor in pids for pid in descendants_of(actor) if is_zygote(pid)]
        if len(actors) == 2 and len(zygotes) >= 4:
            return pids
        time.sleep(0.02)


def is_zygote(pid: int) -> bool:
    try:
        return b"zygote.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def is_actor(process: Path, tmp_path: Path) -> bool:
    try:
        named = (process / "cmdline").read_bytes().startswith(b"ray::_Actor")
        return named and str(tmp_path).encode() in (process / "environ").read_bytes()
    except OSError:
        return False


def listening_addresses(tmp_path: Path) -> set[str]:
    """Where the processes of the test listen, as /proc/net/tcp and tcp6 write it."""
    ours: set[str] = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # ended, or not ours to read
            if f"TMPDIR={tmp_path / 'tmp'}".encode() in (process / "environ").read_bytes():
                ours |= {str(file.readlink()) for file in (process / "fd").iterdir()}
    tables = [Path("/proc/net", name).read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
    sockets = [line.split() for table in tables for line in table]
    return {
        part[1].partition(":")[0]
        for part in sockets
        if part[3] == LISTENING and f"socket:[{part[9]}]" in ours
    }


def finish(process: subprocess.Popen[bytes]) -> tuple[int, bytes, bytes]:
    stdout, stderr = process.communicate(timeout=100)
    return process.returncode, stdout, stderr


@needs_ray
@pytest.mark.slow
def test_build_on_ray_has_the_bytes_of_a_local_one_and_leaves_nothing(
    tmp_path: Path, local: dict[str, str]
) -> None:
    process = start(*ON_RAY, tmp_path=tmp_path)
    code, stdout, stderr = finish(process)
    assert (code, stderr) == (0, b"")
    assert stdout == (
        b"ray: 170 rows in, 150 kept, 20 rejected (duplicate 10, output_differs 10)\n"
    )
    assert digests(tmp_path / "ray") == local
    wait_until_none_runs(tmp_path, seconds=20)
    assert list((tmp_path / "tmp").iterdir()) == []


@needs_ray
@pytest.mark.slow
def test_actor_that_is_killed_loses_no_row(tmp_path: Path, local: dict[str, str]) -> None:
    process = start(*ON_RAY, tmp_path=tmp_path)
    os.kill(wait_for_actors(tmp_path, process)[0], signal.SIGKILL)
    code, stdout, _ = finish(process)
    assert (code, stdout.count(b"\n")) == (0, 1)
    assert digests(tmp_path / "ray") == local


@needs_ray
@pytest.mark.slow
@pytest.mark.usefixtures("local")
def test_cluster_of_our_own_listens_on_the_loopback_alone(tmp_path: Path) -> None:
    process = start(*ON_RAY, tmp_path=tmp_path)
    wait_for_actors(tmp_path, process)
    addresses = listening_addresses(tmp_path)
    assert finish(process)[0] == 0
    assert addresses
    assert addresses <= LOOPBACKS


@needs_ray
@pytest.mark.slow
@pytest.mark.parametrize("whole_group", [True, False], ids=["group", "driver"])
def test_interrupt_on_ray_is_one_line_and_the_build_goes_on(
    tmp_path: Path, local: dict[str, str], whole_group: bool
) -> None:
    process = start(*ON_RAY, tmp_path=tmp_path)
    wait_for_actors(tmp_path, process)
    (os.killpg if whole_group else os.kill)(process.pid, signal.SIGINT)
    code, stdout, stderr = finish(process)
    assert (code, stdout, stderr.count(b"\n")) == (1, b"", 1)
    assert stderr.startswith(b"stepcode: interrupted; what is finished is kept in ray")
    wait_until_none_runs(tmp_path, seconds=20)
    assert list((tmp_path / "tmp").iterdir()) == []
    code, _, stderr = finish(start(*COMMAND, "--out", "ray", tmp_path=tmp_path))
    assert (code, stderr) == (0, b"")
    assert digests(tmp_path / "ray") == local


@contextmanager
def cluster(tmp_path: Path) -> Iterator[str]:
    script = f"import os; os.environ.update({OF_ITS_OWN}){CLUSTER}"
    process = start("90", tmp_path=tmp_path, script=script)
    try:
        wait_for(tmp_path / "address", process)
        yield (tmp_path / "address").read_text()
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@needs_ray
@pytest.mark.slow
def test_cluster_that_is_there_is_used_and_left_running(
    tmp_path: Path, local: dict[str, str], stepcode: Stepcode
) -> None:
    with cluster(tmp_path) as address:
        # More workers than the cluster has cores: those that find no place are not waited for.
        for out, workers in [("first", "1"), ("second", "5")]:
            command = (*COMMAND, "--engine", "ray", "--workers", workers, "--out", out)
            done = stepcode(*command, RAY_ADDRESS=address, **OF_ITS_OWN)
            assert (done.returncode, done.stderr) == (0, b"")
            assert digests(tmp_path / out) == local


@needs_ray
@pytest.mark.slow
def test_item_that_ends_its_actor_every_time_is_an_error(tmp_path: Path) -> None:
    code, stdout, _ = finish(start(tmp_path=tmp_path, script=DEADLY))
    assert code == 0
    assert stdout.splitlines()[-1].startswith(b"[0, 1, 2] a batch ended its Ray worker 3 times")


@needs_ray
@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "localhost:nonsense"])
def test_cluster_that_does_not_answer_is_one_line(stepcode: Stepcode, address: str) -> None:
    done = stepcode("build-dataset", "--engine", "ray", "--out", "out", RAY_ADDRESS=address)
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
    expected = f"stepcode: no Ray cluster answers at RAY_ADDRESS {address}: "
    assert done.stderr.decode().startswith(expected)


def test_ray_that_is_not_installed_is_one_line(tmp_path: Path) -> None:
    without = "import sys; sys.modules['ray'] = None; from stepcode_cli.main import main; main()"
    process = start(
        "build-dataset", "--engine", "ray", "--out", "out", tmp_path=tmp_path, script=without
    )
    assert finish(process) == (
        2, b"", b"stepcode: --engine ray needs Ray: pip install 'stepcode[ray]'\n"
    )  # fmt: skip


def test_node_with_another_python_is_refused() -> None:
    refusal = _Actor(None, current_versions() | {"python": "3.99"}).start()
    assert refusal is not None
    assert "has python 3." in str(refusal)
    assert "the driver 3.99: install the same on every node" in str(refusal)
    assert _Actor(None, current_versions()).start() is None
