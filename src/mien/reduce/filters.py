"""Rankings without a network, as rivals: variance, mutual information, group lasso.

All of them look at each landmark's summaries over time (mean, lowest and highest value, and spread of every
coordinate), all of them only at training clips.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mien.reduce.ways import RIVALS

Ranker = Callable[[np.ndarray, np.ndarray], np.ndarray]

BINS = 8  # of equal size, for mutual information
LAMBDAS = 20  # strengths of the penalty on the path of the group lasso, down to a hundredth of the first
STEPS = 50  # of the proximal gradient method at each strength


def summaries(values: np.ndarray) -> np.ndarray:
    """Mean, lowest, highest and spread over time, shape (clips, landmarks, 4 x coordinates); float64."""
    values = np.asarray(values, dtype=np.float64)
    parts = [values.mean(1), values.min(1), values.max(1), values.std(1)]
    return np.concatenate(parts[: 1 if values.shape[1] == 1 else 4], axis=2)


def variance(values: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Variance of each landmark's position over clips and frames, summed over coordinates; classes play no part.

    Parameters
    ----------
    values : ndarray, shape (clips, frames, landmarks, coordinates)
    y : ndarray of str, shape (clips,)

    Returns
    -------
    ndarray of float64, shape (landmarks,)
    """
    return values.var(axis=(0, 1), dtype=np.float64).sum(axis=1)


def mutual_information(values: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Mutual information of the class and each landmark's most informative summary, in nats; shape (landmarks,).

    Summaries are cut into ``BINS`` bins of equal size; all have the same number, so the bias of the plug-in estimate
    is the same for all and does not change the order.
    """
    flat = summaries(values)
    clips, landmarks, parts = flat.shape
    columns = flat.reshape(clips, -1)
    ranks = columns.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    bins = ranks * BINS // clips
    _, code = np.unique(y.astype(str), return_inverse=True)
    joint = np.stack([np.eye(BINS)[bins[code == c]].sum(axis=0) for c in range(code.max() + 1)], axis=1) / clips
    expected = joint.sum(axis=1, keepdims=True) * joint.sum(axis=2, keepdims=True)
    terms = np.zeros_like(joint)
    np.log(np.divide(joint, expected, out=np.ones_like(joint), where=joint > 0), out=terms)
    result: np.ndarray = (joint * terms).sum(axis=(1, 2)).reshape(landmarks, parts).max(axis=1)
    return result


def group_lasso(values: np.ndarray, y: np.ndarray) -> np.ndarray:
    """How early each landmark enters a group lasso; shape (landmarks,).

    Least squares of the classes (one-hot, each class weighing the same) on all landmarks' standardised summaries, with
    one penalty on the norm of all weights of a landmark (Yuan & Lin 2006, J. R. Stat. Soc. B 68(1), 49-67), on a path
    of falling penalties; solved by accelerated proximal gradients (Beck & Teboulle 2009).

    Returns
    -------
    ndarray of float64
        Number of penalties at which the landmark has weight, plus at most one half for its norm at the end.
    """
    flat = summaries(values)
    clips, landmarks = flat.shape[:2]
    x = flat - flat.mean(axis=0)
    scale = x.std(axis=0)
    x = (x / np.where(scale > 0, scale, 1.0)).reshape(clips, -1)
    names, code = np.unique(y.astype(str), return_inverse=True)
    share = np.bincount(code) / clips
    goal = (np.eye(len(names))[code] - share) / np.sqrt(share)
    norm = float(np.linalg.norm(x, 2) ** 2) / clips or 1.0
    weights = np.zeros((x.shape[1], len(names)))
    first = float(np.linalg.norm((x.T @ goal / clips).reshape(landmarks, -1), axis=1).max())
    entered, size = np.zeros(landmarks), np.zeros(landmarks)
    for strength in first * np.logspace(0, -2, LAMBDAS)[1:]:
        weights = _proximal(x, goal, weights, strength, 1 / norm, landmarks)
        size = np.linalg.norm(weights.reshape(landmarks, -1), axis=1)
        entered += size > 0
    return entered + 0.5 * size / (size.max() or 1.0)


def _proximal(
    x: np.ndarray, goal: np.ndarray, weights: np.ndarray, strength: float, step: float, landmarks: int
) -> np.ndarray:
    ahead, momentum = weights, 1.0
    for _ in range(STEPS):
        moved = ahead - step * (x.T @ (x @ ahead - goal)) / len(x)
        groups = moved.reshape(landmarks, -1)
        size = np.linalg.norm(groups, axis=1, keepdims=True)
        shrunk = groups * np.maximum(1 - step * strength / np.where(size > 0, size, 1.0), 0)
        new = shrunk.reshape(weights.shape)
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = new + (momentum - 1) / following * (new - weights)
        weights, momentum = new, following
    return weights


RANKERS: dict[str, Ranker] = dict(zip(RIVALS, (variance, mutual_information, group_lasso), strict=True))
