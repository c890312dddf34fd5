"""Completions made of pieces whose owners are known, and tokens as a model may sample them."""

import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from tokenizers.pre_tokenizers import ByteLevel

from stepcode.reason.blocks import CONTINUES, escape
from stepcode.train.spans import NOBODY
from stepcode.types import Example, Step, TaskKind
from tests.unit.reason_samples import example

WORDS = [
    "sorted", " ", "\n", "名前", "中文字", "🎉", "👩‍👩‍👧", "naïve", "Ωμ", "'", "[1, 2]", "x = y",
    "</answer>", "<print>", ": ", "\\", "e\u0301", "한국어", "\u2028", "0",
]  # fmt: skip

CLOSINGS = ["</print>\n", "</print>\n", "</PRINT> \r\n", "```\n</print>\n"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a completion with its owner."""

    text: str
    owner: int


@dataclass(frozen=True, slots=True)
class Told:
    """A completion of known owners."""

    example: Example
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    @property
    def owners(self) -> list[int]:
        """Of each character."""
        return [piece.owner for piece in self.pieces for _ in piece.text]


def some_words(rng: random.Random, most: int) -> str:
    return "".join(rng.choices(WORDS, k=rng.randint(0, most)))


def some_example(rng: random.Random) -> Example:
    """Steps with names of their own, so that it is plain which one is told."""
    steps = tuple(
        Step(number, 1, f"v{number}", some_words(rng, 6)) for number in range(rng.randint(0, 5))
    )
    return replace(example(TaskKind.OUTPUT), steps=steps, target=repr(some_words(rng, 4)))


def tell(rng: random.Random, truth: Example, *, answered: bool = True) -> Told:
    """Tell most steps, some wrong, and some that the truth does not have, in blocks of any form."""
    pieces: list[Piece] = []
    is_open = False
    for owner, name, text in _lines(rng, truth):
        if is_open and rng.random() < 0.6:
            pieces += _close(rng, pieces[-1].owner)
            is_open = False
        if not is_open:
            pieces += [*_reason(rng, owner), Piece("<print>\n", owner)]
            is_open = True
        shown = escape(text.replace("\n", f"\n{CONTINUES}"))
        pieces.append(Piece(f"{name}: {shown}\n", owner))
    if is_open:
        pieces += _close(rng, pieces[-1].owner)
    if answered:
        pieces += _answer(rng, truth)
    return Told(truth, tuple(pieces))


def _lines(rng: random.Random, truth: Example) -> list[tuple[int, str, str]]:
    lines = []
    for number, step in enumerate(truth.steps):
        if rng.random() < 0.2:
            lines.append((NOBODY, f"extra{number}", some_words(rng, 5)))
        if rng.random() < 0.8:
            is_right = rng.random() < 0.6
            lines.append((number, step.name, step.text or "" if is_right else some_words(rng, 5)))
    return lines


def _reason(rng: random.Random, owner: int) -> list[Piece]:
    if rng.random() < 0.3:
        return []
    return [Piece(f"<reason>\n{escape(some_words(rng, 8)) or 'so'}\n</reason>\n", owner)]


def _close(rng: random.Random, owner: int) -> list[Piece]:
    return [
        Piece(rng.choice(["</print>\n", "</print>\n", "</PRINT> \r\n", "```\n</print>\n"]), owner)
    ]


def _answer(rng: random.Random, truth: Example) -> list[Piece]:
    owner = len(truth.steps)
    value = truth.target if rng.random() < 0.5 else repr(some_words(rng, 3))
    pieces = [*_reason(rng, owner), Piece(f"<answer>\n{escape(value)}\n</answer>", owner)]
    if rng.random() < 0.3:
        pieces.append(Piece(rng.choice(["\n", " \n\n"]), owner))
    if rng.random() < 0.3:
        pieces.append(Piece("and so on 🎉", NOBODY))
    return pieces


def sample(rng: random.Random, text: str, tokenizer: Any) -> list[int]:
    """Cut a text into tokens in any of the ways in which its bytes can be written."""
    vocabulary = vocabulary_of(tokenizer)
    longest = max(map(len, vocabulary))
    data, at, ids = text.encode(), 0, []
    while at < len(data):
        ways = [n for n in range(1, longest + 1) if data[at : at + n] in vocabulary]
        taken = rng.choice(ways)
        ids.append(vocabulary[data[at : at + taken]])
        at += taken
    return ids


@lru_cache(maxsize=1)
def vocabulary_of(tokenizer: Any) -> dict[bytes, int]:
    """The tokens that may be part of a text by their bytes, as the library spells those."""
    spell = ByteLevel(add_prefix_space=False, use_regex=False).pre_tokenize_str
    letters: dict[str, int] = {}
    for character in map(chr, [*range(0x800), *range(0x800, 0x110000, 0x800)]):
        with suppress(UnicodeEncodeError):  # half of a surrogate pair
            letters |= zip(spell(character)[0][0], character.encode(), strict=True)
    special = special_ids(tokenizer)
    return {
        bytes(letters[letter] for letter in token): number
        for token, number in tokenizer.get_vocab().items()
        if number not in special and letters.keys() >= set(token)
    }


def start_of(tokenizer: Any, ids: Sequence[int], number: int) -> int:
    """Where a token begins, by decoding what comes before it, without and with its first byte."""
    letter = tokenizer.convert_ids_to_tokens(ids[number])[0]
    first_byte = tokenizer.convert_tokens_to_ids(letter)
    before, after = (
        tokenizer.decode([*ids[:number], *more], skip_special_tokens=True)
        for more in ([], [first_byte])
    )
    if before == after:
        return len(before) - 1  # one more byte of a character that is not whole yet
    pairs = enumerate(zip(before, after, strict=False))
    return next((n for n, (one, other) in pairs if one != other), len(before))


def special_ids(tokenizer: Any) -> set[int]:
    return {i for i, token in tokenizer.added_tokens_decoder.items() if token.special}
