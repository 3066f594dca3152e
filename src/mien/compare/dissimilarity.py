"""How unlike the answers of a layer are for every pair of conditions (pictures, or means of categories)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.extras import require
from mien.stats.subjects import codes_of

# Name: what it is called in figures and tables.
MEASURES = {
    "correlation": "1 - Pearson correlation",
    "euclidean": "squared Euclidean distance per feature",
    "cosine": "1 - cosine",
    "crossnobis": "crossvalidated Mahalanobis distance per feature",
}
# The noise covariance is a square of them, and is inverted.
MOST_FEATURES = 4000


def dissimilarity(values: np.ndarray, measure: str = "correlation") -> np.ndarray:
    """Dissimilarities of all pairs of rows.

    Parameters
    ----------
    values : ndarray, shape (conditions, features)
    measure : str
        ``'correlation'``, ``'euclidean'`` (squared, divided by the number of features, as rsatoolbox has it) or
        ``'cosine'``.

    Returns
    -------
    ndarray of float64, shape (conditions, conditions)
        Symmetric, zero on the diagonal.

    Raises
    ------
    InputError
        If a row is constant (correlation) or zero (cosine), or the measure needs repeated measurements.
    """
    check_measure(measure)
    if measure == "crossnobis":
        raise InputError("The crossvalidated distance needs several pictures of each category; take by='category'.")
    x = directions(values, measure)
    if measure == "euclidean":
        square = (x**2).sum(axis=1)
        return _square((square[:, None] + square - 2 * x @ x.T) / x.shape[1])
    return _square(1 - x @ x.T)


def directions(values: np.ndarray, measure: str) -> np.ndarray:
    """Rows whose squared Euclidean distances are in proportion to their dissimilarities.

    Parameters
    ----------
    values : ndarray, shape (conditions, features)
    measure : str
        ``'correlation'`` and ``'cosine'``: rows of length 1; ``'euclidean'``: the rows as they are.

    Returns
    -------
    ndarray of float64, shape (conditions, features)

    Raises
    ------
    InputError
        If a row is constant (correlation) or zero (cosine), or the measure is another one.
    """
    check_measure(measure)
    x = np.asarray(values, dtype=np.float64)
    if measure == "crossnobis":
        raise InputError("A crossvalidated distance has no rows of its own; take measure='correlation' for maps.")
    if measure == "euclidean":
        return x
    if measure == "correlation":
        x = x - x.mean(axis=1, keepdims=True)
    length = np.linalg.norm(x, axis=1)
    # A row of one value differs from its mean by rounding alone.
    flat = np.flatnonzero(length <= 1e-7 * np.maximum(np.linalg.norm(values, axis=1), np.finfo(np.float32).tiny))
    if len(flat):
        raise InputError(
            f"Row {int(flat[0]) + 1} has {'one value in all features' if measure == 'correlation' else 'zeros only'}, "
            f"so that it has no {MEASURES[measure]} to others; take measure='euclidean', or leave that layer out."
        )
    return np.asarray(x / length[:, None])


def crossnobis(values: np.ndarray, conditions: Any, folds: Any, *, noise: np.ndarray | None = None) -> np.ndarray:
    """Mahalanobis distances, crossvalidated over folds, so that noise does not add to them (rsatoolbox).

    Parameters
    ----------
    values : ndarray, shape (measurements, features)
    conditions, folds : sequence of str, shape (measurements,)
        What was shown, and the run (or part of the pictures); every condition is in every fold.
    noise : ndarray, shape (features, features), optional
        Inverse of the noise covariance; by default that of the measurements about the mean of their condition and
        fold, else of their condition, shrunk towards its diagonal.

    Returns
    -------
    ndarray of float64, shape (conditions, conditions)
        In the sorted order of the conditions. Unbiased: below zero by chance where two do not differ.

    Raises
    ------
    InputError
        If a condition is missing from a fold, there is one fold only, or there are too many features.
    """
    data = require("rsatoolbox.data", "Crossvalidated distances", "rsa")
    rdm = require("rsatoolbox.rdm", "Crossvalidated distances", "rsa")
    condition, fold = (np.asarray([str(v) for v in given]) for given in (conditions, folds))
    names, parts = np.unique(condition), np.unique(fold)
    if len(parts) < 2:
        raise InputError("A crossvalidated distance needs at least two runs (or parts of the pictures), but has one.")
    for name in names:
        lacking = sorted(set(parts) - set(fold[condition == name]))
        if lacking:
            raise InputError(f"'{name}' is not in '{lacking[0]}'; a crossvalidated distance needs it in every one.")
    x = np.asarray(values, dtype=np.float64)
    if noise is None:
        group = codes_of([f"{one}\t{part}" for one, part in zip(condition, fold, strict=True)])[1]
        total = np.zeros((group.max() + 1, x.shape[1]))
        np.add.at(total, group, x)
        residuals = x - (total / np.bincount(group)[:, None])[group]
        # A unit that never varies says nothing, and its noise cannot be inverted.
        alive = residuals.std(axis=0) > 1e-9 * np.maximum(np.abs(x).max(axis=0), 1e-12)
        x, noise = x[:, alive], precision_of(residuals[:, alive], len(x) - int(group.max()) - 1)
    dataset = data.Dataset(x, obs_descriptors={"condition": condition, "fold": fold})
    found = rdm.calc_rdm_crossnobis(dataset, "condition", noise, "fold")
    return _square(found.get_matrices()[0])


def precision_of(residuals: np.ndarray, freedom: int) -> np.ndarray:
    """Inverse of the noise covariance, shrunk towards its diagonal (rsatoolbox; Schäfer and Strimmer 2005).

    Parameters
    ----------
    residuals : ndarray, shape (measurements, features)
        What single measurements differ from the means whose distances are taken, so that they are independent of these:
        the covariance of noise that the means hold themselves would hide that very noise.
    freedom : int
        Measurements less means.

    Returns
    -------
    ndarray of float64, shape (features, features)

    Raises
    ------
    InputError
        If there are too many features, or too few measurements.
    """
    noise = require("rsatoolbox.data.noise", "Crossvalidated distances", "rsa")
    if residuals.shape[1] > MOST_FEATURES:
        raise InputError(
            f"A Mahalanobis distance inverts the covariance of all features: {MOST_FEATURES} at most, but there are "
            f"{residuals.shape[1]}. Take layers averaged over the picture, or measure='euclidean'."
        )
    if freedom < 2:
        raise InputError("Noise is estimated from repeated measurements within each run or part, but there are none.")
    precision: np.ndarray = noise.prec_from_residuals(residuals, dof=freedom)
    return precision


def check_measure(measure: str) -> None:
    """Refuse a measure that is not there.

    Raises
    ------
    InputError
        The sentence lists what there is.
    """
    if measure not in MEASURES:
        raise InputError(f"Dissimilarities are measured by {', '.join(MEASURES)}, not by '{measure}'.")


def _square(values: np.ndarray) -> np.ndarray:
    """Exactly symmetric, zero on the diagonal."""
    result: np.ndarray = (values + values.T) / 2
    np.fill_diagonal(result, 0.0)
    return result
