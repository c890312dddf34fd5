"""How programs are kept apart from the machine: the levels, and which of them this machine offers.

    isolation = choose_isolation(None)  # the strongest that works here, or an error that says why

A level is never guessed from versions: a sandbox is started at it and must answer.
"""

import sys
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from stepcode.errors import MisuseError, SandboxError
from stepcode.types import Limits


class Isolation(StrEnum):
    """What stands between a program and the machine besides resource limits."""

    NAMESPACES = "namespaces"
    """Namespaces of its own with a read-only root, Landlock and seccomp."""
    LANDLOCK = "landlock"
    """Landlock and seccomp on the machine's own file tree."""
    NONE = "none"
    """Against accidents only."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether a level works on this machine."""

    level: Isolation
    missing: str
    """What keeps it from working; empty if it works."""


class MissingIsolationError(SandboxError):
    """This machine lacks something that the level needs; the message names it."""


@lru_cache(maxsize=1)
def probe_levels() -> tuple[Probe, ...]:
    """Try every level, strongest first."""
    return tuple(Probe(level, missing_for(level)) for level in Isolation)


@lru_cache(maxsize=8)
def missing_for(level: Isolation) -> str:
    """Start a sandbox at a level; what keeps it from working, or nothing."""
    from stepcode.execute.launch import launch

    if sys.platform != "linux":
        return f"programs run on Linux only, and this is {sys.platform}"
    try:
        launch(Limits(), isolation=level, hash_seed=0).stop()
    except SandboxError as error:
        return str(error)
    return ""


def choose_isolation(asked: Isolation | None) -> Isolation:
    """Check the level that was asked for; without one, choose the strongest that works here.

    Raises MisuseError where that is none: programs run unprotected only if someone says so.
    """
    if sys.platform != "linux":
        raise MisuseError(f"{missing_for(Isolation.NONE)}; use a virtual machine or a container")
    if asked is Isolation.NONE:
        return asked
    wanted = (asked,) if asked else (Isolation.NAMESPACES, Isolation.LANDLOCK)
    missing = {}
    for level in wanted:
        missing[level] = missing_for(level)
        if not missing[level]:
            return level
    why = "; ".join(f"{level.value}: {reason}" for level, reason in missing.items())
    raise MisuseError(
        f"programs cannot be isolated on this machine ({why}); "
        f"isolation 'none' runs them unprotected"
    )
