"""What predictions that have nothing to do with the truth would score: the truth changes hands between people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from mien.stats.permutation import exchanged
from mien.stats.subjects import codes_of

# Of a score's test, unless somebody asks for another number.
PERMUTATIONS = 999
# Permutations are worked off in blocks of about this many numbers.
_BLOCK = 4_000_000


def permuted_rows(subjects: Any, n_permutations: int, seed: int) -> Iterator[np.ndarray]:
    """Whose rating each sample gets, in blocks of shape (permutations, samples).

    People exchange all their ratings, in random order among a person's samples. One with more samples than the other
    gets some of the other's ratings again.

    Parameters
    ----------
    subjects : sequence of str, shape (samples,)
    n_permutations, seed : int
    """
    names, codes = codes_of(subjects)
    rng = np.random.default_rng(seed)
    size = np.bincount(codes)
    home = np.argsort(codes, kind="stable")
    start = np.cumsum(size) - size
    place = np.arange(len(codes)) - np.repeat(start, size)
    for count in _blocks(n_permutations, len(codes)):
        rows = np.empty((count, len(codes)), dtype=np.intp)
        for row in rows:
            giver = rng.permutation(len(names))[codes[home]]
            mixed = np.lexsort((rng.random(len(codes)), codes))
            row[home] = mixed[start[giver] + place % size[giver]]
        yield rows


def permuted_codes(codes: np.ndarray, subjects: Any, n_permutations: int, seed: int) -> Iterator[np.ndarray]:
    """Classes in orders that chance could have given (``exchanged``), in blocks of (permutations, samples)."""
    rng = np.random.default_rng(seed)
    # People in the order of their numbers as text, once for all permutations.
    who = codes_of(codes_of(subjects)[1])[1]
    for count in _blocks(n_permutations, len(codes)):
        yield np.stack([codes[exchanged(who, rng)] for _ in range(count)]).astype(np.intp)


def chance_p(observed: float, null: np.ndarray, *, cross_validated: bool) -> float:
    """Share of chance scores at least as large as the observed one, which counts as one of them.

    Parameters
    ----------
    observed : float
    null : ndarray, shape (permutations,)
        NaN (undefined) counts as at least as large: it speaks against nothing.
    cross_validated : bool
        Whether people who are tested were training data of the models that predicted the others. Two people then meet
        twice, once each way, and what chance gives them it gives twice: the variance of scores is up to twice that of
        fixed predictions, so the null distribution is stretched by the root of two about its middle.

    Notes
    -----
    Phipson and Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9(1), 39; on the dependence of cross-validated errors
    Bates, Hastie and Tibshirani (2024), J. Am. Stat. Assoc. 119(546), 1434-1445.
    """
    if not np.isfinite(observed) or not len(null) or not np.isfinite(null).any():
        return float("nan")
    if cross_validated:
        middle = np.nanmean(null)
        null = middle + np.sqrt(2) * (null - middle)
    return float((1 + (~(null < observed - 1e-12)).sum()) / (1 + len(null)))


def _blocks(total: int, width: int) -> list[int]:
    step = max(1, _BLOCK // max(1, width))
    return [min(step, total - start) for start in range(0, total, step)]
