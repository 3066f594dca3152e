"""Whether evidence deserves its name, on the page: methods by metrics with ranks, controls and curves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import MienError
from mien.core.extras import require
from mien.core.files import read_json
from mien.core.words import interval, number
from mien.report.draw import svg
from mien.report.layout import EACH, fits, is_count, is_number

_NUMBERS = ("value", "low", "high", "random", "inverse", "centre", "difference", "difference_low", "difference_high")
_ROW = dict.fromkeys(_NUMBERS, is_number) | {
    "method": str, "metric": str, "direction": str, "samples": int, "left_out": int,
    "subjects": lambda value: isinstance(value, int | None),
}  # fmt: skip
_RESULT = {
    "rows": [_ROW],
    "ranks": {EACH: {EACH: int}},
    "curves": {EACH: {EACH: [is_number]}},
    "shares": [lambda value: is_count(value) and 0 <= value <= 1],
    "settings": dict,
    "notes": list,
}
# Lines of a chart that people can tell apart.
_COLOURS = ("#d6402b", "#2b7bd6", "#1f9e5a", "#b0761c", "#8a4fc7", "#c2458f", "#4d6f7d", "#6b8e23")


def read_faithfulness(problems: list[str], folder: Path) -> list[dict[str, Any]]:
    """Every ``faithfulness.json`` below a folder; what cannot be read becomes a sentence in ``problems``."""
    parts = []
    for path in sorted(folder.rglob("faithfulness.json")) if folder.is_dir() else []:
        try:
            found = read_json(path)
        except (MienError, OSError) as error:
            problems.append(str(error))
            continue
        if fits(found, _RESULT):
            parts.append({**found, "name": path.parent.relative_to(folder).as_posix()})
        else:
            problems.append(f"{path} is not laid out as 'mien evaluate-evidence' writes it.")
    return parts


def _people(rows: list[dict[str, Any]]) -> str:
    counts = [row["subjects"] for row in rows if row.get("subjects") is not None]
    return "(people unknown)" if len(counts) < len(rows) else f"of {max(counts, default=0)} people"


def faithfulness_blocks(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the template shows of each comparison: plain texts; charts are marked as safe, their texts are escaped."""
    return [_block(part) for part in parts]


def _block(part: dict[str, Any]) -> dict[str, Any]:
    rows, settings = part["rows"], part["settings"]
    markup = require("markupsafe", "Writing reports", "learn").Markup
    metrics = list(dict.fromkeys(row["metric"] for row in rows))
    methods = list(dict.fromkeys(row["method"] for row in rows))
    controls = list(dict.fromkeys(m for ranks in part["ranks"].values() for m in ranks if m not in methods))
    cell = {(row["method"], row["metric"]): row for row in rows}
    directions = {row["metric"]: row["direction"] for row in rows}
    return {
        "name": part["name"],
        "target": str(part.get("target", "")),
        "how": (
            f"{max((row['samples'] for row in rows), default=0)} samples {_people(rows)}; unit: "
            f"{settings.get('unit', '?')}; removed parts are replaced by: {settings.get('fill', '?')}; seed "
            f"{settings.get('seed', '?')}."
        ),
        "metrics": [{"name": metric, "direction": directions[metric]} for metric in metrics],
        "ranks": [
            {
                "method": method,
                "control": method in controls,
                "cells": [_rank(part["ranks"].get(metric, {}).get(method)) for metric in metrics],
            }
            for method in [*methods, *controls]
        ],
        "rows": [_told(cell[method, metric]) for metric in metrics for method in methods if (method, metric) in cell],
        "charts": [
            {"svg": markup(_chart(kind, lines, part["shares"])), "caption": _caption(kind)}
            for kind, lines in part["curves"].items()
            if lines
        ],
        "rank_words": str(part.get("rank_words", "")),
        "better": _better(part.get("better_than")),
        "notes": [str(note) for note in part["notes"]],
    }


def _better(found: Any) -> list[str]:
    """One line per method and metric that is reliably better than some; older files say nothing about it."""
    return [
        f"{metric}: {method} than {', '.join(map(str, others))}"
        for metric, methods in (found.items() if isinstance(found, dict) else ())
        for method, others in (methods.items() if isinstance(methods, dict) else ())
        if isinstance(others, list) and others
    ]


def _rank(rank: int | None) -> dict[str, Any]:
    return {"text": "–" if rank is None else str(rank), "best": rank == 1}


def _told(row: dict[str, Any]) -> dict[str, str]:
    return {
        "metric": row["metric"],
        "method": row["method"],
        "value": number(row["value"]),
        "interval": interval(row["low"], row["high"]),
        "random": number(row["random"]),
        "inverse": number(row["inverse"]),
        "centre": number(row["centre"]),
        "difference": f"{number(row['difference'])} ({interval(row['difference_low'], row['difference_high'])})",
    }


def _caption(kind: str) -> str:
    how = "come in" if kind == "insertion" else "go"
    better = "higher" if kind == "insertion" else "lower"
    return (
        f"Output while units {how}, the most evident first; 0 is everything removed. Mean over people; "
        f"{better} is better. Dashed: controls."
    )


def _chart(kind: str, lines: dict[str, list[float | None]], shares: list[float]) -> str:
    """Mean curves of all methods over the share of units; controls dashed."""
    left, top, width, height = 40.0, 8.0, 330.0, 190.0
    known = {name: np.array([np.nan if v is None else v for v in line]) for name, line in lines.items()}
    known = {name: line for name, line in known.items() if len(line) == len(shares) and np.isfinite(line).all()}
    if not known:
        return svg.picture(10, 10, title=f"No {kind} curves")
    low, high = min(line.min() for line in known.values()), max(line.max() for line in known.values())
    span = float(high - low) or 1.0

    def at(x: float, y: float) -> str:
        return f"{svg.number(left + width * x)} {svg.number(top + height * (1 - (y - float(low)) / span))}"

    parts = [svg.element("rect", x=left, y=top, width=width, height=height, fill="none", stroke="currentColor",
                         stroke_opacity="0.4", stroke_width="0.8")]  # fmt: skip
    for share in (0, 0.25, 0.5, 0.75, 1):
        parts.append(svg.text(left + width * share, top + height + 13, f"{share:.0%}", size=10, anchor="middle"))
    for value in (float(low), float(low) + span):
        y = top + height * (1 - (value - float(low)) / span)
        parts.append(svg.text(left - 4, y + 3.5, f"{value:.1f}".replace("-", "−"), size=10, anchor="end"))
    # Controls come first in the file; methods keep their colours whichever controls there are.
    methods = [name for name in known if name not in ("random", "face-centre prior")]
    for place, name in enumerate([*methods, *[name for name in known if name not in methods]]):
        line = known[name]
        ink = {"stroke": _COLOURS[place % len(_COLOURS)]} if name in methods else {
            "stroke": "currentColor", "stroke_dasharray": "3 3"}  # fmt: skip
        drawn = "M" + "L".join(at(x, float(v)) for x, v in zip(shares, line, strict=True))
        parts.append(svg.element("path", d=drawn, fill="none", stroke_width="1.4", **ink))
        y = top + height + 30 + 14 * (place // 2)
        x = left + (width / 2) * (place % 2)
        parts.append(svg.element("path", d=f"M{svg.number(x)} {svg.number(y - 4)}h18", stroke_width="2", **ink))
        parts.append(svg.text(x + 23, y, name, size=10))
    total = top + height + 30 + 14 * -(-len(known) // 2)
    return svg.picture(left + width + 14, total, *parts, title=f"{kind.capitalize()} curves of {', '.join(known)}")
