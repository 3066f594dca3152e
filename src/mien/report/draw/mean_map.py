"""The mean of evidence over pictures as one map, for panels that are compared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mien.atlas.summary import Summary
from mien.core.evidence import Evidence
from mien.explain.thumbnails import Shown
from mien.report.draw import svg
from mien.report.draw.pictures import colour_limit, goes_beyond, over_picture, painted, per_pixel, scale_words
from mien.report.draw.plot import Plot, PlotScale, scaled
from mien.report.draw.raster import image
from mien.report.privacy import Privacy, few_people


def mean_map(
    evidence: Evidence, summary: Summary, shown: Shown | None, unit: str, privacy: Privacy
) -> Plot | None:  # fmt: skip
    """The mean map over people alone, beside it on a mean picture where faces may be shown; None where it may not be.

    Parameters
    ----------
    evidence, summary, shown, unit, privacy
        As in ``picture_plots``.
    """
    privacy = privacy.about(evidence)
    if summary.samples < 2 or few_people(summary, privacy.faces):
        return None
    amount = not summary.directed
    values = per_pixel((summary.mean_absolute if amount else summary.signed_mean)[None])[0]
    kept = shown.pictures if privacy.faces and shown is not None and len(shown) else None
    who = f"{'about' if amount else 'for'} '{evidence.target}'"

    def draw(limit: float, _size: float, bar: bool) -> str:
        layers = [painted(values, limit, amount)]
        if kept is not None:
            layers.append(over_picture(kept.mean(axis=0).round().astype(np.uint8), values, limit, amount))
        aspect, title = values.shape[0] / values.shape[1], f"Mean evidence {who}"
        return _side_by_side(layers, aspect, title, replace(scale, limit=limit) if bar else None)

    limit = colour_limit(values)
    words = scale_words(evidence, unit)
    scale = PlotScale(limit, words, draw, amount=amount, beyond=goes_beyond(values, limit))
    beside = "; right: on a mean picture" if kept is not None else ""
    caption = (
        f"Mean evidence {who}, pixel by pixel{beside}; the pictures are level and of one size, but not warped."
    )  # fmt: skip
    return scaled("map", caption, scale)


def _side_by_side(layers: list[bytes], aspect: float, title: str, scale: PlotScale | None) -> str:
    each, drawn = 170.0, []
    tall, width = each * aspect, len(layers) * (each + 6.0) - 6.0
    for i, layer in enumerate(layers):
        x = i * (each + 6.0)
        frame = {"fill": "none", "stroke": "currentColor", "stroke_opacity": "0.3", "stroke_width": "0.5"}
        drawn += [image(layer, x, 0.0, each, tall), svg.element("rect", x=x, y=0.0, width=each, height=tall, **frame)]
    if scale is None:
        return svg.picture(width, tall, *drawn, title=title)
    bar = svg.colour_bar(scale.limit, scale.unit, x=width / 2 - 80, y=tall + 6, width=160, size=11.5,
                         beyond=scale.beyond, amount=scale.amount)  # fmt: skip
    return svg.picture(width, tall + 54, *drawn, bar, title=title)
