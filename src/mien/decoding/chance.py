"""Labels as chance could have given them: blocks in another order within their run, or volumes shifted around it."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, lgamma, log

import numpy as np

from mien.decoding.rows import BLOCK


def null_labels(
    observed: np.ndarray, run: np.ndarray, viewer: np.ndarray, unit: str, many: int, seed: int, least_shift: int = 1
) -> Iterator[np.ndarray]:
    """Labels that have nothing to do with the signal, shape (rows,), as often as asked for.

    Parameters
    ----------
    observed : ndarray, shape (rows,)
        Codes of classes, or numbers.
    run, viewer : ndarray of str, shape (rows,)
        Viewers who saw the same run get the same order or shift: its labels are one draw, not many.
    unit : str
        ``'block'``: permuted within every run; ``'volume'``: shifted around within it, so that what follows what
        stays as it is.
    many, seed : int
    least_shift : int
        Rows by which labels are shifted at least.
    """
    rng = np.random.default_rng(seed)
    places = _parts(run, viewer)
    for _ in range(many):
        labels = observed.copy()
        drawn: dict[tuple[str, int], np.ndarray] = {}
        for (_, name), rows in places.items():
            size = len(rows)
            key = (name, size)
            if key not in drawn:
                if unit == BLOCK:
                    drawn[key] = rng.permutation(size)
                else:
                    least, most = _shifts(size, least_shift)
                    drawn[key] = (np.arange(size) + rng.integers(least, most + 1)) % size
            labels[rows] = observed[rows][drawn[key]]
        yield labels


def arrangements(observed: np.ndarray, run: np.ndarray, viewer: np.ndarray, unit: str, least_shift: int = 1) -> float:
    """How many different orders (or combinations of shifts) there can be; infinite where they are beyond count."""
    count, seen = 0.0, set()
    for (_, name), rows in _parts(run, viewer).items():
        if (name, len(rows)) in seen:
            continue
        seen.add((name, len(rows)))
        if unit == BLOCK:
            count += lgamma(len(rows) + 1) - sum(
                lgamma(n + 1) for n in np.unique(observed[rows], return_counts=True)[1]
            )
        else:
            least, most = _shifts(len(rows), least_shift)
            count += log(most - least + 1)
    return round(exp(count)) if count < 40 else float("inf")


def _shifts(size: int, least_shift: int) -> tuple[int, int]:
    least = min(least_shift, size // 2)
    return least, max(size - least, least)


def _parts(run: np.ndarray, viewer: np.ndarray) -> dict[tuple[str, str], np.ndarray]:
    parts: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(zip(viewer.tolist(), run.tolist(), strict=True)):
        parts.setdefault(key, []).append(row)
    return {key: np.array(rows) for key, rows in parts.items()}
