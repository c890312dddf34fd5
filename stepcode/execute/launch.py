"""Start a zygote and hold what the caller shares with it.

It is started by exec, never by forking the caller, whose threads and memory a fork would copy; its
environment is written here, so no secret of the caller's gets in.
"""

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stepcode.errors import SandboxError
from stepcode.execute import frames, processes, scratch
from stepcode.types import Limits

_SCRIPT = Path(__file__).with_name("zygote.py")
_START_SECONDS = 60.0
_ATTEMPTS = 4
_FIRST_PAUSE_SECONDS = 0.1
_SEND_SECONDS = 10.0
_STOP_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Zygote:
    """A running zygote, and the memory files that its children write to."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    trace: int
    stdout: int
    stderr: int
    folder: str

    def ask(self, frame: bytes) -> bool:
        """Send a job; False if the zygote is gone, or too busy with anything else to take it."""
        for file in (self.trace, self.stdout, self.stderr):
            _append_only(file)
        self._limit(socket.SO_SNDTIMEO, _SEND_SECONDS)
        try:
            frames.send(self.control.fileno(), frame)
        except OSError:
            return False
        return True

    def answer(self, *, seconds: float) -> dict[str, Any] | None:
        """Wait for the answer; None if the zygote is gone or silent."""
        self._limit(socket.SO_RCVTIMEO, seconds)
        try:
            frame = frames.receive(self.control.fileno())
        except OSError:
            return None
        return None if frame is None else dict(json.loads(frame))

    def stop(self) -> None:
        """End the process and free what it holds; closing the socket ends a running job."""
        self.control.close()
        try:
            self.process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            processes.kill_tree(self.process.pid)
        self.process.wait()
        for file in (self.trace, self.stdout, self.stderr):
            os.close(file)
        scratch.remove(self.folder)

    def _limit(self, option: int, seconds: float) -> None:
        """Set how long one read or write may wait; no time at all would mean for ever."""
        whole, rest = divmod(max(seconds, 0.001), 1)
        value = struct.pack("@ll", int(whole), int(rest * 1e6))
        self.control.setsockopt(socket.SOL_SOCKET, option, value)


def launch(limits: Limits, *, hash_seed: int) -> Zygote:
    """Start a zygote, trying again with growing pauses before giving the machine up."""
    cause = ""
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))
        try:
            zygote = _spawn(limits, hash_seed)
        except OSError as error:
            cause = str(error)
            continue
        try:
            is_ready = zygote.answer(seconds=_START_SECONDS) is not None
        except BaseException:  # Ctrl-C
            zygote.stop()
            raise
        if is_ready:
            return zygote
        cause = _cause_of_death(zygote)
    raise SandboxError(f"no sandbox process starts here ({_ATTEMPTS} tries), the last: {cause}")


def _spawn(limits: Limits, hash_seed: int) -> Zygote:
    ours, theirs = socket.socketpair()
    trace, stdout, stderr = (_memory_file(name) for name in ("trace", "stdout", "stderr"))
    folder = tempfile.mkdtemp(prefix="stepcode-")
    settings = {
        "control": theirs.fileno(),
        "trace": trace,
        "scratch": folder,
        "limits": asdict(limits),
    }
    # `-I` would be stricter, but it ignores PYTHONHASHSEED.
    options = ["-s", "-P", "-S", "-W", "ignore::SyntaxWarning"]
    try:
        process = subprocess.Popen(
            [sys.executable, *options, str(_SCRIPT), json.dumps(settings)],
            env=_environment(folder, hash_seed),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            pass_fds=(theirs.fileno(), trace),
            start_new_session=True,
        )
    except OSError:
        ours.close()
        for file in (trace, stdout, stderr):
            os.close(file)
        scratch.remove(folder)
        raise
    finally:
        theirs.close()
    return Zygote(process, ours, trace, stdout, stderr, folder)


def _environment(home: str, hash_seed: int) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "PYTHONHASHSEED": str(hash_seed),
        "PYTHONUTF8": "1",
        "PYTHONIOENCODING": "utf-8:strict",  # else C.UTF-8 lets lone surrogates through
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _memory_file(name: str) -> int:
    file = os.memfd_create(f"stepcode-{name}")
    _append_only(file)
    return file


def _append_only(file: int) -> None:
    """Let no writer leave a hole or overwrite another; a program that has the file can undo it."""
    fcntl.fcntl(file, fcntl.F_SETFL, os.O_APPEND)


def _cause_of_death(zygote: Zygote) -> str:
    errors = os.pread(zygote.stderr, 100_000, 0).decode("utf-8", "backslashreplace")
    zygote.stop()
    last_line = errors.strip().rpartition("\n")[2]
    return last_line or f"{sys.executable} ended with status {zygote.process.returncode}"
