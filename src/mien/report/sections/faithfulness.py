"""Whether evidence deserves its name, on the page: methods by metrics with ranks, controls and curves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mien.faithfulness.result import FAITHFULNESS_FILE, Faithfulness, FaithfulnessRow
from mien.report.draw.faithfulness import curves_plot
from mien.report.guarded import guarded


@dataclass(frozen=True)
class FaithfulnessPart:
    """A comparison of explanations with the name of its folder."""

    name: str
    result: Faithfulness


def read_faithfulness(problems: list[str], folder: Path) -> list[FaithfulnessPart]:
    """Every ``faithfulness.json`` below a folder; what cannot be read becomes a sentence in ``problems``."""
    read = [
        (path.parent, guarded(problems, Faithfulness.read, path)) for path in sorted(folder.rglob(FAITHFULNESS_FILE))
    ]
    return [FaithfulnessPart(place.relative_to(folder).as_posix(), found) for place, found in read if found is not None]


def section(part: FaithfulnessPart) -> dict[str, Any]:
    """What the template shows of a comparison: texts, tables and pictures (SVG that is still to be marked as safe)."""
    found, rows = part.result, part.result.rows
    metrics = {row.metric: row.direction for row in rows}
    methods = list(dict.fromkeys(row.method for row in rows))
    cell = {(row.method, row.metric): row for row in rows}
    return {
        "name": part.name,
        "target": str(found.target),
        "how": _how(found),
        "metrics": [{"name": metric, "direction": direction} for metric, direction in metrics.items()],
        "ranks": _ranks(found.ranks_of_all, methods, list(metrics)),
        "rows": [_row(cell[method, metric]) for metric in metrics for method in methods if (method, metric) in cell],
        "charts": [
            {
                "svg": curves_plot(kind, lines, found.shares),
                "caption": _caption(kind, part),
            }
            for kind, lines in found.curves.items()
            if lines
        ],
        "rank_words": found.rank_words,
        "better": [
            f"{metric}: {method} than {', '.join(others)}"
            for metric, methods in found.better_of_all.items()
            for method, others in methods.items()
            if others
        ],
        "notes": list(found.notes),
    }


def _how(found: Faithfulness) -> str:
    unit, fill, seed = (found.settings.get(name, "?") for name in ("unit", "fill", "seed"))
    return f"{samples_words(found)}; unit: {unit}; removed parts are replaced by: {fill}; seed {seed}."


def samples_words(found: Faithfulness) -> str:
    """``'36 samples of 12 people'``."""
    most = max((row.samples for row in found.rows), default=0)
    people = max((row.subjects or 0 for row in found.rows), default=0)
    return f"{most} samples {f'of {people} people' if found.people_known else '(people unknown)'}"


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


def _rank(rank: int | None) -> dict[str, Any]:
    return {"text": "–" if rank is None else str(rank), "best": rank == 1}


def _row(row: FaithfulnessRow) -> dict[str, str]:
    numbers = {name: _number(getattr(row, name)) for name in ("value", "random", "inverse", "centre", "difference")}
    apart = _interval(row.difference_low, row.difference_high)
    return {
        **numbers,
        "metric": row.metric,
        "method": row.method,
        "interval": _interval(row.low, row.high),
        "difference": f"{numbers['difference']} ({apart})",
    }


def _number(value: float) -> str:
    return "–" if value != value else f"{value:.2f}".replace("-", "−")


def _interval(low: float, high: float) -> str:
    return "–" if low != low or high != high else f"{_number(low)} to {_number(high)}"


def _caption(kind: str, part: FaithfulnessPart) -> str:
    found = part.result
    how, better = ("come in", "higher") if kind == "insertion" else ("go", "lower")
    over = "people" if found.people_known else "samples, as whom they show is not known"
    return (
        f"'{found.target}' of '{part.name}', {samples_words(found)}: output while units {how}, the most evident "
        f"first; 0 is everything removed. Mean over {over}; {better} is better. Dashed: controls."
    )
