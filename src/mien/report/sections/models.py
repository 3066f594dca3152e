"""The report's section on scores: one block per model."""

from __future__ import annotations

from typing import Any

from mien.core.people.words import apart_words, who_words
from mien.core.words import number
from mien.report.draw.charts import calibration_plot, score_line
from mien.report.layout import flat
from mien.report.predicted import bounds_words
from mien.report.sections.headline import noise_words
from mien.report.sections.numbers import as_float
from mien.report.sections.ratings import predicts_ratings
from mien.report.study_folder import ModelPart

_PARTS = ("value", "low", "high", "chance")
_SCORE_WORDS = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "macro_f1": "Macro F1",
    "auc": "Area under the ROC curve",
    "pearson": "Pearson correlation",
    "spearman": "Spearman correlation",
    "concordance": "Concordance",
    "r2": "R²",
    "rmse": "Root mean squared error",
}


def model_block(part: ModelPart) -> dict[str, Any]:
    """Texts, tables and pictures (SVG that is still to be marked as safe) of one model and its scores."""
    evaluation, spec = part.evaluation, part.spec
    least = -1.0 if predicts_ratings(evaluation) else 0.0
    calibration = evaluation.get("calibration") or {}
    classes = [str(c) for c in evaluation.get("classes") or spec.get("classes") or []]
    target = str(spec.get("target", evaluation.get("target", "")))
    if predicts_ratings(evaluation):
        # Their names stand in the table of ratings.
        count = len(evaluation.get("ratings") or [])
        classes, target = [], target if count == 1 else f"{count} ratings"
    return {
        "name": part.name,
        "kind": spec.get("kind", ""),
        "target": target,
        "classes": classes,
        "recipe": flat(spec.get("recipe", {})),
        "settings": flat(spec.get("settings", {})),
        "protocol": protocol_words(evaluation.get("protocol", {})),
        "scores": [_score_row(name, score, least) for name, score in evaluation.get("scores", {}).items()],
        "tested": any(score.get("p") is not None for score in evaluation.get("scores", {}).values()),
        "line": "−1 – 1" if least else "0 – 1",
        "per_class": _per_class(evaluation),
        "noise": noise_words(evaluation.get("noise_check")),
        "confusion": confusion_rows(evaluation.get("confusion"), classes),
        "calibration": calibration_plot(calibration) if calibration.get("count") else "",
        "calibration_words": _calibration_words(calibration),
        "left_out": [(str(k), v) for k, v in (evaluation.get("left_out") or {}).items() if v],
        "notes": [str(note) for note in evaluation.get("notes") or []],
        "evaluated": bool(evaluation),
    }


def _score_row(name: str, score: dict[str, Any], least: float) -> dict[str, Any]:
    line = "" if name == "rmse" else score_line(*(as_float(score.get(k)) for k in _PARTS), name=name, least=least)
    return {
        "name": _SCORE_WORDS.get(name, name),
        "value": number(score.get("value")),
        "interval": _bounds(score),
        "chance": number(score.get("chance")),
        "p": "–" if score.get("p") is None else f"{score['p']:.3f}",
        "plot": line,
    }


_SCHEMES = {
    "stratified": "stratified folds, each with about the same share of every class",
    "grouped": "folds of about equal size",
    "leave-one-subject-out": "one fold per person (leave one subject out)",
}


def protocol_words(protocol: dict[str, Any]) -> str:
    """How the scores were computed."""
    if not protocol:
        return ""
    scheme = str(protocol.get("scheme", ""))
    folds = _SCHEMES.get(scheme, scheme)
    if scheme != "leave-one-subject-out":
        folds = f"{protocol.get('n_folds', '?')} {folds}"
    apart = apart_words(protocol)
    seed = f" Seed {protocol['seed']}." if "seed" in protocol else ""
    return (
        f"{who_words(protocol)}; {folds}. {apart[0].upper()}{apart[1:]}; everything that is fitted is fitted in the "
        f"training folds. Intervals: 95 %, over people; p: how often predictions that have "
        f"nothing to do with the truth score so well.{seed}"
    )


def _per_class(evaluation: dict[str, Any]) -> dict[str, Any]:
    """One row per class, one column per score."""
    # Ratings have a section of their own.
    scores = evaluation.get("per_class") or {}
    names = list(dict.fromkeys(name for found in scores.values() for name in found))
    rows = [
        {"label": label, "cells": [_with_interval(found.get(name)) for name in names]}
        for label, found in scores.items()
    ]
    what = "Rating" if evaluation.get("per_rating") else "Class"
    return {"what": what, "names": [_SCORE_WORDS.get(name, name.capitalize()) for name in names], "rows": rows}


def _with_interval(score: dict[str, Any] | None) -> str:
    if not score:
        return "–"
    return f"{number(score.get('value'))} ({_bounds(score)})"


def _bounds(score: dict[str, Any]) -> str:
    """``0.80 – 0.95``; of an interval that is withheld, why."""
    low, high = score.get("low"), score.get("high")
    if low is None and high is None and score.get("value") is not None:
        return bounds_words(score)
    return f"{number(low)} – {number(high)}"


def confusion_rows(matrix: Any, classes: list[str]) -> list[dict[str, Any]]:
    """Rows of the confusion matrix with a shade from 0 to 10 by the share of the true class."""
    rows = []
    for label, counts in zip(classes, matrix or [], strict=False):
        total = sum(counts) or 1
        cells = [{"count": c, "shade": round(10 * c / total)} for c in counts]
        rows.append({"label": label, "cells": cells, "total": sum(counts)})
    return rows


def _calibration_words(calibration: dict[str, Any]) -> str:
    error, brier = calibration.get("expected_calibration_error"), calibration.get("brier")
    parts = []
    if error is not None:
        parts.append(f"On average the probability is {100 * error:.1f} points off the share that was right")
    if brier is not None:
        parts.append(f"Brier score {brier:.3f} (0 is perfect)")
    return f"{'; '.join(parts)}." if parts else ""
