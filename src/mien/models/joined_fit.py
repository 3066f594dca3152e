"""Several regression models as one: weights of each rating are fitted on people that the parts have not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import nnls
from sklearn.base import BaseEstimator, RegressorMixin

from mien.features.stacked import apart
from mien.models.stacked import JoinedScores, described, weighted_sum
from mien.stats.folds import subject_folds

INNER_FOLDS = 5


@dataclass(frozen=True, eq=False)
class Pieces:
    """What each part is fitted on, with the same samples in each."""

    arrays: tuple[np.ndarray, ...]

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, rows: Any) -> Pieces:
        return Pieces(tuple(array[rows] for array in self.arrays))


class JoinedRegressor(RegressorMixin, BaseEstimator):
    """Stacking: a weighted sum of regression models.

    Every part is fitted on all people; its weights are those that, none below zero, bring the sum of the parts'
    predictions for people left out nearest to their ratings (stacking, Wolpert 1992; Breiman 1996). Parts with a closed
    form for people left out (ridge heads) use it, others are fitted anew in five inner folds.

    Parameters
    ----------
    parts : tuple of str
        Names of models, see ``mien.models.catalogue.SPECS``.
    recipe : dict
        Of the joined features.
    seed : int
        Of the parts and of inner folds.
    """

    def __init__(self, *, parts: tuple[str, ...] = (), recipe: dict[str, Any] | None = None, seed: int = 0) -> None:
        self.parts = parts
        self.recipe = recipe
        self.seed = seed

    def prepare(self, values: np.ndarray) -> Pieces:
        """What each part's ``prepare`` makes of its values; nothing is fitted."""
        return Pieces(
            tuple(
                one.prepare(own) if hasattr(one, "prepare") else own
                for one, own in zip(self._estimators(), apart(values, self._recipe), strict=True)
            )
        )

    def fit(self, values: Any, y: np.ndarray, groups: np.ndarray | None = None) -> JoinedRegressor:
        """Train on joined values, (samples, features), or on what ``prepare`` gave, with ratings and subjects."""
        pieces = self._pieces(values)
        goal = np.asarray(y, dtype=np.float64)
        goal = goal[:, None] if goal.ndim == 1 else goal
        people = np.arange(len(goal)).astype(str) if groups is None else np.asarray(groups).astype(str)
        self.centre_ = goal.mean(0)
        self.fitted_ = [
            one.fit(own, goal, groups=people) for one, own in zip(self._estimators(), pieces.arrays, strict=True)
        ]
        left_out = np.stack([
            one.left_out_ if hasattr(one, "left_out_") else self._left_out(number, pieces.arrays[number], goal, people)
            for number, one in enumerate(self.fitted_)
        ])  # fmt: skip
        away, truth = left_out - self.centre_, goal - self.centre_
        self.weight_ = np.stack([nnls(away[:, :, j].T, truth[:, j])[0] for j in range(goal.shape[1])], 1)
        return self

    def predict(self, values: Any) -> np.ndarray:
        """Ratings, (samples, ratings), of joined values or of what ``prepare`` gave."""
        pieces = self._pieces(values)
        told = [one.predict(own) for one, own in zip(self.fitted_, pieces.arrays, strict=True)]
        return weighted_sum(np.stack(told), self.weight_, self.centre_)

    def model(self, **facts: Any) -> JoinedScores:
        """The fitted model, storable; ``facts`` are further arguments of ``Model``, ``classes`` names the ratings."""
        names = tuple(facts.pop("classes", None) or map(str, range(len(self.centre_))))
        recipe, target, info = self._recipe, facts.get("target", ""), facts.get("info")
        told = [
            one.model(name=name, target=target, classes=names, recipe=own, feature_names=tuple(columns), info=info)
            for one, name, own, columns in zip(self.fitted_, self.parts, recipe["parts"], recipe["names"], strict=True)
        ]
        arrays = {f"{i}.{key}": value for i, part in enumerate(told) for key, value in part.arrays.items()}
        arrays |= {"weight": self.weight_, "centre": self.centre_}
        size = sum(int(np.prod(shape)) for shape in recipe["shapes"])
        base: dict[str, Any] = {"name": "+".join(self.parts), "target": "", "recipe": recipe}
        given = {**base, **facts, "feature_names": (), "classes": names, "input_shape": (size,), "arrays": arrays}
        weights = {
            part: {name: round(float(w), 4) for name, w in zip(names, row, strict=True)}
            for part, row in zip(self.parts, self.weight_, strict=True)
        }
        settings = {"parts": [described(part) for part in told], "weights": weights, "seed": self.seed}
        return JoinedScores(**given, settings=settings)

    def notes(self) -> list[str]:
        """What has to stand beside every score."""
        return [note for one in self._estimators() for note in (one.notes() if hasattr(one, "notes") else [])]

    @property
    def _recipe(self) -> dict[str, Any]:
        assert self.recipe is not None
        return self.recipe

    def _pieces(self, values: Any) -> Pieces:
        return values if isinstance(values, Pieces) else self.prepare(values)

    def _estimators(self) -> list[Any]:
        from mien.models.catalogue import maker_for

        recipe = self._recipe
        return [
            maker_for(name, own, tuple(names), topology, seed=self.seed, settings={}, ratings=True)()
            for name, topology, names, own in zip(
                self.parts, recipe["topologies"], recipe["names"], recipe["parts"], strict=True
            )
        ]

    def _left_out(self, number: int, values: np.ndarray, y: np.ndarray, people: np.ndarray) -> np.ndarray:
        """Predictions of a part for each sample by the part fitted without its subject."""
        found = np.empty(y.shape)
        count = min(INNER_FOLDS, len(np.unique(people)))
        for train, test in subject_folds(people, scheme="grouped", n_folds=count, seed=self.seed):
            one = self._estimators()[number].fit(values[train], y[train], groups=people[train])
            found[test] = one.predict(values[test])
        return found
