"""Whose each sampled token is: a step's, the final answer's, or nobody's.

    read = token_reader(tokenizer)
    sampled = read(completion_ids)                       # the text, and where each token begins
    owners = token_owners(sampled, answer, score)        # a column of the advantages, or NOBODY

Everything is computed on the sampled ids: tokenising the decoded text again gives other tokens.

A completion is cut behind each step it tells and behind its answer; a closing tag and the line end
that follow belong to what they close. So a step owns its `<reason>`, its line and the tags between,
and the answer owns the last `<reason>` and all that is left if it never comes: to ramble is not
free. Steps that the truth does not have, and what follows the answer, belong to nobody. The token
that ends the completion belongs to its last character's owner, or to the answer that is missing.
A token across a border belongs to the side on which it begins: that is what was being written when
it was sampled. So do the tokens of a character of several: each to the owner of that character.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import torch
from tokenizers.decoders import ByteLevel, DecodeStream

from stepcode.errors import MisuseError
from stepcode.reason.blocks import TAG
from stepcode.types import Answer, Score

NOBODY = -1
"""The owner of a token that carries no advantage."""

_LINE_END = re.compile(r"[ \t\r]*\n?")
_BEFORE_CLOSING = re.compile(r"`?\s*(?:(?:```|~~~)\s*)?")
_BLANK = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Sampled:
    """A completion as it was sampled."""

    text: str
    """Without special tokens."""
    starts: Sequence[int]
    """For each token the index of the character that its first byte is part of; ascending."""


TokenReader = Callable[[Sequence[int]], Sampled]


def token_reader(tokenizer: Any) -> TokenReader:  # Any: transformers is an extra
    """Make what reads sampled ids; exact for byte-level BPE, whatever bytes are sampled.

    Any other fast tokenizer is read as it streams: bytes of it that are no text count as one.
    Raises MisuseError for a tokenizer without a backend of the tokenizers library.
    """
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise MisuseError(
            f"{type(tokenizer).__name__} is no fast tokenizer: where its tokens begin in a text "
            "cannot be told; load one with PreTrainedTokenizerFast"
        )
    if isinstance(backend.decoder, ByteLevel):
        table = _byte_table(tokenizer)
        return lambda ids: _read_bytes([table.get(i, b"") for i in ids])
    return lambda ids: _read_stream(backend, ids)


def token_owners(sampled: Sampled, answer: Answer, score: Score) -> list[int]:
    """Name the owner of each token: the number of a step of the truth, of the answer, or NOBODY.

    The answer comes after the last step of the truth, as in the advantages.
    """
    borders, owners = _regions(sampled.text, answer, score)
    length = len(sampled.text)
    at_end = owners[-1] if answer.final is None else owners[bisect_right(borders, length - 1)]
    return [
        owners[bisect_right(borders, start)] if start < length else at_end
        for start in sampled.starts
    ]


def spread(advantages: torch.Tensor, owners: torch.Tensor) -> torch.Tensor:
    """Give every token the advantage of its owner: (B, S) and (B, T) make (B, T)."""
    taken = advantages.gather(1, owners.clamp(min=0))
    return torch.where(owners == NOBODY, 0.0, taken)


def _regions(text: str, answer: Answer, score: Score) -> tuple[list[int], list[int]]:
    """Where each region ends, and the owner of each and of what follows the last."""
    told = {step.span: number for number, step in enumerate(score.steps) if step.span is not None}
    ends = [(span.end, told.get(span, NOBODY)) for span in answer.step_spans]
    is_answered = answer.final_span is not None
    if answer.final_span is not None:
        ends.append((answer.final_span.end, len(score.steps)))
    borders, owners = [], []
    for end, owner in sorted(ends):
        borders.append(_border(text, end, is_final=is_answered and owner == len(score.steps)))
        owners.append(owner)
    return borders, [*owners, NOBODY if is_answered else len(score.steps)]


def _border(text: str, end: int, *, is_final: bool) -> int:
    """Find the end of what was told up to `end`, with the closing tag and the line end."""
    at = _matched(_BEFORE_CLOSING, text, end)
    closing = TAG.match(text, at)
    if closing is not None and closing["close"]:
        end = closing.end()
    elif at == len(text):  # cut before the tag
        end = at
    return _matched(_BLANK if is_final else _LINE_END, text, end)


def _matched(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return at if found is None else found.end()


def _byte_table(tokenizer: Any) -> Mapping[int, bytes]:  # Any: transformers is an extra
    """The bytes that each id writes; special tokens write none."""
    special = {i for i, token in tokenizer.added_tokens_decoder.items() if token.special}
    special.update(tokenizer.all_special_ids)
    letters = _byte_letters()
    vocabulary = tokenizer.backend_tokenizer.get_vocab(with_added_tokens=True)
    return {i: b"" if i in special else _bytes_of(t, letters) for t, i in vocabulary.items()}


def _bytes_of(token: str, letters: Mapping[str, int]) -> bytes:
    """As the tokenizers library does it: a token with any other letter stands for itself."""
    try:
        return bytes(letters[letter] for letter in token)
    except KeyError:
        return token.encode()


def _byte_letters() -> Mapping[str, int]:
    """GPT-2's alphabet: bytes that print as themselves are themselves, the others follow 255."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [byte for byte in range(256) if byte not in plain]
    return {chr(b): b for b in plain} | {chr(256 + n): b for n, b in enumerate(rest)}


def _read_bytes(pieces: Sequence[bytes]) -> Sampled:
    data = b"".join(pieces)
    offsets = [0, *accumulate(map(len, pieces))][:-1]
    if data.isascii():
        return Sampled(data.decode("ascii"), offsets)
    text, characters = _decode(data)
    return Sampled(text, [characters[offset] for offset in offsets])


def _decode(data: bytes) -> tuple[str, list[int]]:
    """Decode with U+FFFD for what is no text; and name the character of each byte, and the end."""
    text = data.decode("utf-8", "replace")
    begins = np.frombuffer(data, np.uint8) & 0xC0 != 0x80
    for start, end in _broken(data):
        begins[start] = True
        begins[start + 1 : end] = False
    characters: list[int] = (np.cumsum(begins) - 1).tolist()
    return text, [*characters, len(text)]


def _broken(data: bytes) -> Iterator[tuple[int, int]]:
    """Find the bytes that one U+FFFD each stands for."""
    rest, at = memoryview(data), 0
    while True:
        try:
            str(rest[at:], "utf-8")
        except UnicodeDecodeError as error:
            yield at + error.start, at + error.end
            at += error.end
        else:
            return


def _read_stream(backend: Any, ids: Sequence[int]) -> Sampled:  # Any: transformers is an extra
    stream = DecodeStream(skip_special_tokens=True)
    text, starts, told = "", [], 0
    for number, token in enumerate(ids):
        starts.append(len(text))
        piece = stream.step(backend, token)
        if piece is not None:
            text, told = text + piece, number + 1
    # What is left are special tokens, and bytes that a character lacks the rest of.
    return Sampled(text + backend.decode(list(ids[told:]), skip_special_tokens=True), starts)
