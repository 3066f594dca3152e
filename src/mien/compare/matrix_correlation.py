"""Correlations of dissimilarity matrices over their pairs, in the order as it is and in those of chance."""

from __future__ import annotations

import numpy as np

# Numbers that are gathered at once.
_AT_ONCE = 4_000_000


def standardised(matrix: np.ndarray, pairs: np.ndarray, *, ranked: bool = True) -> np.ndarray:
    """Ranks (or values) with mean 0 and standard deviation 1 over the pairs that are compared.

    Parameters
    ----------
    matrix : ndarray, shape (rows, rows)
        NaN where unknown.
    pairs : ndarray of bool, shape (rows, rows)
        Symmetric.
    ranked : bool

    Returns
    -------
    ndarray of float64, shape (rows, rows)
        NaN for all other pairs, and everywhere if the values do not vary.
    """
    upper = np.triu(pairs & np.isfinite(matrix), 1)
    values = matrix[upper]
    result = np.full(matrix.shape, np.nan)
    if len(values) < 2 or not np.ptp(values) > 1e-12 * np.abs(values).max():
        return result
    # What differs by rounding is a tie.
    from scipy.stats import rankdata

    values = rankdata(_rounded(values)) if ranked else values
    result[upper] = (values - values.mean()) / values.std()
    result.T[upper] = result[upper]
    return result


def _rounded(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.round(values / np.abs(values).max(), 12))


def correlations(
    layers: np.ndarray, reference: np.ndarray, orders: np.ndarray, given: np.ndarray | None = None
) -> np.ndarray:
    """Correlation of each layer's matrix with a reference whose rows and columns change places.

    Parameters
    ----------
    layers : ndarray, shape (layers, rows, rows)
        As ``standardised`` gives them; NaN for pairs that are not compared.
    reference : ndarray, shape (sources, rows, rows)
        The same of each source.
    orders : ndarray of int, shape (orders, rows)
        As ``mien.compare.pair_orders.pair_orders`` gives them.
    given : ndarray, shape (rows, rows), optional
        A third matrix; correlations are then partial, see ``curves_of``. What is left of the reference changes places,
        and is cleared of the third matrix again (Freedman and Lane 1983).

    Returns
    -------
    ndarray of float64, shape (orders, layers)
        Mean over the sources; NaN where a layer's pairs do not vary.
    """
    pairs = np.isfinite(layers).any(axis=0)
    curves = np.empty((0, *pairs.shape)) if given is None else curves_of(given, pairs)
    if given is not None:
        layers = np.stack([residuals(one, curves) for one in layers])
        reference = np.stack([residuals(one, curves) for one in reference])
    fixed = np.concatenate([layers, curves])
    kind = np.float64 if len(pairs) <= 200 else np.float32
    x = np.where(np.isfinite(fixed), fixed, 0.0).astype(kind).reshape(len(fixed), -1)
    result = np.zeros((len(orders), len(fixed)))
    step = max(1, _AT_ONCE // pairs.size)
    for start in range(0, len(orders), step):
        order = orders[start : start + step]
        for one in reference.astype(kind):
            whole = np.array_equal(np.isfinite(one), pairs)
            placed = np.stack([one.take(row, axis=0).take(row, axis=1) for row in order])
            result[start : start + step] += _pearson(x, placed, pairs, whole) / len(reference)
    # Of what changed places, the part that the curves explain again is no part of what is left.
    left = 1 - (result[:, len(layers) :] ** 2).sum(axis=1, keepdims=True)
    return _known(result[:, : len(layers)] / np.sqrt(np.maximum(left, 1e-6)), layers)


def _known(result: np.ndarray, layers: np.ndarray) -> np.ndarray:
    result[:, ~np.isfinite(layers).any(axis=(1, 2))] = np.nan
    return result


def _pearson(x: np.ndarray, placed: np.ndarray, pairs: np.ndarray, whole: bool) -> np.ndarray:
    """Of flat rows x with every placed matrix, over the pairs that both know, shape (placed, rows of x).

    ``whole``: the matrix knows all pairs but those of one source, which it then does not know in any order.
    """
    known = pairs[None]
    if whole:
        total = np.full((len(placed), 1), float(pairs.sum()))
        y = np.nan_to_num(placed, nan=0.0, copy=False).reshape(len(placed), -1)
    else:
        known = (np.isfinite(placed) & pairs).reshape(len(placed), -1)
        y = np.where(known, placed.reshape(len(placed), -1), 0)
        total = known.sum(axis=1)[:, None].astype(np.float64)
    xy, sum_y, square_y = y @ x.T, y.sum(axis=1)[:, None], np.einsum("ij,ij->i", y, y)[:, None]
    if (total == pairs.sum()).all():
        sum_x, square_x = x.sum(axis=1), np.einsum("ij,ij->i", x, x)
    else:
        weight = known.astype(x.dtype)
        sum_x, square_x = weight @ x.T, weight @ (x**2).T
    spread = (total * square_x - sum_x.astype(np.float64) ** 2) * (total * square_y - sum_y.astype(np.float64) ** 2)
    top = total * xy - sum_x.astype(np.float64) * sum_y
    return np.asarray(top / np.sqrt(np.maximum(spread, 1e-12)))


def curves_of(given: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """What a matrix is cleared of: the third one, its square and its cube, made orthogonal over the pairs.

    Distances add up as squares, so that a straight line would leave a part of what two matrices owe to a third.

    Parameters
    ----------
    given : ndarray, shape (rows, rows)
        As ``standardised`` gives it.
    pairs : ndarray of bool, shape (rows, rows)

    Returns
    -------
    ndarray, shape (up to 3, rows, rows)
        Mean 0 and standard deviation 1 over the pairs; NaN for others.
    """
    both = pairs & np.isfinite(given)
    z, made = given[both], list[np.ndarray]()
    for power in (1, 2, 3):
        column = z**power - (z**power).mean()
        for other in made:
            column = column - (column @ other) / len(z) * other
        spread = column.std()
        if spread > 1e-6:
            made.append(column / spread)
    result = np.full((len(made), *given.shape), np.nan)
    result[:, both] = made
    return result


def residuals(matrix: np.ndarray, curves: np.ndarray) -> np.ndarray:
    """What is left of a matrix when curves are regressed out of it over the pairs that both know; NaN elsewhere."""
    both = np.isfinite(matrix) & np.isfinite(curves).all(axis=0)
    result = np.full(matrix.shape, np.nan)
    if both.any():
        basis = np.vstack([np.ones(int(both.sum())), curves[:, both]]).T
        left = _cleared(matrix[both], basis)
        if np.abs(left).mean() <= 1e-9 * np.abs(matrix[both]).mean():
            return result
        # Where the third matrix is large the others are held by it: residuals scatter less there, in both.
        size = np.abs(left) - _cleared(np.abs(left), basis)
        result[both] = _cleared(left / np.maximum(size, 0.3 * np.abs(left).mean()), basis)
    return result


def _cleared(values: np.ndarray, basis: np.ndarray) -> np.ndarray:
    return np.asarray(values - basis @ np.linalg.lstsq(basis, values, rcond=None)[0])
