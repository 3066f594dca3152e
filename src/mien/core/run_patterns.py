"""What a scanner measured in runs: a pattern over voxels for every block of pictures of one category."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError


@dataclass(frozen=True, eq=False)
class RunPatterns:
    """Patterns of a scanner's runs.

    Attributes
    ----------
    values : ndarray of float64, shape (blocks, voxels)
    category : ndarray of str, shape (blocks,)
        What was shown.
    run : ndarray of str, shape (blocks,)
        Which run it was in; noise of different runs is independent.
    residuals : ndarray of float64, shape (volumes, voxels)
        What single volumes differ from the mean of their block: noise that has no part in the patterns.
    unit : str
        What a column is, such as ``'voxel'``.
    licence, credit : str
    notes : tuple of str

    Raises
    ------
    InputError
        If rows do not match or a value is not finite.
    """

    __repr__ = brief

    values: np.ndarray
    category: np.ndarray
    run: np.ndarray
    residuals: np.ndarray
    unit: str = "voxel"
    licence: str = ""
    credit: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or not len(self.values) == len(self.category) == len(self.run):
            raise InputError(
                f"Patterns have a row for each block, but got {self.values.shape}, {len(self.category)} categories and "
                f"{len(self.run)} runs."
            )
        if self.residuals.shape[1:] != self.values.shape[1:]:
            raise InputError(
                f"Residuals have a column for each of {self.values.shape[1]}, but got {self.residuals.shape}."
            )
        if not (np.isfinite(self.values).all() and np.isfinite(self.residuals).all()):
            raise InputError("Patterns hold a value that is not finite.")
