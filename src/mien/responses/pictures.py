"""Pictures as a body sees them: whole, square, of one size, whatever size they have."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from mien.core.errors import InputError
from mien.data.media.pictures import PictureBytes, open_picture
from mien.features.crop import cut

Fit = Literal["crop", "letterbox"]
FITS: dict[str, str] = {
    "crop": "the middle square of the picture",
    "letterbox": "the whole picture, with grey beside it where it is not square",
}
GREY = 127
# A picture may be decoded at a half of its size as long as more than so many times the pixels wanted are left.
_SPARE = 16


def content_of(path: Path) -> tuple[bytes, str]:
    """A file's bytes and their SHA-256; nothing and a word where it cannot be read."""
    try:
        content = path.read_bytes()
    except OSError:
        return b"", "unreadable"
    return content, hashlib.sha256(content).hexdigest()


def square(content: bytes, name: str, side: int, fit: Fit) -> np.ndarray:
    """A picture as a square of ``side`` pixels, averaged where that is smaller.

    Parameters
    ----------
    content : bytes
        Of the file.
    name : str
        For messages.
    side : int
    fit : str
        One of ``FITS``.

    Returns
    -------
    ndarray of uint8, shape (side, side, 3)

    Raises
    ------
    InputError
        If it is no picture that can be read.
    """
    if not content:
        raise InputError(f"{name} cannot be read.")
    pixels = open_picture(PictureBytes(content, name), _SPARE * side**2 / 1e6).pixels
    height, width = pixels.shape[:2]
    if fit == "crop":
        middle = np.array([width / 2, height / 2])
        return cut(pixels, middle, np.array([float(min(height, width)), 0.0]), side)
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    found = np.full((side, side, 3), GREY, dtype=np.uint8)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    found[top : top + size[1], left : left + size[0]] = small
    return found
