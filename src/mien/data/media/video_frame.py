"""Frames of videos: as the decoder left them, made red, green and blue only where somebody looks."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

# Eight bits, one value of colour for two by two of brightness: what cameras and phones write. Of these, FFmpeg converts
# a part to the very pixels that the whole would have there; others are converted whole.
FORMATS = frozenset({"yuv420p", "yuvj420p"})

# From this share of a frame on, all of it is converted: what else may be asked of it is there then.
WHOLE_SHARE = 0.4


class Planes:
    """A decoder's brightness and colour planes.

    Parameters
    ----------
    frame : av.VideoFrame
        Of one of ``FORMATS``, with an even number of rows and of columns.
    """

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        # A frame keeps what converts it, and hangs if two threads ask at once.
        self._one_at_a_time = threading.Lock()

    @staticmethod
    def fit(frame: Any) -> bool:
        """Whether parts of a frame can be converted by themselves."""
        return frame.format.name in FORMATS and frame.width % 2 == 0 and frame.height % 2 == 0

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, columns and 3, as of the converted picture."""
        return self._frame.height, self._frame.width, 3

    def picture(self) -> np.ndarray:
        """All of it as RGB, uint8, shape (height, width, 3)."""
        with self._one_at_a_time:
            whole: np.ndarray = self._frame.to_ndarray(format="rgb24")
        return whole

    def part(self, left: int, top: int, right: int, bottom: int) -> np.ndarray:
        """Some of it as RGB, uint8, shape (bottom - top, right - left, 3); the borders are even numbers."""
        import av

        cut = av.VideoFrame(right - left, bottom - top, self._frame.format.name)
        for number, (source, target) in enumerate(zip(self._frame.planes, cut.planes, strict=True)):
            step = 2 if number else 1
            rows = _rows(source)[top // step : bottom // step, left // step : right // step]
            _rows(target)[: rows.shape[0], : rows.shape[1]] = rows
        cut.colorspace, cut.color_range = self._frame.colorspace, self._frame.color_range
        part: np.ndarray = cut.to_ndarray(format="rgb24")
        return part

    def same(self, other: Planes) -> bool:
        """Whether two frames are equal; a look at every eighth pixel settles nearly all."""
        if self.shape != other.shape or self._frame.format.name != other._frame.format.name:
            return False
        ours, theirs = self._visible(), other._visible()
        if not np.array_equal(ours[0][::8, ::8], theirs[0][::8, ::8]):
            return False
        return all(np.array_equal(one, two) for one, two in zip(ours, theirs, strict=True))

    def _visible(self) -> list[np.ndarray]:
        height, width, _ = self.shape
        return [
            _rows(plane)[: height // (2 if number else 1), : width // (2 if number else 1)]
            for number, plane in enumerate(self._frame.planes)
        ]


def _rows(plane: Any) -> np.ndarray:
    """A plane's own memory; its rows are longer than the picture is wide."""
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)


class VideoFrame:
    """One upright frame with square pixels.

    Parameters
    ----------
    number : int
        From 0, in order of presentation.
    time_s : float
        From the first frame.
    picture : ndarray of uint8, shape (height, width, 3), or Planes
        RGB, or what the decoder made, which is converted when somebody asks for it. All frames of a film have the size
        of its first frame.
    flags : str
        ``''`` or any of ``'deinterlaced'`` (made of two fields), ``'resized'`` (of another size in the file),
        ``'damaged'`` (the decoder calls it corrupt) and ``'repeated'`` (equal to the one before), joined by a space.

    Attributes
    ----------
    number, time_s, flags
        As given.
    size : tuple of int
        Height and width in pixels.
    """

    def __init__(self, number: int, time_s: float, picture: np.ndarray | Planes, flags: str = "") -> None:
        self.number, self.time_s, self.flags = number, time_s, flags
        self.size: tuple[int, int] = (picture.shape[0], picture.shape[1])
        self._planes = picture if isinstance(picture, Planes) else None
        self._picture = None if isinstance(picture, Planes) else picture

    @property
    def picture(self) -> np.ndarray:
        """RGB, uint8, shape (height, width, 3)."""
        planes, picture = self._planes, self._picture
        if picture is None:
            assert planes is not None
            picture = self._picture = planes.picture()
            # The planes are given back: a large frame is not held twice.
            self._planes = None
        return picture

    def around(self, box_px: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """At least what a box (left, top, right, bottom) holds of the picture, and where its first pixel lies (x, y).

        The pixels are those of ``picture``; the rest of a large frame is not converted for them.
        """
        planes = self._planes
        if self._picture is None and planes is not None:
            height, width = self.size
            # Even borders, two pixels further out.
            left, top = np.clip(np.floor(box_px[:2] / 2).astype(int) * 2 - 2, 0, [width - 2, height - 2])
            right, bottom = np.clip(np.ceil(box_px[2:] / 2).astype(int) * 2 + 2, [left + 2, top + 2], [width, height])
            if (right - left) * (bottom - top) < WHOLE_SHARE * width * height:
                return planes.part(left, top, right, bottom), np.array([left, top])
        return self.picture, np.zeros(2)


def equal(one: np.ndarray | Planes, other: np.ndarray | Planes) -> bool:
    """Whether two pictures are the same; a look at every eighth pixel settles nearly all."""
    if isinstance(one, Planes) and isinstance(other, Planes):
        return one.same(other)
    one, other = (picture.picture() if isinstance(picture, Planes) else picture for picture in (one, other))
    return np.array_equal(one[::8, ::8], other[::8, ::8]) and np.array_equal(one, other)
