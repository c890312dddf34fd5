"""How much memory this machine can give; standard library only, so that anyone may ask."""

import os
import resource
from pathlib import Path

_MEMORY = Path("/proc/meminfo")
_CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")


def available_memory() -> int | None:
    """Say how many bytes can be had now, within the limits of a container and of this process.

    None where the kernel does not say.
    """
    lines = read_kernel_file(_MEMORY).splitlines()
    fields = {name: rest.split() for name, _, rest in (line.partition(":") for line in lines)}
    if "MemAvailable" not in fields:
        return None
    found = [int(fields["MemAvailable"][0]) * 1024]
    limit = read_kernel_file(_CONTAINER_LIMIT)
    if limit.isdigit():
        found.append(int(limit))
    own_limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if own_limit != resource.RLIM_INFINITY:
        found.append(own_limit)
    return min(found)


def total_memory() -> int:
    """Say how many bytes the machine has."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def read_kernel_file(path: Path) -> str:
    """Read a file of the kernel's; empty if it has none or keeps it to itself."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
