"""One figure for which behaviour goes with an outcome: channels by statistics, with what a model rests on beside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mien.cohort.channels_result import ChannelEvidence, ChannelImportance
from mien.cohort.effects_result import EFFECTS, FDR, OutcomeEffects, load_effects
from mien.cohort.effects_result import FACTS as EFFECTS_FILE
from mien.core.files import write_text
from mien.report.draw import svg
from mien.report.draw.accumulated import curves_plot
from mien.report.draw.swarm import swarm_plot
from mien.report.draw.unpredicted import GREY

FIGURE, SWARM, CURVES = "channels.svg", "swarm.svg", "accumulated.svg"
_ROW, _CELL, _BAR, _GAP = 14.0, 19.0, 96.0, 16.0
# Letters are about so wide, in px of their size.
_LETTER = 0.61
# Kinds of channels, told apart by people with any common colour vision (Okabe and Ito).
_GROUPS = {
    "blendshapes": "#0072b2", "action units": "#d55e00", "head": "#009e73", "gaze": "#cc79a7", "eyelids": "#e69f00",
    "irises": "#56b4e9", "distances": "#8c6d1f", "other": "#808080",
}  # fmt: skip
_BESIDE = ("share of SHAP", "importance, %")
_LARGE = {"correlation": 0.5, "difference": 0.8}


def draw_channels(
    effects: OutcomeEffects, output: str | Path, *, evidence: ChannelEvidence | None = None, most: int = 40
) -> Path:
    """Draw channels by statistics: colour for the effect, a dot for what survives correction; beside it the model's.

    Parameters
    ----------
    effects : OutcomeEffects
        Of ``mien.effects``.
    output : path
        Folder for ``channels.svg``.
    evidence : ChannelEvidence, optional
        Of ``mien.channels``, for the bars on the right.
    most : int
        Channels at most, the surest first.

    Returns
    -------
    Path
        Of the figure.

    Raises
    ------
    StorageError
        If it cannot be written.

    Examples
    --------
    >>> import mien, numpy as np
    >>> from mien.data.measures import Measure, Measures
    >>> names, score = [f"p{i}" for i in range(20)], np.arange(20.0)
    >>> samples = mien.Samples(path=names, subject=names, ratings={"score": score})
    >>> measures = Measures(names, np.sin(score)[:, None], (Measure("smile mean", "smile", "mean"),), ["ok"] * 20)
    >>> mien.draw_channels(mien.effects(samples, measures, outcome="score"), "figures").name
    'channels.svg'
    """
    path = Path(output) / FIGURE
    write_text(path, channel_plot(effects, evidence, most=most))
    return path


def draw_beside(evidence: ChannelEvidence, output: str | Path) -> list[Path]:
    """Draw what a model rests on: swarms, accumulated effects, and the figure with effects that lie in the same study.

    Returns
    -------
    list of Path
    """
    folder = Path(output)
    drawn = {SWARM: swarm_plot(evidence), CURVES: curves_plot(evidence)}
    beside = effects_beside(evidence, folder)
    if beside is not None:
        drawn[FIGURE] = channel_plot(beside, evidence)
    paths = []
    for name, picture in drawn.items():
        if picture:
            write_text(folder / name, picture)
            paths.append(folder / name)
    return paths


def effects_beside(evidence: ChannelEvidence, folder: Path) -> OutcomeEffects | None:
    """The effects on the same outcome in the study of a ``channels/MODEL``, if they are there."""
    place = Path(folder).parent.parent / EFFECTS / str(evidence.settings.get("effects", ""))
    return load_effects(place) if (place / EFFECTS_FILE).is_file() else None


def channel_plot(effects: OutcomeEffects, evidence: ChannelEvidence | None = None, *, most: int = 40) -> str:
    """The figure as SVG, see ``draw_channels``."""
    ranked = effects.channels
    rows = [row.channel for row in ranked[:most]]
    group = {row.channel: row.group for row in ranked}
    columns = _statistics(effects)
    place = {
        (measure.channel, _column(measure.statistic, measure.window)): i for i, measure in enumerate(effects.codebook)
    }
    left = 16 + 10.5 * _LETTER * max([len(row) for row in rows] or [1])
    top = 14 + 10.5 * _LETTER * 0.8 * max([len(name) for name in (*columns, *(_BESIDE if evidence else ()))] or [1])
    seen = np.abs(effects.effect[np.isfinite(effects.effect)])
    limit = max(0.1, min(_LARGE[effects.kind], float(seen.max(initial=0.1))))
    parts = [_head(name, left + _CELL * (j + 0.5), top - 5) for j, name in enumerate(columns)]
    for i, row in enumerate(rows):
        y = top + _ROW * i
        parts.append(svg.text(left - 11, y + 10.5, row, size=10.5, anchor="end"))
        parts.append(_rect(left - 8, y + 1, 4, _ROW - 2, fill=_GROUPS.get(group[row], _GROUPS["other"])))
        for j, name in enumerate(columns):
            parts += _cell(effects, place.get((row, name)), left + _CELL * j, y, limit)
    right = left + _CELL * len(columns)
    bottom = top + _ROW * len(rows)
    if evidence is not None:
        of = {row.name: row for row in evidence.channels}
        here = [of.get(row) for row in rows]
        shares = [(_share(row), row.shap_shuffled) if row else (_NONE, _NAN) for row in here]
        needs = [((row.importance, row.low, row.high), _NAN) if row else (_NONE, _NAN) for row in here]
        sure = [bool(row and row.q <= FDR) for row in here]
        for bars, words, marks in ((shares, _BESIDE[0], None), (needs, _BESIDE[1], sure)):
            if any(value == value for (value, *_), _ in bars):
                fill = GREY if evidence.unlearnt else svg.AMOUNT
                parts += _bars(bars, marks, words, right + _GAP, top, fill)
                right += _GAP + _BAR
    width = max(right + 14, left + 330)
    parts += _legend(effects, evidence, group, rows, limit, len(ranked), left, bottom, width)
    height = bottom + 92 + (15 if evidence is not None else 0) + (15 if evidence and evidence.unlearnt else 0)
    title = f"Channels by statistics: {effects.measure_of_effect} with {effects.outcome}"
    return svg.picture(width, height, *parts, title=title)


_NAN = float("nan")
_NONE = (_NAN, _NAN, _NAN)


def _column(statistic: str, window: str) -> str:
    return f"{window}: {statistic}" if window else statistic


def _statistics(effects: OutcomeEffects) -> list[str]:
    """Columns in the order of the codebook; those of the whole recording before those of its parts."""
    tested = [m for m, p in zip(effects.codebook, effects.p, strict=True) if p == p]
    windows = list(dict.fromkeys(measure.window for measure in tested))
    return list(
        dict.fromkeys(_column(m.statistic, m.window) for window in sorted(windows, key=bool) for m in tested
                      if m.window == window)
    )  # fmt: skip


def _head(name: str, x: float, y: float) -> str:
    turn = f"rotate(-52 {svg.number(x)} {svg.number(y)})"
    return svg.text(x, y, name, size=10.5, transform=turn)


def _cell(effects: OutcomeEffects, at: int | None, x: float, y: float, limit: float) -> list[str]:
    if at is None:
        return []
    frame = {"stroke": "currentColor", "stroke_opacity": "0.12", "stroke_width": "0.5"}
    value = float(effects.effect[at])
    if value != value:
        return [svg.element("path", d=f"M{svg.number(x + 6)} {svg.number(y + 7)}h7", stroke="currentColor",
                            stroke_opacity="0.25", stroke_width="0.8")]  # fmt: skip
    parts = [_rect(x + 0.5, y + 0.5, _CELL - 1, _ROW - 1, **svg.signed_paint(value, limit), **frame)]
    if effects.q[at] <= FDR:
        parts.append(svg.element("circle", cx=x + _CELL / 2, cy=y + _ROW / 2, r=2.1, fill="currentColor"))
    return parts


def _share(row: ChannelImportance) -> tuple[float, float, float]:
    return 100 * row.shap, 100 * row.shap_low, 100 * row.shap_high


def _bars(
    bars: Sequence[tuple[tuple[float, float, float], float]], sure: Sequence[bool] | None, words: str, x: float,
    top: float, fill: str,
) -> list[str]:  # fmt: skip
    """Bars with intervals from 0; a tick for shuffled outcomes, in per cent, a full colour for what is sure."""
    known = [value for (value, *ends), tick in bars for value in (value, *ends, 100 * tick) if value == value]
    low, high = min([0.0, *known]), max([0.1, *known])
    scale = (_BAR - 8) / (high - low)

    def at(value: float) -> float:
        return x + (value - low) * scale

    bottom = top + _ROW * len(bars)
    ink = {"stroke": "currentColor", "fill": "none"}
    parts = [
        _path(f"M{svg.number(at(0))} {svg.number(top)}V{svg.number(bottom)}", stroke_opacity="0.4", **ink),
        _head(words, x + 12, top - 5),
    ]
    for i, ((value, less, more), shuffled) in enumerate(bars):
        if value != value:
            continue
        y = top + _ROW * i
        opacity = "0.85" if sure is None or sure[i] else "0.3"
        parts.append(
            _rect(min(at(0), at(value)), y + 3, abs(at(value) - at(0)), _ROW - 6, fill=fill, fill_opacity=opacity)
        )
        if less == less and more == more:
            middle = svg.number(y + _ROW / 2)
            parts.append(
                _path(
                    f"M{svg.number(at(less))} {middle}H{svg.number(at(more))}",
                    stroke_opacity="0.6",
                    stroke_width="0.9",
                    **ink,
                )
            )
        if shuffled == shuffled:
            tick = svg.number(at(100 * shuffled))
            parts.append(_path(f"M{tick} {svg.number(y + 2)}v{svg.number(_ROW - 4)}", stroke_dasharray="2 1.5", **ink))
    parts.append(svg.text(at(0), bottom + 11, "0", size=9, anchor="middle"))
    parts.append(svg.text(at(high), bottom + 11, f"{high:.2g} %", size=9, anchor="end"))
    return parts


def _legend(
    effects: OutcomeEffects, evidence: ChannelEvidence | None, group: dict[str, str], rows: Sequence[str], limit: float,
    channels: int, left: float, bottom: float, width: float,
) -> list[str]:  # fmt: skip
    y = bottom + 24
    beyond = bool(np.nanmax(np.abs(effects.effect), initial=0.0, where=np.isfinite(effects.effect)) > limit)
    parts = [svg.colour_bar(limit, effects.measure_of_effect, x=left, y=y, width=150, size=9, beyond=beyond)]
    x = left + 172
    parts.append(svg.element("circle", cx=x + 3, cy=y + 4, r=2.1, fill="currentColor"))
    parts.append(svg.text(x + 10, y + 8, f"q ≤ {FDR:g} over all measures", size=9.5))
    if len(rows) < channels:
        parts.append(svg.text(x, y + 22, f"the surest {len(rows)} of {channels} channels", size=9.5))
    x, y = 8.0, y + 50
    for name in (name for name in _GROUPS if name in {group[row] for row in rows}):
        parts.append(_rect(x, y - 8, 4, 10, fill=_GROUPS[name]))
        parts.append(svg.text(x + 8, y, name, size=9.5))
        x += 20 + 9.5 * _LETTER * len(name)
    if evidence is not None:
        words = "Bars: model on held-out people, line: 95 % over people; dashed: outcome shuffled; pale: q > .05."
        parts.append(svg.text(8, y + 15, words, size=9.5))
        if evidence.unlearnt:
            parts.append(svg.text(8, y + 30, f"Bars: {evidence.unlearnt}", size=9.5, font_weight="bold"))
    return parts


def _rect(x: float, y: float, width: float, height: float, **attributes: Any) -> str:
    return svg.element("rect", x=float(x), y=float(y), width=float(width), height=float(height), **attributes)


def _path(drawn: str, **attributes: Any) -> str:
    return svg.element("path", d=drawn, **attributes)
