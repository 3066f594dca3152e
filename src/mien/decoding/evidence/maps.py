"""Maps over columns: each viewer's or run's, their mean with its interval, and whether it differs from nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.stats.correction import benjamini_hochberg

# What a map holds: mean absolute evidence; mean evidence where the target is there less that where it is not; what
# permutation costs; what a linear decoder weighs; where what it reads out shows.
AMOUNT, DIFFERENCE, LOSS, WEIGHTS, PATTERN = "amount", "difference", "loss", "weights", "pattern"
MEASURES = (AMOUNT, DIFFERENCE, LOSS, WEIGHTS, PATTERN)
VIEWERS, RUNS = "viewers", "runs"


@dataclass(frozen=True, eq=False)
class BrainMap:
    """Numbers of all columns for one target.

    Attributes
    ----------
    target, method, measure : str
        Measures: ``MEASURES``.
    values : ndarray of float64, shape (units, columns)
        Of each viewer, or, of one viewer, each run; NaN where a unit says nothing.
    shuffled : ndarray of float64, shape (units, columns) or (0, 0)
        The same of decoders that were trained on labels shifted within their runs.

    Raises
    ------
    InputError
        If shapes do not match.
    """

    __repr__ = brief

    target: str
    method: str
    measure: str
    values: np.ndarray
    shuffled: np.ndarray

    def __post_init__(self) -> None:
        if self.measure not in MEASURES:
            raise InputError(f"A map's measure is one of {', '.join(MEASURES)}, but got '{self.measure}'.")
        if self.values.ndim != 2 or (self.shuffled.size and self.shuffled.shape != self.values.shape):
            raise InputError(
                f"The map of '{self.target}' needs values (units, columns) and as many of shifted labels, but got "
                f"{self.values.shape} and {self.shuffled.shape}."
            )

    @property
    def mean(self) -> np.ndarray:
        """Over units, shape (columns,)."""
        return self.interval[0]

    @property
    def interval(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Mean over units and its 95 % interval (Student's t), each of shape (columns,); no bounds with one unit."""
        return _interval(self.values)

    @property
    def above_shuffled(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The same of the difference to decoders of shifted labels; NaN without them."""
        if not self.shuffled.size:
            empty = np.full(self.values.shape[1], np.nan)
            return empty, empty, empty
        return _interval(self.values - self.shuffled)

    @property
    def p(self) -> np.ndarray:
        """Two-sided p of a mean of 0 (amounts: of no difference to shifted labels), not corrected, shape (columns,)."""
        values = self.values
        if self.measure == AMOUNT:
            if not self.shuffled.size:
                return np.full(values.shape[1], np.nan)
            values = values - self.shuffled
        mean, error, count = _moments(values)
        with np.errstate(invalid="ignore", divide="ignore"):
            p: np.ndarray = 2 * student.sf(np.abs(mean) / error, np.maximum(count - 1, 1))
        p[(count < 2) | ~(error > 0)] = np.nan
        return p

    @property
    def q(self) -> np.ndarray:
        """The same, corrected over columns (Benjamini & Hochberg 1995)."""
        return benjamini_hochberg(self.p)

    @property
    def ranked(self) -> np.ndarray:
        """Columns from the largest absolute mean on."""
        return np.argsort(-np.nan_to_num(np.abs(self.mean), nan=-np.inf), kind="stable")


def _moments(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, its standard error and the number of units of each column."""
    there = np.isfinite(values)
    count = there.sum(axis=0)
    mean = np.where(count > 0, np.where(there, values, 0).sum(axis=0) / np.maximum(count, 1), np.nan)
    away = np.where(there, values - mean, 0)
    spread = np.sqrt((away**2).sum(axis=0) / np.maximum(count - 1, 1))
    return mean, spread / np.sqrt(np.maximum(count, 1)), count


def _interval(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    mean, error, count = _moments(values)
    half = student.ppf(0.975, np.maximum(count - 1, 1)) * error
    half = np.where(count > 1, half, np.nan)
    return mean, mean - half, mean + half
