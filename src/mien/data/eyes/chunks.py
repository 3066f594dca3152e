"""Raw samples in chunks, and what a file says beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np


class Viewing(NamedTuple):
    """What somebody looked at while samples were taken.

    Attributes
    ----------
    viewer, run, picture : str
    turn : int
        Which showing it is in its file: a picture that is shown again starts anew.
    """

    viewer: str = ""
    run: str = ""
    picture: str = ""
    turn: int = 0


@dataclass(frozen=True, eq=False)
class Chunk:
    """Samples of one part, in order of time.

    Attributes
    ----------
    part : Viewing
    start_s : float
        When the part began, on the clock of the file.
    time_s, x_px, y_px : ndarray of float64, shape (samples,)
        On the clock of the file, and from the top left corner of the screen; NaN where the eye was not seen.
    """

    part: Viewing
    start_s: float
    time_s: np.ndarray
    x_px: np.ndarray
    y_px: np.ndarray


@dataclass
class Facts:
    """What a file says of itself; filled while it is read.

    Attributes
    ----------
    rate_hz : float
        That the file states; NaN where it does not.
    screen : (int, int)
        Width and height in pixels that it states; zeros where it does not.
    validation : list of (float, float)
        Mean and greatest error in degrees of each validation.
    fixations : list of (Viewing, float, float, float, float)
        The tracker's own, where they were asked for: when, how long (s), and where (pixels).
    outside : int
        Samples that belong to no part, such as before the first picture.
    coded : int
        Samples whose place is a code for nothing seen.
    code : float
        One of these codes.
    notes : list of str
    """

    rate_hz: float = float("nan")
    screen: tuple[int, int] = (0, 0)
    validation: list[tuple[float, float]] = field(default_factory=list)
    fixations: list[tuple[Viewing, float, float, float, float]] = field(default_factory=list)
    outside: int = 0
    coded: int = 0
    code: float = float("nan")
    notes: list[str] = field(default_factory=list)
