"""Swap anchor prints for recorder calls, known by position and never by look.

    print(f'total: {total!r}')                                   on an anchor's line becomes
    'stepcode-9f2c:3:7:commit'('stepcode-9f2c:3:7:!r'(total))    with functions for the constants

Constants lead to the recorders because no name must: the program cannot meet them in its globals,
and what it does to `print`, `repr` or `sys.stdout` changes no step.
"""

import re
import secrets
from collections.abc import Iterable

from stepcode.errors import AnchorError
from stepcode.execute.child import COMMIT
from stepcode.types import Anchor, AnchoredProgram
from stepcode.wire import read_anchor

# Python ends a line here and nowhere else; str.splitlines also breaks at form feeds and the like.
_LINE_END = re.compile(r"(\r\n|\n|\r)")
_INDENTATION = " \t\f"


def fresh_marker() -> str:
    """Draw the start of a constant that no program can contain except by knowing it."""
    return f"stepcode-{secrets.token_hex(8)}:"


def recorded_source(anchored: AnchoredProgram, *, marker: str) -> str:
    """Rewrite each anchor as a call of its marker constant; every other character stays."""
    pieces = _LINE_END.split(anchored.code)
    _swap_lines(pieces, anchored.anchors, marker)
    return "".join(pieces)


def _swap_lines(pieces: list[str], anchors: Iterable[Anchor], marker: str) -> None:
    for anchor in anchors:
        at = 2 * (anchor.line - 1)  # lines and their ends alternate
        line = pieces[at] if 0 <= at < len(pieces) else ""
        statement = line.lstrip(_INDENTATION)
        read = read_anchor(statement)
        if read is None or read.name != anchor.name:
            raise AnchorError(f"no anchor of {anchor.name} stands here", line=anchor.line)
        indentation = line[: len(line) - len(statement)]
        place = f"{marker}{anchor.index}:{anchor.line}"
        show, commit = f"'{place}:{read.conversion}'", f"'{place}:{COMMIT}'"
        pieces[at] = f"{indentation}{commit}({show}({read.name}))"
