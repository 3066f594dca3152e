"""A picture of evidence with its caption, and the scale on which it can be drawn again beside others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class PlotScale:
    """What strength of colour, size of dots or length of bars stand for in a picture.

    Attributes
    ----------
    limit : float
        What the strongest colour, or the longest bar, stands for.
    unit : str
        Of the colours, as it stands below the colour bar.
    draw : callable (limit, size, bar) -> str
        The picture on another scale; ``bar``: with its colour bar.
    size : float
        What the largest dot stands for; 0 where size says nothing.
    amount : bool
        Whether colours are amounts, without a direction.
    bar : bool
        Whether the picture has a colour bar; bars of features have an axis of their own instead.
    beyond : bool
        Whether values beyond ``limit`` are drawn in its colour.
    sides : bool
        Whether strength of colour is an amount and hue alone says for or against.
    """

    limit: float
    unit: str
    draw: Callable[[float, float, bool], str]
    size: float = 0.0
    amount: bool = False
    bar: bool = True
    beyond: bool = False
    sides: bool = False


@dataclass(frozen=True)
class Plot:
    """A picture with its caption.

    Attributes
    ----------
    kind : str
        ``'regions'``, ``'face'``, ``'coordinates'``, ``'phases'``, ``'time'``, ``'amount'``, ``'features'``,
        ``'pictures'``, ``'mean'`` or ``'map'``.
    caption : str
        Plain text.
    svg : str
    scale : PlotScale, optional
        None where it cannot be drawn on another one.
    """

    kind: str
    caption: str
    svg: str
    scale: PlotScale | None = None


def scaled(kind: str, caption: str, scale: PlotScale) -> Plot:
    """A picture on its own scale."""
    return Plot(kind, caption, scale.draw(scale.limit, scale.size, True), scale)
