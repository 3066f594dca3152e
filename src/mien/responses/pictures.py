"""Pictures as a body sees them: whole, square, of one size, whatever size they have."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
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


@dataclass(frozen=True, eq=False)
class Framed:
    """A picture as a body sees it, and where its places went.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (side, side, 3)
    scale : float
        Pixels here per pixel of the file.
    offset : ndarray of float64, shape (2,)
        Where the file's upper left corner lies here, (x, y).
    """

    pixels: np.ndarray
    scale: float
    offset: np.ndarray

    def places(self, points: np.ndarray) -> np.ndarray:
        """Places (..., 2) in pixels of the upright picture, from its outer corner, in pixels here."""
        found: np.ndarray = np.asarray(points, dtype=np.float64) * self.scale + self.offset
        return found


def square(content: bytes, name: str, side: int, fit: Fit) -> np.ndarray:
    """The pixels of ``framed``."""
    return framed(content, name, side, fit).pixels


def framed(content: bytes, name: str, side: int, fit: Fit) -> Framed:
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

    Raises
    ------
    InputError
        If it is no picture that can be read.
    """
    if not content:
        raise InputError(f"{name} cannot be read.")
    picture = open_picture(PictureBytes(content, name), _SPARE * side**2 / 1e6)
    pixels, whole = picture.pixels, np.array([picture.width, picture.height])
    height, width = pixels.shape[:2]
    if fit == "crop":
        middle, least = np.array([width / 2, height / 2]), float(min(height, width))
        scale = side / whole.min()
        return Framed(cut(pixels, middle, np.array([least, 0.0]), side), scale, (side - whole * scale) / 2)
    ratio = side / max(height, width)
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if ratio < 1 else cv2.INTER_LINEAR)
    found = np.full((side, side, 3), GREY, dtype=np.uint8)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    found[top : top + size[1], left : left + size[0]] = small
    return Framed(found, side / whole.max(), np.array([left, top], dtype=np.float64))
