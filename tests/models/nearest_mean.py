"""A kind of model that mien does not have, in one file as it would lie in ``src/mien/models``; see ``test_new_kind``.

Classes: the nearest mean of standardised features. Ratings: least squares, shrunk toward their mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.core.progress import Progress
from mien.models.base import Model, softmax
from mien.models.catalogue import Spec
from mien.models.estimator import Classifier, Regressor


class NearestMeanModel(Model):
    """Weighted sums of standardised features; ``arrays``: ``centre``, ``scale``, ``weight``, ``bias``."""

    kind = "nearest-mean"
    differentiable = False

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape that each array must have."""
        features, outputs = self.input_shape[0], len(self.classes)
        return {"centre": (features,), "scale": (features,), "weight": (outputs, features), "bias": (outputs,)}

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Weighted sums, (samples, outputs)."""
        a, values = self.arrays, np.ascontiguousarray(self.check_values(values), dtype=np.float64)
        summed: np.ndarray = ((values - a["centre"]) / a["scale"]) @ a["weight"].T + a["bias"]
        return summed

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Probability of each class."""
        return softmax(self.scores(values))


class NearestMeanScores(NearestMeanModel):
    """The same for ratings."""

    kind = "nearest-mean-score"
    predicts = "ratings"
    explained = "rating unit"

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Ratings, (samples, ratings)."""
        return self.scores(values)


@dataclass(kw_only=True, eq=False, repr=False)
class NearestMeanClassifier(Classifier):
    """The nearest mean of standardised features, as far as ``sharpness`` goes."""

    called = "nearest-mean"
    feature_names: tuple[str, ...] = ()
    sharpness: float = 1.0
    seed: int = 0

    def model(self, **facts: Any) -> NearestMeanModel:
        """The fitted model, storable."""
        shape = self.arrays_["centre"].shape
        return self._built(NearestMeanModel, facts, input_shape=shape, settings=self._settings(), arrays=self.arrays_)

    def _fit(self, values: Any, codes: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        centre, scale, standard = standardised(self._named(values))
        means = np.stack([standard[codes == code].mean(0) for code in range(len(self.classes_))])
        weight, bias = means * self.sharpness, -(means**2).sum(1) / 2 * self.sharpness
        self.arrays_ = {"centre": centre, "scale": scale, "weight": weight, "bias": bias}


@dataclass(kw_only=True, eq=False, repr=False)
class NearestMeanRegressor(Regressor):
    """Least squares on standardised features, shrunk by ``penalty`` samples toward the mean."""

    called = "nearest-mean"
    feature_names: tuple[str, ...] = ()
    penalty: float = 10.0
    seed: int = 0

    def model(self, **facts: Any) -> NearestMeanScores:
        """The fitted model, storable."""
        shape = self.arrays_["centre"].shape
        return self._built(NearestMeanScores, facts, input_shape=shape, settings=self._settings(), arrays=self.arrays_)

    def _fit(self, values: Any, goal: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        centre, scale, standard = standardised(self._named(values))
        shrunk = standard.T @ standard + self.penalty * np.eye(len(centre))
        weight = np.linalg.solve(shrunk, standard.T @ (goal - goal.mean(0))).T
        self.arrays_ = {"centre": centre, "scale": scale, "weight": weight, "bias": goal.mean(0)}


def standardised(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and spread of features, and the features without them."""
    centre, spread = values.mean(0), values.std(0)
    scale = np.where(spread > 0, spread, 1.0)
    return centre, scale, (values - centre) / scale


# Its row, as it would stand in ``MODELS``.
ROW = Spec(
    "nearest-mean",
    "nearest_mean:NearestMeanClassifier",
    "the nearest mean of blendshapes, action units and named distances",
    regressor="nearest_mean:NearestMeanRegressor",
    stored={
        "nearest-mean": "nearest_mean:NearestMeanModel",
        "nearest-mean-score": "nearest_mean:NearestMeanScores",
    },
    recipe={"name": "expression"},
    context=("feature_names",),
)
