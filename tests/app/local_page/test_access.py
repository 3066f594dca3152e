"""Who may ask the local page, and what leaves it: a stranger's request ends before anything of mien sees it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mien.app.local_page.access import MOST_BYTES, Access

PORT = 8766
UPLOAD = 20_000_000


class Asked:
    """A server behind the guard, and what came of one request."""

    def __init__(self) -> None:
        self.access = Access(self._app, PORT, UPLOAD)
        self.reached: list[str] = []
        self.sent: list[Any] = []
        self.body = b""

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        self.reached.append(scope["path"])
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        while True:
            message = await receive()
            self.body += message.get("body", b"")
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                break
        headers = [(b"server", b"x"), (b"content-type", b"text/html")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"hello"})

    def ask(
        self, path: str = "/", query: str = "", kind: str = "http", body: tuple[bytes, ...] = (b"",), **headers: str
    ) -> int:
        """Status of one request; of a connection 101 or 403."""
        given = {"host": f"127.0.0.1:{PORT}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        scope = {
            "type": kind, "method": "GET" if body == (b"",) else "POST", "path": path, "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in given.items() if value],
        }  # fmt: skip
        left = list(body)

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

        async def send(message: Any) -> None:
            self.sent.append(message)

        self.sent, self.reached, self.body = [], [], b""
        asyncio.run(self.access(scope, receive, send))
        if kind == "websocket":
            return 101 if self.sent[0]["type"] == "websocket.accept" else 403
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        """Of the last answer."""
        return {name.decode().lower(): value.decode() for name, value in self.sent[0]["headers"]}

    def let_in(self) -> str:
        """The cookie that the start address brings."""
        assert self.ask(query=f"token={self.access.token}") == 303
        return self.headers["set-cookie"].partition(";")[0]


@pytest.fixture
def asked() -> Asked:
    """A server that nobody has asked yet."""
    return Asked()


def test_the_start_address_lets_in_once_and_for_all(asked: Asked) -> None:
    cookie = asked.let_in()
    assert asked.headers["location"] == "/"
    assert "HttpOnly" in asked.headers["set-cookie"]
    assert "SameSite=Strict" in asked.headers["set-cookie"]
    assert asked.access.token not in asked.headers["set-cookie"]
    assert asked.ask("/study/x/faces", cookie=cookie) == 200


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("cookie", ["", "mien-8766=", "mien-8766=wrong", "mien-8767=x", "=;;,", "mien-8766=\u00e9"])
def test_without_the_cookie_nothing_is_reached(asked: Asked, kind: str, cookie: str) -> None:
    assert asked.ask("/study/x/faces", kind=kind, cookie=cookie) == 403
    assert asked.reached == []


def test_a_wrong_token_says_what_to_open(asked: Asked) -> None:
    assert asked.ask(query="token=wrong") == 403
    assert b"'mien app' printed" in asked.sent[1]["body"]


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example:8766"}, {"host": "127.0.0.1:9999"}, {"host": ""}, {"origin": "http://evil.example"},
        {"origin": "null"}, {"origin": "http://127.0.0.1:9999"}, {"sec_fetch_site": "cross-site"},
    ],
)  # fmt: skip
def test_other_names_and_other_pages_are_refused_even_with_the_cookie(
    asked: Asked, kind: str, headers: dict[str, str]
) -> None:
    cookie = asked.let_in()
    assert asked.ask("/_nicegui_ws/", kind=kind, cookie=cookie, **headers) == 403
    assert asked.reached == []


def test_the_page_itself_may_connect(asked: Asked) -> None:
    cookie = asked.let_in()
    assert asked.ask("/_nicegui_ws/", kind="websocket", cookie=cookie, origin=f"http://127.0.0.1:{PORT}") == 101


def test_bodies_are_limited_by_what_comes_and_not_by_what_is_said(asked: Asked) -> None:
    cookie = asked.let_in()
    assert asked.ask("/x", cookie=cookie, body=(b"a",), content_length=str(MOST_BYTES + 1)) == 413
    assert asked.reached == []
    pieces = (b"a" * 1_000_000,) * 30
    assert asked.ask("/x", cookie=cookie, body=pieces, content_length="10") == 413
    assert len(asked.body) <= MOST_BYTES
    asked.ask("/_nicegui/client/1/upload/2", cookie=cookie, body=pieces, content_length=str(15_000_000))
    assert MOST_BYTES < len(asked.body) <= UPLOAD


@pytest.mark.parametrize("length", ["-1", "1e9", "x", "\u0663"])
def test_a_length_that_is_no_number_is_refused(asked: Asked, length: str) -> None:
    cookie = asked.let_in()
    asked.access  # noqa: B018
    assert asked.ask("/x", cookie=cookie, content_length=length) == 413


def test_answers_forbid_what_the_page_does_not_need(asked: Asked) -> None:
    cookie = asked.let_in()
    asked.ask("/study/x/faces", cookie=cookie)
    policy = asked.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy.replace("'self'", "")
    assert asked.headers["cache-control"] == "no-store"
    assert asked.headers["x-content-type-options"] == "nosniff"
    assert "server" not in asked.headers
    assert "access-control-allow-origin" not in asked.headers


def test_written_pages_run_as_strangers(asked: Asked) -> None:
    cookie = asked.let_in()
    asked.ask("/written/x/report.html", cookie=cookie)
    policy = asked.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts")
    assert "allow-same-origin" not in policy
    assert "default-src 'none'" in policy


def test_a_written_page_of_its_own_tab_is_a_frame_that_cannot_lead_the_tab_elsewhere(asked: Asked) -> None:
    cookie = asked.let_in()
    asked.ask("/written/x/re'\"><b>port.html", cookie=cookie, sec_fetch_dest="document", sec_fetch_site="none")
    page = asked.sent[1]["body"].decode()
    assert asked.reached == [] and '<iframe src="/written/x/re%27%22%3E%3Cb%3Eport.html"' in page
    assert 'sandbox="allow-scripts allow-downloads"' in page and "<script" not in page
    assert "frame-src 'self'" in asked.headers["content-security-policy"]
    asked.ask("/written/x/report.html", cookie=cookie, sec_fetch_dest="iframe", sec_fetch_site="same-origin")
    assert asked.reached == ["/written/x/report.html"]
