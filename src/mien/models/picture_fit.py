"""Training of picture models: the body stays frozen, the head is fitted, as scikit-learn estimators."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression

from mien.core.errors import InputError
from mien.models.fitting.sample_space import SampleSpace
from mien.models.picture import PictureModel, softmax
from mien.nets.bodies import Body, body_features, body_of, side_of
from mien.stats.folds import subject_folds

INNER_FOLDS = 5
STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)


class PictureClassifier(ClassifierMixin, BaseEstimator):
    """Logistic regression on what a frozen image network sees in aligned crops.

    Feature maps of several stages, averaged over a grid of cells, are standardised; each stage weighs the same as a
    whole. Crops and their mirror images are trained on. The strength of regularisation is chosen by the log-loss in
    inner folds over subjects, within the data given to ``fit``.

    Parameters
    ----------
    body : str
        ``'efficientnet-lite0'``, ``'-lite1'`` or ``'-lite2'``, or a network of timm such as ``'resnet18'``;
        ``'untrained efficientnet-lite0'`` for checks.
    stages, grid : tuple of int
        See ``mien.nets.bodies.Body``; empty for two stages in the middle, (4, 5) of EfficientNet-Lite, and 3 cells.
    weights : str
        Of timm's networks, see ``mien.nets.bodies.body_of``.
    mirror : bool
        Train on mirror images as well. To be switched off where left and right make the class.
    strengths : tuple of float
        Inverse regularisation strengths to choose from (scikit-learn's ``C``).
    balanced : bool
        Weigh classes inversely to their frequency.
    seed : int
        Of the inner folds.
    """

    def __init__(
        self,
        *,
        body: str = "efficientnet-lite0",
        stages: tuple[int, ...] = (),
        grid: tuple[int, ...] = (),
        weights: str = "",
        mirror: bool = True,
        strengths: tuple[float, ...] = STRENGTHS,
        balanced: bool = True,
        seed: int = 0,
    ) -> None:
        self.body = body
        self.stages = stages
        self.grid = grid
        self.weights = weights
        self.mirror = mirror
        self.strengths = strengths
        self.balanced = balanced
        self.seed = seed

    def prepare(self, values: np.ndarray, progress: Any = None) -> np.ndarray:
        """What ``fit`` and ``predict_proba`` look at: features of crops and of their mirror images.

        The body is frozen and knows no labels, so this is done once, before samples are split into folds.
        """
        if values.ndim != 4 or values.shape[1] != 3:
            raise InputError(f"The picture model needs (samples, 3, height, width), but got {values.shape}.")
        return body_features(values, self._body(), progress=progress)

    def fit(self, values: np.ndarray, y: np.ndarray, groups: np.ndarray | None = None) -> PictureClassifier:
        """Train on crops, (samples, 3, size, size), or on what ``prepare`` gave, with classes and subjects."""
        features = self._prepared(values)
        y = np.asarray(y).astype(str)
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise InputError(f"All samples have the class '{self.classes_[0]}'; two classes at least are needed.")
        self.strength_ = self._choose(features, y, groups)
        copies, repeated = self._copies(features, y)
        space = SampleSpace(copies, self._body().sizes)
        self.arrays_ = head(space, self._logistic(self.strength_).fit(space.coordinates, repeated))
        return self

    def predict_proba(self, values: np.ndarray) -> np.ndarray:
        """Probabilities, (samples, classes), of crops or of what ``prepare`` gave."""
        return softmax(self.model().logits_of_features(self._prepared(values)[:, 0]))

    def predict(self, values: np.ndarray) -> np.ndarray:
        """The most probable class."""
        found: np.ndarray = self.classes_[self.predict_proba(values).argmax(1)]
        return found

    def model(self, **facts: Any) -> PictureModel:
        """The fitted model, storable; ``facts`` are further arguments of ``Model``."""
        body = self._body()
        settings = {
            **{key: list(v) if isinstance(v, tuple) else v for key, v in self.get_params().items()},
            "strength": float(self.strength_),
            "features": sum(body.sizes),
            "body_sha256": body.weights,
            "stages": list(body.stages),
            "grid": list(body.grid),
        }
        side = facts.get("recipe", {}).get("size") or side_of(body.bare)
        base: dict[str, Any] = {
            "name": "picture", "target": "", "recipe": {}, "feature_names": (), "input_shape": (3, side, side),
        }  # fmt: skip
        return PictureModel(**{**base, **facts}, classes=tuple(self.classes_), settings=settings, arrays=self.arrays_)

    def notes(self) -> list[str]:
        """What has to stand beside every score."""
        return self._body().notes()

    def _body(self) -> Body:
        return body_of(self.body, tuple(self.stages), tuple(self.grid), self.weights, depth=2, cells=3)

    def _prepared(self, values: np.ndarray) -> np.ndarray:
        return values if values.ndim == 3 else self.prepare(values)

    def _copies(self, features: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Crops, followed by their mirror images where these are trained on too, with their classes."""
        if not self.mirror:
            return features[:, 0], y
        return np.concatenate([features[:, 0], features[:, 1]]), np.concatenate([y, y])

    def _logistic(self, strength: float) -> LogisticRegression:
        return LogisticRegression(C=strength, max_iter=2000, class_weight="balanced" if self.balanced else None)

    def _choose(self, features: np.ndarray, y: np.ndarray, groups: np.ndarray | None) -> float:
        """The strength with the smallest log-loss in inner folds; the strongest regularisation on a tie."""
        strengths = sorted(self.strengths)
        if len(strengths) == 1:
            return float(strengths[0])
        subjects = np.arange(len(y)).astype(str) if groups is None else np.asarray(groups).astype(str)
        count = min(INNER_FOLDS, len(np.unique(subjects)))
        try:
            folds = subject_folds(subjects, y, n_folds=count, seed=self.seed)
        except InputError:
            # Too few subjects per class for inner folds: a middling strength, chosen before seeing any data.
            return float(strengths[len(strengths) // 2])
        losses = np.zeros(len(strengths))
        for train, test in folds:
            copies, repeated = self._copies(features[train], y[train])
            space = SampleSpace(copies, self._body().sizes)
            seen = space.project(features[test, 0])
            for i, strength in enumerate(strengths):
                fitted = self._logistic(strength).fit(space.coordinates, repeated)
                own = fitted.predict_proba(seen)[np.arange(len(test)), np.searchsorted(fitted.classes_, y[test])]
                losses[i] -= np.log(np.maximum(own, 1e-12)).sum()
        return float(strengths[int(losses.round(9).argmin())])


def head(space: SampleSpace, fitted: LogisticRegression) -> dict[str, np.ndarray]:
    """The arrays of a ``PictureModel``."""
    weight, bias = space.weights(fitted.coef_), np.asarray(fitted.intercept_, dtype=np.float64)
    if len(weight) == 1:
        # Two classes share one logit; halves of either sign have the same softmax.
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    arrays = {"centre": space.centre, "scale": space.scale, "weight": weight, "bias": bias}
    return {key: value.astype(np.float32) for key, value in arrays.items()}
