"""Apply a task to many items in trusted worker processes, results in order.

    for result in map_ordered(make_task, items, workers=4): ...

Workers are started by spawn, because forking a caller that has imported a threaded library can
deadlock. As ever with spawn, a script that asks for workers needs its `__main__` guard. They are
born with SIGINT blocked: Ctrl-C is the driver's, who ends them.
"""

import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import Any, Generic, TypeVar

import multiprocess
from multiprocess import resource_tracker
from multiprocess.connection import wait

from stepcode.errors import MisuseError, SandboxError, StepcodeError
from stepcode.execute import leftovers

T = TypeVar("T")
R = TypeVar("R")
MakeTask = Callable[[], AbstractContextManager[Callable[[T], R]]]

_LOOK_AHEAD = 4
_ATTEMPTS = 3
_ENDING_SECONDS = 1.0
"""A worker that closed its pipe ends at once."""
_UNGUARDED = (
    "; workers read the script that starts them too: put what it calls below "
    "`if __name__ == '__main__':`"
)
"""What ends a worker by an exception, before it takes an item."""


def map_ordered(make_task: MakeTask[T, R], items: Iterable[T], *, workers: int) -> Iterator[R]:
    """Enter `make_task()` once in each worker, apply the task to the items, yield in their order.

    `make_task` is pickled: a module-level context manager function, or a partial of one. Items are
    taken a few at a time. An item whose worker is killed is tried again, three times in all.
    """
    with open_crew(make_task, workers=workers) as apply:
        yield from apply(items)


@contextmanager
def open_crew(
    make_task: MakeTask[T, R], *, workers: int
) -> Iterator[Callable[[Iterable[T]], Iterator[R]]]:
    """Keep the workers of `map_ordered` for one lot of items after another.

    What is yielded takes the items of a lot and yields their results; the next lot can be given
    when those have all been taken, or not at all.
    """
    if workers < 1:
        raise MisuseError(f"{workers} workers can do nothing: ask for 1 or more")
    crew: list[_Worker[T, R]] = [_Worker(make_task) for _ in range(workers)]
    try:
        for worker in crew:
            worker.spawn()
        yield lambda items: _drive(crew, enumerate(items))
    finally:
        for worker in crew:
            worker.kill()
        leftovers.sweep()


@dataclass(frozen=True, slots=True)
class _Done(Generic[R]):
    result: R

    def unwrap(self) -> R:
        return self.result


@dataclass(frozen=True, slots=True)
class _Failed:
    error: Exception

    def unwrap(self) -> Any:  # Any: it never returns
        raise self.error


def _drive(crew: "list[_Worker[T, R]]", items: Iterator[tuple[int, T]]) -> Iterator[R]:
    """Keep every worker busy, but never more than the look-ahead in front of what was yielded."""
    replies: dict[int, _Done[R] | _Failed] = {}
    taken = yielded = 0
    while True:
        for worker in crew:
            if worker.is_idle and taken - yielded < _LOOK_AHEAD * len(crew):
                for index, item in items:
                    worker.give(index, item)
                    taken += 1
                    break
        busy = [worker for worker in crew if not worker.is_idle]
        if yielded in replies:
            yield replies.pop(yielded).unwrap()
            yielded += 1
        elif not busy:
            return
        if busy:
            replies.update(_collect(busy, block=yielded not in replies))


def _collect(
    busy: "list[_Worker[T, R]]", *, block: bool
) -> "Iterator[tuple[int, _Done[R] | _Failed]]":
    signs = [sign for worker in busy for sign in worker.signs_of_life]
    wait(signs, timeout=None if block else 0)
    for worker in busy:
        index = worker.index
        if (reply := worker.collect()) is not None:
            yield index, reply


class _Worker(Generic[T, R]):
    """One process, and the item that it has in hand."""

    def __init__(self, make_task: MakeTask[T, R]) -> None:
        self._make_task = make_task
        self.is_idle = True
        self.index = 0
        self._process: Any = None  # Any: multiprocess publishes no types

    def spawn(self) -> None:
        """Start the process."""
        context = multiprocess.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, self._make_task), daemon=True)
        resource_tracker.ensure_running()  # starting it would unblock what is blocked below
        try:
            with _interrupts_held():
                self._process.start()
        finally:
            theirs.close()  # else the end of the worker would not show as the end of the pipe

    @property
    def signs_of_life(self) -> tuple[Any, Any]:  # Any: multiprocess publishes no types
        """What becomes ready when the worker replies or dies."""
        return self._connection, self._process.sentinel

    def give(self, index: int, item: T) -> None:
        """Hand an item to the idle worker."""
        self.index, self._item, self._attempts, self.is_idle = index, item, 0, False
        self._send()

    def _send(self) -> None:
        self._attempts += 1
        with suppress(OSError):  # a dead worker is noticed when its reply is collected
            self._connection.send_bytes(pickle.dumps(self._item))

    def collect(self) -> "_Done[R] | _Failed | None":
        """Take the reply, if there is one; give the item to a new process if this one died."""
        try:
            if not self._connection.poll():
                if self._process.is_alive():
                    return None
                raise EOFError
            reply: _Done[R] | _Failed = pickle.loads(self._connection.recv_bytes())
        except (EOFError, OSError):
            return self._retry()
        self.is_idle = True
        return reply

    def _retry(self) -> _Failed | None:
        self._process.join(_ENDING_SECONDS)
        hint = _UNGUARDED if self._process.exitcode == 1 else ""
        self.kill()
        self.spawn()
        if self._attempts < _ATTEMPTS:
            self._send()
            return None
        self.is_idle = True
        shown = f"{self._item!r:.200}"
        return _Failed(
            SandboxError(f"item {self.index} ended its worker {_ATTEMPTS} times: {shown}{hint}")
        )

    def kill(self) -> None:
        """End the process now, if one was started."""
        if self._process is not None and self._process.pid is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
            self._connection.close()
        self._process = None


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let a worker be born whole, with SIGINT blocked; an interrupt meanwhile comes afterwards.

    The mask is what the worker inherits. It holds nothing back here, where any other thread may
    take the signal and the main thread then gets the KeyboardInterrupt; so the handler waits too.
    """
    held: list[tuple[int, FrameType | None]] = []
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    handler = signal.getsignal(signal.SIGINT)
    is_ours = callable(handler) and threading.current_thread() is threading.main_thread()
    if is_ours:
        signal.signal(signal.SIGINT, lambda number, frame: held.append((number, frame)))
    try:
        yield
    finally:
        if is_ours:
            signal.signal(signal.SIGINT, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    if held and callable(handler):
        handler(*held[0])


def _work(connection: Any, make_task: MakeTask[T, R]) -> None:  # Any: no published types
    threading.Thread(target=_die_with_driver, daemon=True).start()
    with suppress(EOFError, ConnectionError):  # the driver is gone
        try:
            with make_task() as task:
                _serve(connection, task)
        except Exception as error:  # no item can be worked on: let the first one say why
            connection.recv_bytes()
            connection.send_bytes(pickle.dumps(_failure(error)))


def _die_with_driver() -> None:
    """End this process in the middle of an item that nobody waits for; its zygotes notice."""
    wait([multiprocess.parent_process().sentinel])
    os.kill(os.getpid(), signal.SIGKILL)


def _serve(connection: Any, task: Callable[[T], R]) -> None:  # Any: no published types
    while True:
        try:
            data = connection.recv_bytes()
        except (EOFError, ConnectionError):
            return
        connection.send_bytes(_attempt(task, data))


def _attempt(task: Callable[[T], R], data: bytes) -> bytes:
    try:
        return pickle.dumps(_Done(task(pickle.loads(data))))
    except Exception as error:
        return pickle.dumps(_failure(error))


def _failure(error: Exception) -> _Failed:
    """Keep our own errors as they are; another may not survive pickling, but its traceback does."""
    if isinstance(error, StepcodeError):
        return _Failed(error)
    trace = "".join(traceback.format_exception(error))
    return _Failed(RuntimeError(f"a task failed in a worker process:\n{trace}"))
