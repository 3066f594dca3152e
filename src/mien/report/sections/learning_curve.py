"""The report's section on learning curves: how scores grow with people, and how far small sets flatter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mien.cohort.learning_curve_result import CurveEstimate, CurveSize, LearningCurve
from mien.core.words import number
from mien.report.draw.learning_curve import curve_words, learning_curve_plot, score_name
from mien.report.guarded import guarded


def section(places: list[Path], problems: list[str]) -> list[dict[str, Any]]:
    """One block for each learning curve."""
    read = ((place.name, guarded(problems, LearningCurve.read, place)) for place in places)
    return [_block(name, found) for name, found in read if found is not None]


def _block(name: str, found: LearningCurve) -> dict[str, Any]:
    return {
        "name": name,
        "target": found.target,
        "model": found.candidates[0],
        "candidates": len(found.candidates),
        "words": found.words(),
        "score": score_name(found),
        "chance": number(found.chance),
        "trained": _trained([size.people for size in found.sizes]),
        "drawn": curve_words(found),
        "curve": learning_curve_plot(found),
        "rows": [_row(size) for size in found.sizes],
    }


def _trained(people: list[int]) -> str:
    most = max(people, default=0)
    return f"up to {most} people" if len(people) > 1 else f"{most} people, the only number that was tried"


def _row(size: CurveSize) -> dict[str, Any]:
    chosen = size.chosen
    return {
        "people": size.people,
        "repeats": size.repeats,
        "held": _cell(size.held_out),
        "within": _cell(size.within),
        "spread": f"{size.spread[0]:.2f} – {size.spread[1]:.2f}",
        "optimism": _cell(size.optimism),
        "best": [_cell(each) for each in (chosen.within, chosen.held_out, chosen.optimism)] if chosen else [],
    }


def _cell(estimate: CurveEstimate) -> str:
    if estimate.low != estimate.low:
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} ({estimate.low:.3f} – {estimate.high:.3f})"
