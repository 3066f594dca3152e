"""The report's section on scores: one block per model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mien.core.people.words import SITE, USER_SPECIFIC, apart_words, unseen_words, who_words
from mien.core.words import number, percent
from mien.learn.beside import BesideCovariates
from mien.learn.evaluation import Evaluation
from mien.learn.predicted import bounds_words, disagreement, interval_words, none_predicted
from mien.learn.shared_people import SharedPeople
from mien.learn.sites import Sites
from mien.report.draw.charts import calibration_plot, score_line
from mien.report.models_folder import ModelPart
from mien.report.privacy import Privacy
from mien.report.sections.headline import noise_words
from mien.report.sections.numbers import flat
from mien.stats.own_folds import OWN_FOLDS
from mien.stats.scores import Score
from mien.stats.site_folds import LEAVE_ONE_SITE_OUT

SCORE_WORDS = {
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


def score_in_text(name: str) -> str:
    """What a score is called within a sentence: names of people and letters keep their capitals."""
    words = SCORE_WORDS.get(name, name)
    return words if words.startswith(("Pearson", "Spearman", "R²")) else words[0].lower() + words[1:]


def section(part: ModelPart, privacy: Privacy, beyond: str = "") -> dict[str, Any]:
    """Texts, tables and pictures (SVG that is still to be marked as safe) of one model and its scores.

    ``beyond``: what it adds to covariates in words, where that was corrected for the other models.
    """
    classes, target = [str(name) for name in part.classes], part.target
    found: dict[str, Any] = {"name": part.name, "kind": part.kind, "recipe": flat(part.recipe),
                             "settings": flat(part.settings), "shared": {}, "beside": {}, "sites": {},
                             "evaluated": part.evaluation is not None}  # fmt: skip
    if part.evaluation is not None:
        evaluation = part.evaluation
        classes, target = list(evaluation.each) or classes, target or evaluation.target
        if part.rated:
            # Their names stand in the table of ratings.
            classes, target = [], target if len(evaluation.each) == 1 else f"{len(evaluation.each)} ratings"
        found |= _scored(part, evaluation, classes, -1.0 if part.rated else 0.0)
        if evaluation.shared:
            found["shared"] = _shared(evaluation.shared, privacy)
        if evaluation.beside:
            found["beside"] = _beside(evaluation.scores, evaluation.beside)
            found["beside"]["words"] = beyond or evaluation.beside.words(evaluation.beats_chance)
        if evaluation.sites:
            found["sites"] = _sites(evaluation.sites)
    return {**found, "target": target, "classes": classes}


def _scored(part: ModelPart, evaluation: Evaluation, classes: list[str], least: float) -> dict[str, Any]:
    scores, calibration = evaluation.scores, evaluation.calibration
    # An error is the better the lower it is, and has no test.
    apart = disagreement({SCORE_WORDS.get(name, name): score for name, score in scores.items() if name != "rmse"})
    return {
        "protocol": protocol_words(evaluation.protocol),
        "who": who_words(evaluation.protocol),
        "confusion_words": confusion_words(part.name, evaluation) if evaluation.confusion is not None else "",
        "scores": [_score_row(name, evaluation.as_shown(score), least) for name, score in scores.items()],
        "tested": any(score.p == score.p for score in scores.values()),
        "line": "−1 – 1" if least else "0 – 1",
        "per_class": _per_class(evaluation),
        "noise": noise_words(evaluation.noise_check),
        "confusion": confusion_rows(evaluation.confusion, classes),
        "calibration": calibration_plot(calibration) if calibration.get("count") else "",
        "calibration_words": _calibration_words(calibration, len(classes)),
        "left_out": [(status, count) for status, count in evaluation.left_out.items() if count],
        "notes": [*evaluation.notes, *([apart] if apart else [])],
        # Of ratings it stands in their table.
        "warning": "" if part.rated else none_predicted(evaluation, classes),
    }


def confusion_words(name: str, evaluation: Evaluation) -> str:
    """Caption of the confusion of a model: what, of whom, and the main score with its interval and chance.

    Parameters
    ----------
    name : str
        Of the model.
    evaluation : Evaluation
    """
    main = evaluation.main_score
    score = next((key for key, one in evaluation.scores.items() if one is main), "")
    result = (
        ""
        if main is None or main.value != main.value
        else f" {SCORE_WORDS.get(score, score)} {interval_words(evaluation.as_shown(main))}."
    )
    return (
        f"Confusion of '{name}' on {who_words(evaluation.protocol)}, {unseen_words(evaluation.protocol)} that "
        f"it had not seen: rows are the true class, columns what the model said; shade is the share of the row.{result}"
    )


def _shared(shared: SharedPeople, privacy: Privacy) -> dict[str, Any]:
    """Scores on people whom the model knows beside those with people left out."""
    rows = [
        {"person": row.person if privacy.names else privacy.people.get(row.person, "a person"),
         "samples": row.samples, "known": percent(row.right_known / row.samples),
         "apart": percent(row.right_apart / row.samples)}
        for row in shared.people
    ]  # fmt: skip
    return {"words": shared.words(), "rows": rows}


def _beside(scores: Mapping[str, Score], beside: BesideCovariates) -> dict[str, Any]:
    """The model beside covariates alone and both."""
    rows = []
    for name, alone in beside.alone.items():
        gain = beside.gain.get(name)
        cells = [_with_interval(score) for score in (scores.get(name), alone, beside.both.get(name))]
        apart = f"{gain.value:+.3f} ({gain.between})" if gain else "–"
        rows.append({"name": SCORE_WORDS.get(name, name), "cells": [*cells, apart]})
    return {"columns": ", ".join(beside.columns), "rows": rows, "note": beside.note}


def _sites(sites: Sites) -> dict[str, Any]:
    """Every site left out, and in training."""
    rows = [
        {"site": row.site, "people": row.people, "score": _with_interval(row.score), "known": _with_interval(row.known)}
        for row in sites.sites
    ]
    score = SCORE_WORDS.get(sites.name, sites.name)
    one = "Site" if sites.column == SITE else "Group"
    return {"column": sites.column, "one": one, "words": sites.words(), "score": score, "rows": rows}


def _score_row(name: str, score: Score, least: float) -> dict[str, Any]:
    parts = (score.value, score.low, score.high, score.chance)
    return {
        "name": SCORE_WORDS.get(name, name),
        "value": number(score.value),
        "interval": _bounds(score),
        "chance": number(score.chance),
        "p": "–" if score.p != score.p else f"{score.p:.3f}",
        "plot": "" if name == "rmse" else score_line(*parts, name=name, least=least),
    }


_SCHEMES = {
    "stratified": "stratified folds, each with about the same share of every class",
    "grouped": "folds of about equal size",
    "leave-one-subject-out": "one fold per person (leave one subject out)",
    LEAVE_ONE_SITE_OUT: "one fold per site (leave one site out)",
    USER_SPECIFIC: "folds over the recordings of each person",
}


def protocol_words(protocol: dict[str, Any]) -> str:
    """How the scores were computed."""
    if not protocol:
        return ""
    folds = protocol_folds(protocol)
    apart = apart_words(protocol)
    seed = f" Seed {protocol['seed']}." if "seed" in protocol else ""
    return (
        f"{who_words(protocol)}; {folds}. {apart[0].upper()}{apart[1:]}; everything that is fitted is fitted in the "
        f"training folds. Intervals: 95 %, over people; p: how often predictions that have "
        f"nothing to do with the truth score so well.{seed}"
    )


def protocol_folds(protocol: dict[str, Any]) -> str:
    """``'4 stratified folds, each with about the same share of every class'``."""
    scheme = str(protocol.get("scheme", ""))
    folds = _SCHEMES.get(scheme, scheme)
    if scheme == LEAVE_ONE_SITE_OUT and protocol.get("site", SITE) != SITE:
        return f"one fold per value of '{protocol['site']}', which was left out of training"
    if scheme == OWN_FOLDS:
        return (
            f"{protocol.get('n_folds', '?')} folds that were drawn beforehand (column '{protocol.get('folds', '?')}')"
        )
    if scheme not in ("leave-one-subject-out", LEAVE_ONE_SITE_OUT):
        folds = f"{protocol.get('n_folds', '?')} {folds}"
    return folds


def _per_class(evaluation: Evaluation) -> dict[str, Any]:
    """One row per class, one column per score; ratings have a section of their own."""
    names = list(dict.fromkeys(name for found in evaluation.per_class.values() for name in found))
    rows = [
        {"label": label, "cells": [_with_interval(found.get(name)) for name in names]}
        for label, found in evaluation.per_class.items()
        if found
    ]
    return {"names": [SCORE_WORDS.get(name, name.capitalize()) for name in names], "rows": rows}


def _with_interval(score: Score | None) -> str:
    return "–" if score is None else f"{number(score.value)} ({_bounds(score)})"


def _bounds(score: Score) -> str:
    """``0.80 – 0.95``; of an interval that is withheld, why."""
    if score.low != score.low and score.high != score.high and score.value == score.value:
        return bounds_words(score)
    return f"{number(score.low)} – {number(score.high)}"


def confusion_rows(matrix: np.ndarray | None, classes: list[str]) -> list[dict[str, Any]]:
    """Rows of the confusion matrix with a shade from 0 to 10 by the share of the true class."""
    rows = []
    for label, counts in zip(classes, [] if matrix is None else matrix.tolist(), strict=False):
        total = sum(counts) or 1
        cells = [{"count": c, "shade": round(10 * c / total)} for c in counts]
        rows.append({"label": label, "cells": cells, "total": sum(counts)})
    return rows


def _calibration_words(calibration: dict[str, Any], classes: int) -> str:
    error, brier = calibration.get("expected_calibration_error"), calibration.get("brier")
    parts = []
    if error is not None:
        parts.append(f"On average the probability is {100 * error:.1f} points off the share that was right")
    if brier is not None:
        even = f"{1 - 1 / classes:.3f} is what equal probabilities of all {classes} classes give, " if classes else ""
        parts.append(f"Brier score {brier:.3f} (summed over classes: 0 is perfect, {even}2 is the worst)")
    return f"{'; '.join(parts)}." if parts else ""
