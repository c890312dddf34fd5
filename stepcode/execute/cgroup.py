"""A control group for a zygote, where this machine lets its user make one (cgroup v2, delegated).

Resource limits are per process; a group also counts what a program's processes use together, and
what they put into their scratch memory. Without one the other limits stand alone.
"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_ZYGOTE_MB = 256
"""For the zygote itself and its scratch memory, above what a program may use."""


def writable_parents() -> list[Path]:
    """Name the groups in which one might be made: a sibling of our own, or a child."""
    try:
        mounts = Path("/proc/self/mounts").read_text().splitlines()
        groups = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    roots = [Path(mount.split()[1]) for mount in mounts if mount.split()[2] == "cgroup2"]
    own = [group.removeprefix("0::/") for group in groups if group.startswith("0::/")]
    if not roots or not own:
        return []
    group = roots[0] / own[0]
    return [group.parent, group] if own[0] else [group]


def confine(pid: int, *, memory_mb: int, processes: int, parents: Iterable[Path]) -> Path | None:
    """Put a process into a new group with these limits; None where that is not possible."""
    for parent in parents:
        group = parent / f"stepcode-{pid}"
        try:
            controllers = (parent / "cgroup.subtree_control").read_text().split()
            if not {"memory", "pids"} <= set(controllers):
                continue
            group.mkdir()
            (group / "memory.max").write_text(str((memory_mb + _ZYGOTE_MB) << 20))
            (group / "pids.max").write_text(str(processes))
            (group / "cgroup.procs").write_text(str(pid))
        except OSError:
            release(group)
            continue
        return group
    return None


def release(group: Path | None) -> None:
    """Remove a group whose processes have ended."""
    if group is not None:
        with suppress(OSError):  # never made
            group.rmdir()
