"""Text as HTML: neither markup nor a character that a reader could not see."""

import html
import re

_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
"""Controls, and what would turn the text around it; page.js has the same for rows."""


def escape(text: str) -> str:
    """Escape a text for HTML, with what cannot be seen written out as `\\u202e`."""
    return html.escape(_HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text))
