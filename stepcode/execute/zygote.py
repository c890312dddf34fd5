"""The zygote: a clean, warm interpreter that forks one child per program and buries it.

Run as a script by launch.py (`python -s -P -S zygote.py SETTINGS`), never imported. It loads its
neighbour child.py by path, so nothing of stepcode can be imported by the programs it runs.

    caller  -- frame (code, call, marker) -->    zygote  -- fork --> child, which writes the trace
    caller  <-- frame {status, stopped, oom} --  zygote              and ends

The trace, standard output and standard error are memory files that the caller holds as well: what
a program shows never passes through this process, whose every written page costs each fork a copy.
For the same reason it imports little: `threading` alone costs each fork 0.3 ms, `random` 0.1 ms.
"""

import builtins
import ctypes
import gc
import json
import os
import select
import signal
import sys
import time
from contextlib import suppress
from math import ceil
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from stepcode.execute import child, frames, processes, scratch
else:
    sys.path.append(os.path.dirname(__file__))  # noqa: PTH120  # see the docstring
    import child
    import frames
    import processes
    import scratch

    for neighbour in (child, frames, processes, scratch):
        del sys.modules[neighbour.__name__]
    sys.path.pop()

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
MAX_POLL_SECONDS = 3600.0


class Zygote:
    """Forks a child for every job, watches it, and leaves nothing of it behind."""

    def __init__(self, settings: dict[str, Any]) -> None:  # Any: numbers and names from JSON
        """Take over the files and limits that the caller chose."""
        self.control: int = settings["control"]
        self.trace: int = settings["trace"]
        self.scratch: str = settings["scratch"]
        self.limits: dict[str, Any] = settings["limits"]
        self.poll = select.poll()
        self.poll.register(self.control, select.POLLIN)
        self.oom_kills = count_oom_kills()
        self.prctl = ctypes.CDLL(None).prctl
        self.pid = os.getpid()

    def serve(self) -> None:
        """Run one job after another until the caller is gone."""
        self._answer({"ready": sys.version.split()[0]})
        while (frame := frames.receive(self.control)) is not None:
            for file in (self.trace, 1, 2):
                os.ftruncate(file, 0)
            pid = os.fork()
            if pid == 0:
                self._become_child(frame)
            self._answer(self._watch(pid))
            scratch.clean(self.scratch)

    def _answer(self, message: dict[str, Any]) -> None:  # Any: JSON
        frames.send(self.control, json.dumps(message).encode("ascii"))

    def _become_child(self, frame: bytes) -> NoReturn:
        try:
            os.setpgid(0, 0)  # a session of its own would cost 0.3 ms: the kernel groups it anew
            self.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != self.pid:  # it died before it could be followed
                child.leave(70)
            os.close(self.control)
            child.limit_cpu(self.limits)
            steps, size = self.limits["max_steps"], self.limits["max_output_bytes"]
            child.run_job(frame, child.Trace(self.trace, max_bytes=size, max_steps=steps))
        finally:
            child.leave(70)

    def _watch(self, pid: int) -> dict[str, Any]:
        pidfd = os.pidfd_open(pid)
        self.poll.register(pidfd, select.POLLIN)
        stopped = self._wait(pid, pidfd)
        self.poll.unregister(pidfd)
        os.close(pidfd)
        status = bury(pid)
        oom = os.WIFSIGNALED(status) and not stopped and self._was_oom()
        return {"status": status, "stopped": stopped, "oom": oom}

    def _wait(self, pid: int, pidfd: int) -> str:
        """Wait for the end of a child; name the limit that it reached first, if any."""
        cpu_left, wall_left = self.limits["cpu_seconds"], self.limits["wall_seconds"]
        deadline = time.monotonic() + wall_left
        while True:
            seconds = min(cpu_left, wall_left, MAX_POLL_SECONDS)
            ready = [file for file, _ in self.poll.poll(ceil(seconds * 1000))]
            if pidfd in ready:
                return ""
            if ready:  # the caller sends nothing while it waits, so it is gone
                bury(pid)
                raise EOFError
            cpu_left = self.limits["cpu_seconds"] - cpu_seconds(pid)
            wall_left = deadline - time.monotonic()
            if cpu_left <= 0:
                return "cpu"
            if wall_left <= 0:
                return "wall"

    def _was_oom(self) -> bool:
        before, self.oom_kills = self.oom_kills, count_oom_kills()
        return self.oom_kills > before


def cpu_seconds(pid: int) -> float:
    """Read the processor time of a child from its own clock, exactly."""
    return time.clock_gettime((~pid << 3) | 2)


def bury(pid: int) -> int:
    """Kill and reap a child with everything it started; return its wait status."""
    # Both before it is reaped, while the number is certainly its own: it may have left its group.
    os.kill(pid, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    while strays_left():
        processes.kill_all(processes.descendants_of(os.getpid()))
        time.sleep(0.0002)
    return status


def strays_left() -> bool:
    """Reap the orphans that have ended; as subreaper the zygote becomes the parent of them all."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue
    except ChildProcessError:
        return False
    return True


def count_oom_kills() -> int:
    """Read how often this machine's kernel killed for want of memory; 0 where it does not tell."""
    try:
        with open("/proc/vmstat", "rb") as stream:  # noqa: PTH123
            lines = stream.read().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(b"oom_kill "))


def reset_signals() -> None:
    """Undo what a caller that ignores Ctrl-C hands down: a program starts with Python's own."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGPIPE}:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def warm_up() -> None:
    """Run a program that uses most of the language, so that no child has to load that again."""
    import _sitebuiltins  # programs use `exit`, which `site` would define

    for name in ("exit", "quit"):
        setattr(builtins, name, _sitebuiltins.Quitter(name, "Ctrl-D"))
    path = os.path.join(os.path.dirname(__file__), "warmup.py")  # noqa: PTH118, PTH120
    with open(path, encoding="utf-8") as stream:  # noqa: PTH123
        code = stream.read()
    own = sys.modules["__main__"]
    child.run_program(code, "warm_up()", marker="", trace=None)
    sys.modules["__main__"] = own
    gc.collect()
    gc.freeze()


def main() -> None:
    """Serve the caller whose settings are in the argument, then remove the scratch folder."""
    zygote = Zygote(json.loads(sys.argv[1]))
    sys.argv[:] = ["program"]
    os.set_inheritable(zygote.trace, False)
    os.set_inheritable(zygote.control, False)
    os.chdir(zygote.scratch)
    zygote.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    reset_signals()
    child.limit_resources(zygote.limits)
    warm_up()
    with suppress(EOFError, ConnectionError):  # the caller is gone
        zygote.serve()
    scratch.remove(zygote.scratch)


if __name__ == "__main__":
    main()
