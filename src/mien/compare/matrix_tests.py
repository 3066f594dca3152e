"""Permutation tests of layers against a reference: rows and columns change places together, corrected over layers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Sums of the same numbers in another order are no larger.
_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class LayerTests:
    """One-sided tests: is the layer's matrix more like the reference than chance.

    Attributes
    ----------
    statistic, p, p_corrected : ndarray, shape (layers,)
        ``p_corrected``: family-wise over the layers, by the largest statistic of each permutation.
    """

    statistic: np.ndarray
    p: np.ndarray
    p_corrected: np.ndarray


def layer_tests(found: np.ndarray) -> LayerTests:
    """Tests from the correlations in every order.

    Parameters
    ----------
    found : ndarray, shape (orders, layers)
        The first order is the observed one, as ``mien.compare.matrix_correlation.correlations`` gives them. NaN for a
        layer that cannot be tested.

    Notes
    -----
    The Mantel test (Mantel 1967); the observed order counts as one of the permutations (Phipson and Smyth 2010); the
    largest statistic: Westfall and Young 1993.
    """
    observed = found[0]
    tested = np.isfinite(observed)
    p, corrected = np.full(len(observed), np.nan), np.full(len(observed), np.nan)
    if tested.any():
        all_orders = found[:, tested]
        reached = observed[tested] - _ROUNDING
        p[tested] = (all_orders >= reached).mean(axis=0)
        corrected[tested] = (all_orders.max(axis=1)[:, None] >= reached).mean(axis=0)
    return LayerTests(observed, p, corrected)
