"""What the tests of the local servers share: requests byte by byte, as those send them who mean no good."""

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

Asked = Callable[..., tuple[int, dict[str, str], bytes]]


def answer_of(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of what comes until the other side closes."""
    said = b""
    while piece := connection.recv(65_536):
        said += piece
    head, _, body = said.partition(b"\r\n\r\n")
    line, *rest = head.decode("latin-1").split("\r\n")
    found = dict(part.split(": ", 1) for part in rest)
    return int(line.split()[1]), found, body


@pytest.fixture
def ask() -> Asked:
    """Send a request to a port; headers that are None are left out."""

    def send(
        port: int, method: str = "GET", path: str = "/", body: bytes = b"", **headers: str | None
    ) -> tuple[int, dict[str, str], bytes]:
        given: dict[str, Any] = {"Host": f"127.0.0.1:{port}"}
        if body or method == "POST":
            given |= {"Content-Length": str(len(body)), "Content-Type": "image/jpeg"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [
            f"{method} {path} HTTP/1.1",
            *(f"{name}: {value}" for name, value in given.items() if value is not None),
        ]
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
            return answer_of(connection)

    return send


def sentence(body: bytes) -> str:
    """The error in an answer."""
    return str(json.loads(body)["error"])
