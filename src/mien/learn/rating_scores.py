"""Scores of predicted ratings."""

from __future__ import annotations

from mien.learn.constant import without_empty_bounds
from mien.learn.predictions import RatingPredictions
from mien.stats.regression_scores import mean_scores, regression_scores
from mien.stats.scores import Score


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
