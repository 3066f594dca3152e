"""All classes of a model side by side: signed evidence and its amount on faces of one scale each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mien.atlas.summary import Summary
from mien.core.features import SEQUENCE
from mien.core.topology import IBUG_68, MEDIAPIPE_468, MEDIAPIPE_478
from mien.core.topology import topology as find
from mien.report.draw import svg
from mien.report.draw.face import ASPECT, face_plot, limit_of

_WIDTH, _GAP, _ACROSS = 640.0, 6.0, 4
_HEAD = 20.0


def gallery(summaries: Sequence[Summary], unit: str = "logit") -> str:
    """One column per class: above its signed evidence, below its amount; ``''`` with fewer than two classes.

    Of a method whose sign says nothing only the amounts are drawn.

    Parameters
    ----------
    summaries : sequence of Summary
        Of one model, about landmark sequences of one topology; others are left out, and of several methods the first
        counts.
    unit : str
        Unit of the explained output.
    """
    shown = _comparable(summaries)
    if len(shown) < 2:
        return ""
    signed = shown[0].directed
    limit = limit_of(*(s.point_signed for s in shown))
    largest = limit_of(*(s.point_absolute for s in shown))
    across = min(_ACROSS, len(shown))
    each = (_WIDTH - _GAP * (across - 1)) / across
    step = (1 + signed) * each * ASPECT + _HEAD + _GAP
    drawn = [
        part
        for i, summary in enumerate(shown)
        for part in _column(summary, (i % across) * (each + _GAP), (i // across) * step, each, limit, largest)
    ]
    bottom = ((len(shown) - 1) // across + 1) * step - _GAP
    # Two scales, two bars.
    place: dict[str, Any] = {"y": bottom + 8, "width": 290.0, "size": 13.0}
    if signed:
        what = "signed above, amount below"
        words = f"amount, {unit} per point (lower faces)"
        bars = [svg.colour_bar(largest, words, x=_WIDTH - 300, amount=True, **place),
                svg.colour_bar(limit, f"{unit} per point (upper faces)", x=10, **place)]  # fmt: skip
    else:
        what = "amount"
        bars = [svg.colour_bar(largest, f"amount, {unit} per point", x=_WIDTH / 2 - 145, amount=True, **place)]
    return svg.picture(_WIDTH, bottom + 60, *drawn, *bars, title=f"Evidence of every class on a face: {what}")


def _comparable(summaries: Sequence[Summary]) -> list[Summary]:
    shown = [s for s in summaries if s.space == SEQUENCE and s.topology and _whole(s.topology) and not s.target.against]
    shown = [s for s in shown if (s.topology, s.method) == (shown[0].topology, shown[0].method)]
    return list({str(s.target): s for s in reversed(shown)}.values())[::-1]


def _column(summary: Summary, x: float, y: float, width: float, limit: float, largest: float) -> list[str]:
    """The name of a class, and its faces below each other."""
    name, points, tall = str(summary.target), summary.topology, width * ASPECT
    faces = [face_plot(summary.point_absolute, points, title=f"{name}: amount", limit=largest, largest=largest,
                       amount=True)]  # fmt: skip
    if summary.directed:
        above = face_plot(summary.point_signed, points, title=f"{name}: signed", limit=limit, largest=limit)
        faces = [above, *faces]
    head = svg.text(x + width / 2, y + 14, name, size=14, anchor="middle")
    return [head, *(svg.placed(face, x, y + _HEAD + row * tall, width, tall) for row, face in enumerate(faces))]


def gallery_words(directed: bool) -> str:
    """What the gallery shows."""
    upper = (
        "Upper faces: signed evidence, summed over time and coordinates; lower faces: its amount, whatever its sign. "
    )
    return (
        f"All classes side by side, each row of faces on one scale. {upper if directed else ''}Evidence per point. The "
        "person's left is on the right."
    )


def _whole(name: str) -> bool:
    return find(name).parent in (MEDIAPIPE_478, MEDIAPIPE_468, IBUG_68)
