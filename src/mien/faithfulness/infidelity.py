"""Evidence as a prediction: does the sum over removed units tell how much the output changes?

The model's answers do not depend on the explanation, so they are asked for once and serve every method.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import numpy as np

from mien.core.features import PICTURE
from mien.core.numbers import Range
from mien.faithfulness.case import Case, Explanation, swept

# Shares of the units that sensitivity-n removes.
SIZES = (0.1, 0.3, 0.5, 0.7, 0.9)
# Pictures: subsets are drawn among coarse cells, this many along each side; scattered small blocks would all cost
# about the same, and there would be nothing to correlate.
CELLS = 14
# (case, sample, number of subsets) -> what each takes away, (subsets, units)
Draw = Callable[[Case, int, int], np.ndarray]
_SUBSETS, _SQUARES = 3, 4
Subsets = Annotated[int, Range(10, words="at least 10")]


def infidelity(case: Case, explanation: Explanation, *, n_subsets: Subsets = 100) -> np.ndarray:
    """Unexplained share of the output's changes (Yeh et al. 2019), with the best non-negative scale.

    E[(b sum of removed evidence - change)^2] / E[change^2], b >= 0 the best number for the sample: so explanations
    whose unit is not that of the output can be compared (Captum's ``normalize``), and evidence that points the wrong
    way gets 1 and not 0. Removed are squares of pictures, random subsets of points or features.
    """
    draw = _squares if case.units.space == PICTURE else _subsets
    change = _change(case, n_subsets, draw)
    predicted = _predicted(case, explanation, n_subsets, draw)
    power = (change**2).sum(axis=1)
    own, both = (predicted**2).sum(axis=1), (predicted * change).sum(axis=1)
    best = np.divide(np.maximum(both, 0.0), own, out=np.zeros_like(own), where=own > 0)
    lost = ((best[:, None] * predicted - change) ** 2).sum(axis=1)
    result = np.divide(lost, power, out=np.full(len(power), np.nan), where=power > 0)
    return np.where(explanation.ok, result, np.nan)


def sensitivity_n(case: Case, explanation: Explanation, *, n_subsets: Subsets = 100) -> np.ndarray:
    """Correlation of removed evidence with the output's change over subsets of one size (Ancona et al. 2018).

    Averaged over the sizes 10, 30, 50, 70 and 90 % of the units; sizes at which nothing varies are left out.
    """
    change = _change(case, n_subsets, _subsets)
    predicted = _predicted(case, explanation, n_subsets, _subsets)
    sizes = _sizes_of(case, n_subsets)
    found = np.full((len(change), len(np.unique(sizes))), np.nan)
    for number, size in enumerate(np.unique(sizes)):
        members = sizes == size
        found[:, number] = _correlation(predicted[:, members], change[:, members])
    known = np.isfinite(found)
    total = np.where(known, found, 0.0).sum(axis=1)
    result = np.divide(total, known.sum(axis=1), out=np.full(len(found), np.nan), where=known.any(axis=1))
    return np.where(explanation.ok, result, np.nan)


def _change(case: Case, n_subsets: int, draw: Draw) -> np.ndarray:
    """Output - output without each subset, shape (samples, subsets)."""
    key = ("subsets", n_subsets, draw)
    if key not in case.kept:

        def masks(some: np.ndarray) -> np.ndarray:
            return ~np.stack([draw(case, int(sample), n_subsets) for sample in some])

        answers = swept(case.problem, case.fill, np.arange(len(case.output)), n_subsets, masks)
        case.kept[key] = case.output[:, None] - answers
    result: np.ndarray = case.kept[key]
    return result


def _predicted(case: Case, explanation: Explanation, n_subsets: int, draw: Draw) -> np.ndarray:
    """Sum of the evidence that each subset takes away, shape (samples, subsets).

    The subsets are drawn again for each explanation: kept for all samples they would fill the memory.
    """
    result = np.zeros((len(case.output), n_subsets))
    for sample in np.flatnonzero(explanation.ok):
        result[sample] = draw(case, int(sample), n_subsets) @ explanation.scores[sample]
    return result


def _parts(case: Case) -> tuple[np.ndarray, int]:
    """What subsets are drawn of: the part of each unit, and how many parts there are."""
    units = case.units
    if units.space != PICTURE:
        return np.arange(units.count), units.count
    rows, columns = units.grid
    high, wide = min(CELLS, rows), min(CELLS, columns)
    part = (np.arange(rows) * high // rows)[:, None] * wide + np.arange(columns) * wide // columns
    return part.ravel(), high * wide


def _sizes_of(case: Case, n_subsets: int) -> np.ndarray:
    """How many parts each subset takes."""
    count = _parts(case)[1]
    sizes = np.clip(np.rint(np.array(SIZES) * count).astype(np.int64), 1, max(1, count - 1))
    return sizes[np.arange(n_subsets) % len(sizes)]


def _subsets(case: Case, sample: int, n_subsets: int) -> np.ndarray:
    rng = case.rng(sample, _SUBSETS)
    part, count = _parts(case)
    order = rng.random((n_subsets, count)).argsort(axis=1).argsort(axis=1)
    chosen: np.ndarray = (order < _sizes_of(case, n_subsets)[:, None])[:, part]
    return chosen


def _squares(case: Case, sample: int, n_subsets: int) -> np.ndarray:
    """Squares with sides of an eighth to a half of the picture (Yeh et al. 2019, "square removal")."""
    rng = case.rng(sample, _SQUARES)
    rows, columns = case.units.grid
    small = min(rows, columns)
    sides = rng.integers(max(1, small // 8), max(1, small // 2) + 1, n_subsets)
    result = np.zeros((n_subsets, rows, columns), bool)
    for number, side in enumerate(sides):
        top, left = rng.integers(0, rows - side + 1), rng.integers(0, columns - side + 1)
        result[number, top : top + side, left : left + side] = True
    return result.reshape(n_subsets, -1)


def _correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Pearson correlation of rows; NaN where one of them does not vary."""
    a = a - a.mean(axis=1, keepdims=True)
    b = b - b.mean(axis=1, keepdims=True)
    power = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    # Rounding of equal numbers is no variation.
    tiny = 1e-12 * np.maximum(1.0, np.abs(power).max(initial=0.0))
    result: np.ndarray = np.divide((a * b).sum(axis=1), power, out=np.full(len(a), np.nan), where=power > tiny)
    return result
