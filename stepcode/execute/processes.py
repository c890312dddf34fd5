"""Find and end everything that descends from a process, by what /proc shows.

Standard library only and little of it, for zygote.py. A zygote is the parent of every orphan below
it, so as long as it lives nothing that a program started can leave its tree.
"""

import os
import signal
import time
from contextlib import suppress

_TREE_SECONDS = 2.0


def descendants_of(root: int) -> list[int]:
    """List what descends from a process and is not a zombie."""
    states = _family_of(root)
    return [pid for pid in states.keys() - {root} if states[pid] not in b"ZX"]


def kill_tree(root: int) -> None:
    """Kill a child of ours that no longer answers, with all that descends from it.

    Looking through /proc takes time, in which a process can fork and end unseen. But below a root
    that is stopped what has ended stays, as a zombie. So when two looks in a row show one family,
    with nobody alive in it, they have missed nobody.
    """
    os.kill(root, signal.SIGSTOP)  # it can neither fork nor reap, and still adopts orphans
    deadline = time.monotonic() + _TREE_SECONDS
    before: set[int] = set()
    while time.monotonic() < deadline:
        states = _family_of(root)
        alive = [pid for pid, state in states.items() if state not in b"ZX" and pid != root]
        if not alive and states[root] in b"TZX" and states.keys() == before:
            break
        kill_all(alive)
        before = set(states)
    os.kill(root, signal.SIGKILL)


def _family_of(root: int) -> dict[int, bytes]:
    """Tell the state of a process and of all that descends from it."""
    numbers = [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
    seen = {root: (b"X", 0)} | {pid: _state_and_parent(pid) for pid in numbers}
    family = {root}
    found = -1
    while found != len(family):  # a child's number may be below its parent's
        found = len(family)
        family.update(pid for pid, (_, parent) in seen.items() if parent in family)
    return {pid: seen[pid][0] for pid in family}


def kill_all(pids: list[int]) -> None:
    """Kill processes, some of which may have ended already."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _state_and_parent(pid: int) -> tuple[bytes, int]:
    try:
        with open(f"/proc/{pid}/stat", "rb") as stream:  # noqa: PTH123
            state, parent = stream.read().rpartition(b")")[2].split()[:2]
    except OSError:  # it ended meanwhile
        return b"X", 0
    return state, int(parent)
