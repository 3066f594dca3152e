"""The screen that viewers looked at: pixels from its top left corner, and degrees of visual angle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.numbers import check_number
from mien.data.tables.screens import size_of

PIXELS, SHARES, DEGREES = "pixels", "shares", "degrees"
UNITS = (PIXELS, SHARES, DEGREES)
TOP_LEFT, BOTTOM_LEFT, CENTRE = "top-left", "bottom-left", "centre"
ORIGINS = (TOP_LEFT, BOTTOM_LEFT, CENTRE)


@dataclass(frozen=True)
class Screen:
    """A screen and how far away the eyes were.

    Attributes
    ----------
    width, height : int
        In pixels; 0 where unknown.
    width_cm, height_cm, distance_cm : float
        NaN where unknown.
    pixels_per_degree : float
        Instead of centimetres: the same everywhere on the screen; NaN where unknown.
    """

    width: int = 0
    height: int = 0
    width_cm: float = float("nan")
    height_cm: float = float("nan")
    distance_cm: float = float("nan")
    pixels_per_degree: float = float("nan")

    @property
    def known(self) -> bool:
        """Whether degrees of visual angle can be computed."""
        return self.pixels_per_degree > 0 or (self.distance_cm > 0 and self.width > 0)

    def degrees(self, x_px: np.ndarray, y_px: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Degrees from the middle of the screen (with ``pixels_per_degree`` from its top left corner)."""
        if self.pixels_per_degree > 0:
            return x_px / self.pixels_per_degree, y_px / self.pixels_per_degree
        x_cm = (x_px - self.width / 2) * (self.width_cm / self.width)
        y_cm = (y_px - self.height / 2) * (self.height_cm / self.height)
        return np.rad2deg(np.arctan2(x_cm, self.distance_cm)), np.rad2deg(np.arctan2(y_cm, self.distance_cm))

    def pixels(self, x: np.ndarray, y: np.ndarray, units: str, origin: str) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates as a tracker gives them, as pixels from the top left corner of the screen."""
        if units == PIXELS and origin == TOP_LEFT:
            return x, y
        if units == DEGREES:
            if self.pixels_per_degree > 0:
                x, y = x * self.pixels_per_degree, y * self.pixels_per_degree
            else:
                x = np.tan(np.deg2rad(x)) * self.distance_cm * self.width / self.width_cm
                y = np.tan(np.deg2rad(y)) * self.distance_cm * self.height / self.height_cm
        elif units == SHARES:
            x, y = x * self.width, y * self.height
        if origin == CENTRE:
            return x + self.width / 2, y + self.height / 2
        return (x, self.height - y) if origin == BOTTOM_LEFT else (x, y)


def screen_of(size: Any, size_cm: Any, distance_cm: float | None, pixels_per_degree: float | None) -> Screen:
    """A screen from options.

    Parameters
    ----------
    size : (int, int) or text such as ``'1920x1080'``, optional
    size_cm : (float, float) or text such as ``'53x30'``, optional
    distance_cm, pixels_per_degree : float, optional

    Raises
    ------
    InputError
        If centimetres are given without the distance or the other way round.
    """
    width, height = (0, 0) if size in (None, "") else size_of(size, "screen")
    nan = float("nan")
    if pixels_per_degree is not None:
        check_number("pixels_per_degree", pixels_per_degree)
        return Screen(width, height, pixels_per_degree=float(pixels_per_degree))
    if (size_cm in (None, "")) != (distance_cm is None):
        raise InputError(
            "Degrees of visual angle need both: the size of the screen in centimetres (screen_cm='53x30') and the "
            "distance of the eyes from it (distance_cm=60)."
        )
    if distance_cm is None:
        return Screen(width, height)
    check_number("distance_cm", distance_cm)
    parts = size_cm.lower().replace("×", "x").split("x") if isinstance(size_cm, str) else size_cm
    try:
        width_cm, height_cm = (float(part) for part in parts)
    except (TypeError, ValueError):
        width_cm = height_cm = nan
    if not (width_cm > 0 and height_cm > 0):
        raise InputError(f"screen_cm is a width and a height in centimetres, such as 53x30, but got {size_cm!r}.")
    return Screen(width, height, width_cm, height_cm, float(distance_cm))
