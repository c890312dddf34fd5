"""Which programs LibCST might refuse although Python takes them, told without asking it.

`fill` writes by offsets in the text and keeps what `strict` keeps, for which LibCST has to parse a
program and give it back to the byte. That is a fifth of what a worker does for a case, and it fails
for a handful of reasons only, which are looked for here. Of 13,700 files of libraries and of
100,000 functions with blanks at random places none without doubt failed.
"""

import keyword
import re

_MAX_DEPTH = 40
"""LibCST goes into a tree by up to ten Python frames a level, of which there are 1,000."""
_WORDS = "|".join(sorted(set(keyword.kwlist) - {"False", "None", "True"}))
_DOUBTFUL = re.compile(
    r"[^\n -~]|\\\n"  # tabs may not be mixed with blanks as Python mixes them
    r"|\b(?:except|with|match|case|async|await|type)\b"  # `except A :` loses its blank
    rf"|[\d.)\]}}\"'](?:{_WORDS})\b|\b(?:{_WORDS})[^\s\w:;,)\]}}]"  # `1if x else(2)`
    r"|[fF][rR]?(?:\"\"\"|'''|[\"'][^\n]*\{[^}\n]*[\"'])"  # `f'{x['k']}'` is new in Python 3.12
)


def may_be_refused(code: str, *, depth: int) -> bool:
    """Tell whether LibCST should be asked about a program whose tree has this depth."""
    return depth > _MAX_DEPTH or _DOUBTFUL.search(code) is not None
