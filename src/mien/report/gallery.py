"""All classes of a model side by side: signed and absolute evidence on faces of one scale."""

from __future__ import annotations

from collections.abc import Sequence

from mien.core.features import SEQUENCE
from mien.core.topology import IBUG_68, MEDIAPIPE_468, MEDIAPIPE_478
from mien.core.topology import topology as find
from mien.explain.aggregate import Summary
from mien.report import svg
from mien.report.face_plot import ASPECT, face_plot, limit_of

_WIDTH, _GAP, _ACROSS = 640.0, 6.0, 4
_HEAD = 16.0


def gallery(summaries: Sequence[Summary], unit: str = "logit") -> str:
    """One column per class: above its signed evidence, below the absolute one; ``''`` with fewer than two classes.

    Parameters
    ----------
    summaries : sequence of Summary
        Of one model, about landmark sequences of one topology; others are left out, and of several methods the first
        counts.
    unit : str
        Unit of the explained output.
    """
    shown = [s for s in summaries if s.space == SEQUENCE and s.topology and _whole(s.topology) and not s.target.against]
    shown = list({str(s.target): s for s in reversed(shown) if s.topology == shown[0].topology}.values())[::-1]
    if len(shown) < 2:
        return ""
    limit = limit_of(*(s.point_signed for s in shown))
    largest = limit_of(*(s.point_absolute for s in shown))
    across = min(_ACROSS, len(shown))
    each = (_WIDTH - _GAP * (across - 1)) / across
    tall = each * ASPECT
    drawn, bottom = [], 0.0
    for i, summary in enumerate(shown):
        x, y = (i % across) * (each + _GAP), (i // across) * (2 * tall + _HEAD + _GAP)
        name, points = str(summary.target), summary.topology
        signed = face_plot(summary.point_signed, points, title=f"{name}: signed", limit=limit, largest=limit)
        absolute = face_plot(summary.point_absolute, points, title=f"{name}: absolute", limit=largest, largest=largest)
        drawn.append(svg.text(x + each / 2, y + 12, name, size=12, anchor="middle"))
        drawn.append(svg.placed(signed, x, y + _HEAD, each, tall))
        drawn.append(svg.placed(absolute, x, y + _HEAD + tall, each, tall))
        bottom = y + _HEAD + 2 * tall
    bar = svg.colour_bar(limit, f"{unit} per point (upper faces)", x=_WIDTH / 2 - 130, y=bottom + 6, width=260, size=10)
    title = "Evidence of every class on a face: signed above, absolute below"
    return svg.picture(_WIDTH, bottom + 44, *drawn, bar, title=title)


def _whole(name: str) -> bool:
    return find(name).parent in (MEDIAPIPE_478, MEDIAPIPE_468, IBUG_68)
