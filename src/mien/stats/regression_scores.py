"""Scores of predicted ratings: each with a subject-level interval, its chance level and a test against chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.stats.chance import PERMUTATIONS, chance_p, permuted_rows
from mien.stats.jackknife import ALIKE, Scale, Statistic, subject_interval
from mien.stats.people_p import may_be_recordings, people_p
from mien.stats.pooling import Frame
from mien.stats.scores import Score

SCALES: dict[str, Scale] = {
    "pearson": "correlation",
    "spearman": "correlation",
    "concordance": "agreement",
    "r2": "skill",
    "rmse": "error",
}


def regression_scores(
    y: Any,
    predicted: Any,
    subjects: Any,
    *,
    frame: Frame | None = None,
    n_permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> dict[str, Score]:
    """Agreement of predicted with true ratings, with intervals over subjects and chance levels.

    Parameters
    ----------
    y, predicted : ndarray, shape (samples,)
        In the same unit.
    subjects : sequence of str, shape (samples,)
        Unit of intervals and tests: whole people, with all of their samples.
    frame : Frame, optional
        What each predicting model had seen, if there were several (cross-validation).
    n_permutations, seed : int
        Of the test against chance; 0 for none.

    Returns
    -------
    dict of str to Score
        ``pearson`` and ``spearman`` correlation, ``concordance`` (Lin's coefficient: as Pearson's, but less where
        mean or spread differ), ``r2`` (1 - squared error / squared distance from the mean; can be negative)
        and ``rmse`` (root mean squared error, in the unit of ``y``; smaller is better). Undefined values are NaN;
        constant predictions correlate with nothing: 0.

    Notes
    -----
    With a frame the correlations are those of ``Frame.pooled`` predictions, concordance that of ``Frame.levelled`` ones
    (a spread that goes with the luck of the training data would lift it above 0), and the mean of ``r2`` is that of the
    training data of each prediction. Chance is what that mean, predicted for everybody, reaches: 0, and its root mean
    squared error for ``rmse``.
    Intervals of ``rmse`` are too narrow where errors have a heavy tail: with a skewness of about 3 they hold the true
    value in .81 to .92 of studies, whatever the number of people; a tail that is not in the sample is not in them.
    Lin (1989), A concordance correlation coefficient to evaluate reproducibility, Biometrics 45(1), 255-268.
    """
    names = tuple(SCALES)
    return _scores(
        np.asarray(y)[..., None], np.asarray(predicted)[..., None], subjects, names, frame, n_permutations, seed
    )


def mean_scores(
    y: Any, predicted: Any, subjects: Any, *, names: Sequence[str] = ("pearson", "spearman", "concordance", "r2"),
    frame: Frame | None = None, n_permutations: int = PERMUTATIONS, seed: int = 0,
) -> dict[str, Score]:  # fmt: skip
    """Scores averaged over several ratings of the same samples; the interval is that of the average.

    Parameters
    ----------
    y, predicted : ndarray, shape (samples, ratings)
    subjects, frame, n_permutations, seed
        As for ``regression_scores``; arrays of the frame have a column for each rating.
    names : sequence of str
        Scores without a unit; errors of ratings in different units have no mean.
    """
    return _scores(np.asarray(y), np.asarray(predicted), subjects, names, frame, n_permutations, seed)


def correlations(weights: np.ndarray, truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Pearson correlations of every rating for many weightings of the samples, shape (draws, ratings).

    Parameters
    ----------
    weights : ndarray, shape (draws, samples)
    truth, predicted : ndarray, shape (samples, ratings)
        Where a prediction is constant, 0.
    """
    pairs = [(centred(truth[:, j]), centred(predicted[:, j])) for j in range(truth.shape[1])]
    return np.stack([_pearson(weights, a, b) for a, b in pairs], axis=1)


def centred(values: np.ndarray) -> np.ndarray:
    """Values less their mean; zeros where they differ by rounding only."""
    same = np.ptp(values) <= 1e-12 * np.abs(values).max()
    return np.zeros(len(values)) if same else values - values.mean()


def rating_statistics(y: Any, predicted: Any, subjects: Any, frame: Frame | None = None) -> dict[str, Statistic]:
    """The scores of ``mean_scores`` as functions of weights of the samples, to be compared between predictions.

    Parameters
    ----------
    y, predicted : ndarray, shape (samples, ratings)
    subjects, frame
        As for ``mean_scores``.
    """
    columns = _columns(np.asarray(y, dtype=np.float64), np.asarray(predicted, dtype=np.float64), subjects, frame)
    each = [column.statistics() for column in columns]
    return {name: partial(_mean, [found[name] for found in each]) for name in SCALES}


def _columns(truth: np.ndarray, guess: np.ndarray, subjects: Any, frame: Frame | None) -> list[_Column]:
    if truth.ndim != 2 or truth.shape != guess.shape or not truth.shape[1]:
        raise InputError(
            f"Ratings and predictions need the same shape (samples, ratings): {truth.shape}, {guess.shape}."
        )
    frames = [None if frame is None else _column(frame, j, truth.shape) for j in range(truth.shape[1])]
    return [_Column.of(truth[:, j], guess[:, j], subjects, frames[j]) for j in range(truth.shape[1])]


def _scores(
    y: np.ndarray, predicted: np.ndarray, subjects: Any, names: Sequence[str], frame: Frame | None,
    n_permutations: int, seed: int,
) -> dict[str, Score]:  # fmt: skip
    truth, guess = y.astype(np.float64), predicted.astype(np.float64)
    columns = _columns(truth, guess, subjects, frame)
    each = [column.statistics() for column in columns]
    null = _null(columns, names, subjects, n_permutations, seed) if n_permutations > 0 else {}
    several = frame is not None and bool((frame.level != frame.level[:1]).any())
    result = {}
    for name in names:
        statistic = partial(_mean, [found[name] for found in each])
        value = float(statistic(np.ones((1, len(truth))))[0])
        interval = subject_interval(statistic, subjects, SCALES[name])
        chance = float(np.mean([column.chance for column in columns])) if name == "rmse" else 0.0
        sign = -1 if name == "rmse" else 1
        p = chance_p(sign * value, sign * null[name], cross_validated=several) if null else float("nan")
        if null and any(may_be_recordings(column.truth, subjects) for column in columns):
            p = max(p, people_p(statistic, subjects, float(np.nanmean(null[name])), higher=sign > 0))
        value = 0.0 if interval.withheld == ALIKE else value
        result[name] = Score(value, interval.low, interval.high, chance, p, interval.people, interval.withheld)
    return result


def _column(frame: Frame, j: int, shape: tuple[int, ...]) -> Frame:
    result = frame if frame.level.ndim == 1 else frame.column(j)
    if result.level.shape != shape[:1]:
        raise InputError(f"The frame has shape {frame.level.shape}, but the ratings have {shape}.")
    return result


@dataclass(frozen=True, eq=False)
class _Column:
    """One rating, less its mean: truth, predictions as they are, pooled and levelled, and what guessing would say."""

    truth: np.ndarray
    guess: np.ndarray
    pooled: np.ndarray
    levelled: np.ndarray
    reference: np.ndarray | None

    @classmethod
    def of(cls, y: np.ndarray, predicted: np.ndarray, subjects: Any, frame: Frame | None) -> _Column:
        _check(y, predicted, subjects)
        # Centred once: sums of squares of ratings far from zero would lose digits.
        middle = y.mean()
        pooled = predicted if frame is None else frame.pooled(predicted)
        levelled = predicted if frame is None else frame.levelled(predicted)
        reference = None if frame is None else frame.reference - middle
        return cls(y - middle, predicted - middle, pooled - middle, levelled - middle, reference)

    @property
    def chance(self) -> float:
        """Root mean squared error of guessing the mean."""
        away = self.truth if self.reference is None else self.truth - self.reference
        return float(np.sqrt((away**2).mean()))

    def statistics(self) -> dict[str, Statistic]:
        truth, guess, reference = self.truth, self.guess, self.reference
        pooled, levelled = self.pooled, self.levelled
        return {
            "pearson": lambda w: _pearson(w, truth, pooled),
            "spearman": lambda w: _pearson(w, _ranks(w, truth), _ranks(w, pooled)),
            "concordance": lambda w: _concordance(w, truth, levelled),
            "r2": lambda w: _r2(w, truth, guess, reference),
            "rmse": lambda w: np.sqrt(_mean_of(w, (truth - guess) ** 2)),
        }


def _null(
    columns: list[_Column], names: Sequence[str], subjects: Any, n_permutations: int, seed: int
) -> dict[str, np.ndarray]:
    """Mean scores over the ratings with truths that changed hands between people, each of shape (permutations,).

    Neither mean nor spread of the truth changes by that (nearly so where people have different numbers of samples), so
    all scores follow from sums of products.
    """
    ones = np.ones((1, len(columns[0].truth)))
    blocks: dict[str, list[np.ndarray]] = {name: [] for name in names}
    ranked = [(_ranks(ones, c.truth)[0], _ranks(ones, c.pooled)[0]) for c in columns]
    for rows in permuted_rows(subjects, n_permutations, seed):
        result: dict[str, list[np.ndarray]] = {name: [] for name in names}
        for column, (ranks, pooled_ranks) in zip(columns, ranked, strict=True):
            drawn = column.truth[rows]
            parts = {
                "pearson": drawn @ (column.pooled - column.pooled.mean()) / len(ranks),
                "concordance": drawn @ (column.levelled - column.levelled.mean()) / len(ranks),
            }
            if "spearman" in names:
                parts["spearman"] = ranks[rows] @ pooled_ranks / len(ranks)
            for name, values in parts.items():
                if name in names:
                    result[name].append(values * _slope(name, column, ranks, pooled_ranks))
            squares = (column.truth**2).mean() + (column.guess**2).mean() - 2 * drawn @ column.guess / len(ranks)
            if "r2" in names:
                result["r2"].append(1 - squares / max(column.chance**2, 1e-300))
            if "rmse" in names:
                result["rmse"].append(np.sqrt(np.maximum(squares, 0)))
        for name in names:
            blocks[name].append(np.mean(result[name], axis=0))
    return {name: np.concatenate(parts) for name, parts in blocks.items()}


def _slope(name: str, column: _Column, ranks: np.ndarray, pooled_ranks: np.ndarray) -> float:
    """What a mean product of centred numbers is to be multiplied with to give the score."""
    a, b = (ranks, pooled_ranks) if name == "spearman" else (column.truth, column.pooled)
    if name == "concordance":
        b = column.levelled
        below = a.var() + b.var() + (a.mean() - b.mean()) ** 2
        return float(2 / below) if below > 0 else 0.0
    below = np.sqrt(a.var() * b.var())
    return float(1 / below) if below > 1e-12 * (np.abs(a).max() * np.abs(b).max()) else 0.0


def _mean(statistics: list[Statistic], weights: np.ndarray) -> np.ndarray:
    result: np.ndarray = np.mean([statistic(weights) for statistic in statistics], axis=0)
    return result


def _check(truth: np.ndarray, guess: np.ndarray, subjects: Any) -> None:
    if len(subjects) != len(truth):
        raise InputError(f"{len(truth)} ratings, but {len(subjects)} subjects; give one of each per sample.")
    if len(truth) == 0:
        raise InputError("There are no samples to score.")
    bad = np.flatnonzero(~(np.isfinite(truth) & np.isfinite(guess)))
    if len(bad):
        raise InputError(f"Sample {bad[0] + 1} has no rating or no prediction; leave out samples without values.")


def _mean_of(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Weighted mean of values (samples,) or (draws, samples), shape (draws,)."""
    total = (weights * values).sum(1) if values.ndim == 2 else weights @ values
    weight = weights.sum(1)
    # Without any weight there is no mean.
    return np.asarray(total / np.where(weight != 0, weight, np.nan))


def _moments(weights: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, ...]:
    """Means, variances and covariance per draw."""
    mean_a, mean_b = _mean_of(weights, a), _mean_of(weights, b)
    # Differences far below the values' own rounding are none.
    variance_a = _mean_of(weights, a * a) - mean_a**2
    variance_b = _mean_of(weights, b * b) - mean_b**2
    floor_a, floor_b = 1e-12 * _mean_of(weights, a * a), 1e-12 * _mean_of(weights, b * b)
    variance_a = np.where(variance_a > floor_a, variance_a, 0.0)
    variance_b = np.where(variance_b > floor_b, variance_b, 0.0)
    return mean_a, mean_b, variance_a, variance_b, _mean_of(weights, a * b) - mean_a * mean_b


def _pearson(weights: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Weighted correlation: NaN where the truth ``a`` is constant, 0 where only the prediction is."""
    _, _, variance_a, variance_b, covariance = _moments(weights, a, b)
    result = _divide(covariance, np.sqrt(variance_a * variance_b))
    return np.where((variance_a > 0) & (variance_b == 0), 0.0, result)


def _concordance(weights: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    mean_a, mean_b, variance_a, variance_b, covariance = _moments(weights, a, b)
    return _divide(2 * covariance, variance_a + variance_b + (mean_a - mean_b) ** 2)


def _r2(weights: np.ndarray, truth: np.ndarray, guess: np.ndarray, reference: np.ndarray | None) -> np.ndarray:
    if reference is None:
        away = _moments(weights, truth, truth)[2]
    else:
        away = _mean_of(weights, (truth - reference) ** 2)
    return 1 - _divide(_mean_of(weights, (truth - guess) ** 2), away)


def _ranks(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mean rank of each value among the drawn ones, from 0 to 1; shape (draws, samples)."""
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    first = np.r_[True, ranked[1:] != ranked[:-1]]
    group = np.cumsum(first) - 1
    total = np.add.reduceat(weights[:, order].astype(np.float64), np.flatnonzero(first), axis=1)
    middle = (np.cumsum(total, axis=1) - 0.5 * total) / total.sum(1, keepdims=True) - 0.5
    result = np.empty(weights.shape)
    result[:, order] = middle[:, group]
    return result


def _divide(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)
