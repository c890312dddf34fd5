"""The inverse of `insert`, decided by the recorded edits and never by what a line looks like.

A user may have written the very same print, so text alone cannot tell an anchor from the program.
"""

import re
from collections.abc import Iterable

from stepcode.errors import StripError
from stepcode.types import AnchoredProgram, Edit

# Python ends a line at these three only; str.splitlines would also cut at form feeds and more.
_LINE_START = re.compile(r"(?:\r\n|\r|\n)")


def strip_anchors(anchored_code: str, edits: Iterable[Edit]) -> str:
    """Undo the edits and return the original code.

    Raises StripError when the edits overlap or reach beyond the text: they belong to other code.
    """
    parts: list[str] = []
    position = 0
    for edit in edits:
        if not position <= edit.start <= edit.end <= len(anchored_code):
            raise StripError(
                f"edit {edit.start}:{edit.end} does not fit: the edits belong to other code"
            )
        parts += (anchored_code[position : edit.start], edit.original)
        position = edit.end
    parts.append(anchored_code[position:])
    return "".join(parts)


def line_map(anchored: AnchoredProgram) -> tuple[int, ...]:
    """Map lines: element i is the anchored line (1-based) where original line i + 1 begins.

    This is the paper's `L_orig -> L_instr`, which REval's questions need. A line begins at its
    first character that is not blank, so a one-line suite keeps its header's line.
    """
    original = anchored.program.code
    starts = [0, *(match.end() for match in _LINE_START.finditer(original))]
    if len(starts) > 1 and starts[-1] == len(original):
        starts.pop()
    breaks = [match.end() for match in _LINE_START.finditer(anchored.code)]
    lines: list[int] = []
    edits = list(anchored.edits)
    moved = 0  # anchored offset - original offset, before the next edit
    done = 0
    line = 1
    for start in starts:
        while start < len(original) and original[start] in " \t\f":
            start += 1
        while done < len(edits) and edits[done].start - moved + len(edits[done].original) <= start:
            moved += edits[done].end - edits[done].start - len(edits[done].original)
            done += 1
        while line <= len(breaks) and breaks[line - 1] <= start + moved:
            line += 1
        lines.append(line)
    return tuple(lines)
