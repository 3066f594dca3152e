"""Samples: what is studied, one row per picture or clip."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError


@dataclass(frozen=True, eq=False)
class Samples:
    """Pictures or clips with who is shown and what is known about each.

    Attributes
    ----------
    path : ndarray of str, shape (rows,)
        Path of the picture or video, or the id of a clip whose landmarks came ready-made.
    subject : ndarray of str, shape (rows,)
        Who is shown. Folds never split a subject.
    labels : dict of str to ndarray of str, each of shape (rows,)
        Categories; ``''`` where unknown.
    ratings : dict of str to ndarray of float64, each of shape (rows,)
        Numbers; NaN where unknown.
    group : ndarray of str, shape (rows,), or None
        Population of each row, for comparisons.
    root : Path or None
        Folder that relative paths start from.
    name, licence, credit : str
        Where the data come from; shown in reports.
    notes : tuple of str
        What has to be known of how they were read, in sentences; stands beside every score.
    """

    path: np.ndarray
    subject: np.ndarray
    labels: dict[str, np.ndarray] = field(default_factory=dict)
    ratings: dict[str, np.ndarray] = field(default_factory=dict)
    group: np.ndarray | None = None
    root: Path | None = None
    name: str = ""
    licence: str = ""
    credit: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        rows = len(self.path)
        for column in ("path", "subject"):
            _keep(self, column, _texts(column, getattr(self, column), rows))
        if self.group is not None:
            _keep(self, "group", _texts("group", self.group, rows))
        _keep(self, "labels", {k: _texts(k, v, rows) for k, v in self.labels.items()})
        ratings = {k: np.asarray(v, dtype=np.float64) for k, v in self.ratings.items()}
        for key, values in ratings.items():
            if values.shape != (rows,):
                raise InputError(f"Samples: rating '{key}' must have {rows} values, but has shape {values.shape}.")
        _keep(self, "ratings", ratings)
        if rows and (self.subject == "").any():
            row = int(np.flatnonzero(self.subject == "")[0])
            raise InputError(f"Samples: row {row + 1} ('{self.path[row]}') has no subject; every row needs one.")

    def __len__(self) -> int:
        return len(self.path)

    def __getitem__(self, rows: Any) -> Samples:
        """Rows by slice, mask or array of indices."""
        return replace(
            self,
            path=self.path[rows],
            subject=self.subject[rows],
            labels={k: v[rows] for k, v in self.labels.items()},
            ratings={k: v[rows] for k, v in self.ratings.items()},
            group=None if self.group is None else self.group[rows],
        )

    def target(self, name: str) -> np.ndarray:
        """Values of the label or rating called ``name``, or of the group, shape (rows,).

        Raises
        ------
        InputError
            If there is no such column; the message lists what there is.
        """
        if name in self.labels:
            return self.labels[name]
        if name in self.ratings:
            return self.ratings[name]
        if name == "group" and self.group is not None:
            return self.group
        known = [*self.labels, *self.ratings, *(["group"] if self.group is not None else [])]
        close = get_close_matches(name, known, n=1)
        hint = f" Did you mean '{close[0]}'?" if close else ""
        raise InputError(
            f"{self.name or 'The samples'}: there is no column '{name}'.{hint} Available: {', '.join(known) or 'none'}."
        )

    def files(self) -> list[Path]:
        """Path of every row, resolved against ``root``."""
        return [Path(p) if self.root is None else self.root / p for p in self.path]


def _keep(samples: Samples, name: str, value: Any) -> None:
    object.__setattr__(samples, name, value)


def _texts(name: str, values: Any, rows: int) -> np.ndarray:
    array = np.array([str(v) for v in values], dtype=object)
    if array.shape != (rows,):
        raise InputError(f"Samples: '{name}' must have {rows} values, one per row, but has {len(array)}.")
    array.flags.writeable = False
    return array
