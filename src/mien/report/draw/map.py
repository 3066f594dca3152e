"""A map of a population as a still picture for papers: points coloured by an attribute."""

from __future__ import annotations

import numpy as np

from mien.report.draw import svg

SIDE = 320.0
# Standard deviations from the mean at which the colour is full.
FULL_AT = 2.0


def map_plot(coordinates: np.ndarray, values: np.ndarray | None = None, *, title: str, name: str = "") -> str:
    """The first two dimensions of a map.

    Parameters
    ----------
    coordinates : ndarray, shape (samples, dimensions)
        Rows that are not finite are left out.
    values : ndarray, shape (samples,), optional
        Attribute that colours the points, in standard deviations from its mean: red above, blue below.
    title : str
        What the picture shows, for people who cannot see it.
    name : str
        Of the attribute; written below the colour bar.

    Returns
    -------
    str
        SVG.
    """
    shown = np.isfinite(coordinates).all(axis=1)
    here = _in_square(coordinates[shown][:, :2])
    above = np.zeros(len(here)) if values is None else standard(values[shown])
    radius = float(np.clip(60 / np.sqrt(max(len(here), 1)), 1.2, 4.0))
    # The most extreme points are drawn last, so that they are not covered.
    order = np.argsort(np.abs(above), kind="stable")
    points = [
        svg.element(
            "circle", cx=float(here[i, 0]), cy=float(here[i, 1]), r=radius, stroke="currentColor",
            stroke_width="0.25", stroke_opacity="0.5", **_paint(above[i], values is not None),
        )
        for i in order
    ]  # fmt: skip
    frame = svg.element(
        "rect", x=0.0, y=0.0, width=SIDE, height=SIDE, fill="none", stroke="currentColor", stroke_opacity="0.3",
        stroke_width="0.6",
    )  # fmt: skip
    bar = ""
    if values is not None:
        unit = f"{name}, standard deviations from the mean" if name else "standard deviations from the mean"
        bar = svg.colour_bar(FULL_AT, unit, x=SIDE / 2 - 80, y=SIDE + 10, width=160)
    return svg.picture(SIDE + 8, SIDE + (46 if bar else 8), frame, *points, bar, title=title, left=-4, top=-4)


def standard(values: np.ndarray) -> np.ndarray:
    """Values in standard deviations from their mean; 0 where unknown or where nothing varies."""
    values = np.asarray(values, dtype=np.float64)
    known = np.isfinite(values)
    spread = values[known].std() if known.any() else 0.0
    if not spread > 0:
        return np.zeros(len(values))
    return np.where(known, (values - values[known].mean()) / spread, 0.0)


def _in_square(points: np.ndarray, margin: float = 12.0) -> np.ndarray:
    """Points in the square of the picture with one scale for both axes, y up."""
    if not len(points):
        return points
    middle = (points.max(axis=0) + points.min(axis=0)) / 2
    extent = float(np.ptp(points, axis=0).max()) or 1.0
    return SIDE / 2 + (points - middle) * [1, -1] * ((SIDE - 2 * margin) / extent)


def _paint(above: float, coloured: bool) -> dict[str, str]:
    if not coloured:
        return {"fill": svg.NEGATIVE, "fill_opacity": "0.55"}
    return {name: str(value) for name, value in svg.signed_paint(above, FULL_AT).items()}
