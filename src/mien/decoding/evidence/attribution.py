"""What each column of a held-out row gives to a decoder's scores, and what linear decoders weigh and show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.extras import require

Scores = Callable[[np.ndarray], np.ndarray]
# Rows that stand for what the decoder was trained on, where a method samples.
_REFERENCE = 50


def linear_shap(coef: np.ndarray, rows: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """SHAP values of a linear score, exactly: each weight times what the row differs from the training rows' mean.

    Interventional ones (Lundberg & Lee 2017; Chen et al. 2020, "True to the model or true to the data?"): a column is
    replaced by its values in training whatever the others are, so of two that say the same each has what its own weight
    gives it.

    Parameters
    ----------
    coef : ndarray, shape (targets, columns)
        In scores per unit of the column.
    rows : ndarray, shape (rows, columns)
    reference : ndarray, shape (training rows, columns)

    Returns
    -------
    ndarray, shape (targets, rows, columns)
        Sums over columns are the score minus the mean score of the training rows.
    """
    values: np.ndarray = coef[:, None, :] * (rows - reference.mean(axis=0))
    return values


def tree_shap(booster: str, rows: np.ndarray) -> np.ndarray:
    """LightGBM's own SHAP values of its raw scores (Lundberg et al. 2020), exactly; as ``linear_shap`` gives them."""
    lightgbm = require("lightgbm", "Evidence of trees", "learn")
    model = lightgbm.Booster(model_str=booster)
    flat = np.asarray(model.predict(rows, pred_contrib=True))
    # Of every class the columns and then the mean; of two classes only the second's.
    each = flat.reshape(len(rows), -1, rows.shape[1] + 1)[:, :, :-1]
    return np.moveaxis(each, 1, 0)


def sampled(
    method: str, scores: Scores, rows: np.ndarray, reference: np.ndarray, targets: int, seed: int
) -> np.ndarray:
    """LIME, or SHAP values by sampled coalitions, of any decoder; as ``linear_shap`` gives them.

    Parameters
    ----------
    method : str
        ``'lime'`` or ``'kernel-shap'``, as ``mien.explain`` has them.
    scores : callable
        (rows, columns) -> (rows, targets).
    rows, reference : ndarray
    targets : int
    seed : int
    """
    from mien.explain.explain import explain

    some = reference[np.linspace(0, len(reference) - 1, min(_REFERENCE, len(reference))).astype(int)]
    result = []
    for target in range(targets):

        def score(x: Any, target: int = target) -> np.ndarray:
            return scores(np.asarray(x, dtype=np.float64))[:, target]

        found = explain(score, rows, method=method, reference=some, seed=seed)
        result.append(np.asarray(found.values, dtype=np.float64))
    return np.stack(result)


def permuted_cost(
    skill: Scores, scores: Scores, rows: np.ndarray, repeats: int, generator: np.random.Generator
) -> np.ndarray:
    """What a decoder's skill loses when one column has other rows' values (Fisher, Rudin & Dominici 2019).

    Parameters
    ----------
    skill : callable
        Scores (rows, targets) -> (targets,).
    scores : callable
        (rows, columns) -> (rows, targets).
    rows : ndarray, shape (rows, columns)
        Of one held-out run, so that values stay within it.
    repeats : int
    generator : numpy.random.Generator

    Returns
    -------
    ndarray, shape (targets, columns)
    """
    own = skill(scores(rows))
    cost = np.zeros((len(own), rows.shape[1]))
    changed = rows.copy()
    for column in range(rows.shape[1]):
        for _ in range(repeats):
            changed[:, column] = rows[generator.permutation(len(rows)), column]
            cost[:, column] += (own - skill(scores(changed))) / repeats
        changed[:, column] = rows[:, column]
    return cost


def activation_pattern(coef: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """How each column goes with what a linear decoder reads out: Haufe et al. (2014), NeuroImage 87, 96-110.

    Weights say how the decoder combines columns: one that holds nothing but noise has a large weight where it serves to
    take that noise out of another. The pattern says where what is decoded shows: the covariance of each column with the
    score, divided by the score's variance (their equation 6, for every target by itself).

    Parameters
    ----------
    coef : ndarray, shape (targets, columns)
    reference : ndarray, shape (training rows, columns)

    Returns
    -------
    ndarray, shape (targets, columns)
        In units of the column per unit of the score; 0 where the decoder's score never varies.
    """
    centred = reference - reference.mean(axis=0)
    score = centred @ coef.T
    variance = (score**2).sum(axis=0)
    pattern: np.ndarray = (score.T @ centred) / np.where(variance > 0, variance, 1)[:, None]
    return pattern


def strongest_correlation(reference: np.ndarray) -> np.ndarray:
    """Largest absolute correlation of each column with another one in the training rows, shape (columns,).

    Of more than 2,000 columns those with every n-th other one.
    """
    columns = reference.shape[1]
    if columns < 2:
        raise InputError("Evidence compares columns, but the decoder has one.")
    centred = reference - reference.mean(axis=0)
    unit = centred / np.maximum(np.sqrt((centred**2).sum(axis=0)), 1e-12)
    others = np.arange(0, columns, max(1, columns // 2000))
    alike = np.abs(unit.T @ unit[:, others])
    alike[others, np.arange(len(others))] = 0
    strongest: np.ndarray = alike.max(axis=1)
    return strongest
