"""`--isolation`: the word a user gives, and the warning that unprotected runs get."""

import sys
from typing import TYPE_CHECKING

from stepcode.errors import MisuseError

if TYPE_CHECKING:
    from stepcode.execute.isolate import Isolation


_WARNING = "programs are not isolated: they can read and write your files and reach your network"


def read_isolation(word: str | None) -> "Isolation | None":
    """Read the level that was asked for; without one, what runs programs chooses."""
    from stepcode.execute.isolate import Isolation

    if word is None:
        return None
    levels = [level.value for level in Isolation]
    if word not in levels:
        choices = f"{', '.join(levels[:-1])} or {levels[-1]}"
        raise MisuseError(f"--isolation is {word!r}: expected {choices}")
    return Isolation(word)


def settle_isolation(asked: "Isolation | None") -> "Isolation":
    """Settle the level before anything runs or is written, and warn of one that protects nothing.

    Raises MisuseError if the machine lacks the level, or has none and nobody asked for `none`.
    """
    from stepcode.execute.isolate import Isolation, choose_isolation

    level = choose_isolation(asked)
    if level is Isolation.NONE:
        print(f"stepcode: warning: {_WARNING}", file=sys.stderr)
    return level
