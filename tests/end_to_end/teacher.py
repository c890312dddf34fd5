"""A real server on the loopback that answers as a teacher would, or misbehaves."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Respond = Callable[[int, str], "str | bytes | int"]
"""From the number of a request and its prompt: what to say, the bytes to send, or a status."""


class Teacher(ThreadingHTTPServer):
    """Remembers what it was asked."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, respond: Respond) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.respond = respond
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Teacher

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.asked.append(question | {"path": self.path})
            self.server.keys.append(self.headers["Authorization"])
            number = len(self.server.asked)
        said = self.server.respond(number, question["messages"][-1]["content"])
        with suppress(OSError):  # of whoever has given up
            self._send(said)

    def _send(self, said: str | bytes | int) -> None:
        status, body = 200, b""
        match said:
            case int():
                status, body = said, json.dumps({"error": {"message": "not now"}}).encode()
            case bytes():
                body = said
            case str():
                reply = {"choices": [{"message": {"role": "assistant", "content": said}}]}
                body = json.dumps(reply).encode()
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "0")
        if status in (301, 302, 307):
            self.send_header("Location", f"{self.server.url}/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def teacher(respond: Respond) -> Iterator[Teacher]:
    """Serve until the end of the block."""
    with Teacher(respond) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
