"""Frames as numbered pictures in a folder; each carries a comment, so that no other picture is ever replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from mien.core.errors import InputError
from mien.core.files import atomic_path
from mien.data.media.video_frame import VideoFrame

_NAMES = "frame-*.jpg"
# Start of a JPEG file, and the comment that follows it in what is written here.
_START, _WORDS = b"\xff\xd8", b"drawn by mien"
_MARK = b"\xff\xfe" + (len(_WORDS) + 2).to_bytes(2, "big") + _WORDS


def check_frames(folder: Path) -> None:
    """Refuse a folder with frames that were not written here.

    Raises
    ------
    InputError
    """
    other = sorted(path.name for path in folder.glob(_NAMES) if not _is_own(path))
    if other:
        raise InputError(
            f"{folder} holds pictures that this version of 'mien watch' did not write, such as '{other[0]}' "
            f"({len(other)} in all); give the output another folder, or move them."
        )


@contextmanager
def frame_pictures(folder: Path) -> Iterator[Callable[[np.ndarray, VideoFrame], None]]:
    """Give what writes frames as pictures named by their number in the source; from the first on, earlier ones go."""
    earlier = list(folder.glob(_NAMES))

    def write(picture: np.ndarray, frame: VideoFrame) -> None:
        while earlier:
            earlier.pop().unlink(missing_ok=True)
        coded = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 92])[1]
        with atomic_path(folder / f"frame-{frame.number:06d}.jpg") as temporary:
            temporary.write_bytes(_START + _MARK + coded.tobytes()[len(_START) :])

    yield write


def _is_own(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_START + _MARK)) == _START + _MARK
