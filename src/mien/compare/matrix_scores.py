"""How like a layer's matrix is to those of people, brains and models, and how like it could be (rsatoolbox)."""

from __future__ import annotations

import warnings

import numpy as np

from mien.core.errors import InputError
from mien.core.extras import require

# Name: what rsatoolbox calls it.
COEFFICIENTS = {"spearman": "spearman", "tau-a": "tau-a", "rho-a": "rho-a", "pearson": "corr", "cosine": "cosine"}


def check_coefficient(coefficient: str) -> None:
    """Refuse a coefficient that is not there.

    Raises
    ------
    InputError
        The sentence lists what there is.
    """
    if coefficient not in COEFFICIENTS:
        raise InputError(f"Matrices are compared by {', '.join(COEFFICIENTS)}, not by '{coefficient}'.")


def matrix_scores(layers: np.ndarray, reference: np.ndarray, pairs: np.ndarray, coefficient: str) -> np.ndarray:
    """Coefficient of every layer with every source of a reference.

    Parameters
    ----------
    layers : ndarray, shape (layers, rows, rows)
    reference : ndarray, shape (sources, rows, rows)
        NaN where unknown.
    pairs : ndarray of bool, shape (rows, rows)
        Which are compared.
    coefficient : str
        One of ``COEFFICIENTS``; where a reference has ties, as a model of categories has, ``'tau-a'`` does not favour
        references with ties over those without.

    Returns
    -------
    ndarray of float64, shape (layers, sources)
    """
    rdm = require("rsatoolbox.rdm", "Comparing dissimilarities", "rsa")
    upper = np.triu_indices(len(pairs), 1)
    flat = np.stack([layer[upper] for layer in layers])
    result = np.full((len(layers), len(reference)), np.nan)
    for number, one in enumerate(reference):
        known = pairs[upper] & np.isfinite(one[upper])
        x, y = flat[:, known], one[upper][known]
        if len(y) < 2 or not np.ptp(y) > 0:
            continue
        varies = np.ptp(x, axis=1) > 0
        # What differs by rounding is a tie.
        x, y = (np.round(values / np.abs(values).max(), 12) for values in (x, y))
        if varies.any():
            found = rdm.compare(x[varies], y[None], method=COEFFICIENTS[coefficient])
            result[varies, number] = np.asarray(found)[:, 0]
    return result


def noise_ceiling(reference: np.ndarray, pairs: np.ndarray, coefficient: str) -> tuple[float, float]:
    """What the best possible model would reach, on average over the sources of a reference.

    Parameters
    ----------
    reference : ndarray, shape (sources, rows, rows)
    pairs : ndarray of bool, shape (rows, rows)
    coefficient : str

    Returns
    -------
    low, high : float
        Mean coefficient of each source with the mean of the others, and with the mean of all (Nili et al. 2014, "A
        toolbox for representational similarity analysis", PLoS Comput. Biol. 10(4)). NaN for one source.
    """
    if len(reference) < 2:
        return float("nan"), float("nan")
    rdm = require("rsatoolbox.rdm", "Noise ceilings", "rsa")
    inference = require("rsatoolbox.inference", "Noise ceilings", "rsa")
    upper = np.triu_indices(len(pairs), 1)
    vectors = np.stack([one[upper] for one in reference])
    # The toolbox asks that the same pairs are known of everybody.
    vectors = vectors[:, pairs[upper] & np.isfinite(vectors).all(axis=0)]
    if vectors.shape[1] < 3 or not (np.ptp(vectors, axis=1) > 0).all():
        return float("nan"), float("nan")
    full = np.zeros((len(vectors), _rows_for(vectors.shape[1])))
    full[:, vectors.shape[1] :] = np.nan
    full[:, : vectors.shape[1]] = vectors
    with warnings.catch_warnings():
        # For tau-a the mean of ranks is not quite the best model; it says so each time.
        warnings.simplefilter("ignore")
        low, high = inference.boot_noise_ceiling(rdm.RDMs(full), method=COEFFICIENTS[coefficient])
    return float(low), float(high)


def halves_ceiling(halves: np.ndarray, pairs: np.ndarray, coefficient: str) -> tuple[float, float]:
    """What could be reached with the matrix of one source that was measured several times.

    Parameters
    ----------
    halves : ndarray, shape (splits, 2, rows, rows)
        Of random halves of the measurements.
    pairs : ndarray of bool, shape (rows, rows)
    coefficient : str

    Returns
    -------
    low, high : float
        What as many other measurements of the same source would reach (mean correlation of the halves, stepped up by
        Spearman and Brown), and what the true matrix would reach (its root).
    """
    between = [float(matrix_scores(one[:1], one[1:], pairs, coefficient)[0, 0]) for one in halves]
    half = float(np.mean(between))
    whole = 2 * half / (1 + half) if half > -1 else -1.0
    return max(whole, 0.0), float(np.sqrt(max(whole, 0.0)))


def _rows_for(pairs: int) -> int:
    """Pairs of the smallest square matrix that has at least so many."""
    rows = int(np.ceil((1 + np.sqrt(1 + 8 * pairs)) / 2))
    return rows * (rows - 1) // 2
