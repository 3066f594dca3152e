"""Intervals of correlations of dissimilarity matrices: a bootstrap over stimuli and the sources of the reference."""

from __future__ import annotations

import numpy as np

from mien.stats import student
from mien.stats.subjects import codes_of

# As everywhere, intervals over fewer are withheld; from here on they hold the truth (benchmarks/null_rsa.py).
LEAST_STIMULI = 10


def matrix_intervals(
    layers: np.ndarray, reference: np.ndarray, sources: np.ndarray, *, n_boot: int = 1000, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """95 % intervals of the mean correlation with the reference's sources.

    Parameters
    ----------
    layers : ndarray, shape (layers, rows, rows)
        As ``mien.compare.matrix_correlation.standardised`` gives them.
    reference : ndarray, shape (reference's sources, rows, rows)
        The same.
    sources : ndarray of str, shape (rows,)
        Whose picture each row is; they are drawn with replacement, with all their pictures.
    n_boot, seed : int

    Returns
    -------
    standard_error : ndarray, shape (layers,)
        NaN below ``LEAST_STIMULI``.
    freedom : ndarray, shape (layers,)
        Degrees of freedom of Student's t.

    Notes
    -----
    Pairs of a picture with its own copy, which a bootstrap over stimuli makes, are left out. The variance over stimuli
    and people is that of the corrected dual bootstrap (Schütt, Kipnis, Diedrichsen and Kriegeskorte 2023, "Statistical
    inference on representational geometries", eLife 12, e82566), since the plain one counts noise three times. Ranks
    are those of all pairs, so that a sample costs products of matrices.
    """
    names, codes = codes_of(sources)
    units, parts = len(names), len(reference)
    if units < LEAST_STIMULI:
        nothing = np.full(len(layers), np.nan)
        return nothing, nothing
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(units, np.full(units, 1 / units), size=n_boot).astype(np.float32)
    weights = drawn[:, codes]
    by_part = np.stack([_weighted(layers, one, weights) for one in reference], axis=-1)
    observed = np.stack([_weighted(layers, one, np.ones((1, len(codes)), np.float32))[0] for one in reference], axis=-1)
    over_stimuli = np.nanvar(by_part.mean(axis=-1), axis=0)
    if parts == 1:
        return np.sqrt(units / (units - 1) * over_stimuli), np.full(len(layers), units - 1.0)
    people = rng.multinomial(parts, np.full(parts, 1 / parts), size=n_boot) / parts
    over_people = np.nanvar(observed @ people.T, axis=1)
    both = np.nanvar(np.einsum("bls,bs->bl", by_part, people), axis=0)
    few, many = parts / (parts - 1), units / (units - 1)
    variance = few * over_people + many * over_stimuli - few * many * (both - over_people - over_stimuli)
    least = np.maximum(few * over_people, many * over_stimuli)
    variance = np.minimum(np.maximum(variance, least), np.maximum(both, least))
    return np.sqrt(variance), np.full(len(layers), min(units, parts) - 1.0)


def bounds(value: np.ndarray, error: np.ndarray, freedom: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the 95 % intervals, within -1 and 1."""
    away = student.ppf(0.975, np.where(np.isfinite(freedom), freedom, 1.0)) * error
    return np.maximum(value - away, -1.0), np.minimum(value + away, 1.0)


def _weighted(layers: np.ndarray, one: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Correlations over pairs that weigh the product of their rows' weights, shape (samples, layers)."""
    known = np.isfinite(one) & np.isfinite(layers).any(axis=0)
    y = np.where(known, one, 0.0).astype(np.float32)

    def total(matrix: np.ndarray) -> np.ndarray:
        return np.asarray(((weights @ matrix) * weights).sum(axis=1), dtype=np.float64)

    n, sum_y, square_y = total(known.astype(np.float32)), total(y), total(y**2)
    result = np.full((len(weights), len(layers)), np.nan)
    for number, layer in enumerate(layers):
        x = np.where(known & np.isfinite(layer), layer, 0.0).astype(np.float32)
        sum_x, square_x, xy = total(x), total(x**2), total(x * y)
        spread = (n * square_x - sum_x**2) * (n * square_y - sum_y**2)
        enough = spread > 1e-9 * np.maximum(n, 1) ** 2
        result[enough, number] = (n * xy - sum_x * sum_y)[enough] / np.sqrt(spread[enough])
    return result
