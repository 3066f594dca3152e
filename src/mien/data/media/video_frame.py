"""Frames of videos: as the decoder left them, made red, green and blue only where somebody looks."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from mien.data.media.upright import UPRIGHT, Orientation

# Eight bits, one value of colour for two by two of brightness: what cameras and phones write. Of others, all is
# converted.
FORMATS = frozenset({"yuv420p", "yuvj420p"})

# Rows of a frame that are compared first: they settle nearly all.
FEW_ROWS = 64


class Planes:
    """A decoder's brightness and colour planes.

    Parameters
    ----------
    frame : av.VideoFrame
        Of one of ``FORMATS``, with an even number of rows and of columns.
    upright : Orientation
        What sets the frame upright: phones store what they film upright lying on its side.
    """

    def __init__(self, frame: Any, upright: Orientation = UPRIGHT) -> None:
        self._frame, self._upright = frame, upright
        # A frame keeps what converts it, and hangs if two threads ask at once.
        self._one_at_a_time = threading.Lock()

    @staticmethod
    def fit(frame: Any) -> bool:
        """Whether crops can be made of a frame's planes."""
        return frame.format.name in FORMATS and frame.width % 2 == 0 and frame.height % 2 == 0

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, columns and 3, as of the converted picture."""
        rows, columns = self._frame.height, self._frame.width
        return (columns, rows, 3) if self._upright.swap else (rows, columns, 3)

    def picture(self) -> np.ndarray:
        """All of it as RGB, uint8, shape (height, width, 3)."""
        with self._one_at_a_time:
            whole: np.ndarray = self._frame.to_ndarray(format="rgb24")
        return self._upright(whole)

    def crop(self, to_picture: np.ndarray, side: int) -> np.ndarray:
        """A square as ``VideoFrame.crop`` gives it: its planes are sampled, and only then become RGB."""
        import av

        height, width, _ = self.shape
        stored = self._upright.to_stored((height, width))
        there = stored[:, :2] @ to_picture
        there[:, 2] += stored[:, 2]
        brightness, *colour = self._visible()
        # Half as many pixels of colour as of brightness, as in the frame: each lies in the middle of two by two of the
        # square (x + .5), and in the middle of a cell of two by two of the picture (half of x - .5).
        middle = there[:, 2] + there[:, :2].sum(axis=1) / 2
        to_colour = np.column_stack([there[:, :2], (middle - 0.5) / 2])
        sampled = [_sampled(brightness, there, side), *(_sampled(plane, to_colour, side // 2) for plane in colour)]
        square = av.VideoFrame(side, side, self._frame.format.name)
        for plane, values in zip(square.planes, sampled, strict=True):
            _rows(plane)[: len(values), : len(values)] = values
        matrix, span = int(self._frame.colorspace), int(self._frame.color_range)
        square.colorspace, square.color_range = matrix, span
        rgb = _converter(self._frame.format.name, matrix, span).reformat(square, format="rgb24").planes[0]
        return _rows(rgb)[:side, : 3 * side].reshape(side, side, 3)

    def same(self, other: Planes) -> bool:
        """Whether two frames are equal; a look at few rows settles nearly all."""
        if (self.shape, self._upright) != (other.shape, other._upright):
            return False
        if self._frame.format.name != other._frame.format.name:
            return False
        ours, theirs = self._visible(), other._visible()
        if not np.array_equal(ours[0][::FEW_ROWS], theirs[0][::FEW_ROWS]):
            return False
        return all(np.array_equal(one, two) for one, two in zip(ours, theirs, strict=True))

    def _visible(self) -> list[np.ndarray]:
        height, width = self._frame.height, self._frame.width
        return [
            _rows(plane)[: height // (2 if number else 1), : width // (2 if number else 1)]
            for number, plane in enumerate(self._frame.planes)
        ]


def _rows(plane: Any) -> np.ndarray:
    """A plane's own memory; its rows are longer than the picture is wide."""
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)


def _sampled(plane: np.ndarray, to_plane: np.ndarray, side: int) -> np.ndarray:
    """A square of a picture or plane, between whose pixels lie straight lines; its border goes on outside."""
    import cv2

    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(plane, to_plane, (side, side), flags=how, borderMode=cv2.BORDER_REPLICATE)


_of_thread = threading.local()


def _converter(*kind: object) -> Any:
    """FFmpeg's conversion of one kind of colours, one per thread: setting it up takes ten times as long as a square.

    One that served other colours before may keep theirs (PyAV 15).
    """
    known: dict[tuple[object, ...], Any] = _of_thread.__dict__.setdefault("converters", {})
    if kind not in known:
        from av.video.reformatter import VideoReformatter

        known[kind] = VideoReformatter()
    return known[kind]


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
        if self._picture is None:
            assert self._planes is not None
            self._picture = self._planes.picture()
        return self._picture

    def crop(self, to_picture: np.ndarray, side: int) -> np.ndarray:
        """A square of the picture, turned and resized, without converting the rest of the frame.

        Parameters
        ----------
        to_picture : ndarray of float, shape (2, 3)
            From the square's pixels (x, y, 1) to those of the picture.
        side : int
            Of the square, in its own pixels; an even number.

        Returns
        -------
        ndarray of uint8, shape (side, side, 3)
            RGB; between pixels straight lines, outside the picture its border.
        """
        # Always of the same pixels, whether or not somebody looked at the whole picture before.
        if self._planes is not None:
            return self._planes.crop(to_picture, side)
        return _sampled(self.picture, to_picture, side)


def crop_of(picture: np.ndarray | VideoFrame, to_picture: np.ndarray, side: int) -> np.ndarray:
    """``VideoFrame.crop`` of a frame, or of a picture, shape (height, width, 3)."""
    if isinstance(picture, VideoFrame):
        return picture.crop(to_picture, side)
    return _sampled(picture, to_picture, side)


def equal(one: np.ndarray | Planes, other: np.ndarray | Planes) -> bool:
    """Whether two pictures are the same; a look at few rows settles nearly all."""
    if isinstance(one, Planes) and isinstance(other, Planes):
        return one.same(other)
    one, other = (picture.picture() if isinstance(picture, Planes) else picture for picture in (one, other))
    return np.array_equal(one[::FEW_ROWS], other[::FEW_ROWS]) and np.array_equal(one, other)
