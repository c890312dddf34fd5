"""What a machine is and has, read from whatever its kernel offers.

Nothing here may fail on a kernel that programs cannot run on: `stepcode doctor` is for those too.
"""

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from stepcode.train.machine import available_memory, read_kernel_file, total_memory

_CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))
_KERNEL_FILES = {
    "user.max_user_namespaces": "/proc/sys/user/max_user_namespaces",
    "kernel.unprivileged_userns_clone": "/proc/sys/kernel/unprivileged_userns_clone",
    "kernel.apparmor_restrict_unprivileged_userns": (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"
    ),
    "kernel.seccomp.actions_avail": "/proc/sys/kernel/seccomp/actions_avail",
    "security modules": "/sys/kernel/security/lsm",
    "cgroup v2 controllers": "/sys/fs/cgroup/cgroup.controllers",
}


@dataclass(frozen=True, slots=True)
class Machine:
    """Where stepcode runs."""

    system: str
    kernel: str
    architecture: str
    python: str
    implementation: str
    executable: str
    root: bool
    """Whether we are the superuser, who needs no user namespace."""
    in_container: bool
    """Whether this looks like one of Docker's or Podman's."""
    cores: int
    """Those that this process may use."""
    memory_bytes: int
    memory_available_bytes: int | None
    """What can be had now, within the limit of a container; None where the kernel does not say."""
    disk_free_bytes: int
    """In the folder we are in, where a relative `--out` goes."""
    kernel_settings: dict[str, str]
    """What decides on isolation, as the kernel puts it; only those that it has.

    For people who look for a cause. Whether a level works is found out by trying it.
    """


def look_at_machine() -> Machine:
    """Ask Python and the kernel."""
    return Machine(
        system=platform.system(),
        kernel=platform.release(),
        architecture=platform.machine(),
        python=platform.python_version(),
        implementation=platform.python_implementation(),
        executable=sys.executable,
        root=os.geteuid() == 0,
        in_container=any(mark.exists() for mark in _CONTAINER_MARKS),
        cores=usable_cores(),
        memory_bytes=total_memory(),
        memory_available_bytes=available_memory(),
        disk_free_bytes=shutil.disk_usage(".").free,
        kernel_settings=_kernel_settings(),
    )


def usable_cores() -> int:
    """Count the cores that this process may run on, which a container or `taskset` can limit."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _kernel_settings() -> dict[str, str]:
    found = {name: read_kernel_file(Path(path)) for name, path in _KERNEL_FILES.items()}
    return {name: value for name, value in found.items() if value}
