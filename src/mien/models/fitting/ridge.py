"""Ridge regression in closed form: one factorisation for all penalties and all outputs, with held-out predictions.

Golub, Heath & Wahba, "Generalized cross-validation as a method for choosing a good ridge parameter", Technometrics 21
(1979). Leaving out whole groups follows from the same projection ("hat") matrix, without another fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Ridge:
    """A fitted ridge regression.

    Attributes
    ----------
    coefficients : ndarray, shape (features, outputs)
    intercept : ndarray, shape (outputs,)
    penalty : float
        The chosen one.
    errors : ndarray, shape (penalties,)
        Weighted mean squared held-out error (without groups: generalised cross-validation) of every penalty.
    held_out : ndarray, shape (samples, outputs)
        What a fit without the sample's group (without groups: without the sample) predicts for it.
    """

    coefficients: np.ndarray
    intercept: np.ndarray
    penalty: float
    errors: np.ndarray
    held_out: np.ndarray


@dataclass(frozen=True, eq=False)
class Factors:
    """Weighted, centred features taken apart: ``features = left * sqrt(squares) * right'``, of which left is kept."""

    centred: np.ndarray
    root: np.ndarray
    mean: np.ndarray
    left: np.ndarray
    squares: np.ndarray


def factorise(features: np.ndarray, weights: np.ndarray) -> Factors:
    """Factors of features (samples, features) with sample weights (samples,).

    The smaller of the two products of the features with themselves is taken apart: samples x samples where there are
    fewer clips than features, features x features otherwise.
    """
    features = np.asarray(features, dtype=np.float64)
    root = np.sqrt(weights)
    mean = weights @ features / weights.sum()
    centred = (features - mean) * root[:, None]
    if centred.shape[0] <= centred.shape[1]:
        squares, left = np.linalg.eigh(centred @ centred.T)
        kept = squares > 1e-10 * squares.max(initial=1e-30)
        left, squares = left[:, kept], squares[kept]
    else:
        squares, right = np.linalg.eigh(centred.T @ centred)
        kept = squares > 1e-10 * squares.max(initial=1e-30)
        squares = squares[kept]
        left = centred @ (right[:, kept] / np.sqrt(squares))
    return Factors(centred, root, mean, left, squares)


def solve(factors: Factors, targets: np.ndarray, penalty: float) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (features, outputs) and intercept (outputs,) of one penalty; the intercept is not penalised."""
    f = factors
    weights = f.root**2
    centre = weights @ targets / weights.sum()
    inside = f.left.T @ ((targets - centre) * f.root[:, None])
    coefficients = f.centred.T @ (f.left @ (inside / (f.squares + penalty)[:, None]))
    return coefficients, centre - f.mean @ coefficients


def held_out(f: Factors, targets: np.ndarray, penalty: float, lots: Sequence[np.ndarray]) -> np.ndarray:
    """Predictions for each group by a fit without it (without groups: each sample by a fit without it).

    ``lots`` are those of ``of_one_size``; none without groups.
    """
    shrink = f.squares / (f.squares + penalty)
    ones = f.root / np.linalg.norm(f.root)
    scaled = targets * f.root[:, None]
    residual = scaled - np.outer(ones, ones @ scaled) - f.left @ (shrink[:, None] * (f.left.T @ scaled))
    if not lots:
        leverage = ones**2 + (f.left**2) @ shrink
        residual /= (1 - leverage)[:, None]
        return targets - residual / f.root[:, None]
    for own in lots:
        left = f.left[own]
        hat = ones[own][:, :, None] * ones[own][:, None] + (left * shrink) @ left.swapaxes(1, 2)
        residual[own] = np.linalg.solve(np.eye(own.shape[1]) - hat, residual[own])
    return targets - residual / f.root[:, None]


def of_one_size(groups: np.ndarray) -> list[np.ndarray]:
    """Samples of all groups that have as many, shape (groups, samples of each)."""
    _, codes, counts = np.unique(groups, return_inverse=True, return_counts=True)
    samples, starts = np.argsort(codes, kind="stable"), np.cumsum(counts) - counts
    return [samples[starts[counts == size][:, None] + np.arange(size)] for size in np.unique(counts)]


def ridge(
    features: np.ndarray,
    targets: np.ndarray,
    weights: np.ndarray,
    *,
    groups: np.ndarray | None = None,
    multiples: Sequence[float] = (),
) -> Ridge:
    """Ridge regression whose penalty has the least held-out error.

    Parameters
    ----------
    features : ndarray, shape (samples, features)
    targets : ndarray, shape (samples, outputs)
    weights : ndarray, shape (samples,)
        Positive; the same for all outputs, so that one factorisation serves them all.
    groups : ndarray, shape (samples,), optional
        Left out one at a time (subjects); with fewer than two, or without, generalised cross-validation chooses.
    multiples : sequence of float
        Penalties to be tried as multiples of the mean eigenvalue; by default 1e-4 to 1e3. The stronger, the nearer the
        coefficients come to the covariances of features and targets.
    """
    factors = factorise(features, weights)
    tried = np.asarray(multiples, dtype=float) if len(multiples) else np.logspace(-4, 3, 22)
    penalties = factors.squares.sum() / max(1, len(weights)) * tried
    lots = [] if groups is None or len(np.unique(groups)) < 2 else of_one_size(groups)
    errors = np.array([_error(factors, targets, float(p), lots) for p in penalties])
    penalty = float(penalties[int(errors.argmin())])
    coefficients, intercept = solve(factors, targets, penalty)
    return Ridge(coefficients, intercept, penalty, errors, held_out(factors, targets, penalty, lots))


def _error(factors: Factors, targets: np.ndarray, penalty: float, lots: Sequence[np.ndarray]) -> float:
    f = factors
    if lots:
        wrong = (held_out(f, targets, penalty, lots) - targets) * f.root[:, None]
        return float((wrong**2).sum() / (f.root**2).sum())
    coefficients, _ = solve(f, targets, penalty)
    # The fit in the weighted space: centred features give what is left after weighted means are taken out.
    centre = (f.root**2) @ targets / (f.root**2).sum()
    wrong = (targets - centre) * f.root[:, None] - f.centred @ coefficients
    free = 1 - (1 + (f.squares / (f.squares + penalty)).sum()) / len(targets)
    return float((wrong**2).sum() / (f.root**2).sum() / free**2)
