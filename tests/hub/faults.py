"""What a test orders to go wrong, and the log of what was asked."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Drop(StrEnum):
    """When the connection of a request is closed."""

    BEFORE = "before"
    """Read whole, nothing done, not answered."""
    HALFWAY = "halfway"
    """In the middle of the content that is sent (PUT, POST) or of the one that is asked for."""
    AFTER = "after"
    """Done, and not answered."""


@dataclass(frozen=True, slots=True)
class Status:
    """An answer in place of the work."""

    code: int
    retry_after: int | None = None
    """In seconds."""


Fault = Drop | Status


@dataclass(frozen=True, slots=True)
class Entry:
    """A request that came, in the order in which they ended."""

    kind: str
    """The name of the route: `commit`, `lfs_put`."""
    method: str
    path: str
    headers: Mapping[str, str]
    sent: int
    """Bytes of the request's content that were read."""
    status: int | None
    """None if the connection was closed without an answer, or within one."""


@dataclass(slots=True)
class _Order:
    kind: str
    fault: Fault
    first: int
    last: int
    seen: int = 0


class Faults:
    """Orders by kind of request; each counts the requests since it was given."""

    def __init__(self) -> None:
        self._orders: list[_Order] = []
        self._lock = threading.Lock()

    def order(self, kind: str, fault: Fault, *, at: int = 1, times: int = 1) -> None:
        """Have the requests of a kind go wrong: from the `at`-th on, so many `times`."""
        with self._lock:
            self._orders.append(_Order(kind, fault, at, at + times - 1))

    def clear(self) -> None:
        """Have nothing go wrong any more."""
        with self._lock:
            self._orders.clear()

    def next(self, kind: str) -> Fault | None:
        """Count a request, and tell what is to go wrong with it."""
        found: Fault | None = None
        with self._lock:
            for order in self._orders:
                if order.kind == kind:
                    order.seen += 1
                    if found is None and order.first <= order.seen <= order.last:
                        found = order.fault
        return found


class Log:
    """The requests that came."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._lock = threading.Lock()

    def add(self, entry: Entry) -> None:
        """Note a request."""
        with self._lock:
            self._entries.append(entry)

    def of(self, *kinds: str) -> list[Entry]:
        """Those of some kinds, or all."""
        with self._lock:
            return [entry for entry in self._entries if not kinds or entry.kind in kinds]

    def kinds(self) -> list[str]:
        """Name the kind of each."""
        return [entry.kind for entry in self.of()]

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._entries.clear()
