"""The report's section on heterogeneity behind equal totals, and the trim curve."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mien.cohort.discrepancy_result import Discrepancy
from mien.cohort.trim_point import MEASURES, MODES
from mien.core.words import interval, number, p_value, percent
from mien.report.draw.lines import Line, line_plot
from mien.report.guarded import guarded


def section(folders: Sequence[Path], problems: list[str]) -> list[dict[str, Any]]:
    """One block for each discrepancy."""
    found = [guarded(problems, Discrepancy.read, folder) for folder in folders]
    return [_block(one) for one in found if one is not None]


def _block(found: Discrepancy) -> dict[str, Any]:
    rows = [
        {
            "name": one.name, "people": one.people, "alone": one.alone, "incomplete": one.incomplete,
            "mean": number(one.mean), "with_total": number(one.with_total), "null": null.name,
            "expected": f"{number(null.expected)} ({interval(null.low, null.high)})", "more": p_value(null.p_more),
            "less": p_value(null.p_less),
        }
        for one in found.sets
        for null in one.nulls
    ]  # fmt: skip
    return {
        "title": found.scale, "words": [one.words for one in found.sets], "rows": rows, "trimmed": found.curve_words(),
        "modes": [{"name": name, "meaning": meaning} for name, meaning in MODES.items()],
        "people": max((one.people for one in found.curve), default=0),
        "curves": [{"name": words, "plot": _plot(found, score, words)} for score, words in MEASURES.items()]
        if found.curve
        else [],
        "gains": _gains(found),
        "target": found.settings.get("target", ""), "model": found.settings.get("model", ""),
        "method": found.method_words(), "notes": list(found.notes),
    }  # fmt: skip


def _plot(found: Discrepancy, score: str, words: str) -> str:
    lines = []
    for mode in MODES:
        own = [one for one in found.curve if (one.mode, one.score) == (mode, score)]
        lines.append(
            Line(mode, *([getattr(one, part) for one in own] for part in ("share", "gain", "gain_low", "gain_high")))
        )
    return line_plot(lines, across="share of people left out", up=f"Gain in {words}", level=0.0, percent=True)


def _gains(found: Discrepancy) -> list[dict[str, Any]]:
    last = max((one.share for one in found.curve), default=0.0)
    return [
        {
            "share": percent(one.share), "mode": one.mode, "score": MEASURES[one.score], "value": number(one.value),
            "interval": interval(one.low, one.high), "gain": number(one.gain),
            "gain_interval": interval(one.gain_low, one.gain_high), "people": one.people,
        }
        for one in found.curve
        if one.share in (0.1, last)
    ]  # fmt: skip
