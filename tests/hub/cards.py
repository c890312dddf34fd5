"""The YAML at the head of a README, which the Hub reads, checks and shows."""

from typing import Any

import yaml

from tests.hub.messages import Answer, say
from tests.hub.repos import Commit, Repos
from tests.hub.site import Call

_FENCE = "---"


def validate(call: Call) -> Answer:
    """Check a README before anything is uploaded."""
    errors, warnings = check_card(str(call.asked.json().get("content") or ""))
    found = {
        "errors": [{"message": one} for one in errors],
        "warnings": [{"message": one} for one in warnings],
    }
    return say(found, status=400 if errors else 200)


def check_card(text: str) -> tuple[list[str], list[str]]:
    """Tell what keeps a README from being taken, and what may be wrong with it."""
    head = _head(text)
    if head is None:
        return [], ["empty or missing yaml metadata in repo card"]
    try:
        data = yaml.safe_load(head)
    except yaml.YAMLError as error:
        return [f"YAML is no YAML: {error}"], []
    return ([], []) if isinstance(data, dict) else (["YAML metadata is no mapping"], [])


def card_data(repos: Repos, commit: Commit) -> dict[str, Any]:  # whatever its author wrote
    """Read the metadata of a revision's README; none if there is none, or if it is no YAML."""
    readme = commit.files.get("README.md")
    head = _head(repos.path(readme).read_text("utf-8", "replace")) if readme else None
    try:
        data = yaml.safe_load(head or "")
    except yaml.YAMLError:
        data = None
    return data if isinstance(data, dict) else {}


def tags(data: dict[str, Any]) -> list[str]:
    """Make of the metadata the tags that a repository is found by."""
    found = [str(tag) for tag in data.get("tags") or []]
    named = {"license": "license", "language": "language", "size_categories": "size_categories"}
    for key, prefix in named.items():
        values = data.get(key) or []
        found += [f"{prefix}:{one}" for one in (values if isinstance(values, list) else [values])]
    return found


def _head(text: str) -> str | None:
    lines = text.splitlines()
    if not lines or lines[0].strip() != _FENCE or _FENCE not in lines[1:]:
        return None
    return "\n".join(lines[1 : lines.index(_FENCE, 1)])
