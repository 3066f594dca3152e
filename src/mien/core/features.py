"""Features: the inputs of a model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.in_notebooks import Plotted, WithAxes

NAMED, SEQUENCE, PICTURE, SERIES = "named features", "landmarks x time", "pixels", "channels x time"
SPACES = {NAMED: 2, SEQUENCE: 4, PICTURE: 4, SERIES: 3}


@dataclass(frozen=True, eq=False)
class Features(Plotted, WithAxes):
    """Values a model sees, with how to compute them again.

    Attributes
    ----------
    values : ndarray of float32
        ``'named features'``: (samples, features). ``'landmarks x time'``: (samples, frames, points, coordinates).
        ``'pixels'``: (samples, channels, height, width). ``'channels x time'``: (samples, steps, channels). Rows whose
        status is not ``'ok'`` are NaN.
    space : str
        One of the four above.
    names : tuple of str
        Names of the features, of the coordinates or of the channels.
    recipe : dict
        Name and settings of the recipe that computed the values; JSON-like.
    status : ndarray of str, shape (samples,)
        ``'ok'`` or why there are no values (``'no face'``, ``'unreadable'``, ``'not extracted'``, ...).
    topology : str
        Which points a sequence holds; ``''`` for the other spaces.
    """

    __repr__ = brief

    values: np.ndarray
    space: str
    names: tuple[str, ...]
    recipe: dict[str, Any]
    status: np.ndarray
    topology: str = ""

    def __post_init__(self) -> None:
        if self.space not in SPACES:
            raise InputError(f"Features: space is one of {', '.join(SPACES)}, but got '{self.space}'.")
        values = np.asarray(self.values, dtype=np.float32)
        if values.ndim != SPACES[self.space]:
            raise InputError(
                f"Features: '{self.space}' needs an array with {SPACES[self.space]} axes, but it has {values.ndim}."
            )
        axis = 1 if self.space == PICTURE else values.ndim - 1
        if len(self.names) != values.shape[axis]:
            raise InputError(f"Features: {values.shape[axis]} values on axis {axis}, but {len(self.names)} names.")
        status = np.array([str(s) for s in self.status], dtype=object)
        if status.shape != (len(values),):
            raise InputError(f"Features: {len(values)} samples, but {len(status)} statuses.")
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "status", status)

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: Any) -> Features:
        """Samples by slice, mask or array of indices."""
        return replace(self, values=self.values[rows], status=self.status[rows])

    @property
    def ok(self) -> np.ndarray:
        """Mask of the samples that have values, shape (samples,)."""
        return self.status == "ok"
