"""A running zygote in the hands of its caller: ask it, hear it, end it."""

import fcntl
import json
import mmap
import os
import signal
import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepcode.execute import cgroup, frames, processes, scratch

_SEND_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a zygote tells of a job."""

    status: int
    """As `os.wait` gives it."""
    stopped: int
    """`frames.ENDED`, or the limit that the zygote stopped it for."""
    retire: bool
    """Whether something is left that the zygote cannot remove."""


@dataclass(slots=True)
class Zygote:
    """A running zygote, the trace that its children write, and the files that they print to."""

    pid: int
    control: socket.socket
    trace: mmap.mmap
    stdout: int
    stderr: int
    folder: str
    oom_kills: int
    group: Path | None = None

    def ask(self, frame: bytes) -> bool:
        """Send a job; False if the zygote is gone, or too busy with anything else to take it."""
        self.trace.madvise(mmap.MADV_REMOVE)  # all zeros again, whoever wrote where
        for file in (self.stdout, self.stderr):
            append_only(file)
        self._limit(socket.SO_SNDTIMEO, _SEND_SECONDS)
        try:
            frames.send(self.control.fileno(), frame)
        except OSError:
            return False
        return True

    def hear(self, *, seconds: float) -> dict[str, Any] | None:  # Any: JSON
        """Wait for what a zygote tells while it starts; None if it is gone or silent."""
        frame = self._receive(seconds)
        return None if frame is None else dict(json.loads(frame))

    def answer(self, *, seconds: float) -> Answer | None:
        """Wait for the answer to a job; None if the zygote is gone or silent."""
        while len(frame := self._receive(seconds) or b"") == frames.ANSWER.size:
            status, stopped, retire = frames.ANSWER.unpack(frame)
            if stopped != frames.KILL:
                return Answer(status, stopped, bool(retire))
            os.kill(status, signal.SIGKILL)  # not reaped, so the number is its own
        return None

    def _receive(self, seconds: float) -> bytes | None:
        self._limit(socket.SO_RCVTIMEO, seconds)
        try:
            return frames.receive(self.control.fileno())
        except OSError:
            return None

    def was_oom(self) -> bool:
        """Whether this machine's kernel has killed for want of memory since it was last asked."""
        before, self.oom_kills = self.oom_kills, count_oom_kills()
        return self.oom_kills > before

    def stop(self) -> int:
        """End the process and all that is below it, and free what it holds; its wait status."""
        processes.kill_tree(self.pid)
        status = os.waitpid(self.pid, 0)[1]
        self.control.close()
        self.trace.close()
        for file in (self.stdout, self.stderr):
            os.close(file)
        scratch.remove(self.folder)
        cgroup.release(self.group)
        return status

    def _limit(self, option: int, seconds: float) -> None:
        """Set how long one read or write may wait; no time at all would mean for ever."""
        whole, rest = divmod(max(seconds, 0.001), 1)
        value = struct.pack("@ll", int(whole), int(rest * 1e6))
        self.control.setsockopt(socket.SOL_SOCKET, option, value)


def append_only(file: int) -> None:
    """Let no writer leave a hole or overwrite another; a program that has the file can undo it."""
    fcntl.fcntl(file, fcntl.F_SETFL, os.O_APPEND)


def count_oom_kills() -> int:
    """Read how often this machine's kernel killed for want of memory; 0 where it does not tell."""
    try:
        lines = Path("/proc/vmstat").read_bytes().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(b"oom_kill "))
