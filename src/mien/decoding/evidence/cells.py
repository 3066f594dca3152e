"""Evidence of every fold's decoder on the rows that it has not seen, by cell: one run of one viewer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mien.core.errors import InputError
from mien.decoding.evidence.attribution import (
    Scores,
    activation_pattern,
    linear_shap,
    permuted_cost,
    sampled,
)
from mien.decoding.evidence.maps import AMOUNT, DIFFERENCE, LOSS, PATTERN, WEIGHTS
from mien.stats.class_statistics import weighted_auc

SHAP, LIME, PERMUTATION = "shap", "lime", "permutation"
METHODS = (SHAP, LIME, PERMUTATION, WEIGHTS, PATTERN)
_MEASURES = {SHAP: (AMOUNT, DIFFERENCE), LIME: (AMOUNT, DIFFERENCE), PERMUTATION: (LOSS,), WEIGHTS: (WEIGHTS,),
             PATTERN: (PATTERN,)}  # fmt: skip


@dataclass(frozen=True, eq=False)
class FoldDecoder:
    """A decoder, what it was trained on, and what it has not seen.

    Attributes
    ----------
    scores : callable
        (rows, columns) -> (rows, targets).
    coef : ndarray, shape (targets, columns), or None
        Of a linear decoder, in scores per unit of the column.
    exact : callable or None
        Of trees: (rows, columns) -> SHAP values (targets, rows, columns).
    train, test : ndarray of int
        Rows.
    """

    scores: Scores
    coef: np.ndarray | None
    exact: Scores | None
    train: np.ndarray
    test: np.ndarray


@dataclass(frozen=True, eq=False)
class Rows:
    """What decoders were trained and asked on.

    Attributes
    ----------
    x : ndarray, shape (rows, columns)
    y : ndarray of float64, shape (rows, targets)
        1 where a target is there and 0 where it is not; or numbers.
    cell : ndarray of int, shape (rows,)
        Which run of which viewer each is of.
    classes : bool
    """

    x: np.ndarray
    y: np.ndarray
    cell: np.ndarray
    classes: bool

    @property
    def cells(self) -> int:
        """How many there are."""
        return int(self.cell.max()) + 1


def cell_maps(
    given: Rows, folds: Sequence[FoldDecoder], method: str, *, most_rows: int = 20, repeats: int = 5, seed: int = 0
) -> dict[str, np.ndarray]:
    """Each measure of a method as maps of all cells.

    Parameters
    ----------
    given : Rows
    folds : sequence of FoldDecoder
    method : str
        One of ``METHODS``.
    most_rows : int
        Rows of a cell, evenly spread, that methods which sample are asked about.
    repeats : int
        Permutations of each column.
    seed : int

    Returns
    -------
    dict of str to ndarray, each of shape (cells, targets, columns)
        NaN in cells that no fold held out, and of differences in those where a target is always or never there.

    Raises
    ------
    InputError
        If the method needs a linear decoder and there is none.
    """
    shape = (given.cells, given.y.shape[1], given.x.shape[1])
    total = {name: np.zeros(shape) for name in _MEASURES[method]}
    seen = np.zeros(given.cells)
    contrast = _contrast(given, np.concatenate([_asked(given, fold, method, most_rows) for fold in folds]))
    for number, fold in enumerate(folds):
        rng = np.random.default_rng([seed, number])
        for rows in _by_cell(given, _asked(given, fold, method, most_rows)):
            cell, many = given.cell[rows[0]], len(rows)
            seen[cell] += many
            for name, values in _measured(given, fold, method, rows, repeats, rng, seed, contrast).items():
                # A difference is a sum over the cell's rows, wherever they were held out.
                total[name][cell] += values * (1 if name == DIFFERENCE else many)
    for name, values in total.items():
        if name != DIFFERENCE:
            values /= np.where(seen > 0, seen, 1)[:, None, None]
        values[seen == 0] = np.nan
    return total


def _measured(
    given: Rows, fold: FoldDecoder, method: str, rows: np.ndarray, repeats: int, rng: np.random.Generator, seed: int,
    contrast: np.ndarray,
) -> dict[str, np.ndarray]:  # fmt: skip
    x, train = given.x[rows], given.x[fold.train]
    if method == PERMUTATION:
        return {LOSS: permuted_cost(lambda s: skills(s, given.y[rows], given.classes), fold.scores, x, repeats, rng)}
    if method in (WEIGHTS, PATTERN):
        if fold.coef is None:
            raise InputError(
                f"'{method}' is of linear decoders (logistic, ridge); this one is none. Choose shap, lime or "
                "permutation."
            )
        return {method: fold.coef if method == WEIGHTS else activation_pattern(fold.coef, train)}
    if method == SHAP and fold.coef is not None:
        values = linear_shap(fold.coef, x, train)
    elif method == SHAP and fold.exact is not None:
        values = fold.exact(x)
    else:
        name = "lime" if method == LIME else "kernel-shap"
        values = sampled(name, fold.scores, x, train, given.y.shape[1], seed)
    return {AMOUNT: np.abs(values).mean(axis=1), DIFFERENCE: np.einsum("trc,rt->tc", values, contrast[rows])}


def _asked(given: Rows, fold: FoldDecoder, method: str, most_rows: int) -> np.ndarray:
    """Held-out rows that the method is asked about."""
    exact = (method == SHAP and (fold.coef is not None or fold.exact is not None)) or method not in (SHAP, LIME)
    if exact:
        return fold.test
    parts = [
        rows[np.linspace(0, len(rows) - 1, min(most_rows, len(rows))).astype(int)]
        for rows in _by_cell(given, fold.test)
    ]
    return np.concatenate(parts)  # fmt: skip


def _by_cell(given: Rows, rows: np.ndarray) -> list[np.ndarray]:
    return [rows[given.cell[rows] == cell] for cell in np.unique(given.cell[rows])]


def _contrast(given: Rows, asked: np.ndarray) -> np.ndarray:
    """Weights of each row whose sum over a cell is the difference, shape (rows, targets)."""
    result = np.zeros(given.y.shape)
    for rows in _by_cell(given, np.unique(asked)):
        y = given.y[rows]
        if given.classes:
            there, elsewhere = y.sum(axis=0), (1 - y).sum(axis=0)
            with np.errstate(divide="ignore", invalid="ignore"):
                weights = y / there - (1 - y) / elsewhere
            result[rows] = np.where((there > 0) & (elsewhere > 0), weights, np.nan)
        else:
            away = y - y.mean(axis=0)
            spread = away.std(axis=0)
            result[rows] = np.where(spread > 0, away / np.where(spread > 0, spread, 1), np.nan) / len(rows)
    return result


def skills(scores: np.ndarray, y: np.ndarray, classes: bool) -> np.ndarray:
    """AUC of each target's scores, or of numbers the correlation; NaN where nothing can be told apart.

    Parameters
    ----------
    scores, y : ndarray, shape (rows, targets)
    classes : bool
    """
    result = np.full(y.shape[1], np.nan)
    for target in range(y.shape[1]):
        score, truth = scores[:, target], y[:, target]
        if classes:
            result[target] = weighted_auc(np.ones((1, len(truth))), truth > 0, score)[0]
        elif truth.std() > 0 and score.std() > 0:
            result[target] = np.corrcoef(score, truth)[0, 1]
    return result


def over_units(maps: np.ndarray, unit: np.ndarray, units: int) -> np.ndarray:
    """Mean over the cells of each unit, shape (units, targets, columns).

    Parameters
    ----------
    maps : ndarray, shape (cells, targets, columns)
    unit : ndarray of int, shape (cells,)
    units : int
    """
    result = np.full((units, *maps.shape[1:]), np.nan)
    for number in range(units):
        own = maps[unit == number]
        there = np.isfinite(own)
        count = there.sum(axis=0)
        result[number] = np.where(count > 0, np.where(there, own, 0).sum(axis=0) / np.maximum(count, 1), np.nan)
    return result
