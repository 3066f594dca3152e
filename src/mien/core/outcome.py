"""What a model predicts, classes or ratings: how it is read from samples, what can be learnt of it, and its words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mien.core.errors import InputError
from mien.core.samples import Samples

CLASSES, RATINGS = "classes", "ratings"
# Why a sample is left out of what predicts ratings.
NO_RATING = "no rating"


@dataclass(frozen=True)
class Outcome(ABC):
    """Columns of samples that a model predicts.

    Attributes
    ----------
    columns : tuple of str
        One label, or one or several ratings.
    kind : str
        ``'classes'`` or ``'ratings'``, as ``mien.models.base.Model.predicts``.
    missing : str
        Status of a sample without it.
    main : str
        The score that says whether a model does better than chance.
    """

    columns: tuple[str, ...]
    kind: ClassVar[str]
    missing: ClassVar[str]
    main: ClassVar[str]

    @property
    def target(self) -> str:
        """The columns in one text, as models and evaluations name them."""
        return ", ".join(self.columns)

    @abstractmethod
    def values(self, samples: Samples) -> tuple[np.ndarray, np.ndarray]:
        """What is known of all samples, (samples,) or (samples, ratings), and whether it is, (samples,)."""

    @abstractmethod
    def names(self, y: np.ndarray) -> tuple[str, ...]:
        """Names of a model's outputs."""

    @abstractmethod
    def varies(self, y: np.ndarray, rows: np.ndarray) -> bool:
        """Whether as much can be learnt from some of the samples: all classes are there, or no rating is constant."""

    @abstractmethod
    def check_varies(self, y: np.ndarray) -> None:
        """Refuse what is the same for everybody."""

    def check_learnable(self, y: np.ndarray, subjects: np.ndarray) -> None:
        """Refuse what is the same for everybody, or one subject only, with the reason.

        Parameters
        ----------
        y : ndarray, shape (samples,) or (samples, ratings)
        subjects : ndarray of str, shape (samples,)

        Raises
        ------
        InputError
        """
        self.check_varies(y)
        if len(np.unique(subjects.astype(str))) < 2:
            raise InputError(
                f"All {len(y)} usable samples show one subject ('{subjects[0]}'). A model that is to hold for other "
                "people needs samples of several subjects."
            )


@dataclass(frozen=True)
class Classes(Outcome):
    """One of several labels."""

    kind = CLASSES
    missing = "no label"
    main = "balanced_accuracy"

    def values(self, samples: Samples) -> tuple[np.ndarray, np.ndarray]:
        """Labels, and whether they are not empty."""
        y = samples.target(self.target)
        return y, y != ""

    def names(self, y: np.ndarray) -> tuple[str, ...]:
        """The classes there are, in order."""
        return tuple(sorted(set(y.astype(str))))

    def varies(self, y: np.ndarray, rows: np.ndarray) -> bool:
        """Whether all classes are among the rows."""
        return self.names(y[rows]) == self.names(y)

    def check_varies(self, y: np.ndarray) -> None:
        """Refuse one class only."""
        if len(self.names(y)) < 2:
            raise InputError(
                f"All {len(y)} usable samples have '{self.target}' = '{y[0]}'. A model needs at least two classes to "
                "tell apart."
            )


@dataclass(frozen=True)
class Ratings(Outcome):
    """One or several numbers."""

    kind = RATINGS
    missing = NO_RATING
    main = "pearson"

    def values(self, samples: Samples) -> tuple[np.ndarray, np.ndarray]:
        """Ratings, and whether none of a sample's is NaN."""
        y = np.stack([samples.ratings[name] for name in self.columns], 1)
        return y, np.isfinite(y).all(1)

    def names(self, y: np.ndarray) -> tuple[str, ...]:
        """The columns."""
        return self.columns

    def varies(self, y: np.ndarray, rows: np.ndarray) -> bool:
        """Whether every rating differs between the rows."""
        return bool((np.ptp(y[rows], axis=0) > 0).all())

    def check_varies(self, y: np.ndarray) -> None:
        """Refuse a rating that is the same for everybody."""
        constant = np.ptp(y, axis=0) == 0
        if not constant.any():
            return
        held = ", ".join(f"'{name}' = {y[0, j]:g}" for j, name in enumerate(self.columns) if constant[j])
        others = [name for j, name in enumerate(self.columns) if not constant[j]]
        raise InputError(
            f"All {len(y)} usable samples have {held}; there is nothing to learn."
            + (f" Leave that out and name the others: {', '.join(others)}." if others else "")
        )


def outcome_of(kind: str, columns: tuple[str, ...]) -> Outcome:
    """The outcome of a stored model or evaluation, by its kind."""
    return Ratings(columns) if kind == RATINGS else Classes(columns)
