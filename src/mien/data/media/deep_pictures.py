"""Pictures of more than 8 bits: which value is white, and colours of 16 bits or floating point."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.core.errors import InputError

# Cameras of 8, 10, 12 and 14 bits write into files of 16 or 32.
DEPTHS = (8, 10, 12, 14, 16)
# Floating-point pictures up to 1 are shares of white; a little more than 1 is light beyond white, scaled by itself.
MOST_BEYOND_WHITE = 16.0


def black_and_white(low: float, high: float, is_float: bool) -> tuple[float, float]:
    """The values that become 0 and 255.

    Whole numbers use the least of 8, 10, 12, 14 or 16 bits that holds them, larger ones their own range. Floating
    point goes from 0 to 1, or to 255 and so on as whole numbers, or by its own range where it is a little above 1.
    Where there are negative values, the range is the picture's own.

    Parameters
    ----------
    low, high : float
        Smallest and largest value of the picture.
    is_float : bool
    """
    if low < 0:
        return low, max(high, low + 1e-9)
    if is_float and high <= 1:
        return 0.0, 1.0
    if is_float and high <= MOST_BEYOND_WHITE:
        return 0.0, high
    return 0.0, next((2.0**bits - 1 for bits in DEPTHS if high <= 2**bits - 1), high)


def to_8_bit(values: np.ndarray, black: float, white: float) -> np.ndarray:
    """Values as uint8, shape kept; what is no number becomes black."""
    scaled = (np.nan_to_num(values.astype(np.float32), nan=black, posinf=white, neginf=black) - black) / (white - black)
    return np.clip(scaled * 255 + 0.5, 0, 255).astype(np.uint8)


def is_deep_colour(image: Any) -> bool:
    """Whether Pillow would drop bits of a picture: it reads colours of 16 bits as their upper 8."""
    if image.format not in ("PNG", "TIFF"):
        return False
    return any(";16" in str(tile[3]) for tile in image.tile) and image.mode in ("RGB", "RGBA", "RGBX", "LA")


def read_deep(path: Any, max_megapixels: float) -> np.ndarray | None:
    """A PNG or TIFF of deep colours as OpenCV reads it, RGB of uint8, not turned; None if that is impossible.

    Raises
    ------
    InputError
        If the picture has more than ``max_megapixels``.
    """
    import cv2

    content = path.read_bytes()
    if content[:4] in (b"II*\0", b"MM\0*"):
        size = _size_of_tiff(content)
        if size is None:
            return None
        if size[0] * size[1] > max_megapixels * 1e6:
            raise InputError(f"{path.name} has more than {max_megapixels} megapixels; make it smaller first.")
    elif content[:8] != b"\x89PNG\r\n\x1a\n":
        return None
    try:
        values = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    return None if values is None else _rgb(values)


def _rgb(values: np.ndarray) -> np.ndarray:
    """OpenCV's blue, green, red (and alpha) of any depth, on white."""
    values = values[:, :, None] if values.ndim == 2 else values
    bands = {1: (0, 0, 0), 2: (0, 0, 0)}.get(values.shape[2], (2, 1, 0))
    colours = values[:, :, list(bands)]
    is_float = values.dtype.kind == "f"
    finite = colours[np.isfinite(colours)] if is_float else colours
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    rgb = to_8_bit(colours, *black_and_white(low, high, is_float))
    if values.shape[2] not in (2, 4):
        return rgb
    alpha = values[:, :, -1:].astype(np.float32)
    share = alpha / max(black_and_white(0, float(alpha.max()), is_float)[1], 1e-9)
    return (rgb * share + 255 * (1 - share) + 0.5).astype(np.uint8)


def _size_of_tiff(content: bytes) -> tuple[int, int] | None:
    """Width and height of the first page, from its tags 256 and 257."""
    order = "little" if content[:2] == b"II" else "big"
    place = int.from_bytes(content[4:8], order)  # type: ignore[arg-type]
    tags: dict[int, int] = {}
    for entry in range(int.from_bytes(content[place : place + 2], order)):  # type: ignore[arg-type]
        at = place + 2 + 12 * entry
        tag, kind = (int.from_bytes(content[at + k : at + k + 2], order) for k in (0, 2))  # type: ignore[arg-type]
        length = 2 if kind == 3 else 4
        tags[tag] = int.from_bytes(content[at + 8 : at + 8 + length], order)  # type: ignore[arg-type]
    return (tags[256], tags[257]) if 256 in tags and 257 in tags else None
