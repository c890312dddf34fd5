"""What goes over the wire to the tests' Hub and back, and the ways in which it says no."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True, slots=True)
class Asked:
    """A request."""

    method: str
    path: str
    """Still quoted, without the query."""
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    """By name in small letters."""
    body: bytes = b""

    def json(self) -> dict[str, Any]:
        """Read the body as the JSON object that it has to be."""
        try:
            found = json.loads(self.body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise refuse(400, "the body is no JSON object")
        return found

    def form(self) -> dict[str, list[str]]:
        """Read the body as JSON or as a form, both of which the Hub takes."""
        if "json" in self.headers.get("content-type", ""):
            return {
                name: value if isinstance(value, list) else [str(value)]
                for name, value in self.json().items()
            }
        return parse_qs(self.body.decode(), keep_blank_values=True)

    def flag(self, name: str) -> bool:
        """Read a parameter that is true or not."""
        return self.query.get(name, ["false"])[0].lower() in ("true", "1")


@dataclass(frozen=True, slots=True)
class Answer:
    """A response; the content is `body`, or the bytes of `file` from `start` to before `end`."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    file: Path | None = None
    start: int = 0
    end: int = 0

    @property
    def length(self) -> int:
        """Bytes of content."""
        return self.end - self.start if self.file else len(self.body)


class Refused(Exception):
    """Ends the work on a request with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status, answer.body)
        self.answer = answer


def say(content: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with JSON."""
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return Answer(status, json.dumps(content).encode(), kind | dict(headers or {}))


def refuse(
    status: int, message: str, *, code: str = "", headers: Mapping[str, str] | None = None
) -> Refused:
    """Say no as the Hub does: the message in the body and in a header, the code in another."""
    named = {"X-Error-Message": message} | ({"X-Error-Code": code} if code else {})
    return Refused(say({"error": message}, status=status, headers=named | dict(headers or {})))
