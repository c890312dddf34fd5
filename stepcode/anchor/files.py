"""Bytes of a source file <-> text, without losing one byte.

Newlines, form feeds, a byte order mark and the declared encoding all survive the round trip.
"""

import io
import tokenize
from dataclasses import dataclass

from stepcode.errors import AnchorError


@dataclass(frozen=True, slots=True)
class SourceText:
    """The text of a source file and the encoding that gives back its bytes."""

    code: str
    encoding: str
    """Python's name of it; `utf-8-sig` stands for UTF-8 with a byte order mark."""


def read_source(data: bytes) -> SourceText:
    """Decode a source file as Python would (PEP 263).

    Raises AnchorError when the declared encoding is unknown or does not give the same bytes back.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        source = SourceText(data.decode(encoding), encoding)
    except (SyntaxError, UnicodeError, LookupError) as error:
        raise AnchorError(f"cannot be decoded: {error}") from error
    if encode_source(source) != data:
        raise AnchorError(f"encoding {encoding} does not give the same bytes back")
    return source


def encode_source(source: SourceText) -> bytes:
    """Encode the text; raises AnchorError when the encoding has no bytes for it."""
    try:
        return source.code.encode(source.encoding)
    except UnicodeEncodeError as error:
        raise AnchorError(f"cannot be encoded in {source.encoding}: {error.reason}") from error
