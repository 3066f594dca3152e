"""Rows of a table that are the same under two names, exactly or up to rounding, and not by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Rounded in another place, or measured on a file saved anew: at most this share of a column's spread apart, in so many
# columns at least.
ROUNDED, LEAST_ROUNDED = 1e-3, 8
# One in so many tables (powers of two) may hold two rows that are the same by chance; see docs/simulations.md.
MARGIN = 10.0
# So many of the finest columns are enough to tell.
_MOST_COLUMNS = 32
# Columns whose ranks correlate so are one column in two units.
SAME_ORDER = 0.98
_MOST_PAIRS = 2_000_000


@dataclass(frozen=True, eq=False)
class Rarity:
    """How rare the numbers of each row are in their columns.

    Attributes
    ----------
    bits : ndarray, shape (rows,)
        How unlikely it is that another row has the same numbers: minus log2 of the product of their frequencies.
        A number that stands in several columns of a row counts once, and a column that others fix not at all.
    columns : ndarray of int, shape (rows,)
        How many columns add to that.
    needed : float
        From here on two of all rows are not the same by chance.
    """

    bits: np.ndarray
    columns: np.ndarray
    needed: float

    @property
    def telling(self) -> np.ndarray:
        """Mask of the rows that chance does not bring twice."""
        found: np.ndarray = self.bits >= self.needed
        return found


def rarity_of(values: np.ndarray, rounded: float = 0.0) -> Rarity:
    """How rare the numbers of each row are.

    Parameters
    ----------
    values : ndarray, shape (rows, columns)
        Missing ones say nothing.
    rounded : float
        Numbers within this share of their column's spread are the same.
    """
    values = np.asarray(values, dtype=np.float64)
    distinct = np.unique(values, axis=0) if len(values) else values
    rows = max(len(distinct), 1)
    needed = np.log2(max(rows * (rows - 1) / 2, 1)) + MARGIN
    found = np.zeros(values.shape)
    for column, given in enumerate(values.T):
        known = np.sort(distinct[np.isfinite(distinct[:, column]), column])
        if len(known) < 2:
            continue
        near = rounded * _spread(known)
        count = np.searchsorted(known, given + near, "right") - np.searchsorted(known, given - near, "left")
        # Where no two of all pairs agree, the upper bound of their share (rule of three) says more than 1 / rows.
        alone = (np.diff(known) > near).all()
        most = max(rows, len(known) * (len(known) - 1) / 6) if alone else rows
        found[:, column] = np.where(np.isfinite(given), np.log2(most / np.maximum(count, 1)), 0.0)
    kept = _free(distinct, np.argsort(-found.mean(0), kind="stable")[:_MOST_COLUMNS].tolist()) if len(values) else []
    bits, columns = np.zeros(len(values)), np.zeros(len(values), dtype=int)
    for row in range(len(values)):
        once: dict[float, float] = {}
        for column in kept:
            number = float(values[row, column])
            once[number] = max(once.get(number, 0.0), float(found[row, column]))
        bits[row], columns[row] = sum(once.values()), sum(bit > 0 for bit in once.values())
    return Rarity(bits, columns, float(needed))


def _spread(known: np.ndarray) -> float:
    """Standard deviation, or that of the middle half where a few numbers lie far away."""
    quarter = float(np.subtract(*np.quantile(known, (0.75, 0.25)))) / 1.349
    return min(quarter, float(known.std())) if quarter > 0 else float(known.std())


def _free(values: np.ndarray, order: Sequence[int]) -> list[int]:
    """Columns without those that one before them fixes, as 'age' fixes 'age group' and 'log age'."""
    of_columns = [np.unique(values[:, column], return_inverse=True)[1].reshape(-1) for column in order]
    order = [column for column, own in zip(order, of_columns, strict=True) if own.any()]
    codes = [own for own in of_columns if own.any()]
    alike = np.abs(np.atleast_2d(np.corrcoef(codes))) if codes else np.zeros((0, 0))
    kept: list[int] = []
    for number, own in enumerate(codes):
        if not any(alike[before, number] > SAME_ORDER or _fixes(codes[before], own) for before in kept):
            kept.append(number)
    return [order[number] for number in kept]


def _fixes(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether numbers of one column that come again always have the same number of the other beside them."""
    count = int(one.max()) + 1
    return count < len(one) and len(np.unique(one.astype(np.int64) * (int(other.max()) + 1) + other)) == count


def rounded_rows(values: np.ndarray, people: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of rows of two people that are the same up to rounding, the earlier row first.

    Parameters
    ----------
    values : ndarray, shape (rows, columns)
    people : ndarray of str, shape (rows,)
    """
    values = np.asarray(values, dtype=np.float64)
    pairs = [(a, b) for a, b in _near(values) if str(people[a]) != str(people[b])]
    if pairs:
        rare = rarity_of(values, ROUNDED)
        pairs = [(a, b) for a, b in pairs if rare.telling[a] and rare.columns[a] >= LEAST_ROUNDED]
    return pairs


def _near(values: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of rows that lie within rounding in every column; candidates by the finest of those with fewest gaps."""
    varying = values[:, [len(np.unique(column[np.isfinite(column)])) > 1 for column in values.T]]
    if len(values) < 2 or varying.shape[1] < LEAST_ROUNDED:
        return []
    near = np.array([ROUNDED * _spread(column[np.isfinite(column)]) for column in varying.T])
    best, least, rows = 0, _MOST_PAIRS + 1, np.zeros(0, dtype=int)
    known = np.isfinite(varying)
    for column in np.flatnonzero(known.sum(0) == known.sum(0).max()).tolist():
        order = np.argsort(varying[:, column])[: known[:, column].sum()]
        pairs = int(_reach(varying[order, column], near[column]).sum())
        best, least, rows = (column, pairs, order) if pairs < least else (best, least, rows)
    reach = _reach(varying[rows, best], near[best])
    one = np.repeat(np.arange(len(rows)), reach)
    steps = np.arange(len(one)) - np.repeat(np.cumsum(reach) - reach, reach) + 1
    one, other = rows[one], rows[one + steps]
    for given, limit in zip(varying.T, near, strict=True):
        a, b = given[one], given[other]
        same = (np.abs(a - b) <= limit) | (np.isnan(a) & np.isnan(b))
        one, other = one[same], other[same]
    return sorted({(int(min(a, b)), int(max(a, b))) for a, b in zip(one, other, strict=True)})


def _reach(ordered: np.ndarray, near: float) -> np.ndarray:
    """How many of the numbers behind each lie near it."""
    found: np.ndarray = np.searchsorted(ordered, ordered + near, "right") - np.arange(len(ordered)) - 1
    return found
