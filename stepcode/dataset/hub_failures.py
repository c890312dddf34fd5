"""What goes wrong with the Hub, told in one line each that says what to do."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from huggingface_hub import constants
from huggingface_hub.errors import (
    HfHubHTTPError,
    LocalTokenNotFoundError,
    OfflineModeIsEnabled,
)

from stepcode.errors import HubError, StepcodeError

AGAIN = "run the same command again: what the Hub has is not sent again"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_CONFLICTS = (409, 412)


@contextmanager
def plain_hub_errors(what: str, *, user: str = "") -> Iterator[None]:
    """Turn whatever the Hub's client raises into a HubError; `what` is what the line begins with.

    `user` is whose token is used, once that is known.

    The client raises its own errors, those of two HTTP libraries, those of the system and some
    more, one wrapped in another.
    """
    try:
        yield
    except StepcodeError:
        raise
    except Exception as error:
        raise HubError(f"{what}: {_explain(error, user)}") from error


def _explain(error: BaseException, user: str) -> str:
    chain = list(_chain(error))
    for one in chain:
        if isinstance(one, LocalTokenNotFoundError):
            return f"no token is set; {_get_token()}"
        if isinstance(one, OfflineModeIsEnabled):
            return "HF_HUB_OFFLINE is set, so the Hub is not to be asked; unset it"
        if isinstance(one, HfHubHTTPError):
            return _explain_status(one, user)
        if isinstance(one, OSError) and one.errno in _FULL:
            place = f" ({one.filename})" if one.filename else ""
            room = "make room, or set HF_HOME and TMPDIR to a larger disk"
            return f"no room left on this machine{place}; {room}, then {AGAIN}"
    if any("/xet-" in str(one) for one in chain):
        return f"{_first_line(chain[0])}; where the Hub has no Xet, set HF_HUB_DISABLE_XET=1"
    for one in chain:
        if type(one).__module__.partition(".")[0].startswith("http") or _is_network(one):
            return f"no connection to {constants.ENDPOINT} ({_first_line(one)}); {AGAIN}"
    return f"{type(chain[0]).__name__}: {_first_line(chain[0])}; {AGAIN}"


def _explain_status(error: HfHubHTTPError, user: str) -> str:
    status = error.response.status_code
    said = _first_line(error.server_message or error.response.reason_phrase or "no reason given")
    if status == 401:
        return f"{constants.ENDPOINT} does not know the token; {_get_token()}"
    if status == 403:
        theirs = f"name {user}/..., or " if user else ""
        return f"the token of {user or 'nobody'} may not do that ({said}); {theirs}{_get_token()}"
    if status == 404:
        return f"is not there, or the token may not see it ({said}); {_get_token()}"
    if status in _CONFLICTS:
        return f"was changed by somebody else meanwhile ({said}); {AGAIN}"
    if status == 429:
        return f"the Hub takes no more requests for now{_wait(error)}; then {AGAIN}"
    if status >= 500:
        return f"the Hub failed ({status} {said}); wait a little, then {AGAIN}"
    return f"the Hub refused it ({status} {said})"


def _wait(error: HfHubHTTPError) -> str:
    seconds = error.response.headers.get("Retry-After", "")
    return f": wait {seconds} seconds" if seconds.isdigit() else ": wait some minutes"


def _get_token() -> str:
    tokens = f"{constants.ENDPOINT}/settings/tokens"
    return f"set HF_TOKEN, or run `hf auth login`, with one that may write: {tokens}"


def _is_network(error: BaseException) -> bool:
    return isinstance(error, ConnectionError | TimeoutError)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give an error and those that it came of."""
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or one.__context__


def _first_line(error: object) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), "no reason")
