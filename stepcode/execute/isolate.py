"""How programs are kept apart from the machine.

At present every child has resource limits (`child.limit_cpu` and its neighbour), a group of its own
and a parent that buries it: enough against accidents, nothing against attackers. More is
put on in the zygote before it warms up, or in the child beside `limit_cpu`, and is named here.
"""

from enum import StrEnum


class Isolation(StrEnum):
    """What stands between a program and the machine besides resource limits."""

    NAMESPACES = "namespaces"
    LANDLOCK = "landlock"
    NONE = "none"


def current_isolation() -> Isolation:
    """Name the level that programs run at."""
    return Isolation.NONE
