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
        Attribute that colours the points, in standard deviations from its mean: red above, blue below. One with two
        values gives dots and triangles.
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
    two = two_values(values)
    here = _in_square(coordinates[shown][:, :2])
    above = np.zeros(len(here)) if values is None else standard(values[shown])
    radius = float(np.clip(60 / np.sqrt(max(len(here), 1)), 1.2, 4.0))
    # The most extreme points are drawn last, so that they are not covered.
    order = np.argsort(np.abs(above), kind="stable")
    if two is not None and values is not None:
        points = [_of_two(x, y, radius, float(value), two)
                  for (x, y), value in zip(here, np.asarray(values, dtype=np.float64)[shown], strict=True)]  # fmt: skip
        bar = _legend(two, name)
    else:
        points = [
            svg.element(
                "circle", cx=float(here[i, 0]), cy=float(here[i, 1]), r=radius, stroke="currentColor",
                stroke_width="0.25", stroke_opacity="0.5", **_paint(above[i], values is not None),
            )
            for i in order
        ]  # fmt: skip
        bar = ""
    frame = svg.element(
        "rect", x=0.0, y=0.0, width=SIDE, height=SIDE, fill="none", stroke="currentColor", stroke_opacity="0.3",
        stroke_width="0.6",
    )  # fmt: skip
    if values is not None and two is None:
        unit = f"{name}, standard deviations from the mean" if name else "standard deviations from the mean"
        bar = svg.colour_bar(FULL_AT, unit, x=SIDE / 2 - 80, y=SIDE + 10, width=160)
    return svg.picture(SIDE + 8, SIDE + (46 if bar else 8), frame, *points, bar, title=title, left=-4, top=-4)


def two_values(values: np.ndarray | None) -> tuple[float, float] | None:
    """The two values of an attribute that has no others; None for any other."""
    if values is None:
        return None
    known = np.asarray(values, dtype=np.float64)
    found = np.unique(known[np.isfinite(known)])
    return (float(found[0]), float(found[1])) if len(found) == 2 else None


def colour_words(name: str, values: np.ndarray) -> str:
    """What colour and form of the points say, for a caption."""
    if (two := two_values(values)) is not None:
        return f"colour and form: {name} = {two[0]:g} (blue dots) or {two[1]:g} (red triangles)"
    return f"coloured by {name}: red above its mean, blue below, full at {FULL_AT:g} standard deviations"


def _of_two(x: float, y: float, radius: float, value: float, two: tuple[float, float]) -> str:
    """A point by its form, too, so that it is told apart without colour; where nothing is known a faint dot."""
    if value == two[1]:
        r = 1.25 * radius
        corners = f"M{x:.1f} {y - r:.1f}L{x + r:.1f} {y + 0.8 * r:.1f}H{x - r:.1f}Z"
        return svg.element("path", d=corners, fill=svg.POSITIVE, fill_opacity="0.75")
    known = {"fill": svg.NEGATIVE, "fill_opacity": "0.75"} if value == two[0] else {"fill": "currentColor",
                                                                                    "fill_opacity": "0.25"}  # fmt: skip
    return svg.element("circle", cx=float(x), cy=float(y), r=radius, **known)


def _legend(two: tuple[float, float], name: str) -> str:
    """The two values below the map."""
    parts, x = [], 4.0
    for value in two:
        words = f"{name} = {value:g}" if name else f"{value:g}"
        parts += [_of_two(x + 4, SIDE + 18, 4.0, value, two), svg.text(x + 12, SIDE + 22, words, size=11)]
        x += 24 + 6.2 * len(words)
    return "".join(parts)


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
