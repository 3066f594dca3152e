"""``app``: the local page, in a browser of this machine."""

from __future__ import annotations

import threading
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from mien.app.local_page.folders import Folders, OpenStudies
from mien.core.ended import Ended
from mien.core.extras import require
from mien.core.numbers import checked_numbers


class LocalPage:
    """A local page that is running; it ends with ``close`` or at the end of a ``with`` block.

    Parameters
    ----------
    server : PageServer
        That was started.

    Attributes
    ----------
    url : str
        The address that lets its reader in; it carries the token.
    """

    def __init__(self, server: object, url: str) -> None:
        self._server, self.url = server, url
        self._closed = threading.Event()

    def close(self) -> None:
        """Answer nobody any more; jobs that run go on."""
        if not self._closed.is_set():
            self._closed.set()
            self._server.close()  # type: ignore[attr-defined]

    def wait(self) -> None:
        """Until ``close``, or Ctrl-C, which is passed on."""
        while not self._closed.wait(0.2):
            pass

    def __enter__(self) -> LocalPage:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


@checked_numbers
def app(
    study: str | Path | None = None,
    *,
    folder: Sequence[str | Path] = (),
    port: int = 8766,
    max_mb: float = 1000.0,
    browser: bool = True,
    wait: bool = True,
    say: Callable[[str], None] | None = print,
) -> LocalPage:
    """Look at faces, models and evidence, and work on them, in a browser of this machine instead of typing.

    The page answers on 127.0.0.1 only, to whoever has the address that is printed; nothing leaves the machine. Long
    work runs in processes of its own and goes on when the page is closed.

    Parameters
    ----------
    study : str or Path, optional
        Folder of a study that is opened at once. None: the start page, where one is made or chosen.
    folder : sequence of str or Path
        Folders that the page may read and write, beside the study's. By default the folder where this is started.
    port : int
        On 127.0.0.1; 0: any that is free.
    max_mb : float
        Largest upload in megabytes.
    browser : bool
        Open the page in the browser.
    wait : bool
        Return only when the page ends (Ctrl-C). False: return at once; the page lives as long as the process.
    say : callable, optional
        Gets the address; None: silent.

    Returns
    -------
    LocalPage

    Raises
    ------
    InputError
        If a folder does not exist, or the port is taken.
    MissingExtra
        Without the extra ``app``.

    Examples
    --------
    >>> import mien, urllib.error, urllib.request
    >>> with mien.app(folder=["."], port=0, browser=False, wait=False, say=None) as page:
    ...     try:
    ...         urllib.request.urlopen(page.url.partition("?")[0])
    ...     except urllib.error.HTTPError as error:
    ...         print(error.code)
    403
    """
    require("nicegui", "The local page", "app")
    from mien.app.local_page.server import PageServer

    roots = [*(folder or [Path()]), *([study] if study is not None else [])]
    studies = OpenStudies(Folders.of(roots))
    start = studies.open(Path(study).expanduser().absolute()) if study is not None else None
    server = PageServer(studies, port, round(max_mb * 1e6), start.path("faces") if start else "/")
    page = LocalPage(server, server.access.url)
    try:
        server.start()
        if say is not None:
            what = f" '{start.title}' is open." if start else ""
            say(f"The page of this machine:{what} {page.url}")
            say("The address is for you alone; it lets its reader in. Ctrl-C ends the page; jobs go on.")
        if browser:
            webbrowser.open(page.url)
        if wait:
            page.wait()
    except (KeyboardInterrupt, Ended):
        page.close()
    return page
