"""A real browser (Chromium) that looks at a local page; without one these tests are skipped, and say so."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
START_S = 60.0
# What a slow machine with other work needs for one answer of the page.
PATIENCE_MS = 30_000


def chromium() -> str | None:
    """The browser of this machine; ``MIEN_CHROMIUM`` names another one."""
    named = os.environ.get("MIEN_CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One browser for all tests of a process; pages get contexts of their own."""
    playwright = pytest.importorskip("playwright.sync_api", reason="the package 'playwright' drives the browser")
    pytest.importorskip("nicegui", reason="the local page needs the extra 'app'")
    path = chromium()
    if path is None:
        pytest.skip(f"there is no browser: none of {', '.join(NAMES)} is on the path; MIEN_CHROMIUM may name one")
    flags = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=path, args=flags)
        yield running
        running.close()


@dataclass
class Server:
    """A local page in a process of its own."""

    folder: Path
    process: subprocess.Popen[str]
    url: str
    log: Path
    # What lets a browser in once one has been let in by the printed address.
    cookies: list[Any] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """Without path and token."""
        return self.url.partition("/?")[0]

    @property
    def study(self) -> str:
        """Beginning of the study's addresses."""
        from mien.app.local_page.folders import Folders, OpenStudies

        return OpenStudies(Folders.of([self.folder])).open(self.folder).path("").rstrip("/")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Serve the page of a folder: ``served(folder, *options)``; who asks for the same again gets the one that runs.

    All end with the tests of the file.
    """
    running: dict[tuple[object, ...], Server] = {}

    def serve(folder: Path, *options: str, open_study: bool = True) -> Server:
        asked = (folder, options, open_study)
        if asked in running:
            return running[asked]
        log = tmp_path_factory.mktemp("server") / "log.txt"
        # The folder of an opened study comes first, else only the folders of the options.
        named = [str(folder)] if open_study else ["--folder", str(folder)]
        command = [sys.executable, "-u", "-m", "mien", "app", *named, "--port", "0", "--no-browser", *options]
        with log.open("w") as stderr:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, cwd=folder)
        assert process.stdout is not None
        url = ""
        for line in process.stdout:
            url = next((word for word in line.split() if word.startswith("http://")), "")
            if url:
                break
        assert url, log.read_text()
        running[asked] = Server(folder, process, url, log)
        return running[asked]

    yield serve
    for server in running.values():
        server.process.terminate()
    for server in running.values():
        server.process.wait(20)


@dataclass
class Watched:
    """What a browser's page has done that it should not: errors in its console, requests to elsewhere."""

    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def watch(self, page: Any, origin: str) -> None:
        """Look at this page from now on."""
        own = (origin, origin.replace("http", "ws", 1), "data:", "blob:", "about:")
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith(own) else self.outside.append(asked.url))
        page.on("websocket", lambda socket: None if socket.url.startswith(own) else self.outside.append(socket.url))


@pytest.fixture
def page_of(browser: Any) -> Iterator[Callable[..., Any]]:
    """A browser's page that is let in: ``page_of(server, "/study/.../faces")``, or where the printed address leads.

    No error, no address outside.
    """
    watched, contexts = Watched(), []

    def open_page(server: Server, path: str = "", *, size: tuple[int, int] = (1280, 900), scheme: str = "light") -> Any:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, permissions=["camera"]
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        watched.watch(page, server.origin)
        if path and server.cookies:
            context.add_cookies(server.cookies)
        else:
            page.goto(server.url)
            server.cookies = context.cookies()
        if path:
            page.goto(server.origin + path)
        page.wait_for_selector("main h1")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert watched.errors == []
    assert watched.outside == []
