"""The page that shows what is being watched: the newest frame as a stream of JPEGs, and what is said as JSON."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import cv2
import numpy as np

from mien.app.guard import Refused
from mien.app.local_server import Answer, LocalServer, Route, as_json, file_routes

VIEWERS = 4
# A viewer gets the last frame again after so long, so that one who has gone away is noticed.
AGAIN_S = 2.0
BOUNDARY = "frame"
QUALITY = 85


class LivePage:
    """Serves the newest frame and reading on 127.0.0.1 until it is closed.

    Parameters
    ----------
    port : int
        0 for any that is free.
    """

    def __init__(self, port: int) -> None:
        self._changed = threading.Condition()
        self._viewers = 0
        self._number, self._frame, self._jpeg = 0, np.zeros((2, 2, 3), np.uint8), (0, b"")
        self._state: dict[str, Any] = {"status": "waiting for the first frame"}
        self._ended = False
        self._opened = threading.Event()
        self._server = LocalServer(port, {
            **file_routes("live.html", "live.js", "page.css"),
            ("GET", "/stream"): Route(lambda body: self._stream()),
            ("GET", "/state"): Route(lambda body: as_json(self._state)),
            ("GET", "/health"): Route(lambda body: as_json({"status": "ok"})),
        })  # fmt: skip
        self.url = self._server.url
        self._server.start()

    def wait_for_a_viewer(self) -> None:
        """Until somebody opens the page."""
        # In short steps, so that Ctrl-C is not kept waiting.
        while not self._opened.wait(0.2):
            pass

    def show(self, picture: np.ndarray, state: dict[str, Any]) -> None:
        """The newest frame, RGB, and what is said about it."""
        with self._changed:
            self._number, self._frame, self._state = self._number + 1, picture, state
            self._changed.notify_all()

    def close(self) -> None:
        """End all streams and the server."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._server.close()

    def _stream(self) -> Answer:
        with self._changed:
            if self._viewers >= VIEWERS:
                words = f"{VIEWERS} viewers watch already; close one of them."
                raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, words, Retry_After="5")
            self._viewers += 1
        self._opened.set()
        return Answer(f"multipart/x-mixed-replace; boundary={BOUNDARY}", pieces=self._pieces())

    def _pieces(self) -> Iterator[bytes]:
        seen = 0
        try:
            while not self._ended:
                with self._changed:
                    if self._number == seen:
                        self._changed.wait(AGAIN_S)
                    seen, frame = self._number, self._frame
                jpeg = self._encoded(seen, frame)
                head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                yield head.encode() + jpeg + b"\r\n"
        finally:
            with self._changed:
                self._viewers -= 1

    def _encoded(self, number: int, frame: np.ndarray) -> bytes:
        """The frame as JPEG, made once for all viewers, and only where there are any."""
        known, jpeg = self._jpeg
        if known != number or not jpeg:
            bgr = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)
            jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
            self._jpeg = number, jpeg
        return jpeg
