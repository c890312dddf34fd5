"""The name of a repository on the Hub: checked before anything is read or sent."""

import re

from stepcode.errors import MisuseError

_PART = r"(?![-.])[\w.-]{1,96}(?<![-.])"
_REPO_ID = re.compile(rf"{_PART}/{_PART}", re.ASCII)
_ADDRESS = re.compile(r"^\w+://[^/]*/|^(datasets|models)/|^/|/$|\.git$")
_MOST = 96


def check_repo_id(text: str) -> str:
    """Give the name back if it is one; raises MisuseError with the nearest that is."""
    if _is_valid(text):
        return text
    near = _nearest(text)
    hint = f"; did you mean {near!r}?" if near else ""
    expected = "expected USER/NAME of letters, digits, -, _ and ., such as 'alice/traces'"
    raise MisuseError(f"--repo-id is {text!r}: {expected}{hint}")


def _is_valid(text: str) -> bool:
    if "--" in text or ".." in text or text.endswith(".git") or len(text) > _MOST:
        return False
    return _REPO_ID.fullmatch(text) is not None


def _nearest(text: str) -> str:
    """Take an address or stray characters away; empty if no name comes out."""
    bare, before = text.strip(), ""
    while bare != before:
        bare, before = _ADDRESS.sub("", bare), bare
    parts = [re.sub(r"[^\w.-]+", "-", part, flags=re.ASCII) for part in bare.split("/")[:2]]
    parts = [re.sub(r"([-.])[-.]+", r"\1", part).strip("-.") for part in parts]
    near = "/".join(parts)
    return near if _is_valid(near) else ""
