"""RISE's map from fewer passes: complements and a control variate, with the same expectation as published.

RISE's value at a place is E[f(x * M) M] / p. It equals E[f] + Cov(f, M) / p, and

- with p = 1/2 a mask's complement is as likely as the mask. In the difference of the two outputs everything even in
  the mask cancels, above all the mean output, whose product with the mask is most of the plain estimate's noise;
- Cov(h, M) is known exactly for any h linear in the mask. Only the covariance of what h leaves unexplained has to be
  sampled. h is a ridge regression fitted on other masks than those it is applied to, so the estimate has the plain
  one's expectation exactly, however badly h fits.

(Control variates and antithetic draws: Owen, Monte Carlo theory, methods and examples, chapter 8.)
"""

from __future__ import annotations

import numpy as np
import torch

from mien.explain.perturb.masks import Masks
from mien.explain.perturb.sampling import Estimate

FOLDS = 5
# Fewer draws than this teach a regression nothing.
LEAST_TO_FIT = 20
# Masks that are made at once when the sums over all masks are formed.
CHUNK = 64
# Ridge penalties that are tried, as shares of the mean variance of the features times the number of draws.
PENALTIES = 10.0 ** np.arange(-5, 3)


def plain_estimate(masks: Masks, outputs: np.ndarray, probability: float) -> Estimate:
    """Mean of output times mask, over p, as published; the standard error is that of a mean."""
    count = len(outputs)
    first, second = _sums(masks, [outputs], [outputs**2], 0.0)
    mean = first[0] / count
    variance = (second[0] / count - mean**2).clip(0) * count / max(count - 1, 1)
    return Estimate(mean / probability, np.sqrt(variance / count) / probability, {})


def controlled_estimate(
    masks: Masks, outputs: np.ndarray, complement: np.ndarray | None, probability: float
) -> Estimate:
    """The same from outputs of masks and, where p is 1/2, of their complements.

    Parameters
    ----------
    masks : Masks
    outputs : ndarray, shape (masks,)
        Output with each mask.
    complement : ndarray, shape (masks,), or None
        Output with one minus the mask.
    probability : float
        That a place stays.
    """
    count = len(outputs)
    odd = outputs if complement is None else (outputs - complement) / 2
    even = outputs if complement is None else (outputs + complement) / 2
    weights, rest = cross_fitted(masks.features(count), odd)
    level = even - even.mean()
    first, second = _sums(masks, [rest, level * rest], [rest**2], probability)
    sampled = first[0] / count
    values = even.mean() + (masks.carried(weights) + sampled) / probability
    # Variance over masks of level + rest * (mask - p) / p, from sums that need no second pass.
    cross = 2 * first[1] / probability
    squares = second[0] / probability**2
    variance = ((level**2).sum() + cross + squares) / count - (sampled / probability) ** 2
    return Estimate(values, np.sqrt(variance.clip(0) / max(count - 1, 1)), {})


def cross_fitted(features: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean ridge weights over folds, and what each fold's values have left when the others' weights are applied.

    Parameters
    ----------
    features : ndarray, shape (draws, features)
        With expectation 0.
    values : ndarray, shape (draws,)

    Returns
    -------
    weights : ndarray, shape (features,)
    rest : ndarray, shape (draws,)
    """
    count = len(values)
    if count < LEAST_TO_FIT or not np.isfinite(values).all():
        return np.zeros(features.shape[1]), values - (0.0 if count < 2 else _others_mean(values))
    if features.shape[1] > count:
        coordinates, basis = _in_span(features)
        weights, rest = _over_folds(coordinates, values, features.shape[1])
        return basis @ weights, rest
    return _over_folds(features, values, features.shape[1])


def _over_folds(features: np.ndarray, values: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """The work of ``cross_fitted``; ``width`` is the number of features before they were turned."""
    count = len(values)
    fold = np.arange(count) % FOLDS
    whole, products = features.T @ features, features.T @ values
    weights, rest = np.zeros(features.shape[1]), np.empty(count)
    for number in range(FOLDS):
        out = fold == number
        kept, mean = ~out, values[~out].mean()
        gram = whole - features[out].T @ features[out]
        target = products - features[out].T @ values[out] - mean * features[kept].sum(axis=0)
        fitted = _ridge(gram, target, float(((values[kept] - mean) ** 2).sum()), int(kept.sum()), width)
        weights += fitted * (out.sum() / count)
        rest[out] = values[out] - mean - features[out] @ fitted
    return weights, rest


def _in_span(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fewer draws than features: coordinates of the draws in the space that they span, and the way back.

    Ridge weights of any of the draws lie in that space, so no decomposition has to be larger than draws x draws.

    Returns
    -------
    coordinates : ndarray, shape (draws, rank)
    basis : ndarray, shape (features, rank)
        Orthonormal columns.
    """
    squares, vectors = np.linalg.eigh(features @ features.T)
    kept = squares > 1e-10 * squares[-1]
    size = np.sqrt(squares[kept])
    return vectors[:, kept] * size, features.T @ (vectors[:, kept] / size)


def _others_mean(values: np.ndarray) -> np.ndarray:
    """Mean of all others, for each value: independent of it."""
    return (values.sum() - values) / (len(values) - 1)


def _ridge(gram: np.ndarray, target: np.ndarray, total: float, count: int, width: int) -> np.ndarray:
    """Ridge weights with the penalty of least generalised cross-validation."""
    size, vectors = np.linalg.eigh(gram)
    size = size.clip(0)
    turned = vectors.T @ target
    best, chosen = np.inf, np.zeros_like(turned)
    for penalty in PENALTIES * max(float(size.sum()) / width, 1e-12):
        weights = turned / (size + penalty)
        left = total - 2 * weights @ turned + (size * weights**2).sum()
        free = count - (size / (size + penalty)).sum()
        score = left / max(free, 1e-9) ** 2 if free > 1 else np.inf
        if score < best:
            best, chosen = score, weights
    return vectors @ chosen


def _sums(
    masks: Masks, once: list[np.ndarray], squared: list[np.ndarray], centre: float
) -> tuple[np.ndarray, np.ndarray]:
    """Sums over masks of number times (mask - centre), and of number times its square; both (numbers, places)."""
    count = len(once[0])
    first, second = (np.zeros((len(numbers), masks.n_places)) for numbers in (once, squared))
    for start in range(0, count, CHUNK):
        stop = min(start + CHUNK, count)
        mask = masks.at(start, stop) - centre
        factors = [
            torch.from_numpy(np.stack(numbers)[:, start:stop].astype(np.float32)).to(mask.device)
            for numbers in (once, squared)
        ]
        first += (factors[0] @ mask).double().cpu().numpy()
        second += (factors[1] @ mask.square_()).double().cpu().numpy()
    return first, second
