"""Scores of predicted ratings."""

from __future__ import annotations

from mien.learn.constant import without_empty_bounds
from mien.learn.predictions import RatingPredictions
from mien.stats.regression_scores import mean_scores, regression_scores
from mien.stats.scores import Score

# How far r2 may be above the square of a correlation before it is said why, as a reader would see it.
APART = 0.01


def rating_scores(p: RatingPredictions, seed: int = 0) -> dict[str, Score]:
    """pearson, spearman, concordance, r2 and rmse of a rating; the means of several, without rmse, which has a unit."""
    if len(p.ratings) == 1:
        return each_rating(p, seed)[p.ratings[0]]
    found = mean_scores(p.truth, p.predicted, p.subject, frame=p.frame, seed=seed)
    return without_empty_bounds(found) if p.constant == p.ratings else found


def each_rating(p: RatingPredictions, seed: int = 0) -> dict[str, dict[str, Score]]:
    """The scores of every rating."""
    frame, constant = p.frame, p.constant
    found = {
        name: regression_scores(
            p.truth[:, j], p.predicted[:, j], p.subject, frame=None if frame is None else frame.column(j), seed=seed
        )
        for j, name in enumerate(p.ratings)
    }
    return {name: without_empty_bounds(scores) if name in constant else scores for name, scores in found.items()}


def caution_of_levels(p: RatingPredictions, each: dict[str, dict[str, Score]]) -> list[str]:
    """Why a correlation is lower than r2 allows where it was taken within folds; empty where the two agree."""
    if p.frame is None:
        return []
    apart = [name for name, scores in each.items() if scores["r2"].value > max(0, scores["pearson"].value) ** 2 + APART]
    if not apart:
        return []
    name = apart[0]
    r2, pearson = (f"{each[name][score].value:.3f}" for score in ("r2", "pearson"))
    return [
        f"r2 of '{name}' ({r2}) is higher than its correlation ({pearson}) allows: correlations are of predictions "
        "less the level of the model of each fold, as these start from other means, and with the levels go true "
        "differences between the folds' people. r2 and RMSE compare predictions and ratings as they are."
    ]
