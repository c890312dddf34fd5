"""The zygote: a clean, warm interpreter that forks one child per program and watches it.

Run as a script (`python -s -P -S zygote.py SETTINGS`), by launch.py or by the stage that isolates
it first; never imported. It loads its neighbours by path, so nothing of stepcode can be imported by
the programs it runs.

    caller  -- frame (runs) -->                     zygote  -- fork --> child, which writes the
    caller  <-- status, stopped, retire --          zygote              trace and ends

The trace is memory that the caller shares, standard output and error are memory files that it
holds: what a program shows never passes through this process, whose every written page costs each
fork a copy. For the same reason it imports next to nothing, not even `typing` or `signal`: each
megabyte that is here costs each fork and exit 0.04 ms, `threading` alone 0.3 ms.
"""

from __future__ import annotations

import builtins
import gc
import marshal
import mmap
import os
import select
import sys
import time
from math import ceil
from types import ModuleType

TYPE_CHECKING = False  # as in `typing`
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Callable
    from typing import Any, NoReturn

    from stepcode.execute import child, frames, scratch
else:
    import _signal

    sys.path.append(os.path.dirname(__file__))  # noqa: PTH120  # see the docstring
    import child
    import frames
    import scratch

    for neighbour in (child, frames, scratch):
        del sys.modules[neighbour.__name__]
    sys.path.pop()

SIGINT, SIGKILL = _signal.SIGINT, _signal.SIGKILL
MAX_POLL_SECONDS = 3600.0


class Zygote:
    """Forks a child for every job, watches it, and tells if it leaves anything behind."""

    def __init__(self, settings: dict[str, Any]) -> None:  # Any: numbers and names
        """Take over the files and limits that the caller chose."""
        self.control: int = settings["control"]
        self.scratch: str = settings["scratch"]
        self.limits: dict[str, Any] = settings["limits"]
        self.killed_by_caller = "--killed-by-caller" in sys.argv
        self.processes: int | None = settings["processes"]
        self.poll = select.poll()
        self.poll.register(self.control, select.POLLIN)
        self.limit_child = child.limit_child

    def serve(self, run_job: Callable[[bytes], None]) -> None:
        """Run one job after another until the caller is gone or something is left behind."""
        frames.send(self.control, b'{"ready": true}')
        while (frame := frames.receive(self.control)) is not None:
            for file in (1, 2):
                os.ftruncate(file, 0)
                os.lseek(file, 0, os.SEEK_SET)
            pid = os.fork()
            if pid == 0:
                self._become_child(run_job, frame)
            stopped = self._watch(pid)
            status = os.waitpid(pid, 0)[1]
            is_as_before = scratch.clean(self.scratch) and not strays_left()
            frames.send(self.control, frames.ANSWER.pack(status, stopped, not is_as_before))

    def _become_child(self, run_job: Callable[[bytes], None], frame: bytes) -> NoReturn:
        try:
            os.setpgid(0, 0)  # a session of its own would cost 0.3 ms: the kernel groups it anew
            os.close(0)
            os.open(os.devnull, os.O_RDONLY)  # one that shares nothing with the next program's
            os.closerange(3, 256)
            _signal.signal(SIGINT, _signal.default_int_handler)
            self.limit_child(self.limits, processes=self.processes)
            run_job(frame)
        finally:
            os._exit(70)

    def _watch(self, pid: int) -> int:
        pidfd = os.pidfd_open(pid)
        self.poll.register(pidfd, select.POLLIN)
        stopped = self._wait(pid, pidfd)
        self.poll.unregister(pidfd)
        os.close(pidfd)
        if stopped:
            self._kill(pid)
        return stopped

    def _kill(self, pid: int) -> None:
        if self.killed_by_caller:  # no signals are allowed here
            frames.send(self.control, frames.ANSWER.pack(pid, frames.KILL, False))
        else:
            os.kill(pid, SIGKILL)

    def _wait(self, pid: int, pidfd: int) -> int:
        """Wait for the end of a child; name the limit that it reached first, if any."""
        cpu_left, wall_left = self.limits["cpu_seconds"], self.limits["wall_seconds"]
        deadline = time.monotonic() + wall_left
        while True:
            seconds = min(cpu_left, wall_left, MAX_POLL_SECONDS)
            ready = [file for file, _ in self.poll.poll(ceil(seconds * 1000))]
            if pidfd in ready:
                return frames.ENDED
            if ready:  # the caller sends nothing while it waits, so it is gone
                self._kill(pid)
                raise EOFError
            cpu_left = self.limits["cpu_seconds"] - cpu_seconds(pid)
            wall_left = deadline - time.monotonic()
            if cpu_left <= 0:
                return frames.OVER_CPU
            if wall_left <= 0:
                return frames.OVER_WALL


def cpu_seconds(pid: int) -> float:
    """Read the processor time of a child from its own clock, exactly."""
    return time.clock_gettime((~pid << 3) | 2)


def strays_left() -> bool:
    """Reap orphans that have ended; tell whether any lives: they all become this one's children."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue
    except ChildProcessError:
        return False
    return True


def reset_signals() -> None:
    """Undo what a caller that ignores Ctrl-C hands down.

    A process 1 without handlers hears no signal from inside its namespace.
    """
    for number in _signal.valid_signals() - {SIGKILL, _signal.SIGSTOP, _signal.SIGPIPE}:
        _signal.signal(number, _signal.SIG_DFL)
    _signal.pthread_sigmask(_signal.SIG_SETMASK, ())


def import_ahead(settings: dict[str, Any]) -> None:  # Any: numbers and names
    """Import what programs of this zygote's kind are known to import."""
    sys.path += settings["package_folders"]
    if not settings["imports"]:
        return
    sys.path.append(os.path.dirname(__file__))  # noqa: PTH120
    import preload  # type: ignore[import-not-found]  # by its path, as above

    del sys.modules["preload"], sys.path[-1]
    preload.import_ahead(settings["packages"], settings["import_files"])
    preload.replace_coroutine()


def warm_up(name: str) -> None:
    """Run a program that uses most of the language, so that no child has to load that again."""
    import _sitebuiltins  # programs use `exit`, which `site` would define

    for word in ("exit", "quit"):
        setattr(builtins, word, _sitebuiltins.Quitter(word, "Ctrl-D"))
    path = os.path.join(os.path.dirname(__file__), name)  # noqa: PTH118, PTH120
    with open(path, encoding="utf-8") as stream:  # noqa: PTH123
        code = stream.read()
    module, own = ModuleType("program"), sys.modules["__main__"]
    sys.modules["program"] = sys.modules["__main__"] = module
    exec(compile(code, "<program>", "exec", dont_inherit=True), module.__dict__)
    repr(eval(compile("warm_up()", "<call>", "eval", dont_inherit=True), module.__dict__))
    sys.modules["__main__"] = own


def build_run(settings: dict[str, Any]) -> Callable[[bytes], None]:  # Any: numbers and names
    """Make the function that a child calls; the trace has no other way into a child."""
    codes = marshal.loads(frames.receive(settings["control"]) or b"")
    trace = mmap.mmap(settings["trace"], settings["capacity"])
    os.close(settings["trace"])
    return child.build_harness(
        codes,
        trace,
        settings["limits"],
        trusted=settings["trusted"],
        machine_code=settings["machine_code"],
        is_guarded=settings["is_guarded"],
    )


def main() -> None:
    """Serve the caller whose settings come first, then remove the scratch folder."""
    settings = marshal.loads(frames.receive(int(sys.argv[1])) or b"")
    os.set_inheritable(settings["control"], False)
    os.chdir(settings["scratch"])
    reset_signals()
    import_ahead(settings)
    limits = settings["limits"]
    memory_mb = limits["memory_mb"] + settings["imports_mb"]
    child.limit_resources(limits | {"memory_mb": memory_mb})
    warm_up("warmup_library.py" if settings["imports"] else "warmup.py")
    run_job, zygote = build_run(settings), Zygote(settings)
    sys.argv[:] = ["program"]
    globals().pop("child")  # a program that walks the frames finds this module
    gc.collect()
    gc.freeze()
    try:  # noqa: SIM105  # `contextlib` is not here
        zygote.serve(run_job)
    except (EOFError, ConnectionError):  # the caller is gone
        pass
    scratch.remove(settings["scratch"])


if __name__ == "__main__":
    main()
