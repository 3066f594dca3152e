"""SHAP values of people as swarms: one row per measure, one dot per person, its colour by the measure's rank."""

from __future__ import annotations

import numpy as np

from mien.cohort.channels_result import ChannelEvidence
from mien.report.draw import svg
from mien.report.draw.unpredicted import unpredicted

_ROW, _WIDE, _LETTER, _RADIUS = 24.0, 380.0, 0.61, 1.7
# Of a model that is not shown to predict, from low to high.
_PALE, _DARK = (190, 190, 190), (90, 90, 90)
# From low to high: told apart by people with any common colour vision, and darker where higher.
_LOW, _HIGH, _UNKNOWN = (86, 180, 233), (120, 28, 109), "#999999"


def swarm_plot(evidence: ChannelEvidence) -> str:
    """Swarms of the measures with the largest SHAP values; '' for models without SHAP values.

    Of a model that is not shown to predict they are grey and say so.
    """
    if not evidence.swarm or not evidence.swarm_measures:
        return ""
    ends = (_PALE, _DARK) if evidence.unlearnt else (_LOW, _HIGH)
    shap, rank = evidence.swarm["shap"], evidence.swarm["value"]
    names = evidence.swarm_measures
    limit = float(np.quantile(np.abs(shap), 0.999)) or 1.0
    left = 14 + 10.5 * _LETTER * max(map(len, names))
    middle = left + _WIDE / 2
    parts = []
    for row, name in enumerate(names):
        y = 10 + _ROW * (row + 0.5)
        parts.append(svg.text(left - 8, y + 3.5, name, size=10.5, anchor="end"))
        parts.append(_line(f"M{svg.number(left)} {svg.number(y)}h{svg.number(_WIDE)}", "0.12"))
        x = middle + np.clip(shap[row] / limit, -1, 1) * (_WIDE / 2 - 4)
        for at, off, share in zip(x, _offsets(x), rank[row], strict=True):
            parts.append(
                svg.element("circle", cx=float(at), cy=float(y + off), r=_RADIUS, fill=_colour(float(share), ends),
                            fill_opacity="0.8")
            )  # fmt: skip
    bottom = 10 + _ROW * len(names)
    parts.append(_line(f"M{svg.number(middle)} 6V{svg.number(bottom)}", "0.5"))
    for share in (-1.0, -0.5, 0.0, 0.5, 1.0):
        at = middle + share * (_WIDE / 2 - 4)
        parts.append(svg.text(at, bottom + 14, svg.tick_words(share * limit, signed=True), size=9.5, anchor="middle"))
    parts.append(svg.text(middle, bottom + 29, f"SHAP value, {evidence.unit}", size=10.5, anchor="middle"))
    parts += _key(left, bottom + 44, ends)
    title = f"SHAP values of {shap.shape[1]} held-out people for the {len(names)} measures with the largest ones"
    drawn = svg.picture(left + _WIDE + 12, bottom + 58, *parts, title=title)
    return unpredicted(drawn, evidence.unlearnt) if evidence.unlearnt else drawn


def _offsets(x: np.ndarray) -> np.ndarray:
    """How far dots lie above or below their row, so that those of nearly one value lie beside each other."""
    bins = np.round(x / (1.6 * _RADIUS)).astype(int)
    offsets = np.zeros(len(x))
    for value in np.unique(bins):
        here = np.flatnonzero(bins == value)
        step = min(1.5 * _RADIUS, (_ROW - 5) / len(here))
        offsets[here] = step * (np.arange(len(here)) - (len(here) - 1) / 2)
    return offsets


def _colour(share: float, ends: tuple[tuple[int, ...], tuple[int, ...]]) -> str:
    if share != share:
        return _UNKNOWN
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(*ends, strict=True))


def _key(x: float, y: float, ends: tuple[tuple[int, ...], tuple[int, ...]]) -> list[str]:
    # Words end at the bar, so that larger letters of a figure grow away from it.
    parts = [svg.text(x + 66, y + 4, "measure: low", size=10, anchor="end")]
    for step in range(12):
        place = {"x": x + 70 + 8.0 * step, "y": y - 5, "width": 8.0, "height": 9.0}
        parts.append(svg.element("rect", **place, fill=_colour(step / 11, ends)))
    return [*parts, svg.text(x + 172, y + 4, "high (rank among people)", size=10)]


def _line(drawn: str, opacity: str) -> str:
    return svg.element("path", d=drawn, stroke="currentColor", stroke_opacity=opacity, fill="none")
