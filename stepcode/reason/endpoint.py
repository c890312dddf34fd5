"""Asking a model behind an OpenAI-compatible address, over the standard library's HTTP.

Only the messages, the model's name and the options that are asked for are sent: servers disagree
about all other settings, and have defaults of their own.
"""

import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stepcode.errors import EndpointError, MisuseError, QuestionRefusedError
from stepcode.reason.prompt import Message

MAX_REPLY_BYTES = 10_000_000
MAX_WAIT_SECONDS = 60.0
_PATIENCE = 2
"""So many answers too late, and the server is too slow: each costs as long as a try may take."""
_TRY_AGAIN = {408, 409, 425, 429}
_NOT_THIS_ONE = {400, 413, 422}
_PATH = "/chat/completions"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is, and how patient to be with it."""

    url: str
    """What comes before `/chat/completions`, such as `http://localhost:8000/v1`."""
    model: str
    key: str = ""
    """Sent as a bearer token; empty for none."""
    seconds: float = 120.0
    """How long one answer may take; one that takes longer is asked for once more."""
    waits: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 16.0)
    """Seconds between one try and the next; one more try than there are waits."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What else is sent, such as `temperature` and `max_tokens`. Any: JSON."""

    def __post_init__(self) -> None:
        """Refuse what is no address before anything is asked."""
        try:
            parts = urllib.parse.urlsplit(self.url)
            there = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            there = None
        if not there or any(character.isspace() for character in self.url):
            raise MisuseError(
                f"{self.url!r} is no address of a model: expected http://HOST:PORT/v1"
            )


@dataclass(frozen=True, slots=True)
class Said:
    """What a model answered."""

    text: str
    is_cut: bool
    """Whether the server ended it, for its length."""


class _TryAgainError(Exception):
    def __init__(self, reason: str, seconds: float = 0.0) -> None:
        self.reason = reason
        self.seconds = seconds
        """What the server asks to wait."""
        super().__init__(reason)


class _TooLateError(_TryAgainError):
    pass


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: it would lose the question, and show the key to another host."""

    def redirect_request(self, *_: Any) -> None:  # Any: the base class's six arguments
        return None


def ask(
    endpoint: Endpoint, messages: Sequence[Message], *, wait: Callable[[float], object] = time.sleep
) -> Said:
    """Ask once and give what the model says, which may be nothing; retries what may pass.

    Raises QuestionRefusedError if the server refuses this question, as it does one that is too long
    for it, and EndpointError if it refuses for another reason, or if it is still busy, silent or
    incomprehensible after all waits.
    """
    late = 0
    for tries, pause in enumerate((*endpoint.waits, None), start=1):
        try:
            return _ask_once(endpoint, messages)
        except _TryAgainError as error:
            late += isinstance(error, _TooLateError)
            if pause is None or late == _PATIENCE:
                failed = f"{endpoint.url}: {error.reason}, {tries} times in a row"
                raise EndpointError(failed) from error
            wait(max(pause, min(error.seconds, MAX_WAIT_SECONDS)))
    raise AssertionError("the last try returns or raises")


def _ask_once(endpoint: Endpoint, messages: Sequence[Message]) -> Said:
    deadline = time.monotonic() + endpoint.seconds
    try:
        opener = urllib.request.build_opener(_Stay)
        with opener.open(_request(endpoint, messages), timeout=endpoint.seconds) as response:
            return _content(_read(response, deadline))
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(endpoint, error) from error
    except (OSError, http.client.HTTPException) as error:
        why = getattr(error, "reason", None) or error
        if isinstance(why, TimeoutError):
            raise _TooLateError(f"no answer within {endpoint.seconds:g} seconds") from error
        raise _TryAgainError(f"not reached ({_line(str(why)) or type(why).__name__})") from error


def _request(endpoint: Endpoint, messages: Sequence[Message]) -> urllib.request.Request:
    url = endpoint.url.rstrip("/")
    asked = {"model": endpoint.model, "messages": list(messages), **endpoint.options}
    body = json.dumps(asked).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "stepcode"}
    if endpoint.key:
        headers["Authorization"] = f"Bearer {endpoint.key}"
    return urllib.request.Request(
        url if url.endswith(_PATH) else url + _PATH, data=body, headers=headers, method="POST"
    )


def _read(response: http.client.HTTPResponse, deadline: float) -> bytes:
    """Read all, but not for ever: a timeout of a socket starts anew with every byte."""
    pieces, size = [], 0
    while piece := response.read1(1 << 16):
        pieces.append(piece)
        size += len(piece)
        if size > MAX_REPLY_BYTES:
            raise _TryAgainError(f"an answer of more than {MAX_REPLY_BYTES:,} bytes")
        if time.monotonic() > deadline:
            raise TimeoutError
    return b"".join(pieces)


def _content(data: bytes) -> Said:
    try:
        choice = json.loads(data)["choices"][0]
        said, ended = choice["message"]["content"], choice.get("finish_reason")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        start = _line(data[:200].decode("utf-8", "replace"))
        raise _TryAgainError(f"no chat completion but {start!r}") from error
    return Said(said if isinstance(said, str) else "", is_cut=ended == "length")


def _refusal(endpoint: Endpoint, error: urllib.error.HTTPError) -> Exception:
    try:
        detail = _detail(error.read(100_000))
    except (OSError, http.client.HTTPException):
        detail = ""
    said = f"HTTP {error.code}" + (f" ({detail})" if detail else "")
    if error.code in _TRY_AGAIN or error.code >= 500:
        asked = error.headers.get("Retry-After", "")
        return _TryAgainError(said, float(asked) if asked.isdecimal() else 0.0)
    kind = QuestionRefusedError if error.code in _NOT_THIS_ONE else EndpointError
    return kind(f"{endpoint.url}: {said}")


def _detail(data: bytes) -> str:
    """The reason in an error's body, wherever this server puts it."""
    try:
        record = json.loads(data)
    except (ValueError, RecursionError):
        return _line(data.decode("utf-8", "replace"))
    found = record.get("error", record) if isinstance(record, dict) else record
    if isinstance(found, dict):
        found = found.get("message", found)
    return _line(str(found))


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else f"{line[:119]}…"
