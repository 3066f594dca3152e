"""The report's sections on ratings: scores with ceilings, and what stands beside them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mien.compare.comparison import COMPARISON_FILE
from mien.compare.structure_store import STRUCTURE_FILE
from mien.core.errors import MienError
from mien.core.people.words import unseen_words
from mien.core.words import equals, percent
from mien.report.draw.ratings import Point, ceiling_plot, models_plot
from mien.report.predicted import DO_NOT, not_predicted
from mien.report.sections import comparison, maps, structure
from mien.report.sections.numbers import NAN, as_float, short, with_bounds

_SCORES = ("pearson", "spearman", "concordance", "r2", "rmse")


def predicts_ratings(evaluation: dict[str, Any]) -> bool:
    """Whether an ``evaluation.json`` is that of a regression model."""
    return evaluation.get("predicts") == "ratings"


def impressions_block(
    folder: Path,
    evaluations: dict[str, dict[str, Any]],
    problems: list[str],
    shows: Callable[[str], bool] = lambda place: True,
    main: str = "",
) -> dict[str, Any]:
    """Texts, tables and pictures (SVG that is still to be marked as safe); every part may be empty.

    Parameters
    ----------
    folder : Path
        The study.
    evaluations : dict of str to dict
        Of the models, by name.
    problems : list of str
        Gets a sentence for every part that cannot be read.
    shows : callable
        Whether a folder, relative to the study, is shown.
    main : str
        Name of the main model, which comes first.
    """
    found = {name: e for name, e in evaluations.items() if predicts_ratings(e)}
    parts: dict[str, Any] = {"models": [], "overview": "", "comparison": {}, "structure": {}, "maps": []}
    for name, evaluation in sorted(found.items(), key=lambda item: (item[0] != main, -_mean_pearson(item[1]))):
        try:
            parts["models"].append(_model(name, evaluation))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            problems.append(f"models/{name}/evaluation.json is not laid out as 'mien train' writes it ({error!r}).")
    if found and len(parts["models"]) == len(found):
        parts["overview"] = _overview(found)
        whom = {unseen_words(evaluation.get("protocol") or {}) for evaluation in found.values()}
        parts["unseen"] = max(whom)
    for key, path, read in (
        ("comparison", folder / "comparison" / COMPARISON_FILE, comparison.section),
        ("structure", folder / "structure" / STRUCTURE_FILE, structure.section),
    ):
        try:
            parts[key] = read(path) if path.exists() and shows(key) else {}
        except (MienError, OSError, ValueError) as error:
            problems.append(str(error))
    parts["maps"] = maps.section(folder / "maps", problems, shows, found)
    return parts


def rating_share(evaluation: dict[str, Any]) -> str:
    """``, which is 80 % of what agreement between people allows``; ``''`` where that is not known."""
    shares = [row["share"] for row in (evaluation.get("ceilings") or {}).values()]
    return f", which is {percent(float(np.mean(shares)))} of what agreement between people allows" if shares else ""


def _model(name: str, evaluation: dict[str, Any]) -> dict[str, Any]:
    ceilings = evaluation.get("ceilings") or {}
    points = _points(evaluation)
    rows = [
        {
            "name": rating,
            "cells": [with_bounds(scores["pearson"]), *(short(scores[key]["value"]) for key in _SCORES[1:])],
            "ceiling": short((ceilings.get(rating) or {}).get("value")),
            "share": percent(ceilings[rating]["share"]) if rating in ceilings else "–",
            "warning": DO_NOT if not_predicted(evaluation, rating) else "",
        }
        for rating, scores in sorted(evaluation["per_rating"].items(), key=lambda item: -_pearson(item[1]))
    ]
    known = evaluation.get("learnable")
    words = ""
    if known:
        words = (
            f"What people agree on is what can be learnt: over {known['n']} ratings, ceiling and the model's "
            f"correlation go together with r = {known['pearson']:.2f} (permutation test, p {equals(known['p'])})."
        )
        if known["p"] > 0.05:
            words = (
                f"Over {known['n']} ratings, ceiling and the model's correlation are not shown to go together "
                f"(r = {known['pearson']:.2f}, p {equals(known['p'])})."
            )
    plot = ceiling_plot(points, title=f"{name}: ceiling against correlation") if len(ceilings) > 2 else ""
    return {
        "name": name,
        "rows": rows,
        "notes": _notes(evaluation),
        "ceilings": bool(ceilings),
        "words": words,
        "plot": plot,
    }


def _notes(evaluation: dict[str, Any]) -> list[str]:
    """What was told of single ratings when they were read, such as codes among their numbers."""
    notes = [str(note) for note in evaluation.get("notes") or []]
    return [note for note in notes if any(f"'{rating}'" in note for rating in evaluation["per_rating"])]


def _points(evaluation: dict[str, Any]) -> list[Point]:
    ceilings = evaluation.get("ceilings") or {}
    return [
        Point(rating, as_float((ceilings.get(rating) or {}).get("value")),
              *(as_float(scores["pearson"].get(k)) for k in ("value", "low", "high")))
        for rating, scores in evaluation["per_rating"].items()
    ]  # fmt: skip


def _overview(found: dict[str, dict[str, Any]]) -> str:
    """All models on all ratings, the best predicted rating first."""
    if not found or max(len(e["per_rating"]) for e in found.values()) < 2:
        return ""
    scores = {name: {r: _pearson(s) for r, s in e["per_rating"].items()} for name, e in found.items()}
    ratings = list(dict.fromkeys(r for row in scores.values() for r in row))
    ratings.sort(key=lambda r: -max(row.get(r, -2) for row in scores.values()))
    ceilings = {r: c["value"] for e in found.values() for r, c in (e.get("ceilings") or {}).items()}
    models = {name: [row.get(r, NAN) for r in ratings] for name, row in scores.items()}
    return models_plot(ratings, models, ceilings, title="Correlation of every model with every mean rating")


def _mean_pearson(evaluation: dict[str, Any]) -> float:
    value = (evaluation.get("scores") or {}).get("pearson", {}).get("value")
    return float(value) if isinstance(value, (int, float)) else -2.0


def _pearson(scores: dict[str, Any]) -> float:
    value = scores["pearson"]["value"]
    return -2.0 if value is None else float(value)
