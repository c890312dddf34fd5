"""`stepcode anchor --strip`: JSON lines back to the original bytes."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from stepcode.anchor import strip_anchors
from stepcode.anchor.files import SourceText, encode_source
from stepcode.errors import AnchorError, MisuseError, StripError
from stepcode_cli.anchor_json import read_line
from stepcode_cli.paths import STDIN


def strip_paths(paths: Sequence[str]) -> int:
    """Write the original of every line; a line that is broken is named and writes nothing."""
    for path in paths:
        if path != STDIN and (not path or not Path(path).exists() or Path(path).is_dir()):
            raise MisuseError(f"{path or repr(path)}: is not a file of JSON lines")
    exit_code = 0
    for path in paths:
        for number, line in enumerate(_lines(path), start=1):
            try:
                original = strip_line(line)
            except StripError as error:
                print(f"{path}:{number}: {error}", file=sys.stderr)
                exit_code = 1
            else:
                sys.stdout.buffer.write(original)
    return exit_code


def strip_line(line: bytes) -> bytes:
    """Undo the anchors that one JSON line records."""
    if not line.strip():
        return b""
    text = read_line(line)
    code = strip_anchors(text.anchored_code, text.edits)
    try:
        return encode_source(SourceText(code, text.encoding))
    except (AnchorError, LookupError, ValueError) as error:
        raise StripError(f"{error}") from error


def _lines(path: str) -> Iterator[bytes]:
    if path == STDIN:
        yield from sys.stdin.buffer
    else:
        with Path(path).open("rb") as file:
            yield from file
