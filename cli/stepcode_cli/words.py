"""Words that an option chooses from."""

from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from stepcode.errors import MisuseError

E = TypeVar("E", bound=StrEnum)


def read_word(option: str, word: str, kind: type[E]) -> E:
    """Read a word that was given for an option, or say which there are."""
    known = [member.value for member in kind]
    if word in known:
        return kind(word)
    near = get_close_matches(word, known, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    choices = f"{', '.join(known[:-1])} or {known[-1]}"
    raise MisuseError(f"{option} is {word!r}: expected {choices}{hint}")
