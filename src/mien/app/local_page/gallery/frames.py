"""Single frames of pictures and videos as the points of their faces were measured in them, for a browser."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np

from mien.core.errors import InputError
from mien.data.media.pictures import read_picture
from mien.data.media.video import read_frames
from mien.data.media.video_frame import VideoFrame

# Longer sides are made shorter on their way to the browser; points keep the coordinates of the whole picture.
LONGEST_PX = 1600
JPEG_QUALITY = 88
# Frames before the one asked for that are kept as well: stepping back needs no second reading.
BEHIND = 50
MOST_KEPT = 400
MOST_OPEN = 3


def encoded(picture: np.ndarray, longest: int = LONGEST_PX) -> bytes:
    """An RGB picture as JPEG, made smaller where it is larger than a screen."""
    scale = longest / max(picture.shape[:2])
    if scale < 1:
        size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", picture[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise InputError("The picture cannot be written as JPEG.")
    return data.tobytes()


class _Reader:
    """One video that is read forward; what was passed lately is kept."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._frames: Iterator[VideoFrame] = iter(())
        self._next = -1
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._behind: OrderedDict[int, np.ndarray] = OrderedDict()

    def frame(self, number: int) -> bytes:
        with self._lock:
            if number not in self._kept and number in self._behind:
                self._keep(number, self._behind[number])
            if number not in self._kept:
                self._read_to(number)
            if number not in self._kept:
                raise InputError(f"{self._path.name} has no frame {number}.")
            self._kept.move_to_end(number)
            return self._kept[number]

    def _read_to(self, number: int) -> None:
        if self._next < 0 or number < self._next:
            self._frames, self._next = read_frames(self._path), 0
            self._behind.clear()
        # A damaged or shortened video says so behind its last frame.
        with suppress(InputError):
            for frame in self._frames:
                self._next = frame.number + 1
                self._behind[frame.number] = frame.picture
                while len(self._behind) > BEHIND:
                    self._behind.popitem(last=False)
                if frame.number >= number:
                    self._keep(frame.number, frame.picture)
                    return
        self._next = -1

    def _keep(self, number: int, picture: np.ndarray) -> None:
        self._kept[number] = encoded(picture)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)


_lock = threading.Lock()
_readers: OrderedDict[tuple[Path, int], _Reader] = OrderedDict()


def picture_jpeg(path: Path) -> bytes:
    """A picture, upright and as browsers show it, whatever kind of file it is."""
    return encoded(read_picture(path))


def frame_jpeg(path: Path, number: int) -> bytes:
    """The frame of a video that has this number in ``Faces.frame``: counted while reading, never estimated from time.

    Parameters
    ----------
    path : Path
    number : int

    Raises
    ------
    InputError
        If the video cannot be read or has no such frame.
    """
    key = path, path.stat().st_mtime_ns
    with _lock:
        reader = _readers.setdefault(key, _Reader(path))
        _readers.move_to_end(key)
        while len(_readers) > MOST_OPEN:
            _readers.popitem(last=False)
    return reader.frame(number)
