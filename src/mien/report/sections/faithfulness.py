"""Whether evidence deserves its name, on the page: methods by metrics with ranks, controls and curves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mien.core.errors import MienError
from mien.core.extras import require
from mien.core.files import read_json
from mien.report.draw.faithfulness import curves_plot
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
    rows = part["rows"]
    markup = require("markupsafe", "Writing reports", "learn").Markup
    metrics = {row["metric"]: row["direction"] for row in rows}
    methods = list(dict.fromkeys(row["method"] for row in rows))
    cell = {(row["method"], row["metric"]): row for row in rows}
    return {
        "name": part["name"],
        "target": str(part.get("target", "")),
        "how": _how(rows, part["settings"]),
        "metrics": [{"name": metric, "direction": direction} for metric, direction in metrics.items()],
        "ranks": _ranks(part["ranks"], methods, list(metrics)),
        "rows": [_told(cell[method, metric]) for metric in metrics for method in methods if (method, metric) in cell],
        "charts": [
            {"svg": markup(curves_plot(kind, lines, part["shares"])), "caption": _caption(kind)}
            for kind, lines in part["curves"].items()
            if lines
        ],
        "rank_words": str(part.get("rank_words", "")),
        "better": _better(part.get("better_than")),
        "notes": [str(note) for note in part["notes"]],
    }


def _how(rows: list[dict[str, Any]], settings: dict[str, Any]) -> str:
    unit, fill, seed = (settings.get(name, "?") for name in ("unit", "fill", "seed"))
    most = max((row["samples"] for row in rows), default=0)
    return f"{most} samples {_people(rows)}; unit: {unit}; removed parts are replaced by: {fill}; seed {seed}."


def _ranks(ranks: dict[str, dict[str, int]], methods: list[str], metrics: list[str]) -> list[dict[str, Any]]:
    """One row per method, controls last."""
    controls = list(dict.fromkeys(name for found in ranks.values() for name in found if name not in methods))
    return [
        {
            "method": method,
            "control": method in controls,
            "cells": [_rank(ranks.get(metric, {}).get(method)) for metric in metrics],
        }
        for method in [*methods, *controls]
    ]


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
        "value": _number(row["value"]),
        "interval": _interval(row["low"], row["high"]),
        "random": _number(row["random"]),
        "inverse": _number(row["inverse"]),
        "centre": _number(row["centre"]),
        "difference": f"{_number(row['difference'])} ({_interval(row['difference_low'], row['difference_high'])})",
    }


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace("-", "−")


def _interval(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{_number(low)} to {_number(high)}"


def _caption(kind: str) -> str:
    how = "come in" if kind == "insertion" else "go"
    better = "higher" if kind == "insertion" else "lower"
    return (
        f"Output while units {how}, the most evident first; 0 is everything removed. Mean over people; "
        f"{better} is better. Dashed: controls."
    )
