"""Letters as they are printed: how wide they are, how they are coded, and where turned text lies."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from mien.core.errors import InputError

# Widths of Helvetica's letters in thousandths of its size, from the space on; others count as broad as a digit.
_WIDTHS = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, *(556,) * 10, 278, 278, 584, 584,
    584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611,
    722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
# Bold letters are about so many times as broad.
_BOLDER = 1.06
# What Helvetica's usual encoding lacks.
_SPELT = {"−": "\u2013", "≤": "<=", "≥": ">=", "›": ">", "\u2009": " ", "\u202f": " "}


def printed(words: str) -> bytes:
    """Words in the encoding of the page."""
    return "".join(_SPELT.get(letter, letter) for letter in words).encode("cp1252", "replace")


def width_of(coded: bytes, size: float, *, bold: bool = False) -> float:
    """How wide words of a size are, in its unit."""
    wide = sum(_WIDTHS[code - 32] if 32 <= code < 127 else 556 for code in coded) * size / 1000
    return wide * (_BOLDER if bold else 1.0)


@dataclass(frozen=True)
class Turn:
    """A turn, clockwise as seen, about a place."""

    cos: float = 1.0
    sin: float = 0.0
    x: float = 0.0
    y: float = 0.0

    def moved(self, x: float, y: float) -> tuple[float, float]:
        """Where a place comes to lie."""
        across, down = x - self.x, y - self.y
        return self.x + across * self.cos - down * self.sin, self.y + across * self.sin + down * self.cos


def turn_of(transform: str) -> Turn:
    """The turn that ``rotate(degrees x y)`` of a text stands for; none where it is empty."""
    if not transform:
        return Turn()
    found = re.fullmatch(r"rotate\((-?[\d.]+) (-?[\d.]+) (-?[\d.]+)\)", transform)
    if found is None:
        raise InputError(f"Only mien's own drawings become PDF, and their text has no transform '{transform}'.")
    angle = math.radians(float(found[1]))
    return Turn(math.cos(angle), math.sin(angle), float(found[2]), float(found[3]))
