"""t of many arrangements of people at once: of two groups, and of pairs; weighted or not."""

from __future__ import annotations

import numpy as np

# What is smaller than this share of a measure's spread is rounding.
ROUNDING = 1e-9


def paired_t(signs: np.ndarray, difference: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Paired t, shape (arrangements, measures).

    Parameters
    ----------
    signs : ndarray, shape (arrangements, people)
    difference, known : ndarray, shape (people, measures)
        0 where there is none; 1 where there is one.
    """
    n = known.sum(0)
    mean = signs @ difference / n
    variance = np.maximum((difference**2).sum(0) / n - mean**2, 0.0) / (n - 1)
    return ratio(mean, np.sqrt(variance))


def welch_t(chosen: np.ndarray, values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Welch's t, shape (arrangements, measures).

    Parameters
    ----------
    chosen : ndarray, shape (arrangements, people)
        1 for people in the first group.
    values, known : ndarray, shape (people, measures)
        0 where there is none; 1 where there is one. Where everybody has every measure one column of ``known`` does.
    """
    n_a, sum_a, square_a = chosen @ known, chosen @ values, chosen @ values**2
    n_b, sum_b, square_b = known.sum(0) - n_a, values.sum(0) - sum_a, (values**2).sum(0) - square_a
    # Where an arrangement leaves a group without people who have the measure, it says nothing.
    enough = np.minimum(n_a, n_b) >= 2
    error2 = np.zeros(sum_a.shape)
    means = []
    for n, total, square in ((np.maximum(n_a, 2), sum_a, square_a), (np.maximum(n_b, 2), sum_b, square_b)):
        means.append(total / n)
        error2 += np.maximum(square / n - means[-1] ** 2, 0.0) / (n - 1)
    return np.where(enough, ratio(means[0] - means[1], np.sqrt(error2)), 0.0)


def weighted_paired_t(signs: np.ndarray, difference: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The same as ``paired_t`` where people count by weights, shape (people, measures); 0 where there is no value."""
    n, total = (weights > 0).sum(0), weights.sum(0)
    mean = signs @ (weights * difference) / total
    square = (weights**2 * difference**2).sum(0) - 2 * mean * (signs @ (weights**2 * difference))
    variance = np.maximum(square + mean**2 * (weights**2).sum(0), 0.0) / total**2 * n / (n - 1)
    return ratio(mean, np.sqrt(variance))


def weighted_welch_t(chosen: np.ndarray, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The same as ``welch_t`` where people count by weights, shape (people, measures); 0 where there is no value."""
    parts = [(weights > 0).astype(float), weights, weights * values]
    parts += [weights**2, weights**2 * values, weights**2 * values**2]
    in_a = [chosen @ part for part in parts]
    in_b = [part.sum(0) - own for part, own in zip(parts, in_a, strict=True)]
    enough = np.minimum(in_a[0], in_b[0]) >= 2
    means, error2 = [], np.zeros(enough.shape)
    for n, total, sums, w2, w2y, w2y2 in (in_a, in_b):
        n, total = np.maximum(n, 2), np.where(total > 0, total, 1.0)
        means.append(sums / total)
        square = w2y2 - 2 * means[-1] * w2y + means[-1] ** 2 * w2
        error2 += np.maximum(square, 0.0) / total**2 * n / (n - 1)
    return np.where(enough, ratio(means[0] - means[1], np.sqrt(error2)), 0.0)


def ratio(difference: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Difference in standard errors; 0 where nothing differs, infinite where nothing varies but the groups."""
    with np.errstate(invalid="ignore", divide="ignore"):
        t = difference / error
    # The error is the root of a difference of sums, so its rounding is larger.
    t = np.where(error <= 100 * ROUNDING, np.copysign(np.inf, difference), t)
    return np.where(np.abs(difference) <= ROUNDING, 0.0, t)
