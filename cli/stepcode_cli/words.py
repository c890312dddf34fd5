"""Words that an option chooses from."""

from enum import StrEnum
from typing import TypeVar

from stepcode.errors import MisuseError, nearest

ISOLATION_HELP = "namespaces, landlock or none; default: the strongest that works here."
"""Of the option --isolation, which several commands have."""

E = TypeVar("E", bound=StrEnum)


def read_word(option: str, word: str, kind: type[E]) -> E:
    """Read a word that was given for an option, or say which there are."""
    known = [member.value for member in kind]
    if word in known:
        return kind(word)
    choices = f"{', '.join(known[:-1])} or {known[-1]}"
    raise MisuseError(f"{option} is {word!r}: expected {choices}{nearest(word, known)}")
