"""Threads that ask an endpoint, at a limited rate, while the caller judges what comes back."""

import math
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Generic, Self, TypeVar

from stepcode.errors import QuestionRefusedError
from stepcode.reason.endpoint import Endpoint, ask
from stepcode.reason.prompt import Message

THREADS = 16

About = TypeVar("About")
"""What the caller knows a question by."""


@dataclass(frozen=True, slots=True)
class Reply(Generic[About]):
    """What a model said when it was asked."""

    about: About
    text: str
    is_cut: bool = False
    """Whether the server ended it, for its length."""
    refused: str = ""
    """Why the server would not answer this question; such as one that is too long for it."""


@dataclass(frozen=True, slots=True)
class _Question(Generic[About]):
    about: About
    messages: Sequence[Message]


class Askers(Generic[About]):
    """Owns the threads. They are daemons, so that no slow server keeps the program from ending."""

    def __init__(
        self, endpoint: Endpoint, *, per_second: float = math.inf, threads: int = THREADS
    ) -> None:
        """Ask at most so often, and so many questions at a time."""
        self.endpoint = endpoint
        self.under_way = 0
        """Questions whose reply has not been taken."""
        self._questions: SimpleQueue[_Question[About] | None] = SimpleQueue()
        self._replies: SimpleQueue[Reply[About] | BaseException] = SimpleQueue()
        self._stopped = threading.Event()
        self._turn = threading.Lock()
        self._seconds = 1 / per_second
        self._threads = threads
        self._next = time.monotonic()

    def __enter__(self) -> Self:
        """Start the threads."""
        for _number in range(self._threads):
            threading.Thread(target=self._work, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let the threads end, without waiting for what is under way."""
        self._stopped.set()
        for _number in range(self._threads):
            self._questions.put(None)

    def ask(self, about: About, messages: Sequence[Message]) -> None:
        """Hand a question to the threads."""
        self.under_way += 1
        self._questions.put(_Question(about, messages))

    def reply(self) -> Reply[About]:
        """Take the next reply, in the order they come; raises what asking raised."""
        got = self._next_reply()
        self.under_way -= 1
        if isinstance(got, BaseException):
            raise got
        return got

    def _next_reply(self) -> Reply[About] | BaseException:
        while True:
            # Once polars has read anything, an interrupt no longer ends a wait: look now and then.
            with suppress(Empty):
                return self._replies.get(timeout=0.2)

    def _work(self) -> None:
        while (question := self._questions.get()) is not None and not self._stopped.is_set():
            try:
                self._wait_for_turn()
                said = ask(self.endpoint, question.messages, wait=self._stopped.wait)
                self._replies.put(Reply(question.about, said.text, said.is_cut))
            except QuestionRefusedError as error:
                self._replies.put(Reply(question.about, "", refused=str(error)))
            except BaseException as error:
                self._replies.put(error)

    def _wait_for_turn(self) -> None:
        with self._turn:
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + self._seconds
        self._stopped.wait(start - now)
