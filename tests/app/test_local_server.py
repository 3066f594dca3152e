"""The local server: what is no request for it gets a sentence, what takes too long or comes too often gets no room."""

import contextlib
import json
import socket
import time
from collections.abc import Iterator

import pytest

from mien.app import guard, local_server
from mien.app.local_server import Answer, LocalServer, Route, as_json, file_routes
from mien.core.errors import InputError
from tests.app.conftest import Asked, answer_of, sentence

MOST = 3_000_000


@pytest.fixture
def server() -> Iterator[LocalServer]:
    def broken(body: bytes) -> Answer:
        raise RuntimeError("a secret of the picture")

    routes = {
        **file_routes("explain.html", "page.css"),
        ("GET", "/health"): Route(lambda body: as_json({"status": "ok"})),
        ("POST", "/length"): Route(lambda body: as_json(len(body)), ("image/jpeg",), MOST),
        ("POST", "/broken"): Route(broken, ("image/jpeg",), MOST),
    }
    running = LocalServer(0, routes)
    running.start()
    yield running
    running.close()


def test_the_page_and_answers_carry_the_headers_of_the_guard(server: LocalServer, ask: Asked) -> None:
    for path, kind in (("/", "text/html"), ("/page.css", "text/css"), ("/health?now=1", "application/json")):
        status, headers, body = ask(server.port, path=path)
        assert status == 200 and headers["Content-Type"].startswith(kind) and body
        assert guard.ANSWER_HEADERS.items() <= headers.items()
        assert "Server" not in headers and not [name for name in headers if name.startswith("Access-Control")]
    assert ask(server.port, "POST", "/length", b"x" * MOST)[2] == str(MOST).encode()


def test_it_listens_on_this_machine_alone(server: LocalServer) -> None:
    assert server.server_address[0] == "127.0.0.1" and server.url == f"http://127.0.0.1:{server.port}/"
    outside = socket.gethostbyname_ex("localhost")[2]
    for address in {address for address in outside if address != "127.0.0.1"}:
        with pytest.raises(OSError):
            socket.create_connection((address, server.port), timeout=2)


@pytest.mark.parametrize(
    "path",
    ["/../pyproject.toml", "/..%2f..%2fetc/passwd", "//etc/passwd", "/page.css/../guard.py", "/guard.py", "/%00", "*",
     "http://evil.example/", "/explain.html", "/" + "a" * 5000],
)  # fmt: skip
def test_no_other_file_is_ever_sent(server: LocalServer, ask: Asked, path: str) -> None:
    status, _, body = ask(server.port, path=path)
    assert status == 404 and "There is nothing under this path" in sentence(body)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"])
def test_other_methods_are_refused(server: LocalServer, ask: Asked, method: str) -> None:
    status, headers, body = ask(server.port, method, "/health")
    assert status == 405 and headers["Allow"] == "GET" and "GET only" in sentence(body)


def test_another_host_another_page_and_no_host_get_nothing(server: LocalServer, ask: Asked) -> None:
    for more in ({"Host": "evil.example"}, {"Host": None}, {"Origin": "https://evil.example"}, {"Origin": "null"},
                 {"Sec_Fetch_Site": "cross-site"}):  # fmt: skip
        for path in ("/", "/health"):
            status, _, body = ask(server.port, path=path, **more)
            assert status == 403 and sentence(body)
    status, _, _ = ask(server.port, "POST", "/length", b"x", Origin="https://evil.example")
    assert status == 403


def test_bodies_of_no_use_are_refused_with_a_sentence(server: LocalServer, ask: Asked) -> None:
    for status, body, more in (
        (413, b"x" * (MOST + 1), {}), (413, b"", {"Content_Length": str(MOST + 1)}), (400, b"", {}),
        (415, b"x", {"Content_Type": "text/plain"}), (415, b"x", {"Content_Type": None}),
        (411, b"x", {"Content_Length": None}), (411, b"1\r\nx\r\n0\r\n\r\n", {"Transfer_Encoding": "chunked"}),
        (400, b"x", {"Content_Length": "none"}),
    ):  # fmt: skip
        found, _, said = ask(server.port, "POST", "/length", body, **more)
        assert found == status and sentence(said)


def test_who_asks_before_sending_is_told_before_sending(server: LocalServer) -> None:
    head = f"POST /length HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: image/jpeg\r\n"
    head += "Expect: 100-continue\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(f"{head}Content-Length: {MOST + 1}\r\n\r\n".encode())
        assert answer_of(connection)[0] == 413
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(f"{head}Content-Length: 3\r\n\r\n".encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 Continue")
        connection.sendall(b"abc")
        assert answer_of(connection)[2] == b"3"


@pytest.mark.parametrize("said", [b"\x16\x03\x01\x02\x00\x01", b"GARBAGE\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                                  b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
                                  b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n"])  # fmt: skip
def test_what_is_no_request_is_survived(server: LocalServer, ask: Asked, said: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(said)
        connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionError):
            connection.recv(65_536)
    assert ask(server.port, path="/health")[0] == 200


def test_a_fault_says_nothing_of_the_picture(
    server: LocalServer, ask: Asked, capfd: pytest.CaptureFixture[str]
) -> None:
    status, _, body = ask(server.port, "POST", "/broken", b"x")
    assert status == 500 and "RuntimeError" in sentence(body) and "secret" not in sentence(body)
    assert capfd.readouterr() == ("", "")


def test_slow_senders_are_given_up_however_they_drip(
    server: LocalServer, ask: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_server, "HEADERS_S", 0.5)
    monkeypatch.setattr(local_server, "REQUEST_S", 0.5)
    head = f"POST /length HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: image/jpeg\r\n"
    for begun in (head.encode(), f"{head}Content-Length: 1000\r\n\r\n".encode()):
        start = time.monotonic()
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(begun)
            try:
                while time.monotonic() - start < 8:
                    connection.sendall(b"x")
                    connection.settimeout(0.1)
                    try:
                        if not (said := connection.recv(1000)):
                            break
                        assert b" 408 " in said.split(b"\r\n")[0]
                        break
                    except TimeoutError:
                        pass
            except ConnectionError:
                pass
        assert time.monotonic() - start < 6
    assert ask(server.port, path="/health")[0] == 200


def test_of_many_connections_some_get_room_and_the_server_recovers(
    server: LocalServer, ask: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_server, "HEADERS_S", 1.0)
    idle = [socket.create_connection(("127.0.0.1", server.port), timeout=10) for _ in range(guard.CONNECTIONS)]
    try:
        deadline = time.monotonic() + 5
        status = 200
        while status != 503 and time.monotonic() < deadline:
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
                said = connection.recv(1000)
                status = int(said.split()[1]) if said else 200
        assert status == 503
    finally:
        for connection in idle:
            connection.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            if ask(server.port, path="/health")[0] == 200:
                return
        except (ConnectionError, IndexError):
            pass
        time.sleep(0.1)
    raise AssertionError("the server did not recover")


def test_a_taken_port_is_a_sentence(server: LocalServer) -> None:
    with pytest.raises(InputError, match=f"Port {server.port} of 127.0.0.1 cannot be used"):
        LocalServer(server.port, {})


def test_answers_hold_no_nan() -> None:
    with pytest.raises(ValueError):
        as_json({"share": float("nan")})
    assert json.loads(as_json({"name": "fröhlich"}).content) == {"name": "fröhlich"}
