"""Maps over columns: each viewer's or run's, their mean with its interval, and whether it differs from nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.stats import student
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
        The same of decoders that were trained on labels shifted within their runs, once.
    unit : str
        ``'viewers'``, or ``'runs'`` of one viewer, whose decoders share all training runs but two.

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
    unit: str = VIEWERS

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
        return _moments(self.values)[0]

    @property
    def interval(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Mean over units and its 95 % interval, each of shape (columns,); NaN where nothing can be said.

        Over viewers Student's t. Over the runs of one viewer decoders that leave one run out each are the replicates of
        a jackknife, which gives weights and patterns their interval; what is read off the held-out runs has none then.
        """
        if self.unit == VIEWERS:
            return _interval(self.values)
        mean, error, count = _moments(self.values)
        half = student.ppf(0.975, np.maximum(count - 1, 1)) * error * (count - 1)
        half = np.where((count > 1) & (self.measure in (WEIGHTS, PATTERN)), half, np.nan)
        return mean, mean - half, mean + half

    @property
    def above_shuffled(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Difference to decoders of shifted labels, over viewers, as ``interval``; NaN without them."""
        if not self.shuffled.size:
            empty = np.full(self.values.shape[1], np.nan)
            return empty, empty, empty
        found = _interval(self.values - self.shuffled)
        bounds = 1.0 if self.unit == VIEWERS else np.nan
        return found[0], found[1] * bounds, found[2] * bounds

    @property
    def p(self) -> np.ndarray:
        """P of each column, not corrected, shape (columns,); NaN where nothing can be said.

        Amounts and losses, which noise has too: two-sided, of no difference to shifted labels. Differences: one-sided,
        of none above 0 (without an effect they lie below more often than above). Weights and patterns: two-sided, of a
        mean of 0.
        """
        if self.measure in (AMOUNT, LOSS):
            mean, low, high = self.above_shuffled
        else:
            mean, low, high = _interval(self.values) if self.measure == DIFFERENCE else self.interval
        values = self.values - self.shuffled if self.measure in (AMOUNT, LOSS) and self.shuffled.size else self.values
        free = np.maximum(np.isfinite(values).sum(axis=0) - 1, 1)
        error = (high - low) / 2 / student.ppf(0.975, free)
        with np.errstate(invalid="ignore", divide="ignore"):
            t = mean / error
        p: np.ndarray = student.sf(t, free) if self.measure == DIFFERENCE else 2 * student.sf(np.abs(t), free)
        p[~(error > 0)] = np.nan
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
