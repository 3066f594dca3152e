"""Orders in which chance could have put the rows and columns of a matrix: all of them, or many."""

from __future__ import annotations

from itertools import permutations
from math import factorial

import numpy as np

from mien.stats.permutation import exchanged_rows
from mien.stats.subjects import codes_of


def pair_orders(sources: np.ndarray, n_permutations: int, seed: int) -> tuple[np.ndarray, bool]:
    """Orders of the rows, whole sources together.

    Parameters
    ----------
    sources : ndarray of str, shape (rows,)
        Whose picture each row is; sources change places, and the pictures within them.
    n_permutations : int
        All orders are enumerated where every row is a source and they are no more than this; else so many are drawn.
    seed : int

    Returns
    -------
    orders : ndarray of int, shape (permutations, rows)
        The first one is the order as it is.
    exact : bool
        Whether these are all orders.

    Notes
    -----
    Where sources have different numbers of pictures, a row can stand for two of another source's; pairs within a source
    are compared nowhere, so that no picture is compared with itself.
    """
    count = len(sources)
    single = len(codes_of(sources)[0]) == count
    if single and count <= 10 and factorial(count) <= n_permutations:
        return np.array(list(permutations(range(count))), dtype=np.intp), True
    rng = np.random.default_rng(seed)
    drawn = [rng.permutation(count) if single else exchanged_rows(sources, rng) for _ in range(n_permutations)]
    return np.stack([np.arange(count), *drawn]), False


def compared_pairs(sources: np.ndarray) -> np.ndarray:
    """Which pairs are compared, shape (rows, rows), bool: those of different sources."""
    codes = codes_of(sources)[1]
    different: np.ndarray = codes[:, None] != codes
    return different
