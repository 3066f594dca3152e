"""The guard of everything that mien serves on this machine: who may ask, what, how much and how often.

A server on 127.0.0.1 can still be reached by every page that the browser has open. So a request has to name this
machine as its host (a page of elsewhere whose name was made to point here names another), must not come from another
page (``Origin``, ``Sec-Fetch-Site``), and gets no leave for other pages to read the answer.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus

HOST = "127.0.0.1"
NAMES = (HOST, "localhost")
# Of a request's line and headers, and of the whole request, until when they have to be here.
HEADERS_S, REQUEST_S = 5.0, 20.0
# An answer that nobody takes is given up.
ANSWER_S = 10.0
CONNECTIONS = 16
# How long a request waits for its turn.
TURN_S = 20.0
# With every answer: nothing is kept, guessed, framed or read by other pages.
ANSWER_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Connection": "close",
}


class Refused(Exception):
    """A request that is not answered: the status and a sentence that says why and what to do."""

    def __init__(self, status: HTTPStatus, sentence: str, **headers: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    @property
    def body(self) -> bytes:
        """The sentence as JSON."""
        return json.dumps({"error": self.sentence}, ensure_ascii=False).encode()


def check_sender(headers: Message, port: int, is_page: bool = False) -> None:
    """Refuse requests that do not name this machine, or that another page sends.

    Parameters
    ----------
    headers : Message
    port : int
        That the server listens on.
    is_page : bool
        Whether the page itself is asked for: a link may lead there.

    Raises
    ------
    Refused
    """
    hosts = headers.get_all("Host") or []
    own = {f"{name}:{port}" for name in NAMES} | (set(NAMES) if port == 80 else set())
    if len(hosts) != 1 or hosts[0].strip().lower() not in own:
        raise Refused(
            HTTPStatus.FORBIDDEN, f"This server answers only to http://{HOST}:{port}; the request named another host."
        )
    origins = headers.get_all("Origin") or []
    if any(origin.strip().lower() not in {f"http://{name}" for name in own} for origin in origins):
        raise Refused(HTTPStatus.FORBIDDEN, "Requests of other pages are refused.")
    sites = {site.strip().lower() for site in headers.get_all("Sec-Fetch-Site") or []}
    followed = is_page and headers.get("Sec-Fetch-Dest", "") == "document"
    if not sites <= {"same-origin", "none"} and not followed:
        raise Refused(HTTPStatus.FORBIDDEN, "Requests of other pages are refused.")


def body_length(headers: Message, most: int, kinds: tuple[str, ...]) -> int:
    """Number of bytes of a body that may be read.

    Parameters
    ----------
    headers : Message
    most : int
        Bytes.
    kinds : tuple of str
        Content types that are taken.

    Raises
    ------
    Refused
        Without a length, for a body that is empty, too large, in pieces or packed, and for other content types.
    """
    if headers.get("Transfer-Encoding") or headers.get("Content-Encoding"):
        raise Refused(HTTPStatus.LENGTH_REQUIRED, "Send the body whole, with its Content-Length, and not packed.")
    lengths = headers.get_all("Content-Length") or []
    if not lengths:
        raise Refused(HTTPStatus.LENGTH_REQUIRED, "The request has no Content-Length.")
    # isdigit alone lets other scripts' digits pass.
    if len(lengths) > 1 or not (lengths[0].isascii() and lengths[0].isdigit()) or len(lengths[0]) > 18:
        raise Refused(HTTPStatus.BAD_REQUEST, "The Content-Length is no number of bytes.")
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in kinds:
        raise Refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"The Content-Type has to be one of {', '.join(kinds)}, with the picture's bytes as the body.",
        )
    length = int(lengths[0])
    if length > most:
        raise Refused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The body has {length / 1e6:.1f} megabytes; up to {most / 1e6:g} are taken.",
        )
    if not length:
        raise Refused(HTTPStatus.BAD_REQUEST, "The body is empty; send the bytes of a picture.")
    return length


@dataclass(eq=False)
class Rate:
    """At most so many requests per second in the long run, twice as many at once.

    Attributes
    ----------
    per_second : float
    clock : callable
        Seconds.
    """

    per_second: float
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _left: float = field(default=-1.0, repr=False)
    _last_s: float = field(default=0.0, repr=False)

    def take(self) -> None:
        """Count one request.

        Raises
        ------
        Refused
            If it is one too many; it says when to come again.
        """
        most = max(1.0, 2 * self.per_second)
        with self._lock:
            now = self.clock()
            if self._left < 0:
                self._left, self._last_s = most, now
            self._left = min(most, self._left + (now - self._last_s) * self.per_second)
            self._last_s = now
            if self._left < 1:
                wait = max(1, round((1 - self._left) / self.per_second))
                raise Refused(
                    HTTPStatus.TOO_MANY_REQUESTS,
                    f"Too many requests: up to {self.per_second:g} per second are answered. Try again in {wait} s.",
                    Retry_After=str(wait),
                )
            self._left -= 1


class Turns:
    """One request is worked on at a time, a few wait, the others are sent away.

    Parameters
    ----------
    waiting : int
        How many may wait.
    """

    def __init__(self, waiting: int) -> None:
        self._room = threading.BoundedSemaphore(1 + waiting)
        self._turn = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """The block runs alone.

        Raises
        ------
        Refused
            If too many wait already, or the turn does not come in time.
        """
        if not self._room.acquire(blocking=False):
            raise _busy()
        try:
            if not self._turn.acquire(timeout=TURN_S):
                raise _busy()
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._room.release()


def _busy() -> Refused:
    return Refused(
        HTTPStatus.SERVICE_UNAVAILABLE, "The server is busy with other pictures. Try again in 1 s.", Retry_After="1"
    )
