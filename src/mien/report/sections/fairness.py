"""The report's section on scores and calibration by groups of people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mien.compare.fairness_result import FAIRNESS_FILE, Fairness, Gap, GroupScore
from mien.core.outcome import CLASSES
from mien.core.words import interval, number, p_value
from mien.report.draw.reliability import reliability_plot
from mien.report.guarded import guarded


def section(folder: Path, problems: list[str]) -> list[dict[str, Any]]:
    """One block for each model whose fairness lies in the folder."""
    found = [guarded(problems, Fairness.read, path) for path in sorted(folder.rglob(FAIRNESS_FILE))]
    return [_block(one) for one in found if one is not None]


def _block(found: Fairness) -> dict[str, Any]:
    said = "confidence" if found.predicts == CLASSES else "predicted rating"
    return {
        "model": found.model,
        "target": found.target,
        "predictions": found.settings.get("predictions", ""),
        "columns": [_column(found, column) for column in found.columns],
        "method": found.method_words(),
        "said": said,
        "notes": list(found.notes),
    }


def _column(found: Fairness, column: str) -> dict[str, Any]:
    sizes = [size for size in found.sizes if size.column == column]
    scores = {(s.measure, s.of, s.group): s for s in found.scores if s.column == column}
    rows = []
    for measure, of in dict.fromkeys((measure, of) for measure, of, _ in scores):
        cells = [scores.get((measure, of, size.group)) for size in sizes]
        rows.append({"name": next(s.words for s in cells if s), "cells": [_cell(score) for score in cells]})
    curves: dict[str, list[Any]] = {}
    for curve in found.curves:
        if curve.column == column:
            curves.setdefault(curve.of, []).append(curve)
    return {
        "name": column,
        "words": found.words(column),
        "groups": [{"name": s.group, "people": s.people, "samples": s.samples, "small": s.small} for s in sizes],
        "rows": rows,
        "gaps": [_gap(gap) for gap in found.gaps if gap.column == column],
        "missing": found.missing.get(column, 0),
        "curves": [
            {"of": of, "plot": reliability_plot(lines, shares=found.predicts == CLASSES, title=_title(column, of))}
            for of, lines in curves.items()
        ],
    }


def _title(column: str, of: str) -> str:
    return f"Reliability{f' of {of}' if of else ''} by {column}"


def _cell(score: GroupScore | None) -> dict[str, str]:
    if score is None or score.value != score.value:
        return {"value": number(None), "interval": "" if score is None else score.withheld}
    known = score.low == score.low
    return {
        "value": number(score.value),
        "interval": interval(score.low, score.high) if known else f"interval withheld: {score.withheld}",
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "name": gap.words, "one": gap.one, "other": gap.other, "gap": number(gap.gap),
        "interval": interval(gap.low, gap.high), "p": p_value(gap.p), "corrected": p_value(gap.p_corrected),
        "apart": gap.p_corrected <= 0.05 and not gap.low <= 0 <= gap.high, "untested": gap.untested,
    }  # fmt: skip
