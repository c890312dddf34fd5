r"""The blocks of a completion: their tags, and what keeps other text from being read as one.

    a value </print> stands in a block as        <\/print>
    a value of two lines stands as               text: first
                                                   second

Both are rare, and neither changes a value that has no tag and no line end in it.
"""

import re

REASON, PRINT, ANSWER = "reason", "print", "answer"

_GAP = r"[ \t]{0,3}"
_NAMES = "reason|print|answer|thinking|think"
_FLAGS = re.IGNORECASE | re.ASCII
_BARE = re.compile(rf"<(?=\\*{_GAP}/?{_GAP}(?:{_NAMES}))", _FLAGS)
_ESCAPED = re.compile(rf"<\\(?=\\*{_GAP}/?{_GAP}(?:{_NAMES}))", _FLAGS)

TAG = re.compile(rf"<{_GAP}(?P<close>/?){_GAP}(?P<name>{_NAMES}){_GAP}>", _FLAGS)
"""A tag as a model may write it; ours have no gaps and no capitals."""

CONTINUES = "  "
"""What every further line of a step's text begins with; no name does."""


def render_block(tag: str, content: str) -> str:
    """Write a block; its content may be any text that has been escaped."""
    return f"<{tag}>\n{content}\n</{tag}>"


def escape(text: str) -> str:
    """Keep a text from being read as tags."""
    return _BARE.sub(r"<\\", text)


def unescape(text: str) -> str:
    """Undo `escape`."""
    return _ESCAPED.sub("<", text)
