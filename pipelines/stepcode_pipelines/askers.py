"""Threads that ask an endpoint, at a limited rate, while the caller judges what comes back."""

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Self

from stepcode.errors import QuestionRefusedError
from stepcode.reason.endpoint import Endpoint, ask
from stepcode.reason.prompt import render_prompt
from stepcode.types import Example

THREADS = 16


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said about an example, the `tries`-th time it was asked."""

    example: Example
    tries: int
    text: str
    refused: str = ""
    """Why the server would not answer this question; such as one that is too long for it."""


@dataclass(frozen=True, slots=True)
class _Question:
    example: Example
    tries: int


class Askers:
    """Owns the threads. They are daemons, so that no slow server keeps the program from ending."""

    def __init__(self, endpoint: Endpoint, *, per_second: float) -> None:
        """Ask at most so often, whatever the number of threads."""
        self.endpoint = endpoint
        self.under_way = 0
        """Questions whose reply has not been taken."""
        self._questions: SimpleQueue[_Question | None] = SimpleQueue()
        self._replies: SimpleQueue[Reply | BaseException] = SimpleQueue()
        self._stopped = threading.Event()
        self._turn = threading.Lock()
        self._seconds = 1 / per_second
        self._next = time.monotonic()

    def __enter__(self) -> Self:
        """Start the threads."""
        for _number in range(THREADS):
            threading.Thread(target=self._work, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let the threads end, without waiting for what is under way."""
        self._stopped.set()
        for _number in range(THREADS):
            self._questions.put(None)

    def ask(self, example: Example, *, tries: int) -> None:
        """Hand a question to the threads: what a student is asked about the example."""
        self.under_way += 1
        self._questions.put(_Question(example, tries))

    def reply(self) -> Reply:
        """Take the next reply, in the order they come; raises what asking raised."""
        got = self._next_reply()
        self.under_way -= 1
        if isinstance(got, BaseException):
            raise got
        return got

    def _next_reply(self) -> Reply | BaseException:
        while True:
            # Once polars has read anything, an interrupt no longer ends a wait: look now and then.
            with suppress(Empty):
                return self._replies.get(timeout=0.2)

    def _work(self) -> None:
        while (question := self._questions.get()) is not None and not self._stopped.is_set():
            try:
                self._wait_for_turn()
                text = ask(self.endpoint, render_prompt(question.example), wait=self._stopped.wait)
                self._replies.put(Reply(question.example, question.tries, text))
            except QuestionRefusedError as error:
                self._replies.put(Reply(question.example, question.tries, "", str(error)))
            except BaseException as error:
                self._replies.put(error)

    def _wait_for_turn(self) -> None:
        with self._turn:
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + self._seconds
        self._stopped.wait(start - now)
