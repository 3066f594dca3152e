"""Who may ask the local page: whoever has the address that the start printed, on this machine, and nobody else."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from email.message import Message
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, quote

from mien.app.guard import HOST, Refused, check_sender

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# Of one request, uploads apart.
MOST_BYTES = 8_000_000
# Where uploads go; the page names no other.
UPLOADS = "/_nicegui/client/"
# NiceGUI's own files, which are part of the package and change with its version alone.
PARTS_OF_PAGE = ("/_nicegui/", "/look/")
PARTS_KEPT = "private, max-age=86400"
# Vue compiles templates in the browser: hence 'unsafe-eval'. Nothing from elsewhere is ever loaded.
PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; "
    "frame-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
# Pages that mien has written into a study: scripts in them run, but as strangers that reach neither page nor network.
WRITTEN_POLICY = (
    "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
WRITTEN = "/written/"
HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}


class _TooLong(Exception):
    """A body that said nothing of its length is longer than is taken."""

    def __init__(self, most: int) -> None:
        self.refusal = Refused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"Up to {most / 1e6:g} megabytes are taken at once."
        )
        super().__init__(str(self.refusal))


class Access:
    """Lets requests pass that name this machine, come from the page itself and carry its cookie.

    Parameters
    ----------
    app : ASGI application
    port : int
        That the server listens on.
    most_upload : int
        Bytes of one upload.
    first : str
        Where the start address leads to.

    Attributes
    ----------
    token : str
        Stands in the start address; who opens it gets the cookie.
    """

    def __init__(self, app: Any, port: int, most_upload: int, first: str = "/") -> None:
        self._app, self._port, self._most_upload = app, port, most_upload
        self._first = first
        self.token, self._session = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        # Cookies do not know ports: two studies' pages on one machine must not take each other's.
        self._cookie = f"mien-{port}"

    @property
    def url(self) -> str:
        """The start address; it is for one person."""
        return f"http://{HOST}:{self._port}/?token={self.token}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or end one attempt at a connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Message()
        for name, value in scope["headers"]:
            headers[name.decode("latin-1")] = value.decode("latin-1")
        try:
            check_sender(headers, self._port, is_page=scope.get("method") == "GET")
            if scope["type"] == "http" and self._brings_token(scope):
                await self._let_in(send)
                return
            self._check_cookie(headers)
            if scope["type"] == "http":
                receive = self._limited(scope, headers, receive)
        except Refused as refusal:
            await _refuse(scope, send, refusal)
            return
        if (
            scope["type"] == "http"
            and scope["path"].startswith(WRITTEN)
            and headers.get("Sec-Fetch-Dest") == "document"
        ):
            await _in_a_frame(scope, send)
            return
        await self._passed_on(scope, receive, _with_headers(scope, send))

    async def _passed_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers that a body is too long, whatever the application says of what it could not read."""
        too_long: list[_TooLong] = []
        began = False

        async def watched() -> MutableMapping[str, Any]:
            try:
                return await receive()
            except _TooLong as error:
                too_long.append(error)
                raise

        async def sent(message: MutableMapping[str, Any]) -> None:
            nonlocal began
            if not too_long:
                began = True
                await send(message)

        try:
            await self._app(scope, watched, sent)
        except Exception:
            if not too_long:
                raise
        if too_long and not began:
            await _refuse(scope, send, too_long[0].refusal)

    def _brings_token(self, scope: Scope) -> bool:
        given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0]
        return scope["path"] == "/" and bool(given) and secrets.compare_digest(given.encode(), self.token.encode())

    async def _let_in(self, send: Send) -> None:
        cookie = f"{self._cookie}={self._session}; Path=/; HttpOnly; SameSite=Strict"
        headers = {
            **HEADERS,
            "Location": self._first,
            "Set-Cookie": cookie,
            "Cache-Control": "no-store",
            "Content-Length": "0",
        }
        await _start(send, HTTPStatus.SEE_OTHER, headers)
        await send({"type": "http.response.body", "body": b""})

    def _check_cookie(self, headers: Message) -> None:
        jar: SimpleCookie = SimpleCookie()
        try:
            jar.load("; ".join(headers.get_all("Cookie") or []))
        except CookieError:
            jar = SimpleCookie()
        given = jar[self._cookie].value if self._cookie in jar else ""
        if not secrets.compare_digest(given.encode("utf-8", "replace"), self._session.encode()):
            raise Refused(
                HTTPStatus.FORBIDDEN, "Open the whole address that 'mien app' printed at its start; it ends in a token."
            )

    def _limited(self, scope: Scope, headers: Message, receive: Receive) -> Receive:
        """Reads no more of a body than is allowed, whatever its sender says of its length."""
        most = self._most_upload if scope["path"].startswith(UPLOADS) else MOST_BYTES
        length = headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit()) or int(length[:18]) > most:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"Up to {most / 1e6:g} megabytes are taken at once.")
        taken = 0

        async def limited() -> MutableMapping[str, Any]:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise _TooLong(most)
            return message

        return limited


def _with_headers(scope: Scope, send: Send) -> Send:
    path = scope["path"]
    kept = PARTS_KEPT if path.startswith(PARTS_OF_PAGE) and not path.startswith(UPLOADS) else "no-store"
    policy = WRITTEN_POLICY if path.startswith(WRITTEN) else PAGE_POLICY
    ours = {**HEADERS, "Content-Security-Policy": policy}

    async def sent(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            theirs = {name.lower(): value for name, value in message.get("headers", [])}
            # Media say themselves how long they stay: thumbnails of a folder are looked at again and again.
            if b"cache-control" not in theirs or not path.startswith("/media/"):
                ours["Cache-Control"] = kept
            mine = {name.lower().encode(): value.encode() for name, value in ours.items()}
            rest = [pair for pair in message.get("headers", []) if pair[0].lower() not in {*mine, b"server"}]
            message = {**message, "headers": [*rest, *mine.items()]}
        await send(message)

    return sent


async def _in_a_frame(scope: Scope, send: Send) -> None:
    """A written page by itself: its scripts could lead the tab elsewhere, with what they read; a frame they cannot."""
    address = quote(scope["path"])
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<title>mien</title><style>html,body,iframe{margin:0;border:0;width:100%;height:100%;display:block}</style>"
        f'<iframe src="{address}" title="Page written by mien" sandbox="allow-scripts allow-downloads"></iframe></html>'
    ).encode()
    headers = {
        **HEADERS, "Content-Security-Policy": PAGE_POLICY, "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(page)), "Cache-Control": "no-store",
    }  # fmt: skip
    await _start(send, HTTPStatus.OK, headers)
    await send({"type": "http.response.body", "body": page})


async def _refuse(scope: Scope, send: Send, refusal: Refused) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = {**HEADERS, "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}
    await _start(send, refusal.status, headers)
    await send({"type": "http.response.body", "body": refusal.body})


async def _start(send: Send, status: HTTPStatus, headers: dict[str, str]) -> None:
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": int(status), "headers": pairs})
