"""Whether the first columns of two maps are the same ones, against chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.core.numbers import checked_numbers
from mien.decoding.evidence.spin import spins


@dataclass(frozen=True)
class Overlap:
    """Overlap of the first ``k`` columns of two targets' maps.

    Attributes
    ----------
    one, other : str
    k, columns : int
    shared : int
        How many of the first are the same.
    dice, jaccard : float
        Share of the first, and of all that are among the first of either.
    expected : float
        Share (Dice) if columns were in any order.
    p_columns : float
        One-sided, if columns were in any order (hypergeometric): too small for maps whose neighbours are alike.
    p_spin : float
        One-sided, against turned maps (``mien.decoding.evidence.spin``); NaN where no centres are known.
    dice_shuffled : float
        The same share of decoders that were trained on shifted labels: what noise alone makes common. NaN without them.
    """

    one: str
    other: str
    k: int
    columns: int
    shared: int
    dice: float
    jaccard: float
    expected: float
    p_columns: float
    p_spin: float
    dice_shuffled: float = float("nan")


def first_columns(values: np.ndarray, k: int) -> np.ndarray:
    """Which columns are the ``k`` largest, as a mask; among equal ones those that come first."""
    mask = np.zeros(len(values), dtype=bool)
    mask[np.argsort(-np.nan_to_num(values, nan=-np.inf), kind="stable")[:k]] = True
    return mask


@checked_numbers
def overlap(
    one: np.ndarray,
    other: np.ndarray,
    *,
    k: int = 20,
    centres_mm: np.ndarray | None = None,
    n_spins: int = 1000,
    seed: int = 0,
    names: tuple[str, str] = ("one", "other"),
) -> Overlap:
    """Overlap of the first columns of two maps.

    Parameters
    ----------
    one, other : ndarray, shape (columns,)
        Amounts of evidence.
    k : int
        How many are the first; at most half of the columns.
    centres_mm : ndarray, shape (columns, 3), optional
        For the spin test.
    n_spins : int
    seed : int
    names : tuple of str

    Returns
    -------
    Overlap
    """
    from scipy.stats import hypergeom

    columns = len(one)
    k = max(1, min(k, columns // 2))
    a, b = first_columns(one, k), first_columns(other, k)
    shared = int((a & b).sum())
    p_spin = float("nan")
    if centres_mm is not None:
        turned = b[spins(centres_mm, n_spins, seed)]
        null = 2 * (turned & a).sum(axis=1) / (k + turned.sum(axis=1))
        p_spin = float((1 + (null >= shared / k - 1e-12).sum()) / (n_spins + 1))
    return Overlap(
        *names, k, columns, shared, shared / k, shared / (2 * k - shared), k / columns,
        float(hypergeom.sf(shared - 1, columns, k, k)), p_spin,
    )  # fmt: skip
