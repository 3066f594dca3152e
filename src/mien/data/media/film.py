"""Writing pictures as a film that every player shows: H.264 in MP4, each picture at its own time."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

_TIME_BASE = Fraction(1, 90_000)
# In every film that is written here, so that no other is ever replaced.
_MARK = "drawn by mien"


class Film:
    """A film that is being written; a context manager that ends it properly, also after an error.

    Parameters
    ----------
    path : Path
    rate : float
        Frames per second, as the file states; their true times are written beside.
    """

    def __init__(self, path: Path, rate: float) -> None:
        import av

        self._container: Any = av.open(str(path), "w", format="mp4")
        self._container.metadata["comment"] = _MARK
        self._rate = Fraction(rate).limit_denominator(1001)
        self._stream: Any = None
        self._first_s = 0.0

    def add(self, picture: np.ndarray, time_s: float) -> None:
        """The next picture, RGB of uint8 of the size of the first; a last odd row or column is left out."""
        import av

        height, width = picture.shape[0] // 2 * 2, picture.shape[1] // 2 * 2
        if self._stream is None:
            # The common denominator of H.264: even sizes, 4:2:0 colour.
            options = {"crf": "20", "preset": "veryfast"}
            self._stream = self._container.add_stream("libx264", rate=self._rate, options=options)
            self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "yuv420p"
            self._stream.codec_context.time_base = _TIME_BASE
            self._first_s = time_s
        shown = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture[:height, :width]), format="rgb24")
        shown.pts, shown.time_base = round((time_s - self._first_s) / _TIME_BASE), _TIME_BASE
        self._container.mux(self._stream.encode(shown))

    def __enter__(self) -> Film:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._stream is not None:
            self._container.mux(self._stream.encode())
        self._container.close()


def is_own_film(path: Path) -> bool:
    """Whether a film was written by ``Film``."""
    import av

    try:
        with av.open(str(path)) as container:
            return bool(container.metadata.get("comment") == _MARK)
    except (av.FFmpegError, OSError):
        return False
