"""From pixels of a screen to those of the picture that was shown on it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from mien.core.errors import InputError

FILL, FIT, CENTRE = "fill", "fit", "centre"
_RECTANGLE = re.compile(r"(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?),(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)")
_WORDS = {
    FILL: "stretched over the whole screen", FIT: "as large as the screen allows, in its middle",
    CENTRE: "at its own size in the middle of the screen",
}  # fmt: skip


# From here on no coordinate is that of a screen, in pixels.
_NOWHERE = 9999


def coded(x: np.ndarray, y: np.ndarray, *, corner: bool = True) -> np.ndarray:
    """Which places are a program's code for nothing seen: both coordinates the same, 0 or less, or beyond any screen.

    Parameters
    ----------
    x, y : ndarray, shape (places,)
        As the file holds them.
    corner : bool
        They count from a corner. From the middle 0 is a place, and so is what is negative, down to -999.

    Returns
    -------
    ndarray of bool, shape (places,)

    Examples
    --------
    >>> import numpy as np
    >>> coded(np.array([0.0, -1.0, 0.0, 500.0, -32768.0]), np.array([0.0, -1.0, 3.0, 500.0, -32768.0])).tolist()
    [True, True, False, False, True]
    """
    same: np.ndarray = x == y
    return same & ((x <= (0 if corner else -999)) | (x >= _NOWHERE))


def size_of(given: Any, what: str) -> tuple[int, int]:
    """Width and height in pixels, from a pair or a text such as ``'800x600'``.

    Raises
    ------
    InputError
        If it is no such thing.
    """
    parts = given.lower().replace("×", "x").split("x") if isinstance(given, str) else given
    try:
        width, height = (float(part) for part in parts)
    except (TypeError, ValueError):
        width = height = float("nan")
    if not (width >= 1 and height >= 1 and width == int(width) and height == int(height)):
        raise InputError(f"{what}: a size is a width and a height in pixels, such as 800x600, but got {given!r}.")
    return int(width), int(height)


def on_picture(
    x: np.ndarray, y: np.ndarray, picture: np.ndarray, sizes: Mapping[str, tuple[int, int]], screen: Any, shown: str
) -> tuple[np.ndarray, np.ndarray, str]:
    """Coordinates on the screen as pixels of the pictures at full size.

    Parameters
    ----------
    x, y : ndarray, shape (rows,)
        In pixels of the screen, from its top left corner.
    picture : ndarray of str, shape (rows,)
    sizes : mapping of str to (int, int)
        Width and height of each picture.
    screen : (int, int) or text such as ``'1920x1080'``
    shown : str
        ``'fill'`` (stretched over the whole screen), ``'fit'`` (as large as the screen allows, in its middle),
        ``'centre'`` (at its own size in the middle), or ``'LEFT,TOP,WIDTHxHEIGHT'`` in pixels of the screen.

    Returns
    -------
    x, y : ndarray, shape (rows,)
    note : str
        What was done, in a sentence.

    Raises
    ------
    InputError
        If nothing says how the pictures were shown.
    """
    wide, high = size_of(screen, "screen")
    rectangle = _RECTANGLE.fullmatch(shown.replace(" ", ""))
    if shown not in _WORDS and rectangle is None:
        raise InputError(
            "shown says how a picture was shown on the screen: "
            + "; ".join(f"{name} ({words})" for name, words in _WORDS.items())
            + f"; or LEFT,TOP,WIDTHxHEIGHT in its pixels. It got {shown!r}; nothing is moved without it."
        )
    new_x, new_y = np.array(x, dtype=np.float64), np.array(y, dtype=np.float64)
    for name, (width, height) in sizes.items():
        rows = picture == name
        if rectangle is not None:
            left, top, w, h = (float(part) for part in rectangle.groups())
            if not (w and h):
                raise InputError(f"shown: '{shown}' has no area.")
        else:
            scale = min(wide / width, high / height) if shown == FIT else 1.0
            w, h = (float(wide), float(high)) if shown == FILL else (width * scale, height * scale)
            left, top = (wide - w) / 2, (high - h) / 2
        new_x[rows], new_y[rows] = (new_x[rows] - left) * width / w, (new_y[rows] - top) * height / h
    how = _WORDS.get(shown, f"on the part {shown} of the screen")
    return new_x, new_y, f"Coordinates were those of a screen of {wide} x {high} pixels; the picture was shown {how}."
