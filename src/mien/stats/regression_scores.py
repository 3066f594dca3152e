"""Scores of predicted ratings: each with a subject-level interval and its chance level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.stats.bootstrap import bootstrap_interval
from mien.stats.scores import Score

Statistic = Callable[[np.ndarray], np.ndarray]


def regression_scores(y: Any, predicted: Any, subjects: Any, *, n_boot: int = 1000, seed: int = 0) -> dict[str, Score]:
    """Agreement of predicted with true ratings, with subject-level bootstrap intervals and chance levels.

    Parameters
    ----------
    y, predicted : ndarray, shape (samples,)
        In the same unit.
    subjects : sequence of str, shape (samples,)
        Unit of the bootstrap: whole people are drawn, with all of their samples.
    n_boot, seed : int
        Number of draws, their seed.

    Returns
    -------
    dict of str to Score
        ``pearson`` and ``spearman`` correlation, ``concordance`` (Lin's coefficient: as Pearson's, but less where
        mean or spread differ), ``r2`` (1 - squared error / squared distance from the mean of ``y``; can be negative)
        and ``rmse`` (root mean squared error, in the unit of ``y``; smaller is better). Undefined values are NaN.

    Notes
    -----
    Chance is what the mean of ``y``, predicted for everybody, reaches: 0, and its standard deviation for ``rmse``.
    Lin (1989), A concordance correlation coefficient to evaluate reproducibility, Biometrics 45(1), 255-268.
    """
    truth, guess = _checked(y, predicted, subjects)
    statistics = _statistics(truth, guess)
    ones = np.ones((1, len(truth)))
    chance = dict.fromkeys(statistics, 0.0) | {"rmse": float(truth.std())}
    result = {}
    for name, statistic in statistics.items():
        low, high = bootstrap_interval(statistic, subjects, n_boot=n_boot, seed=seed)
        result[name] = Score(float(statistic(ones)[0]), low, high, chance[name])
    return result


def mean_scores(
    y: Any, predicted: Any, subjects: Any, *, names: Sequence[str] = ("pearson", "spearman", "concordance", "r2"),
    n_boot: int = 1000, seed: int = 0,
) -> dict[str, Score]:  # fmt: skip
    """Scores averaged over several ratings of the same samples; the interval is that of the average.

    Parameters
    ----------
    y, predicted : ndarray, shape (samples, ratings)
    subjects, n_boot, seed
        As for ``regression_scores``.
    names : sequence of str
        Scores without a unit; errors of ratings in different units have no mean.
    """
    truth, guess = np.asarray(y, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if truth.ndim != 2 or truth.shape != guess.shape or not truth.shape[1]:
        raise InputError(
            f"Ratings and predictions need the same shape (samples, ratings): {truth.shape}, {guess.shape}."
        )
    each = [_statistics(*_checked(truth[:, j], guess[:, j], subjects)) for j in range(truth.shape[1])]
    result = {}
    for name in names:
        statistic = partial(_mean, [found[name] for found in each])
        low, high = bootstrap_interval(statistic, subjects, n_boot=n_boot, seed=seed)
        result[name] = Score(float(statistic(np.ones((1, len(truth))))[0]), low, high, 0.0)
    return result


def _mean(statistics: list[Statistic], weights: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.mean([statistic(weights) for statistic in statistics], axis=0)
    return found


def _statistics(truth: np.ndarray, guess: np.ndarray) -> dict[str, Statistic]:
    return {
        "pearson": lambda w: _pearson(w, truth, guess),
        "spearman": lambda w: _pearson(w, _ranks(w, truth), _ranks(w, guess)),
        "concordance": lambda w: _concordance(w, truth, guess),
        "r2": lambda w: _r2(w, truth, guess),
        "rmse": lambda w: np.sqrt(_mean_of(w, (truth - guess) ** 2)),
    }


def _checked(y: Any, predicted: Any, subjects: Any) -> tuple[np.ndarray, np.ndarray]:
    truth, guess = np.asarray(y, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if truth.ndim != 1 or truth.shape != guess.shape or len(subjects) != len(truth):
        raise InputError(
            f"{truth.shape} true ratings, {guess.shape} predicted ones and {len(subjects)} subjects; give one of each "
            "per sample."
        )
    if len(truth) == 0:
        raise InputError("There are no samples to score.")
    bad = np.flatnonzero(~(np.isfinite(truth) & np.isfinite(guess)))
    if len(bad):
        raise InputError(f"Sample {bad[0] + 1} has no rating or no prediction; leave out samples without values.")
    # Centred once: sums of squares of ratings far from zero would lose digits.
    return truth - truth.mean(), guess - truth.mean()


def _mean_of(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Weighted mean of values (samples,) or (draws, samples), shape (draws,)."""
    total = (weights * values).sum(1) if values.ndim == 2 else weights @ values
    return np.asarray(total / weights.sum(1))


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
    _, _, variance_a, variance_b, covariance = _moments(weights, a, b)
    return _divide(covariance, np.sqrt(variance_a * variance_b))


def _concordance(weights: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    mean_a, mean_b, variance_a, variance_b, covariance = _moments(weights, a, b)
    return _divide(2 * covariance, variance_a + variance_b + (mean_a - mean_b) ** 2)


def _r2(weights: np.ndarray, truth: np.ndarray, guess: np.ndarray) -> np.ndarray:
    variance = _moments(weights, truth, truth)[2]
    return 1 - _divide(_mean_of(weights, (truth - guess) ** 2), variance)


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
