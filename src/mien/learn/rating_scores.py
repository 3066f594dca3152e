"""What a cross-validated or held-out test of a model of ratings found."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.files import atomic_path
from mien.learn.ceilings import Ceiling, ceilings_json, learnable
from mien.learn.class_scores import cautions_of_people, interval_of, scores_json, verdict
from mien.stats.pooling import Frame, frame_of_folds, units
from mien.stats.regression_scores import mean_scores, regression_scores
from mien.stats.scores import Score

# What stands before a rating's name in a table of predictions.
PREDICTED, FRAME = "predicted_", ("level_", "spread_")


@dataclass(frozen=True, eq=False)
class RatingPredictions:
    """Predicted ratings of samples that the predicting model had not seen, nor anyone shown in them.

    Attributes
    ----------
    path, subject : ndarray of str, shape (samples,)
    fold : ndarray of int, shape (samples,)
        Test fold of each sample; 0 where one stored model made all predictions.
    truth, predicted : ndarray, shape (samples, ratings)
    ratings : tuple of str
    level, spread : ndarray, shape (samples, ratings), or None
        Mean and standard deviation of the predicting model's own answers for the samples that it was trained on.
    """

    __repr__ = brief

    path: np.ndarray
    subject: np.ndarray
    fold: np.ndarray
    truth: np.ndarray
    predicted: np.ndarray
    ratings: tuple[str, ...]
    level: np.ndarray | None = None
    spread: np.ndarray | None = None

    @property
    def frame(self) -> Frame | None:
        """What the predicting models had seen; None where one model made all predictions."""
        if len(np.unique(self.fold)) < 2:
            return None
        found = frame_of_folds(self.truth, self.fold)
        if self.level is None or self.spread is None:
            return found
        return Frame(found.reference, self.level, units(self.predicted, self.level, self.spread, self.fold))

    @property
    def pooled(self) -> np.ndarray:
        """Predictions as if one model had made them, (samples, ratings); see ``Frame.pooled``."""
        frame = self.frame
        if frame is None:
            return self.predicted
        return np.stack([frame.column(j).pooled(self.predicted[:, j]) for j in range(len(self.ratings))], axis=1)

    def write(self, path: Path) -> None:
        """Write a Parquet table: path, subject, fold, and for every rating its name and ``predicted_<rating>``.

        Of several models ``level_<rating>`` and ``spread_<rating>``, too.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns: dict[str, Any] = {
            "path": pa.array([str(v) for v in self.path], pa.string()),
            "subject": pa.array([str(v) for v in self.subject], pa.string()),
            "fold": pa.array(self.fold, pa.int32()),
        }
        for i, name in enumerate(self.ratings):
            columns[name] = pa.array(self.truth[:, i], pa.float64())
            for prefix in (PREDICTED, *FRAME):
                numbers = getattr(self, prefix.rstrip("_"))
                if numbers is not None:
                    columns[prefix + name] = pa.array(numbers[:, i], pa.float64())
        with atomic_path(path) as temporary:
            pq.write_table(pa.table(columns), temporary)


@dataclass(frozen=True, eq=False)
class RatingEvaluation:
    """Scores of predicted ratings with intervals over subjects and chance levels.

    Attributes
    ----------
    target, model : str
    protocol : dict
        Scheme, folds, numbers of subjects and samples, seed.
    ratings : tuple of str
    scores : dict of str to Score
        Of the rating; of several ratings their mean, without ``rmse``, which has a unit.
    per_rating : dict of str to dict of str to Score
        pearson, spearman, concordance, r2, rmse of each.
    left_out : dict of str to int
        Samples without values or rating, by status.
    noise_check : dict of str to Score, or None
        ``scores`` after training on shuffled ratings; they have to be at chance.
    ceilings : dict of str to Ceiling
        How far people agree, for the ratings where that is known.
    """

    __repr__ = brief

    target: str
    model: str
    protocol: dict[str, Any]
    ratings: tuple[str, ...]
    scores: dict[str, Score]
    per_rating: dict[str, dict[str, Score]]
    left_out: dict[str, int]
    noise_check: dict[str, Score] | None = None
    notes: list[str] = field(default_factory=list)
    ceilings: dict[str, Ceiling] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values; what is not a number becomes None."""
        known = learnable(self.ceilings, self.per_rating)
        return {
            "predicts": "ratings",
            "target": self.target,
            "model": self.model,
            "protocol": self.protocol,
            "ratings": list(self.ratings),
            "scores": scores_json(self.scores),
            "per_rating": {name: scores_json(scores) for name, scores in self.per_rating.items()},
            "noise_check": None if self.noise_check is None else scores_json(self.noise_check),
            "left_out": self.left_out,
            "notes": self.notes,
            "ceilings": ceilings_json(self.ceilings, self.per_rating),
            "learnable": None if known is None else {"pearson": known.statistic, "p": known.p, "n": len(self.ceilings)},
        }


def score_ratings(
    p: RatingPredictions,
    *,
    model: str,
    protocol: dict[str, Any],
    left_out: dict[str, int],
    noise: RatingPredictions | None = None,
    notes: list[str] | None = None,
    ceilings: dict[str, Ceiling] | None = None,
    seed: int = 0,
) -> RatingEvaluation:
    """Score predictions; ``noise`` are those of training on shuffled ratings."""
    said = [note for ceiling in (ceilings or {}).values() for note in ceiling.notes]
    frame = p.frame
    return RatingEvaluation(
        target=", ".join(p.ratings),
        model=model,
        protocol=protocol,
        ratings=p.ratings,
        scores=_summary(p, seed),
        per_rating={
            name: regression_scores(
                p.truth[:, j],
                p.predicted[:, j],
                p.subject,
                frame=None if frame is None else frame.column(j),
                seed=seed,
            )
            for j, name in enumerate(p.ratings)
        },
        left_out=left_out,
        noise_check=None if noise is None else _summary(noise, seed),
        notes=list(dict.fromkeys([*(notes or []), *cautions_of_people(p.subject, p.fold), *said])),
        ceilings=ceilings or {},
    )


def _summary(p: RatingPredictions, seed: int) -> dict[str, Score]:
    if len(p.ratings) == 1:
        return regression_scores(p.truth[:, 0], p.predicted[:, 0], p.subject, frame=_only(p.frame), seed=seed)
    return mean_scores(p.truth, p.predicted, p.subject, frame=p.frame, seed=seed)


def _only(frame: Frame | None) -> Frame | None:
    return None if frame is None else frame.column(0)


def noise_verdict_of_ratings(noise: dict[str, Score]) -> str:
    """Whether the scores after training on shuffled ratings are at chance, in a sentence."""
    s = noise["pearson"]
    where = f"Pearson {s.value:.3f}, 95 % {interval_of(s)}, chance 0, p = {s.p:.3f}"
    return "Shuffled ratings: " + verdict(s, where, f"Pearson {s.value:.3f}")


def check_learnable_ratings(y: np.ndarray, subjects: np.ndarray, ratings: tuple[str, ...]) -> None:
    """Refuse a rating that is the same for everybody, or one subject only, with the reason.

    Raises
    ------
    InputError
    """
    constant = [j for j in range(len(ratings)) if np.ptp(y[:, j]) == 0]
    if constant:
        held = ", ".join(f"'{ratings[j]}' = {y[0, j]:g}" for j in constant)
        others = [name for j, name in enumerate(ratings) if j not in constant]
        raise InputError(
            f"All {len(y)} usable samples have {held}; there is nothing to learn."
            + (f" Leave that out and name the others: {', '.join(others)}." if others else "")
        )
    if len(np.unique(subjects.astype(str))) < 2:
        raise InputError(
            f"All {len(y)} usable samples show one subject ('{subjects[0]}'). A model that is to hold for other people "
            "needs samples of several subjects."
        )
