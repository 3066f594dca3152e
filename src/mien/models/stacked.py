"""Stacking: a regression model that adds up others, each with its own features; weights per rating.

The weights are fitted on predictions for people that the parts have not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import nnls

from mien.core.progress import Progress
from mien.features.stacked import apart
from mien.models.base import Model
from mien.models.estimator import Estimator, Regressor, people_of
from mien.models.fitting.heads import INNER_FOLDS
from mien.stats.folds import subject_folds

FACTS = ("name", "recipe", "feature_names", "input_shape", "settings", "topology")


class StackedScores(Model):
    """A weighted sum of models: centre + sum over models of weight x (its rating - centre).

    ``arrays``: ``weight`` (parts, ratings), ``centre`` (ratings,), and those of part ``i`` as ``i.NAME``.
    ``settings``: ``parts``, what ``model.json`` says of each part; ``weights`` by part and rating, for people.
    """

    kind = "joined-score"
    differentiable = False
    explained = "rating unit"
    predicts = "ratings"

    def __init__(self, **facts: Any) -> None:
        self.parts = _parts(facts)
        super().__init__(**facts)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape that each array must have."""
        ratings = len(self.classes)
        own: dict[str, tuple[int, ...]] = {"weight": (len(self.parts), ratings), "centre": (ratings,)}
        return own | {f"{i}.{key}": s for i, part in enumerate(self.parts) for key, s in part.shapes().items()}

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Ratings, (samples, ratings)."""
        return self.predict(values).astype(np.float32)

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Ratings, (samples, ratings), of joined values, (samples, features)."""
        predicted = [
            part.predict(own)
            for part, own in zip(self.parts, apart(self.check_values(values), self.recipe), strict=True)
        ]
        return weighted_sum(np.stack(predicted), self.arrays["weight"], self.arrays["centre"])


def weighted_sum(predicted: np.ndarray, weight: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Ratings (parts, samples, ratings) as one, (samples, ratings)."""
    found: np.ndarray = centre + np.einsum("psr,pr->sr", predicted - centre, weight)
    return found


def described(part: Model) -> dict[str, Any]:
    """What the settings of the sum say of a part."""
    return {"kind": part.kind, **{name: getattr(part, name) for name in FACTS}}


def _parts(facts: dict[str, Any]) -> list[Model]:
    from mien.models.catalogue import class_of

    found = []
    for number, row in enumerate(facts["settings"]["parts"]):
        start = f"{number}."
        arrays = {key.removeprefix(start): v for key, v in facts["arrays"].items() if key.startswith(start)}
        # Who and what the parts have seen is what the sum has seen.
        found.append(
            class_of(row["kind"])(
                **{name: row[name] for name in FACTS}, classes=facts["classes"], target=facts["target"], arrays=arrays,
                info=facts.get("info"),
            )
        )  # fmt: skip
    return found


@dataclass(frozen=True, eq=False)
class Prepared:
    """What each part is fitted on, with the same samples in each."""

    arrays: tuple[np.ndarray, ...]

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, rows: Any) -> Prepared:
        return Prepared(tuple(array[rows] for array in self.arrays))


@dataclass(kw_only=True, eq=False, repr=False)
class StackedRegressor(Regressor):
    """Weighted sum of models of ratings.

    Every part is fitted on all people; its weights are those that, none below zero, bring the sum of the parts'
    predictions for people left out nearest to their ratings (stacking, Wolpert 1992; Breiman 1996). Parts with a closed
    form for people left out (ridge heads) use it, others are fitted anew in five inner folds.

    Parameters
    ----------
    parts : tuple of str
        Names of models, see ``mien.models.catalogue.MODELS``.
    recipe : dict
        Of the joined features.
    seed : int
        Of the parts and of inner folds.
    """

    parts: tuple[str, ...] = ()
    recipe: dict[str, Any] | None = None
    seed: int = 0

    def prepare(self, values: np.ndarray) -> Prepared:
        """What each part's ``prepare`` makes of its values; nothing is fitted."""
        each = zip(self._estimators(), apart(values, self._recipe), strict=True)
        return Prepared(tuple(one.prepare(own) for one, own in each))

    def _fit(self, values: Any, goal: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        prepared, people = self._prepared(values), people_of(groups, len(goal))
        self.centre_ = goal.mean(0)
        self.fitted_ = [
            one.fit(own, goal, groups=people) for one, own in zip(self._estimators(), prepared.arrays, strict=True)
        ]
        left_out = np.stack([
            self._left_out(number, prepared.arrays[number], goal, people) if one.left_out_ is None else one.left_out_
            for number, one in enumerate(self.fitted_)
        ])  # fmt: skip
        away, truth = left_out - self.centre_, goal - self.centre_
        self.weight_ = np.stack([nnls(away[:, :, j].T, truth[:, j])[0] for j in range(goal.shape[1])], 1)

    def predict(self, values: Any) -> np.ndarray:
        """Ratings, (samples, ratings), of joined values or of what ``prepare`` gave."""
        prepared = self._prepared(values)
        predicted = [one.predict(own) for one, own in zip(self.fitted_, prepared.arrays, strict=True)]
        return weighted_sum(np.stack(predicted), self.weight_, self.centre_)

    def model(self, **facts: Any) -> StackedScores:
        """The fitted model, storable; ``facts`` are further arguments of ``Model``, ``classes`` names the ratings."""
        names = self._classes(facts)
        recipe, target, info = self._recipe, facts.get("target", ""), facts.get("info")
        parts = [
            one.model(name=name, target=target, classes=names, recipe=own, feature_names=tuple(columns), info=info)
            for one, name, own, columns in zip(self.fitted_, self.parts, recipe["parts"], recipe["names"], strict=True)
        ]
        arrays = {f"{i}.{key}": value for i, part in enumerate(parts) for key, value in part.arrays.items()}
        arrays |= {"weight": self.weight_, "centre": self.centre_}
        size = sum(int(np.prod(shape)) for shape in recipe["shapes"])
        facts = {"name": "+".join(self.parts), "recipe": recipe, **facts, "feature_names": ()}
        weights = {
            part: {name: round(float(w), 4) for name, w in zip(names, row, strict=True)}
            for part, row in zip(self.parts, self.weight_, strict=True)
        }
        settings = {"parts": [described(part) for part in parts], "weights": weights, "seed": self.seed}
        return self._built(StackedScores, facts, input_shape=(size,), settings=settings, arrays=arrays)

    def notes(self) -> list[str]:
        """What has to stand beside every score."""
        return [note for one in self._estimators() for note in one.notes()]

    @property
    def _recipe(self) -> dict[str, Any]:
        assert self.recipe is not None
        return self.recipe

    def _prepared(self, values: Any) -> Prepared:
        return values if isinstance(values, Prepared) else self.prepare(values)

    def _estimators(self) -> list[Estimator]:
        from mien.models.maker import maker_for

        recipe = self._recipe
        return [
            maker_for(name, own, tuple(names), topology, seed=self.seed, settings={}, ratings=True)()
            for name, topology, names, own in zip(
                self.parts, recipe["topologies"], recipe["names"], recipe["parts"], strict=True
            )
        ]

    def _left_out(self, number: int, values: np.ndarray, y: np.ndarray, people: np.ndarray) -> np.ndarray:
        """Predictions of a part for each sample by the part fitted without its subject."""
        predicted = np.empty(y.shape)
        count = min(INNER_FOLDS, len(np.unique(people)))
        for train, test in subject_folds(people, scheme="grouped", n_folds=count, seed=self.seed):
            one = self._estimators()[number].fit(values[train], y[train], groups=people[train])
            predicted[test] = one.predict(values[test])
        return predicted
