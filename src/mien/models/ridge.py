"""Ridge regression of several ratings at once, each with its own strength, chosen by leaving out people."""

from __future__ import annotations

import numpy as np

from mien.models.sample_space import SampleSpace

# Penalties on the squared weights; one range serves all data, because every block of features has the same variance.
PENALTIES = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)


def fit_ridge(
    space: SampleSpace, y: np.ndarray, groups: np.ndarray, penalties: tuple[float, ...] = PENALTIES
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights of every rating.

    Parameters
    ----------
    space : SampleSpace
        Of the training samples.
    y : ndarray, shape (samples, ratings)
    groups : ndarray, shape (samples,)
        Who is shown. All samples of one person are left out together when a penalty is judged, mirror images too.
    penalties : tuple of float

    Returns
    -------
    weight : ndarray, shape (ratings, features)
        Of standardised features.
    bias : ndarray, shape (ratings,)
    penalty : ndarray, shape (ratings,)
        The one with the smallest squared error on people left out.
    """
    bias = y.mean(0)
    goal = y - bias
    # Unit vectors in the space of samples: predictions are their shrunken sums.
    axes = space.coordinates / np.sqrt(space.power)
    share = axes.T @ goal
    choices = sorted(penalties)
    errors = np.stack([_left_out_error(axes, space.power / (space.power + p), goal, share, groups) for p in choices])
    # The strongest penalty among equals.
    best = len(choices) - 1 - errors[::-1].round(12).argmin(0)
    penalty = np.array(choices)[best]
    coefficients = share * np.sqrt(space.power)[:, None] / (space.power[:, None] + penalty)
    return space.weights(coefficients.T), bias, penalty


def _left_out_error(
    axes: np.ndarray, shrink: np.ndarray, goal: np.ndarray, share: np.ndarray, groups: np.ndarray
) -> np.ndarray:
    """Mean squared error of predictions for each group by the model without it, shape (ratings,).

    Closed form: the residuals of a group in the whole fit, divided by I - H of that group, H being the matrix that maps
    true to fitted values.
    """
    residual = goal - (axes * shrink) @ share
    total = np.zeros(goal.shape[1])
    order = np.argsort(groups, kind="stable")
    for own in np.split(order, np.flatnonzero(groups[order][1:] != groups[order][:-1]) + 1):
        hat = (axes[own] * shrink) @ axes[own].T
        total += (np.linalg.solve(np.eye(len(own)) - hat, residual[own]) ** 2).sum(0)
    return total / len(goal)
