"""Dissimilarities: how unlike the things of a set are, pair by pair, for one or several sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError


@dataclass(frozen=True, eq=False)
class Dissimilarities:
    """Dissimilarities of all pairs, as one or several sources see them.

    Attributes
    ----------
    names : tuple of str
        Pictures or categories.
    values : ndarray of float64, shape (sources, names, names)
        Symmetric, zero on the diagonal; NaN where nobody said anything.
    sources : tuple of str
        Whose they are: people, runs of a scanner, the layer of a network.
    unit : str
        What a source is, such as ``'subject'``.
    measure : str
        Such as ``'1 - Pearson'``.
    notes : tuple of str
        What has to be known of how they were read, in sentences.
    licence, credit : str
    halves : ndarray of float64, shape (splits, 2, names, names), or None
        The same of random halves of the measurements, where one source was measured several times.
    known_set : bool
        Whether they come from a set that mien knows, whose names nobody can change to those of the pictures: names
        without a picture are left out.

    Raises
    ------
    InputError
        If shapes do not fit, a matrix is not symmetric, or a name stands twice.
    """

    __repr__ = brief

    names: tuple[str, ...]
    values: np.ndarray
    sources: tuple[str, ...] = ("",)
    unit: str = "subject"
    measure: str = ""
    notes: tuple[str, ...] = ()
    licence: str = ""
    credit: str = ""
    halves: np.ndarray | None = None
    known_set: bool = False

    def __post_init__(self) -> None:
        count = len(self.names)
        if self.values.shape != (len(self.sources), count, count):
            raise InputError(
                f"Dissimilarities of {count} names and {len(self.sources)} sources have the shape "
                f"({len(self.sources)}, {count}, {count}), but got {self.values.shape}."
            )
        twice = sorted({name for name in self.names if self.names.count(name) > 1}) if count < 5000 else []
        if twice:
            raise InputError(
                f"Dissimilarities: the name '{twice[0]}' stands twice; give every picture a name of its own."
            )
        if not np.allclose(self.values, self.values.swapaxes(1, 2), equal_nan=True):
            raise InputError("Dissimilarities: the matrix is not symmetric.")

    def __len__(self) -> int:
        return len(self.names)

    def of_names(self, rows: Sequence[int]) -> np.ndarray:
        """The matrices of some names, in the order given, shape (sources, rows, rows)."""
        index = np.asarray(rows, dtype=np.intp)
        part: np.ndarray = self.values[:, index[:, None], index[None]]
        return part
