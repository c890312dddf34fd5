"""Start a zygote.

It is started by exec, never by forking the caller, whose threads and memory a fork would copy; its
environment is written here, so no secret of the caller's gets in.
"""

import fcntl
import json
import marshal
import mmap
import os
import socket
import sys
import sysconfig
import time
from contextlib import suppress
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from stepcode.errors import SandboxError
from stepcode.execute import cgroup, child, frames, import_sets, leftovers, scratch
from stepcode.execute.handle import Zygote, append_only, count_oom_kills
from stepcode.execute.import_sets import ImportSet
from stepcode.execute.isolate import Isolation, MissingIsolationError
from stepcode.execute.seal import sealed_codes
from stepcode.types import Limits

_HERE = Path(__file__).parent
_START_SECONDS = 60.0
_ATTEMPTS = 4
_FIRST_PAUSE_SECONDS = 0.1
_CONTROL, _TRACE = 3, 4
"""The numbers that two of the zygote's files have in it."""
_MAX_PROCESSES = 64
_SCRATCH_MB = 64
_LANDLOCK_AT_MOST = 99
"""Lower in tests of what older kernels offer."""
_SYSTEM_FILES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache")
_TIME_ZONES = "/usr/share/zoneinfo"
_OWN_HOME = "/stepcode"
"""Where a program with a root of its own works; nothing that Python needs can lie below it."""


def launch(
    limits: Limits,
    *,
    isolation: Isolation,
    hash_seed: int,
    imports: ImportSet = (),
    is_guarded: bool = True,
) -> Zygote:
    """Start a zygote, trying again with growing pauses before giving the machine up.

    Without the guard its programs may do what `Sandbox` says.
    Raises MissingIsolationError if the machine cannot isolate it so, SandboxError if it dies.
    """
    cause = ""
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))
        try:
            zygote = _spawn(limits, isolation, hash_seed, imports, is_guarded=is_guarded)
        except OSError as error:
            cause = str(error)
            continue
        try:
            is_ready = _await_ready(zygote)
        except BaseException:  # Ctrl-C, or a level that is missing
            zygote.stop()
            raise
        if is_ready:
            zygote.group = cgroup.confine(
                zygote.pid,
                memory_mb=limits.memory_mb,
                processes=_MAX_PROCESSES,
                parents=cgroup.writable_parents(),
            )
            return zygote
        cause = _cause_of_death(zygote)
    raise SandboxError(f"no sandbox process starts here ({_ATTEMPTS} tries), the last: {cause}")


def _spawn(
    limits: Limits, isolation: Isolation, hash_seed: int, imports: ImportSet, *, is_guarded: bool
) -> Zygote:
    ours, theirs = socket.socketpair()
    trace, stdout, stderr = (_memory_file(name) for name in ("trace", "stdout", "stderr"))
    own_root = isolation is Isolation.NAMESPACES
    folder = "" if own_root else leftovers.make_folder()
    size = child.capacity(max_bytes=limits.max_output_bytes, max_steps=limits.max_steps)
    try:
        os.ftruncate(trace, size)
        memory = mmap.mmap(trace, size)
        settings = _settings(limits, folder or _OWN_HOME, size, imports)
        settings["processes"] = _process_limit(isolation)
        settings["is_guarded"] = is_guarded
        settings["package_folders"] = [] if is_guarded else import_sets.installed_folders()
        # Of a virtual environment only the Python that it was made of is needed, and visible.
        python = os.path.realpath(sys.executable)
        command = [python, *_OPTIONS, str(_HERE / "zygote.py"), str(_CONTROL)]
        environment = _environment(folder or _OWN_HOME, hash_seed)
        environment |= import_sets.environment_of(imports, is_guarded=is_guarded)
        readable = [*_trusted(imports), *settings["package_folders"]]
        command = _staged(command, environment, isolation, folder or _OWN_HOME, readable)
        pid = _start(command, environment, files=(theirs.fileno(), trace, stdout, stderr))
    except OSError:
        ours.close()
        for file in (stdout, stderr):
            os.close(file)
        scratch.remove(folder)
        raise
    finally:
        theirs.close()
        os.close(trace)
    with suppress(OSError):  # it has ended; that shows soon
        frames.send(ours.fileno(), marshal.dumps(settings))
        frames.send(ours.fileno(), _harness())
    return Zygote(pid, ours, memory, stdout, stderr, folder, count_oom_kills())


# `-I` would be stricter, but it ignores PYTHONHASHSEED.
_OPTIONS = ["-s", "-P", "-S", "-W", "ignore::SyntaxWarning"]


def _settings(
    limits: Limits, home: str, capacity: int, imports: ImportSet
) -> dict[str, Any]:  # Any: what marshal can write
    return {
        "control": _CONTROL,
        "trace": _TRACE,
        "capacity": capacity,
        "scratch": home,
        "limits": asdict(limits),
        "trusted": [f"{folder}/" for folder in _trusted(imports)],
        "machine_code": [f"{folder}/" for folder in _machine_code(imports)],
        "imports": imports,
        "packages": import_sets.packages_of(imports),
        "import_files": import_sets.files_of(imports),
        "imports_mb": import_sets.address_space_mb(imports),
    }


def _process_limit(isolation: Isolation) -> int | None:
    """How many processes and threads a user may have, where it is one that nobody else is."""
    if isolation is Isolation.NAMESPACES or (isolation is Isolation.LANDLOCK and os.geteuid() == 0):
        return _MAX_PROCESSES
    # The count is of all that the user runs, so the only limit with a meaning is: no more.
    return 0 if isolation is Isolation.LANDLOCK else None


def _staged(
    command: list[str],
    environment: dict[str, str],
    isolation: Isolation,
    folder: str,
    readable: list[str],
) -> list[str]:
    """Wrap the zygote's command in the stage that closes the doors first."""
    settings = {
        "control": _CONTROL,
        "trace": _TRACE,
        "isolation": isolation.value,
        "command": command,
        "environment": environment,
        "readable": [command[0], str(_HERE), _TIME_ZONES, *_SYSTEM_FILES, *readable],
        "scratch": folder,
        "scratch_mb": _SCRATCH_MB,
        "landlock_at_most": _LANDLOCK_AT_MOST,
    }
    return [command[0], "-I", "-S", str(_HERE / "jail" / "stage.py"), json.dumps(settings)]


def _trusted(imports: ImportSet) -> list[str]:
    return [*_python_folders(), *import_sets.folders_of(imports)]


def _machine_code(imports: ImportSet) -> list[str]:
    """Name the folders of Python's own libraries: what else lies near them could do anything."""
    base = sysconfig.get_path("platstdlib", vars={"platbase": sys.base_exec_prefix})
    return [f"{os.path.realpath(base)}/lib-dynload", *import_sets.folders_of(imports)]


@lru_cache(maxsize=1)
def _python_folders() -> list[str]:
    """The folders that Python's own modules and libraries lie in."""
    paths = sysconfig.get_paths()
    folders = {os.path.realpath(paths[name]) for name in ("stdlib", "platstdlib")}
    prefix = os.path.realpath(sys.base_prefix)
    if prefix not in ("/", "/usr"):  # its libraries are its own
        folders.add(f"{prefix}/lib")
    return sorted(folders)


@lru_cache(maxsize=1)
def _harness() -> bytes:
    return marshal.dumps(sealed_codes(_HERE / "harness.py"))


def _start(command: list[str], environment: dict[str, str], *, files: tuple[int, ...]) -> int:
    """Execute a command with these files as its control, trace, output and error."""
    # Out of the way of the numbers that they get, and closed in the new process by themselves.
    high = [fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, 10) for file in files]
    numbers = (_CONTROL, _TRACE, 1, 2)
    actions: list[Any] = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
    actions += [(os.POSIX_SPAWN_DUP2, *pair) for pair in zip(high, numbers, strict=True)]
    try:
        return os.posix_spawn(command[0], command, environment, file_actions=actions, setsid=True)
    finally:
        for file in high:
            os.close(file)


def _await_ready(zygote: Zygote) -> bool:
    while (message := zygote.hear(seconds=_START_SECONDS)) is not None:
        if "missing" in message:
            raise MissingIsolationError(message["missing"])
        if "ready" in message:
            return True
        stage, zygote.pid = zygote.pid, message["pid"]
        os.waitpid(stage, 0)
    return False


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
    append_only(file)
    return file


def _cause_of_death(zygote: Zygote) -> str:
    errors = os.pread(zygote.stderr, 100_000, 0).decode("utf-8", "backslashreplace")
    status = zygote.stop()
    last_line = errors.strip().rpartition("\n")[2]
    return last_line or f"{sys.executable} ended with status {os.waitstatus_to_exitcode(status)}"
