"""The model 'expression': logistic or ridge regression on blendshapes, action units, distances and points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from mien.core.faces import BLENDSHAPES
from mien.core.progress import Progress
from mien.features.mirror import mirror_of
from mien.models.estimator import Estimator
from mien.models.fitting.heads import LogisticClassifier, RidgeRegressor, best_strength, both_signs, log_loss
from mien.models.linear import TabularModel, TabularScores, logarithmic

# Strengths of regularisation that are tried; all features are standardised, so one range serves all data.
STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


@dataclass(kw_only=True, eq=False, repr=False)
class _OnMeasures(Estimator):
    """What estimators of classes and of ratings share.

    Parameters
    ----------
    feature_names : tuple of str
        Names of the features, which tell blendshapes and coordinates of points from the others.
    topology : str
        Of the points behind the features; needed for ``mirror``.
    """

    called = "expression"
    feature_names: tuple[str, ...] = ()
    topology: str = ""


@dataclass(kw_only=True, eq=False, repr=False)
class ExpressionClassifier(_OnMeasures, LogisticClassifier):
    """Logistic regression on standardised features; shape enters through its principal components.

    Blendshapes are taken as logarithms, because most of a subtle expression happens close to zero. Coordinates of
    points, of which there are hundreds, are replaced by a few principal components, so that they do not outvote the
    other features. The strength of regularisation is chosen by the log-loss in inner folds over subjects, within
    the data given to ``fit``.

    Parameters
    ----------
    components : int
        Principal components of the coordinates (fewer if there are fewer samples); for the others see ``_OnMeasures``
        and ``mien.models.fitting.heads.LogisticClassifier``.
    """

    components: int = 20
    strengths: tuple[float, ...] = STRENGTHS

    def model(self, **facts: Any) -> TabularModel:
        """The fitted model, storable; ``facts`` are further arguments of ``Model``."""
        shape, settings = (len(self.arrays_["centre"]),), self._head_settings()
        return self._built(TabularModel, facts, input_shape=shape, settings=settings, arrays=self.arrays_)

    def _fit(self, values: Any, codes: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        values, y = self._named(values), self.classes_[codes]
        self.logarithm_ = blendshapes_among(self.feature_names, values)
        self.strength_ = best_strength(self.strengths, y, groups, self.seed, partial(self._losses, values, y))
        prepared, features, y = self._prepared(values, y)
        classifier = self._classifier(self.strength_).fit(features, y)
        self.pipeline_ = Pipeline([*prepared.steps, ("classifier", classifier)])
        self.arrays_ = self._collapsed(values)

    def _losses(
        self, values: np.ndarray, y: np.ndarray, train: np.ndarray, test: np.ndarray, strengths: list[float]
    ) -> list[float]:
        # What comes before the classifier does not depend on the strength.
        prepared, features, classes = self._prepared(values[train], y[train])
        seen = prepared.transform(logarithmic(values[test], self.logarithm_))
        return [log_loss(self._classifier(c).fit(features, classes), seen, y[test]) for c in strengths]

    def _prepared(self, values: np.ndarray, y: np.ndarray) -> tuple[Pipeline, np.ndarray, np.ndarray]:
        """What standardises features, fitted; the training's features (mirrored ones, too) and their classes."""
        if self.mirror and self.feature_names:
            index, sign = mirror_of(tuple(self.feature_names), self.topology)
            values, y = np.concatenate([values, values[:, index] * sign]), np.concatenate([y, y])
        points = self._points()
        reduce = PCA(min(self.components, len(points), len(values) - 1), random_state=self.seed, svd_solver="full")
        others = [i for i in range(values.shape[1]) if i not in set(points)]
        parts = [("others", "passthrough", others)] + ([("points", reduce, points)] if points else [])
        prepared = Pipeline([("columns", ColumnTransformer(parts)), ("scaler", StandardScaler())])
        return prepared, prepared.fit_transform(logarithmic(values, self.logarithm_)), y

    def _classifier(self, strength: float) -> LogisticRegression:
        return LogisticRegression(C=strength, max_iter=5000, class_weight="balanced" if self.balanced else None)

    def _points(self) -> list[int]:
        return [i for i, name in enumerate(self.feature_names) if name.startswith("point ")]

    def _collapsed(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """The pipeline as one weighted sum: every step after the logarithm is linear."""
        columns, scaler, classifier = (self.pipeline_[step] for step in ("columns", "scaler", "classifier"))
        coefficients = classifier.coef_ / scaler.scale_
        intercept = classifier.intercept_ - coefficients @ scaler.mean_
        points, count = self._points(), values.shape[1]
        others = [i for i in range(count) if i not in set(points)]
        weight = np.zeros((len(coefficients), count))
        weight[:, others] = coefficients[:, : len(others)]
        if points:
            reduced = columns.named_transformers_["points"]
            weight[:, points] = coefficients[:, len(others) :] @ reduced.components_
            intercept = intercept - weight[:, points] @ reduced.mean_
        transformed = logarithmic(values, self.logarithm_)
        centre, scale = transformed.mean(0), transformed.std(0)
        scale = np.where(scale > 0, scale, 1.0)
        bias, weight = intercept + weight @ centre, weight * scale
        weight, bias = both_signs(weight, bias)
        return {
            "logarithm": self.logarithm_.astype(np.uint8),
            "centre": centre,
            "scale": scale,
            "weight": weight,
            "bias": bias,
        }


@dataclass(kw_only=True, eq=False, repr=False)
class ExpressionRegressor(_OnMeasures, RidgeRegressor):
    """Ridge regression on standardised named features; blendshapes are taken as logarithms.

    Parameters are those of ``_OnMeasures`` and ``mien.models.fitting.heads.RidgeRegressor``.
    """

    def model(self, **facts: Any) -> TabularScores:
        """The fitted model, storable; ``facts`` are further arguments of ``Model``, ``classes`` names the ratings."""
        shape, settings = (len(self.arrays_["centre"]),), self._head_settings()
        return self._built(TabularScores, facts, input_shape=shape, settings=settings, arrays=self.arrays_)

    def _fit(self, values: Any, goal: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        values = self._named(values)
        self.logarithm_ = blendshapes_among(self.feature_names, values)
        features = logarithmic(values, self.logarithm_)
        if self.mirror and self.feature_names:
            # Ridge regression on faces and mirror images weighs partners alike: the same as their mean.
            index, sign = mirror_of(tuple(self.feature_names), self.topology)
            features = (features + logarithmic(values[:, index] * sign, self.logarithm_)) / 2
        self._fit_head(features, (values.shape[1],), goal, groups)
        self.arrays_["logarithm"] = self.logarithm_.astype(np.uint8)


def blendshapes_among(names: Sequence[str], values: np.ndarray) -> np.ndarray:
    """Which features are strengths from 0 to 1 (differences to a reference are not), bool, (features,)."""
    known = set(BLENDSHAPES)
    mask = np.array([name in known for name in names] or [False] * values.shape[1], dtype=bool)
    return mask & (values >= 0).all(0)
