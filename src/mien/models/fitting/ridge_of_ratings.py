"""Ridge regression of several ratings at once, each with its own strength, chosen by leaving out people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.models.fitting.sample_space import SampleSpace

# Penalties on the squared weights; one range serves all data, because every block of features has the same variance.
PENALTIES = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
# Samples whose leverages are computed together.
_ROWS = 1024


@dataclass(frozen=True, eq=False)
class RidgeOfRatings:
    """A fitted ridge regression of several ratings.

    Attributes
    ----------
    weight : ndarray, shape (ratings, features)
        Of standardised features.
    bias, penalty : ndarray, shape (ratings,)
        The penalty is the one with the smallest squared error on people left out.
    left_out : ndarray, shape (samples, ratings)
        Predictions for each training sample by the model without its subject.
    """

    weight: np.ndarray
    bias: np.ndarray
    penalty: np.ndarray
    left_out: np.ndarray


def fit_ridge(
    space: SampleSpace, y: np.ndarray, groups: np.ndarray, penalties: tuple[float, ...] = PENALTIES
) -> RidgeOfRatings:
    """Ridge regression of every rating.

    Parameters
    ----------
    space : SampleSpace
        Of the training samples.
    y : ndarray, shape (samples, ratings)
    groups : ndarray, shape (samples,)
        Who is shown. All samples of one person are left out together when a penalty is judged.
    penalties : tuple of float
        To choose from, for each rating.
    """
    bias = y.mean(0)
    goal = y - bias
    # Unit vectors in the space of samples: predictions are their shrunken sums. The mean is one more, not shrunken.
    axes = np.empty((len(y), len(space.power) + 1))
    np.divide(space.coordinates, np.sqrt(space.power), out=axes[:, :-1])
    axes[:, -1] = len(y) ** -0.5
    share = axes[:, :-1].T @ goal
    choices = sorted(penalties)
    shrinks = np.stack([np.append(space.power / (space.power + p), 1.0) for p in choices])
    residuals = _left_out(axes, shrinks, goal, share, groups)
    # The strongest penalty among equals.
    best = len(choices) - 1 - (residuals[::-1] ** 2).mean(1).round(12).argmin(0)
    penalty = np.array(choices)[best]
    coefficients = share * np.sqrt(space.power)[:, None] / (space.power[:, None] + penalty)
    left_out = y - residuals[best, :, np.arange(y.shape[1])].T
    return RidgeOfRatings(space.weights(coefficients.T), bias, penalty, left_out)


def _left_out(
    axes: np.ndarray, shrinks: np.ndarray, goal: np.ndarray, share: np.ndarray, groups: np.ndarray
) -> np.ndarray:
    """True minus predicted values of each group by the model without it, (penalties, samples, ratings).

    Closed form: the residuals of a group in the whole fit, divided by I - H of that group, H being the matrix that maps
    true to fitted values. The share of the mean, 1 / samples, belongs to H: features and ratings are centred on all
    samples, so that a sample left out is minus the sum of the others, and without it would be known.
    """
    residuals = np.stack([goal - axes[:, :-1] @ (shrink[:-1, None] * share) for shrink in shrinks])
    order = np.argsort(groups, kind="stable")
    each = np.split(order, np.flatnonzero(groups[order][1:] != groups[order][:-1]) + 1)
    alone = np.array([own[0] for own in each if len(own) == 1], dtype=np.intp)
    for start in range(0, len(alone), _ROWS):
        rows = alone[start : start + _ROWS]
        residuals[:, rows] /= (1 - axes[rows] ** 2 @ shrinks.T).T[:, :, None]
    for own in each:
        if len(own) > 1:
            for shrink, residual in zip(shrinks, residuals, strict=True):
                residual[own] = _without(axes[own], shrink, residual[own])
    return residuals


def _without(axes: np.ndarray, shrink: np.ndarray, residual: np.ndarray) -> np.ndarray:
    """Residuals divided by I - H, H = axes * shrink * axes', by the smaller of two systems (Woodbury's identity)."""
    if len(axes) <= axes.shape[1]:
        found: np.ndarray = np.linalg.solve(np.eye(len(axes)) - (axes * shrink) @ axes.T, residual)
        return found
    return residual + axes @ np.linalg.solve(np.diag(1 / shrink) - axes.T @ axes, axes.T @ residual)
