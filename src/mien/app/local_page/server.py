"""The server of the local page: pages, pictures and the guard, as one ASGI application."""

from __future__ import annotations

import logging
import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mien.app.guard import HOST
from mien.app.local_page.access import PARTS_OF_PAGE, Access
from mien.app.local_page.folders import OpenStudies
from mien.core.errors import InputError, MienError

# Until the server answers.
START_S = 30.0
# What Socket.IO loads for its own clients where it is there; the page has a server only, and starts a fifth sooner.
CLIENTS = ("aiohttp", "requests")
_started = threading.Lock()


def bound_socket(port: int) -> socket.socket:
    """A socket on this machine's own address; 0: any port that is free.

    Raises
    ------
    InputError
        If the port is taken.
    """
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((HOST, port))
    except OSError as error:
        found.close()
        raise InputError(
            f"Port {port} of {HOST} cannot be used ({error.strerror or error}): perhaps another server runs there. "
            "Name another port, or 0 for any that is free."
        ) from error
    return found


class PageServer:
    """Listens on 127.0.0.1 in a thread of its own, from ``start`` to ``close``.

    Parameters
    ----------
    studies : OpenStudies
    port : int
    most_upload : int
        Bytes of one upload.
    first : str
        Where the start address leads to.

    Raises
    ------
    InputError
        If the port is taken, or this process has started a page before: NiceGUI keeps one per process.
    """

    def __init__(self, studies: OpenStudies, port: int, most_upload: int, first: str = "/") -> None:
        if not _started.acquire(blocking=False):
            raise InputError("This process has a local page already; start a second one in a process of its own.")
        try:
            self._socket = bound_socket(port)
        except InputError:
            _started.release()
            raise
        self.port = int(self._socket.getsockname()[1])
        self.access = Access(_application(studies, most_upload), self.port, most_upload, first)
        self._server: Any = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Answer from now on."""
        import uvicorn

        logging.getLogger("uvicorn.error").addFilter(_of_the_server)
        settings = uvicorn.Config(
            self.access, log_level="warning", access_log=False, server_header=False, proxy_headers=False,
            ws_max_size=8_000_000, timeout_graceful_shutdown=2,
        )  # fmt: skip
        self._server = uvicorn.Server(settings)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self._thread.start()
        end = time.monotonic() + START_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > end:
                raise MienError("The local page did not start; 'mien doctor' says whether its packages are there.")
            time.sleep(0.01)

    def close(self) -> None:
        """Answer nobody any more; jobs go on."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(5)
        self._socket.close()


def _of_the_server(record: logging.LogRecord) -> bool:
    """Whether a record is about the server; a browser that leaves before an answer is there is no fault."""
    error = record.exc_info[1] if record.exc_info else None
    return not (isinstance(error, RuntimeError) and str(error) == "No response returned.")


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Packages that may be missing are, for whoever asks for them now; those that were loaded before stay."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)


def _application(studies: OpenStudies, most_upload: int) -> Any:
    # NiceGUI would keep its storage in a folder of the place where it was started.
    os.environ.setdefault("NICEGUI_STORAGE_PATH", tempfile.gettempdir())
    from fastapi import FastAPI
    from fastapi.staticfiles import StaticFiles

    with without(*CLIENTS):
        from nicegui import ui

    from mien.app.local_page import media, shell
    from mien.app.local_page.gallery import routes
    from mien.app.local_page.live import frames
    from mien.app.local_page.why import routes as questions

    application = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    application.mount(PARTS_OF_PAGE[1].rstrip("/"), StaticFiles(directory=Path(__file__).parent / "static"))
    media.add_routes(application, studies)
    routes.add_routes(application, studies)
    questions.add_routes(application, studies)
    frames.add_routes(application, studies)
    shell.add_pages(studies, most_upload)
    ui.run_with(
        application,
        title="mien",
        show_welcome_message=False,
        tailwind=False,
        dark=None,
        language="en-GB",
        reconnect_timeout=10.0,
    )
    return application
