"""Workers on a Ray cluster: `map_ordered` with actors in place of processes.

An actor keeps its task open (for a build: two sandboxes) until the last item. One that is
lost with its node is started again elsewhere, and its items are tried again. The nodes need the
same stepcode and Python as the driver, else their rows would differ: each actor says what it has.
"""

import os
import secrets
import shutil
import socket
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from stepcode.dataset.manifest import current_versions
from stepcode.errors import MissingExtraError, MisuseError, SandboxError, StepcodeError
from stepcode.execute.workers import MakeTask
from stepcode_pipelines.engines import local_cores

T = TypeVar("T")
R = TypeVar("R")

_LOOK_AHEAD = 4
_IN_HAND = 2
"""Items that an actor holds: one in work, and one so that it need not wait for the driver."""
_ATTEMPTS = 3
_STOP_SECONDS = 5
_CONNECT_SECONDS = 5
_LONGEST_TEMP = 30
"""Ray puts sockets below its folder, and the path of a socket has to stay under 108 bytes."""
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
_LOOPBACK = "127.0.0.1"


def map_on_ray(
    make_task: MakeTask[T, R], items: Iterable[T], *, workers: int | None
) -> Iterator[R]:
    """Enter `make_task()` once in each actor, apply the task to the items, yield in their order."""
    if workers is not None and workers < 1:
        raise MisuseError(f"{workers} workers can do nothing: ask for 1 or more")
    with _cluster(workers) as ray:
        crew = _Crew[T, R](ray, make_task, workers or _cores_of(ray))
        try:
            yield from crew.map(items)
        except ray.exceptions.RayActorError as error:
            lost = f"a batch ended its Ray worker {_ATTEMPTS} times"
            raise SandboxError(f"{lost}: {str(error).splitlines()[0]}") from error
        finally:
            crew.dismiss()


class _Actor:
    """What runs on a node; it never raises our errors, which Ray would wrap in a traceback."""

    def __init__(self, make_task: Any, versions: dict[str, str]) -> None:  # Any: see MakeTask
        self._make_task = make_task
        self._versions = versions
        self._stack = ExitStack()
        self._task: Any = None  # Any: as above

    def start(self) -> StepcodeError | None:
        """Answer once the actor has a place, and say why it cannot work there."""
        here = current_versions()
        for name, version in self._versions.items():
            if here[name] != version:
                node = f"Ray node {socket.gethostname()} has {name} {here[name]}"
                return MisuseError(f"{node}, the driver {version}: install the same on every node")
        return None

    def stop(self) -> None:
        """Close the task: killed, it could not tidy up."""
        self._stack.close()

    def apply(self, item: Any) -> Any:  # Any: T and R of the driver
        try:
            if self._task is None:
                self._task = self._stack.enter_context(self._make_task())
            return self._task(item)
        except StepcodeError as error:
            return error


@dataclass(slots=True)
class _Hand:
    """An actor, and how many items it holds."""

    actor: Any  # Any: Ray's handles have no static type
    held: int = 0


@dataclass(slots=True)
class _Given(Generic[R]):
    """An item on its way: who has it, and the result once there."""

    hand: _Hand
    results: list[R] = field(default_factory=list)


class _Crew(Generic[T, R]):
    """The actors of one map, and the items that they have in hand."""

    def __init__(self, ray: Any, make_task: MakeTask[T, R], workers: int) -> None:
        self._ray = ray
        kind = ray.remote(max_restarts=-1, max_task_retries=_ATTEMPTS - 1, num_cpus=1)(_Actor)
        actors = [kind.remote(make_task, current_versions()) for _ in range(workers)]
        self._starting = {actor.start.remote(): _Hand(actor) for actor in actors}
        self._hands: list[_Hand] = []
        self._running: dict[Any, _Given[R]] = {}  # Any: Ray's references
        self._limit = _LOOK_AHEAD * workers

    def map(self, items: Iterable[T]) -> Iterator[R]:
        """Keep every actor busy, but never more than the look-ahead in front of what was yielded.

        An actor that waits for a free core of the cluster gets nothing until it has one.
        """
        remaining = iter(items)
        order: deque[_Given[R]] = deque()
        while True:
            order.extend(self._hand_out(remaining, room=self._limit - len(order)))
            while order and order[0].results:
                yield order.popleft().results[0]
                order.extend(self._hand_out(remaining, room=self._limit - len(order)))
            if self._hands and not order:
                return
            self._wait()

    def _hand_out(self, remaining: Iterator[T], *, room: int) -> Iterator[_Given[R]]:
        for _ in range(room):
            hand = min(self._hands, key=lambda hand: hand.held, default=None)
            if hand is None or hand.held >= _IN_HAND:
                return
            for item in remaining:
                given = _Given[R](hand)
                self._running[hand.actor.apply.remote(item)] = given
                hand.held += 1
                yield given
                break

    def _wait(self) -> None:
        waiting = [*self._running, *self._starting]
        for reference in self._ray.wait(waiting, num_returns=1)[0]:
            result = self._ray.get(reference)
            if isinstance(result, StepcodeError):
                raise result
            if reference in self._starting:
                self._hands.append(self._starting.pop(reference))
            else:
                given = self._running.pop(reference)
                given.hand.held -= 1
                given.results.append(result)

    def dismiss(self) -> None:
        """End the actors, after what they have in hand, if that takes no longer than a moment."""
        for reference in self._running:
            self._ray.cancel(reference)
        stopping = [hand.actor.stop.remote() for hand in self._hands]
        if stopping:
            self._ray.wait(stopping, num_returns=len(stopping), timeout=_STOP_SECONDS)
        for hand in [*self._hands, *self._starting.values()]:
            self._ray.kill(hand.actor)


def _import_ray() -> Any:  # Any: Ray is an extra, and imported only here
    try:
        import ray
    except ImportError as error:
        raise MissingExtraError("--engine ray needs Ray: pip install 'stepcode[ray]'") from error
    return ray


@contextmanager
def _cluster(workers: int | None) -> Iterator[Any]:  # Any: the module ray
    """Join the cluster that there is, or have one on this machine's loopback for a while."""
    with ExitStack() as stack:
        joins = bool(os.environ.get("RAY_ADDRESS"))
        stack.enter_context(_environment(_QUIET if joins else _QUIET | _own_cluster()))
        ray = _import_ray()
        if ray.is_initialized():  # by whoever calls us from Python
            yield ray
        elif joins:
            stack.callback(ray.shutdown)
            _join(ray)
            yield ray
        else:
            folder = stack.enter_context(_temporary_folder())
            stack.callback(ray.shutdown)  # before its folder goes
            _start(ray, workers or local_cores(), folder)
            yield ray


def _join(ray: Any) -> None:
    address = os.environ["RAY_ADDRESS"]
    try:
        _knock(address)
        ray.init(log_to_driver=False, logging_level="ERROR")
    except (OSError, ValueError, RuntimeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        message = f"no Ray cluster answers at RAY_ADDRESS {address}: {reason}"
        raise MisuseError(f"{message}; if it has a token, set RAY_AUTH_TOKEN to it") from error


def _knock(address: str) -> None:
    """Fail at once where nobody listens; Ray would try for two minutes."""
    host, colon, port = address.rpartition("://")[2].rpartition(":")
    if colon:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT_SECONDS).close()


def _start(ray: Any, cores: int, folder: Path) -> None:
    if ray.util.get_node_ip_address() != _LOOPBACK:
        found = "Ray was imported before, and would listen on every interface"
        raise MisuseError(f"{found}: start a cluster with ray.init, or name one in RAY_ADDRESS")
    ray.init(
        address="local",
        num_cpus=cores,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
        object_store_memory=100 * 2**20,
        _node_ip_address=_LOOPBACK,
        _temp_dir=str(folder),
    )


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    usual = tempfile.gettempdir()
    folder = tempfile.mkdtemp(
        prefix="stepcode-ray-", dir=usual if len(usual) < _LONGEST_TEMP else "/tmp"
    )
    try:
        yield Path(folder)
    finally:
        _remove(Path(folder))


def _remove(folder: Path) -> None:
    # Ray's helpers outlive its shutdown by a moment, in which they still write here.
    deadline = time.monotonic() + _STOP_SECONDS
    while folder.exists() and time.monotonic() < deadline:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.1)


def _own_cluster() -> dict[str, str]:
    """The environment of a cluster that is ours alone: whoever else reaches it could run code."""
    return {
        # In spite of its name, what keeps Ray off the other interfaces. Read when it is imported.
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        # Other users of this machine reach the loopback too; Ray older than 2.52 has no tokens.
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_kill_child_processes_on_worker_exit": "false",  # sandboxes notice, and tidy up
        # Workers import what we can, as spawned processes do.
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _cores_of(ray: Any) -> int:
    return max(1, int(ray.cluster_resources().get("CPU", 1)))
