"""The eight ways a picture can lie: which one a matrix or an EXIF number means, and how it is set upright."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Orientation:
    """What sets a stored picture upright: axes are swapped first, then columns or rows are reversed.

    Attributes
    ----------
    swap : bool
        Rows become columns (reflection at the main diagonal).
    mirror : bool
        Left and right change places.
    flip : bool
        Top and bottom change places.
    """

    swap: bool = False
    mirror: bool = False
    flip: bool = False

    def __call__(self, picture: np.ndarray) -> np.ndarray:
        """The upright picture; the first two axes are rows and columns."""
        if self == UPRIGHT:
            return picture
        turned = picture.swapaxes(0, 1) if self.swap else picture
        return np.ascontiguousarray(turned[:: -1 if self.flip else 1, :: -1 if self.mirror else 1])

    def to_stored(self, size: tuple[int, int]) -> np.ndarray:
        """From pixels (x, y, 1) of the upright picture of ``size`` (height, width) to the stored ones, shape (2, 3)."""
        height, width = size
        x = [-1.0, 0, width - 1] if self.mirror else [1.0, 0, 0]
        y = [0, -1.0, height - 1] if self.flip else [0, 1.0, 0]
        return np.array([y, x] if self.swap else [x, y])


UPRIGHT = Orientation()
# EXIF 2.32, tag 0x0112: where the stored first row and column are in the picture.
EXIF_ORIENTATIONS = {
    1: UPRIGHT,
    2: Orientation(mirror=True),
    3: Orientation(mirror=True, flip=True),
    4: Orientation(flip=True),
    5: Orientation(swap=True),
    6: Orientation(swap=True, mirror=True),
    7: Orientation(swap=True, mirror=True, flip=True),
    8: Orientation(swap=True, flip=True),
}


def of_display_matrix(numbers: np.ndarray) -> Orientation:
    """The orientation nearest to a display matrix.

    Parameters
    ----------
    numbers : ndarray, 9 values
        a, b, u, c, d, v, x, y, w of ISO/IEC 14496-12, 8.5.2.3: a stored point (p, q) is shown at
        (a p + c q + x, b p + d q + y). Scale and place are ignored.

    Returns
    -------
    Orientation
        ``UPRIGHT`` for a matrix that shows nothing (its determinant is 0).
    """
    a, b, _, c, d = (float(number) for number in np.asarray(numbers, dtype=np.float64)[:5])
    if a * d - b * c == 0:
        return UPRIGHT
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return Orientation(mirror=a < 0, flip=d < 0)
    return Orientation(swap=True, mirror=c < 0, flip=b < 0)
