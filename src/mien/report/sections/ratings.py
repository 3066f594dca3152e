"""The report's section on ratings: scores with ceilings."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.core.evidence import DO_NOT
from mien.core.people.words import unseen_words, who_words
from mien.core.words import equals, number, percent
from mien.learn.evaluation import Evaluation
from mien.learn.predicted import CORRELATION, NAN, disagreement, not_predicted
from mien.report.draw.ratings import Point, ceiling_plot, models_plot
from mien.report.sections.numbers import with_bounds
from mien.stats.scores import Score

_OTHERS = ("spearman", "concordance", "r2", "rmse")


def section(evaluations: dict[str, Evaluation], problems: list[str], main: str = "") -> dict[str, Any]:
    """Texts, tables and pictures (SVG that is still to be marked as safe) of regression models.

    Parameters
    ----------
    evaluations : dict of str to Evaluation
        By the models' names.
    problems : list of str
        Gets a sentence for every model that cannot be shown.
    main : str
        Name of the main model, which comes first.
    """
    models = []
    for name, evaluation in sorted(evaluations.items(), key=lambda item: (item[0] != main, -_mean_pearson(item[1]))):
        try:
            models.append(_model(name, evaluation))
        except KeyError as error:
            problems.append(f"models/{name}/evaluation.json is not laid out as 'mien train' writes it ({error!r}).")
    whole = bool(models) and len(models) == len(evaluations)
    return {
        "models": models,
        "overview": _overview(evaluations) if whole else "",
        "who": max((who_words(evaluation.protocol) for evaluation in evaluations.values()), key=len, default=""),
        "unseen": max((unseen_words(evaluation.protocol) for evaluation in evaluations.values()), default=""),
    }


def rating_share(evaluation: Evaluation) -> str:
    """``, which is 80 % of what agreement between people allows``; ``''`` where that is not known."""
    shares = [
        _share(evaluation, rating) for rating in evaluation.ceilings if CORRELATION in evaluation.each.get(rating, {})
    ]
    return f", which is {percent(float(np.mean(shares)))} of what agreement between people allows" if shares else ""


def _share(evaluation: Evaluation, rating: str) -> float:
    return evaluation.ceilings[rating].share(evaluation.per_rating[rating][CORRELATION]).value


def _model(name: str, evaluation: Evaluation) -> dict[str, Any]:
    ceilings, points = evaluation.ceilings, _points(evaluation)
    rows = [
        {
            "name": rating,
            "cells": [with_bounds(scores[CORRELATION]), *(number(scores[key].value, short=True) for key in _OTHERS)],
            "ceiling": number(ceilings[rating].value, short=True) if rating in ceilings else "–",
            "share": percent(_share(evaluation, rating)) if rating in ceilings else "–",
            "warning": DO_NOT if not_predicted(evaluation, rating) else "",
        }
        for rating, scores in sorted(evaluation.per_rating.items(), key=lambda item: -_pearson(item[1]))
    ]
    apart = disagreement({f"'{rating}'": scores[CORRELATION] for rating, scores in evaluation.per_rating.items()})
    notes = [note for note in evaluation.notes if any(f"'{rating}'" in note for rating in evaluation.per_rating)]
    return {
        "name": name,
        "who": who_words(evaluation.protocol),
        "rows": rows,
        # What was noticed in single ratings when they were read, such as codes among their numbers.
        "notes": [*notes, *([apart] if apart else [])],
        "ceilings": bool(ceilings),
        "words": _agreement_words(evaluation),
        "plot_words": (
            f"Correlations of '{name}' with the mean ratings, {who_words(evaluation.protocol)}: one point per rating, "
            "with its 95 % interval over people; a correlation of 0 is chance. Ceiling: square root of the mean "
            "rating's reliability (split halves of the raters, Spearman-Brown). Dashed: a model that reaches the ceiling."
        ),
        "plot": ceiling_plot(points, title=f"{name}: ceiling against correlation") if len(ceilings) > 2 else "",
    }


def _agreement_words(evaluation: Evaluation) -> str:
    known, count = evaluation.learnable, len(evaluation.ceilings)
    if known is None:
        return ""
    if known.p > 0.05:
        return (
            f"Over {count} ratings, ceiling and the model's correlation are not shown to go together "
            f"(r = {known.statistic:.2f}, p {equals(known.p)})."
        )
    return (
        f"What people agree on is what can be learnt: over {count} ratings, ceiling and the model's "
        f"correlation go together with r = {known.statistic:.2f} (permutation test, p {equals(known.p)})."
    )


def _points(evaluation: Evaluation) -> list[Point]:
    known = {rating: ceiling.value for rating, ceiling in evaluation.ceilings.items()}
    return [
        Point(rating, known.get(rating, NAN), *(getattr(scores[CORRELATION], key) for key in ("value", "low", "high")))
        for rating, scores in evaluation.per_rating.items()
    ]


def _overview(found: dict[str, Evaluation]) -> str:
    """All models on all ratings, the best predicted rating first."""
    if max(len(e.per_rating) for e in found.values()) < 2:
        return ""
    scores = {name: {r: _pearson(s) for r, s in e.per_rating.items()} for name, e in found.items()}
    ratings = list(dict.fromkeys(r for row in scores.values() for r in row))
    ratings.sort(key=lambda r: -max(row.get(r, -2) for row in scores.values()))
    ceilings = {r: c.value for e in found.values() for r, c in e.ceilings.items()}
    unknown = (NAN, NAN, NAN)
    models = {
        name: [_bounded(e.per_rating[r][CORRELATION]) if r in e.per_rating else unknown for r in ratings]
        for name, e in found.items()
    }
    return models_plot(ratings, models, ceilings, title="Correlation of every model with every mean rating")


def _bounded(score: Score) -> tuple[float, float, float]:
    return score.value, score.low, score.high


def _mean_pearson(evaluation: Evaluation) -> float:
    return _pearson(evaluation.scores) if CORRELATION in evaluation.scores else -2.0


def _pearson(scores: dict[str, Score]) -> float:
    """Where it is not known it comes last."""
    value = scores[CORRELATION].value
    return -2.0 if value != value else value
