"""How different the answers of people are who have the same total: the Symptom Discrepancy Index."""

from __future__ import annotations

import numpy as np

from mien.core.errors import InputError

DISTANCES = ("city-block", "euclidean")
# Pairs of people are worked off in blocks of about this many.
_BLOCK = 4_000_000


def discrepancy_index(
    answers: np.ndarray, *, distance: str = "city-block", neighbours: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Mean distance of each person's answers to those of the people with the same total.

    Parameters
    ----------
    answers : ndarray of int, shape (people, items)
        Turned already; without gaps.
    distance : {'city-block', 'euclidean'}
        Sum of the differences in all items, or the root of the sum of their squares.
    neighbours : int
        Totals that differ by no more than this count as the same; the difference then adds to the distance.

    Returns
    -------
    index : ndarray of float64, shape (people,)
        NaN where nobody else has the total.
    peers : ndarray of int, shape (people,)
        People whom each one is compared with.

    Notes
    -----
    City-block distances are sums over items, so they follow from how often each answer was given at each total:
    everybody is compared with everybody in one pass over the people. Euclidean ones need the pairs within totals; equal
    patterns are taken together.
    """
    if distance not in DISTANCES:
        raise InputError(f"distance is one of {', '.join(DISTANCES)}, but got '{distance}'.")
    values = np.asarray(answers).astype(int)
    totals = values.sum(1)
    low = int(totals.min(initial=0))
    place, many = totals - low, int(totals.max(initial=0)) - low + 1
    peers = _near(np.bincount(place, minlength=many)[:, None], neighbours)[:, 0][place] - 1
    sums = (_city_block if distance == "city-block" else _euclidean)(values, place, many, neighbours)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(peers > 0, sums / peers, np.nan), peers


def _near(counts: np.ndarray, neighbours: int) -> np.ndarray:
    """Sums over the totals that count as the same, along the first axis."""
    after = np.concatenate([np.zeros((1, *counts.shape[1:]), counts.dtype), np.cumsum(counts, axis=0)])
    places = np.arange(len(counts))
    ends = np.minimum(places + neighbours + 1, len(counts))
    return after[ends] - after[np.maximum(places - neighbours, 0)]


def _city_block(values: np.ndarray, place: np.ndarray, many: int, neighbours: int) -> np.ndarray:
    """Sum of the distances to all peers, shape (people,)."""
    above = values - values.min(initial=0)
    # Answers are small whole numbers: counting them is quicker than sorting them.
    levels = np.flatnonzero(np.bincount(above.ravel()))
    coded = np.searchsorted(levels, np.arange(levels[-1] + 1 if len(levels) else 0))[above]
    apart = np.abs(levels[:, None] - levels[None])
    result = np.zeros(len(values))
    for item in range(values.shape[1]):
        counts = np.bincount(place * len(levels) + coded[:, item], minlength=many * len(levels))
        sums = _near(counts.reshape(many, len(levels)), neighbours) @ apart
        result += sums[place, coded[:, item]]
    return result


def _euclidean(values: np.ndarray, place: np.ndarray, many: int, neighbours: int) -> np.ndarray:
    patterns, who, times = np.unique(values, axis=0, return_inverse=True, return_counts=True)
    who, total = who.reshape(-1), patterns.sum(1) - values.sum(1).min(initial=0)
    squares, found = (patterns**2).sum(1), np.zeros(len(patterns))
    for here in range(many):
        own = np.flatnonzero(total == here)
        peers = np.flatnonzero(np.abs(total - here) <= neighbours)
        step = max(1, _BLOCK // max(1, len(peers)))
        for start in range(0, len(own), step):
            block = own[start : start + step]
            apart = squares[block, None] + squares[None, peers] - 2 * patterns[block] @ patterns[peers].T
            found[block] = np.sqrt(apart) @ times[peers]
    return found[who]
