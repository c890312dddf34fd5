"""The connections of the tests' Hub: read a request, answer it, or break off where told to."""

import socket
import sys
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.hub.faults import Drop, Entry, Fault, Faults, Log, Status
from tests.hub.messages import Answer, Asked, Refused, refuse
from tests.hub.routes import Found, Route, call, find_route
from tests.hub.site import Site

_MAX_BODY = 256 << 20
_BLOCK = 1 << 16


class HubServer(ThreadingHTTPServer):
    """Serves some routes on a port of its own, and closes every connection at its end."""

    daemon_threads = False
    block_on_close = True
    site: Site

    def __init__(
        self, routes: tuple[Route, ...], faults: Faults, log: Log, crashes: list[BaseException]
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.routes, self.faults, self.log, self.crashes = routes, faults, log, crashes
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def hold(self, connection: socket.socket) -> None:
        """Remember a connection that is open."""
        with self._lock:
            self._open.add(connection)

    def let_go(self, connection: socket.socket) -> None:
        """Forget a connection that is about to be closed."""
        with self._lock:
            self._open.discard(connection)

    def hang_up(self) -> None:
        """End the connections that clients keep open for more."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that went away, and keep what is the Hub's own fault."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            self.crashes.append(error)


class _Dropped(Exception):
    """The connection is to be closed as it is."""


class _Connection(BaseHTTPRequestHandler):
    """One connection, with one request after another."""

    server: HubServer
    protocol_version = "HTTP/1.1"
    # An answer goes out in two writes, the second of which waited 40 ms for the first otherwise.
    disable_nagle_algorithm = True
    timeout = 60
    _sent = 0
    """Bytes of the request's content that were read."""

    def setup(self) -> None:
        super().setup()
        self.server.hold(self.connection)

    def finish(self) -> None:
        self.server.let_go(self.connection)
        with suppress(OSError):
            super().finish()

    def do_GET(self) -> None:
        """Answer a request of any method."""
        address = urlsplit(self.path)
        found = find_route(self.server.routes, self.command, address.path)
        fault = self.server.faults.next(found.kind)
        self._sent = 0
        try:
            answer = self._answer(found, fault, address.path, address.query)
        except (_Dropped, OSError):
            self._note(found.kind, None)
            self.close_connection = True
            return
        halfway = fault is Drop.HALFWAY
        # Noted first: whoever has the answer may look at once.
        self._note(found.kind, None if halfway else answer.status)
        try:
            self._send(answer, halfway=halfway)
        except OSError:
            self.close_connection = True

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET

    def _note(self, kind: str, status: int | None) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        entry = Entry(kind, self.command, self.path, headers, self._sent, status)
        self.server.log.add(entry)

    def _answer(self, found: Found, fault: Fault | None, path: str, query: str) -> Answer:
        cut = fault is Drop.HALFWAY
        body = self._read(halfway=cut)
        if fault is Drop.BEFORE or (cut and body):
            raise _Dropped
        if isinstance(fault, Status):
            return _in_place_of_work(fault)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, path, parse_qs(query), headers, body)
        answer = self._work(found, asked)
        if fault is Drop.AFTER:
            raise _Dropped
        return answer

    def _work(self, found: Found, asked: Asked) -> Answer:
        try:
            return found.respond(call(found, self.server.site, asked))
        except Refused as refused:
            return refused.answer
        except Exception as error:
            self.server.crashes.append(error)
            return refuse(500, f"the tests' Hub failed: {error!r}").answer

    def _read(self, *, halfway: bool) -> bytes:
        """Read the content of the request, or the first half of it."""
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            return self._read_chunks()
        length = int(self.headers.get("Content-Length") or 0)
        if length > _MAX_BODY:
            raise _Dropped
        body = self.rfile.read(-(-length // 2) if halfway else length)
        self._sent = len(body)
        if not halfway and len(body) < length:
            raise _Dropped  # by the client
        return body

    def _read_chunks(self) -> bytes:
        body = bytearray()
        while length := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(length)
            self.rfile.readline()
            if len(body) > _MAX_BODY:
                raise _Dropped
        self.rfile.readline()
        self._sent = len(body)
        return bytes(body)

    def _send(self, answer: Answer, *, halfway: bool = False) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(answer.length))
        self.end_headers()
        if self.command != "HEAD":
            self._send_content(answer, answer.length // 2 if halfway else answer.length)
        self.close_connection |= halfway

    def _send_content(self, answer: Answer, length: int) -> None:
        if answer.file is None:
            self.wfile.write(answer.body[:length])
            return
        with answer.file.open("rb") as file:
            file.seek(answer.start)
            while length and (block := file.read(min(_BLOCK, length))):
                self.wfile.write(block)
                length -= len(block)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _in_place_of_work(status: Status) -> Answer:
    waits = {} if status.retry_after is None else {"Retry-After": str(status.retry_after)}
    said = "You have been rate-limited" if status.code == 429 else "Service unavailable"
    return refuse(status.code, said, headers=waits).answer
