"""Runs of n tokens as 64-bit numbers, for many programs at once.

Numbers do not depend on the machine or on the hash seed of Python, so they may be stored and
compared between processes. Two different runs have the same number once in 10^19 pairs.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stepcode.dataset.normal_form import Form

Numbers = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]

_WORD = re.compile(r"\w+|[^\w\s]")
FACTOR = np.uint64(0x9E3779B97F4A7C15)
"""Odd and without pattern: what numbers are multiplied with to fold several into one."""
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_MAX_KNOWN = 200_000
_known: dict[str, int] = {}
"""Numbers of tokens met before; a cache, emptied when full."""


@dataclass(frozen=True, slots=True)
class Grams:
    """The grams of several texts: each with the place of its text in their order."""

    numbers: Numbers
    owners: Places

    def distinct(self) -> "Grams":
        """Drop what a text repeats; sorted by owner, then by number."""
        order = np.lexsort((self.numbers, self.owners))
        numbers, owners = self.numbers[order], self.owners[order]
        new = np.ones(len(order), dtype=bool)
        new[1:] = (numbers[1:] != numbers[:-1]) | (owners[1:] != owners[:-1])
        return Grams(numbers[new], owners[new])


def text_grams(texts: Sequence[str], n: int) -> Grams:
    """Cut texts as they stand, comments and names and all, into words and signs."""
    words = [_WORD.findall(text) for text in texts]
    tokens = np.array([_number(word) for some in words for word in some], dtype=np.uint64)
    owners = np.repeat(np.arange(len(words)), [len(some) for some in words])
    return _runs(tokens, np.full(len(tokens), -1), owners, n)


def form_grams(forms: Sequence[Form | None], n: int) -> Grams:
    """Cut forms; own names of a run count by which of them are the same, not by what they are."""
    tokens, back, owners = _flat(forms)
    return _runs(tokens, back, owners, n)


def form_number(form: Form) -> int:
    """Give the number of a whole form."""
    return _whole(form, 0, len(form.tokens))


def function_numbers(form: Form) -> list[int]:
    """Give the number of each function of a form, as if it stood alone."""
    return [_whole(form, start, end) for start, end in form.functions]


def _whole(form: Form, start: int, end: int) -> int:
    words = [
        token or (f"\0{back}" if 0 < back <= place else "\0")
        for place, (token, back) in enumerate(
            zip(form.tokens[start:end], form.back[start:end], strict=True)
        )
    ]
    return _digest("\1".join(words))


def _flat(forms: Iterable[Form | None]) -> tuple[Numbers, Places, Places]:
    tokens: list[int] = []
    back: list[int] = []
    lengths: list[int] = []
    for form in forms:
        lengths.append(0 if form is None else len(form.tokens))
        if form is not None:
            tokens += [_number(token) for token in form.tokens]
            back += form.back
    owners = np.repeat(np.arange(len(lengths)), lengths)
    return np.array(tokens, dtype=np.uint64), np.array(back, dtype=np.int64), owners


def _runs(tokens: Numbers, back: Places, owners: Places, n: int) -> Grams:
    """Fold each run of n tokens of one owner into one number."""
    count = max(len(tokens) - n + 1, 0)
    numbers = np.zeros(count, dtype=np.uint64)
    for offset in range(n if count else 0):
        distance = back[offset : offset + count]
        seen = np.where(distance <= offset, distance, 0).astype(np.uint64)
        token = np.where(distance < 0, tokens[offset : offset + count], _mixed(seen))
        numbers = numbers * FACTOR + token
    inside = owners[:count] == owners[n - 1 : n - 1 + count]
    return Grams(_mixed(numbers[inside]), owners[:count][inside])


def _mixed(numbers: Numbers) -> Numbers:
    """Spread every bit over all (the finalizer of splitmix64)."""
    numbers = numbers + FACTOR
    numbers = (numbers ^ (numbers >> np.uint64(30))) * _MIX[0]
    numbers = (numbers ^ (numbers >> np.uint64(27))) * _MIX[1]
    return numbers ^ (numbers >> np.uint64(31))


def _number(token: str) -> int:
    number = _known.get(token)
    if number is None:
        if len(_known) >= _MAX_KNOWN:
            _known.clear()
        number = _known[token] = _digest(token)
    return number


def _digest(text: str) -> int:
    data = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")
