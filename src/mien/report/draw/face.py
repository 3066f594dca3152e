"""Evidence on a frontal face: hue says for or against, opacity how much, size how much regardless of sign.

Evidence whose sign says nothing is drawn as an amount, in one hue.
"""

from __future__ import annotations

import numpy as np

from mien.atlas.frontal import contours, frontal_points
from mien.core.errors import InputError
from mien.report.draw import svg

_SCALE = 10.0  # units per centimetre
_WIDTH, _HEIGHT = 172.0, 196.0
_LEFT, _TOP = -_WIDTH / 2, -90.0
# Height by width of a face without its colour bar.
ASPECT = _HEIGHT / _WIDTH
_BAR_HEIGHT = 36.0
_LARGEST, _SMALLEST = 4.2, 0.9


def limit_of(*arrays: np.ndarray) -> float:
    """A symmetric scale that holds every value of all arrays; 0 if there are none."""
    return max((float(np.nanmax(np.abs(a), initial=0.0)) for a in arrays), default=0.0)


def face_plot(
    signed: np.ndarray,
    topology: str,
    *,
    title: str,
    absolute: np.ndarray | None = None,
    limit: float | None = None,
    largest: float | None = None,
    unit: str = "",
    amount: bool = False,
    sides: bool = False,
) -> str:
    """Draw one value per point on the canonical face.

    Parameters
    ----------
    signed : ndarray, shape (points,)
        Positive speaks for the target. NaN is drawn as no evidence.
    topology : str
    title : str
        What is shown, for people who cannot see it.
    absolute : ndarray, shape (points,), optional
        Sets the size of each point, by area; by default ``|signed|``.
    limit : float, optional
        End of the colour scale; by default the largest ``|signed|``. Give one limit to pictures that are compared.
    largest : float, optional
        The ``absolute`` that gets the largest size; by default the largest there is.
    unit : str
        If given, a colour bar in this unit is drawn below the face.
    amount : bool
        Draw amounts, whatever their sign, in the one hue that stands for neither for nor against.
    sides : bool
        The sign says for or against and the strength is an amount, so that no number of the colour bar has a sign.

    Returns
    -------
    str
        An SVG picture.

    Raises
    ------
    InputError
        If there is not one value per point.
    """
    places = frontal_points(topology) * _SCALE
    signed = np.nan_to_num(np.asarray(signed, dtype=np.float64))
    size = np.abs(signed) if absolute is None else np.nan_to_num(np.asarray(absolute, dtype=np.float64))
    if signed.shape != (len(places),) or size.shape != (len(places),):
        raise InputError(f"'{topology}' has {len(places)} points, but the evidence has shape {signed.shape}.")
    limit = limit_of(signed) if limit is None else limit
    lines = svg.element(
        "g",
        *[_line(line * _SCALE) for line in contours()],
        fill="none",
        stroke="currentColor",
        stroke_opacity="0.35",
        stroke_width="0.7",
        stroke_linejoin="round",
    )
    content = [lines, _dots(places), *_points(places, signed, size, limit, largest, amount)]
    height = _HEIGHT
    if unit:
        width = 130.0
        bar = svg.colour_bar(
            limit, unit, x=-width / 2, y=_TOP + _HEIGHT + 3, width=width, amount=amount, sides=sides
        )  # fmt: skip
        content.append(bar)
        height += _BAR_HEIGHT
    return svg.picture(_WIDTH, height, *content, title=title, left=_LEFT, top=_TOP)


def _line(places: np.ndarray) -> str:
    return svg.element("path", d="M" + "L".join(f"{svg.number(x)} {svg.number(y)}" for x, y in places))


def _dots(places: np.ndarray) -> str:
    """All points as faint dots, in one path."""
    drawn = "".join(f"M{svg.number(x)} {svg.number(y)}h0" for x, y in places)
    return svg.element(
        "path", d=drawn, stroke="currentColor", stroke_opacity="0.3", stroke_width="0.8", stroke_linecap="round"
    )


def _points(
    places: np.ndarray, signed: np.ndarray, size: np.ndarray, limit: float, largest: float | None, amount: bool
) -> list[str]:
    paint = svg.amount_paint if amount else svg.signed_paint
    largest = float(size.max(initial=0.0)) if largest is None else largest
    if largest <= 0 or limit <= 0:
        return []
    radius = np.sqrt(size / largest) * _LARGEST
    # Large points go below small ones, so that none is hidden.
    return [
        svg.element("circle", cx=x, cy=y, r=float(r), **paint(value, limit))
        for (x, y), r, value in ((places[i], radius[i], signed[i]) for i in np.argsort(-radius))
        if r >= _SMALLEST and abs(value) >= 0.01 * limit
    ]
