"""A small HTTP server on 127.0.0.1 that answers by a table of routes, behind the guard."""

from __future__ import annotations

import contextlib
import io
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any

from mien.app.guard import (
    ANSWER_HEADERS,
    ANSWER_S,
    CONNECTIONS,
    HEADERS_S,
    HOST,
    REQUEST_S,
    Refused,
    body_length,
    check_sender,
)
from mien.core.errors import InputError

# What is read and thrown away of a refused body, so that the sender gets to read why.
DRAINED_BYTES, DRAINED_S = 64_000_000, 2.0
KINDS = {"html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}


@dataclass(frozen=True)
class Answer:
    """What is sent back: the whole, or pieces as they come."""

    kind: str
    content: bytes = b""
    pieces: Iterator[bytes] | None = None


@dataclass(frozen=True)
class Route:
    """What answers a request; one with ``kinds`` takes a body of up to ``most_bytes`` of these content types.

    ``check`` may refuse before the body is read.
    """

    answer: Callable[[bytes], Answer]
    kinds: tuple[str, ...] = ()
    most_bytes: int = 0
    check: Callable[[], None] = field(default=lambda: None)


def as_json(value: Any) -> Answer:
    """An answer for machines; no number in it may be NaN."""
    return Answer("application/json; charset=utf-8", json.dumps(value, ensure_ascii=False, allow_nan=False).encode())


def file_routes(*names: str) -> dict[tuple[str, str], Route]:
    """Files of the page, which are part of mien; the first is the page. No other file is ever sent."""
    routes = {}
    for number, name in enumerate(names):
        answer = Answer(KINDS[name.rpartition(".")[2]], _page_file(name))
        routes["GET", "/" if number == 0 else f"/{name}"] = Route(lambda body, answer=answer: answer)  # type: ignore[misc]
    return routes


@cache
def _page_file(name: str) -> bytes:
    return (files("mien.app") / "pages" / name).read_bytes()


class LocalServer(ThreadingHTTPServer):
    """Listens on 127.0.0.1 and nowhere else, in threads of its own, from ``start`` to ``close``.

    Parameters
    ----------
    port : int
        0 for any that is free.
    routes : dict of (method, path) to Route

    Raises
    ------
    InputError
        If the port is taken or not allowed.
    """

    daemon_threads = True
    # Closing must not wait for somebody who reads a stream.
    block_on_close = False
    request_queue_size = CONNECTIONS

    def __init__(self, port: int, routes: dict[tuple[str, str], Route]) -> None:
        self.routes = routes
        self._room = threading.BoundedSemaphore(CONNECTIONS)
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            raise InputError(
                f"Port {port} of {HOST} cannot be used ({error.strerror or error}): perhaps another server runs there. "
                "Name another port, or 0 for any that is free."
            ) from error

    @property
    def port(self) -> int:
        """That it listens on."""
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        """Of the page."""
        return f"http://{HOST}:{self.port}/"

    def start(self) -> None:
        """Answer from now on."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def close(self) -> None:
        """Answer nobody any more."""
        self.shutdown()
        self.server_close()

    def server_bind(self) -> None:
        """Without asking the network for this machine's name, as the standard library does."""
        self.allow_reuse_address = True
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = HOST, int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """A thread for each connection while there is room; the others are told at once."""
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
            return
        with contextlib.suppress(OSError):
            request.setblocking(False)
            request.send(b"HTTP/1.0 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n\r\n")
        self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """One connection from its beginning to its end."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Somebody who goes away in the middle is no fault of the server's."""


class _Until(io.RawIOBase):
    """Reads from a socket until a moment; who sends a byte now and then does not get more time by that."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.end_s = time.monotonic() + HEADERS_S

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self.end_s - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class _Handler(BaseHTTPRequestHandler):
    """One request per connection."""

    server: LocalServer
    server_version, sys_version, protocol_version = "mien", "", "HTTP/1.1"

    def setup(self) -> None:
        """As the standard library, but with a clock on what is read."""
        super().setup()
        self._until = _Until(self.connection)
        self.rfile = io.BufferedReader(self._until)

    def handle_expect_100(self) -> bool:
        """Whoever asks before sending a body is refused before sending it."""
        return True

    def _answer(self) -> None:
        try:
            answer = self._answered()
        except Refused as refusal:
            self._refuse(refusal)
            return
        except TimeoutError:
            self._refuse(Refused(HTTPStatus.REQUEST_TIMEOUT, f"The request took more than {REQUEST_S:g} s to come."))
            return
        except Exception as error:  # whatever happens, it is an answer, and nothing of it is about the picture
            sentence = f"This could not be answered ({type(error).__name__})."
            self._refuse(Refused(HTTPStatus.INTERNAL_SERVER_ERROR, sentence))
            return
        self._send(HTTPStatus.OK, answer, {})

    do_GET = do_POST = do_HEAD = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do_CONNECT = _answer

    def _answered(self) -> Answer:
        path, _, query = self.path.partition("?")
        check_sender(self.headers, self.server.port, is_page=(self.command, path) == ("GET", "/"))
        route = self.server.routes.get((self.command, path))
        if route is None:
            allowed = [method for method, known in self.server.routes if known == path]
            if not allowed:
                paths = ", ".join(f"{method} {known}" for method, known in self.server.routes)
                raise Refused(HTTPStatus.NOT_FOUND, f"There is nothing under this path; there is: {paths}.")
            words = f"This path takes {' and '.join(allowed)} only."
            raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, words, Allow=", ".join(allowed))
        body = b""
        if route.kinds and query:
            sentence = "This path takes no parameters: what is asked is set where the server is started."
            raise Refused(HTTPStatus.BAD_REQUEST, sentence)
        if route.kinds:
            length = body_length(self.headers, route.most_bytes, route.kinds)
            route.check()
            if self.headers.get("Expect", "").lower() == "100-continue":
                self.send_response_only(HTTPStatus.CONTINUE)
                self.end_headers()
            self._until.end_s = time.monotonic() + REQUEST_S
            body = self.rfile.read(length)
            if len(body) < length:
                raise Refused(HTTPStatus.BAD_REQUEST, "The body is shorter than its Content-Length.")
        return route.answer(body)

    def _send(self, status: HTTPStatus, answer: Answer, headers: dict[str, str]) -> None:
        self.connection.settimeout(ANSWER_S)
        self.send_response_only(status)
        lengths = {} if answer.pieces is not None else {"Content-Length": str(len(answer.content))}
        for name, value in {"Content-Type": answer.kind, **lengths, **ANSWER_HEADERS, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        self.wfile.write(answer.content)
        for piece in answer.pieces or ():
            self.wfile.write(piece)

    def _refuse(self, refusal: Refused) -> None:
        self.close_connection = True
        kind = "application/json; charset=utf-8"
        # Somebody who has gone away does not read it.
        with contextlib.suppress(OSError):
            self._send(refusal.status, Answer(kind, refusal.body), refusal.headers)
            self.wfile.flush()
            self._drain()

    def _drain(self) -> None:
        """Read on a little: closing before would take the answer away from a sender who is still sending."""
        self.connection.shutdown(socket.SHUT_WR)
        end_s, left = time.monotonic() + DRAINED_S, DRAINED_BYTES
        while left > 0 and (wait := end_s - time.monotonic()) > 0:
            self.connection.settimeout(wait)
            piece = self.connection.recv(65_536)
            if not piece:
                return
            left -= len(piece)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard library refuses by itself (lines that are no HTTP, too many headers), as a sentence."""
        status = HTTPStatus(code)
        # Lines that are not HTTP have not set what an answer looks at.
        self.command = getattr(self, "command", None) or "GET"
        self.request_version = getattr(self, "request_version", "HTTP/1.0")
        self._refuse(Refused(status, f"The request cannot be read ({status.phrase.lower()})."))

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing of what is asked is written down."""
