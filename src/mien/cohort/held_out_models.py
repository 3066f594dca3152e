"""Models of training people that are asked about others: what workers fit, and permute the measures of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mien.cohort import channel_importance as ci
from mien.learn.fold_work import threads_here, use_threads
from mien.models.base import Model
from mien.models.estimator import Estimator

# Probabilities of 0 and 1 have no log-odds.
_LEAST = 1e-6


@dataclass(frozen=True, eq=False)
class HeldOutModel:
    """A model, and the people that it has not seen.

    Attributes
    ----------
    model : Model
    filling : ndarray, shape (measures,), or None
        What stands for gaps; None where the model takes them.
    classes : bool
        Whether it tells two groups apart.
    test : ndarray of int
    constant : float
        What a constant would predict, as a score.
    """

    model: Model
    filling: np.ndarray | None
    classes: bool
    test: np.ndarray
    constant: float

    def score(self, values: np.ndarray) -> np.ndarray:
        """Of (people, measures): log-odds, or the outcome in its unit."""
        filled = values if self.filling is None else np.where(np.isfinite(values), values, self.filling)
        outputs = np.asarray(self.model.predict(filled), dtype=np.float64)
        if not self.classes:
            return outputs.reshape(len(values))
        positive = np.clip(outputs[:, 1], _LEAST, 1 - _LEAST)
        return np.asarray(np.log(positive / (1 - positive)))

    @property
    def has_contributions(self) -> bool:
        """Whether it is made of trees."""
        return getattr(self.model, "trees", None) is not None

    def contributions(self, values: np.ndarray) -> np.ndarray:
        """Exact TreeSHAP of trees, (people, measures) -> the same shape, in the unit of the score."""
        each, _ = self.model.trees.contributions(values)  # type: ignore[attr-defined]
        # The scores of two classes are half the log-odds each.
        return np.asarray(2 * each[:, 1] if self.classes else each[:, 0])


@dataclass(frozen=True, eq=False)
class FoldModels:
    """What a worker does to a fold: fit a model to the training people, or to their outcomes in another order.

    Attributes
    ----------
    make : callable
        Gives an unfitted estimator.
    x, y : ndarray, shape (people, measures), (people,)
    classes : bool
    threads : dict of str to int
        Those of the first process.
    """

    make: Callable[[], Estimator]
    x: np.ndarray
    y: np.ndarray
    classes: bool
    threads: dict[str, int] = field(default_factory=threads_here)

    def start(self, threads: int) -> None:
        """As many threads as where the work was made."""
        use_threads(self.threads)

    def do(
        self, ready: None, value: tuple[np.ndarray, np.ndarray, int | None], step: Callable[[Any], None]
    ) -> HeldOutModel:
        """A model of training people; of shuffled outcomes where a seed is given."""
        train, test, seed = value
        y = self.y[train]
        if seed is not None:
            y = np.random.default_rng([seed, 2]).permutation(y)
        estimator = self.make()
        filling = None if estimator.takes_gaps else _medians(self.x[train])
        given = self.x[train]
        given = given if filling is None else np.where(np.isfinite(given), given, filling)
        goal = np.array([str(int(v)) for v in y]) if self.classes else y[:, None]
        share = float(np.clip(y.mean(), _LEAST, 1 - _LEAST)) if self.classes else 0.0
        constant = float(np.log(share / (1 - share))) if self.classes else float(y.mean())
        return HeldOutModel(estimator.fit(given, goal).model(), filling, self.classes, test, constant)


def _medians(x: np.ndarray) -> np.ndarray:
    known = np.isfinite(x).any(axis=0)
    middle = np.zeros(x.shape[1])
    middle[known] = np.nanmedian(x[:, known], axis=0)
    return middle


@dataclass(frozen=True, eq=False)
class PermutedBundles:
    """What a worker does to measures that belong together: give people those of others.

    Attributes
    ----------
    models : sequence of HeldOutModel
    x, y, own : ndarray, shape (people, measures), (people,), (people,)
        ``own``: loss of each person without any change.
    classes : bool
    repeats, seed : int
    threads : dict of str to int
        Those of the first process.
    """

    models: Sequence[HeldOutModel]
    x: np.ndarray
    y: np.ndarray
    own: np.ndarray
    classes: bool
    repeats: int
    seed: int
    threads: dict[str, int] = field(default_factory=threads_here)

    def start(self, threads: int) -> None:
        """As many threads as where the work was made."""
        use_threads(self.threads)

    def do(self, ready: None, value: tuple[int, np.ndarray], step: Callable[[Any], None]) -> np.ndarray:
        """By how much each person's loss grows; each bundle draws numbers of its own, whoever permutes it."""
        number, columns = value
        return ci.permuted(
            self.models, self.x, self.y, self.own, columns, classes=self.classes, repeats=self.repeats,
            generator=np.random.default_rng([self.seed, 1, number]),
        )  # fmt: skip
