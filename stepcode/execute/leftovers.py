"""The folders that programs run in where they share the machine's file tree.

A process that is killed cannot remove its folder, and its zygote may not. So the name of a folder
says whose it is, and the next process that makes one removes those whose owners are gone.
"""

import os
import pwd
import re
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from stepcode.execute import scratch

_NAME = re.compile(r"stepcode-(\d+)-(\d+)-\w+")
"""The process namespace and the number in it of the process that made it."""


def make_folder() -> str:
    """Make an empty folder that goes with this process, if only when the next one looks."""
    _sweep_once()
    return tempfile.mkdtemp(prefix=f"stepcode-{_namespace()}-{os.getpid()}-")


@lru_cache(maxsize=1)
def _sweep_once() -> None:
    sweep()


def sweep() -> None:
    """Remove what processes that have ended left; other machines' and containers' are not ours."""
    for path in Path(tempfile.gettempdir()).glob("stepcode-*"):
        name = _NAME.fullmatch(path.name)
        if name is None or int(name[1]) != _namespace() or _is_running(int(name[2])):
            continue
        with suppress(OSError):  # another process was faster
            if _is_ours(path.lstat().st_uid):
                scratch.remove(str(path))


def _is_ours(owner: int) -> bool:
    """Whether a folder is this user's, or root's who gave it to a user that does not exist."""
    if owner == os.geteuid() or os.geteuid() != 0:
        return owner == os.geteuid()
    try:
        pwd.getpwuid(owner)
    except KeyError:
        return True
    return False


def _namespace() -> int:
    return Path("/proc/self/ns/pid").stat().st_ino


def _is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
