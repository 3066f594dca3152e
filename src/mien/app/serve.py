"""``serve``: a local server that says of a posted picture how its faces look to a model, and why."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from mien.app.explaining import KINDS, Explainer
from mien.app.guard import Rate, Turns
from mien.app.local_server import Answer, LocalServer, Route, as_json, file_routes
from mien.app.reading import LiveModel
from mien.core.ended import Ended
from mien.core.numbers import checked_numbers
from mien.faces.reader import Looker, LookSettings
from mien.models.base import Model


class Serving:
    """A server that is running; it ends with ``close`` or at the end of a ``with`` block.

    Parameters
    ----------
    server : LocalServer
        That was started.

    Attributes
    ----------
    url : str
        Of its page; ``POST`` goes to ``explain`` below it.
    """

    def __init__(self, server: LocalServer) -> None:
        self._server, self.url = server, server.url
        self._closed = threading.Event()

    def close(self) -> None:
        """Answer nobody any more."""
        if not self._closed.is_set():
            self._closed.set()
            self._server.close()

    def wait(self) -> None:
        """Until ``close``, or Ctrl-C, which is passed on."""
        # In short steps, so that Ctrl-C is not kept waiting.
        while not self._closed.wait(0.2):
            pass

    def __enter__(self) -> Serving:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


@checked_numbers
def serve(
    model: Model | str | Path = "rules",
    *,
    method: str | None = None,
    target: str | None = None,
    port: int = 8765,
    most_faces: int = 10,
    max_mb: float = 20.0,
    max_megapixels: float = 12.5,
    rate: float = 5.0,
    waiting: int = 4,
    threads: int | None = None,
    wait: bool = True,
    say: Callable[[str], None] | None = None,
) -> Serving:
    """Answer about posted pictures on 127.0.0.1: apparent expression, evidence and the regions that it comes from.

    ``POST /explain`` takes the bytes of a picture and gives JSON; ``GET /health`` says that the server runs; ``GET /``
    is a page for trying it. ``caution`` in an answer says that it must not be interpreted, where the model is not
    shown to predict it. Programs on this machine can ask, pages of other sites cannot, nor can other machines. Nothing
    is written to disk and no picture is kept.

    Parameters
    ----------
    model : Model, str or Path
        As in ``watch``.
    method, target : str, optional
        As in ``watch``.
    port : int
        On 127.0.0.1; 0 for any that is free.
    most_faces : int
        Of more faces in a picture the largest are read.
    max_mb : float
        Size of a body in megabytes; larger ones are refused (413).
    max_megapixels : float
        Of a picture, likewise.
    rate : float
        Pictures per second in the long run, twice as many at once; others are refused (429).
    waiting : int
        Pictures that may wait while one is worked on; others are refused (503).
    threads : int, optional
        Of the landmarker; by default the machine's cores.
    wait : bool
        Whether to return at Ctrl-C only.
    say : callable, optional
        Gets the sentence with the address, and that the model is not shown to predict.

    Returns
    -------
    Serving

    Raises
    ------
    InputError
        If the model needs more than one picture, the method does not fit it or the port is taken.
    WeightsError
        If the weights were not pulled.

    Examples
    --------
    >>> import json, mien, urllib.request
    >>> people = mien.synthesize("people", subjects=1, expressions=("smile",), frames=2, pictures=True)
    >>> body = open("people/pictures/s001-smile-1.png", "rb").read()
    >>> with mien.serve("rules", port=0, wait=False) as server:
    ...     asked = urllib.request.Request(server.url + "explain", body, {"Content-Type": "image/png"})
    ...     said = json.load(urllib.request.urlopen(asked))
    >>> said["status"], said["faces"][0]["expression"], said["method"]
    ('ok', 'happiness', 'rule-reasons')
    """
    live = LiveModel(model, method=method, target=target)
    looker = Looker(LookSettings(), threads or os.cpu_count() or 1)
    explain = Explainer(live, looker, most_faces, max_megapixels * 1e6)
    limit, turns = Rate(rate), Turns(waiting)

    def answered(body: bytes) -> Answer:
        with turns.turn():
            return as_json(explain(body))

    server = LocalServer(port, {
        **file_routes("explain.html", "explain.js", "page.css"),
        ("POST", "/explain"): Route(answered, KINDS, round(max_mb * 1e6), limit.take),
        ("GET", "/health"): Route(lambda body: as_json({"status": "ok", "model": live.model.name})),
    })  # fmt: skip
    serving = Serving(server)
    try:
        server.start()
        if say is not None:
            if caution := live.caution():
                say(caution)
            say(f"Listening on {serving.url} for this machine only. Ctrl-C ends it.")
        if wait:
            serving.wait()
    except (KeyboardInterrupt, Ended):
        serving.close()
    return serving
