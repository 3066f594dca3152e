"""Training of the tabular expression model, as a scikit-learn estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES
from mien.features.mirror import mirror_of
from mien.models.linear import TabularModel, logarithmic
from mien.stats.folds import subject_folds

# Strengths of regularisation that are tried; all features are standardised, so one range serves all data.
STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
INNER_FOLDS = 5


class ExpressionClassifier(ClassifierMixin, BaseEstimator):
    """Logistic regression on standardised features; shape enters through its principal components.

    Blendshapes are taken as logarithms, because most of a subtle expression happens close to zero. Coordinates of
    points, of which there are hundreds, are replaced by a few principal components, so that they do not outvote the
    other features. The strength of regularisation is chosen by the log-loss in inner folds over subjects, within
    the data given to ``fit``.

    Parameters
    ----------
    feature_names : tuple of str
        Names of the features, which tell blendshapes and coordinates of points from the others.
    topology : str
        Of the points behind the features; needed for ``mirror``.
    components : int
        Principal components of the coordinates (fewer if there are fewer samples).
    mirror : bool
        Train on mirrored faces as well. To be switched off where left and right make the class.
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
        feature_names: tuple[str, ...] = (),
        topology: str = "",
        components: int = 20,
        mirror: bool = True,
        strengths: tuple[float, ...] = STRENGTHS,
        balanced: bool = True,
        seed: int = 0,
    ) -> None:
        self.feature_names = feature_names
        self.topology = topology
        self.components = components
        self.mirror = mirror
        self.strengths = strengths
        self.balanced = balanced
        self.seed = seed

    def fit(self, values: np.ndarray, y: np.ndarray, groups: np.ndarray | None = None) -> ExpressionClassifier:
        """Train on named features, shape (samples, features), with their classes and subjects (``groups``)."""
        values = np.asarray(values, dtype=np.float64)
        y = np.asarray(y).astype(str)
        if values.ndim != 2 or (self.feature_names and len(self.feature_names) != values.shape[1]):
            raise InputError(
                f"The expression model needs (samples, {len(self.feature_names)}) values, but got {values.shape}."
            )
        if len(np.unique(y)) < 2:
            raise InputError(f"All samples have the class '{y[0]}'; two classes at least are needed.")
        self.logarithm_ = self._are_blendshapes(values)
        self.strength_ = self._choose(values, y, groups)
        self.pipeline_ = self._fitted(values, y, self.strength_)
        self.classes_ = self.pipeline_.classes_
        self.arrays_ = self._collapsed(values)
        return self

    def predict_proba(self, values: np.ndarray) -> np.ndarray:
        """Probabilities, (samples, classes)."""
        return self.model().predict(values)

    def predict(self, values: np.ndarray) -> np.ndarray:
        """The most probable class."""
        found: np.ndarray = self.classes_[self.predict_proba(values).argmax(1)]
        return found

    def model(self, **facts: Any) -> TabularModel:
        """The fitted model, storable; ``facts`` are further arguments of ``Model``."""
        settings = {**self.get_params(), "strengths": list(self.strengths), "strength": float(self.strength_)}
        settings.pop("feature_names")
        base: dict[str, Any] = {"name": "expression", "target": "", "recipe": {}, "feature_names": self.feature_names}
        return TabularModel(
            **{**base, **facts},
            classes=tuple(self.classes_),
            input_shape=(len(self.arrays_["centre"]),),
            settings=settings,
            arrays=self.arrays_,
        )

    def _are_blendshapes(self, values: np.ndarray) -> np.ndarray:
        """Features that are strengths from 0 to 1 (differences to a reference are not)."""
        known = set(BLENDSHAPES)
        mask = np.array([name in known for name in self.feature_names], dtype=bool)
        if not mask.any():
            return np.zeros(values.shape[1], dtype=bool)
        return mask & (values >= 0).all(0)

    def _choose(self, values: np.ndarray, y: np.ndarray, groups: np.ndarray | None) -> float:
        """The strength with the smallest log-loss in inner folds; the strongest regularisation on a tie."""
        if len(self.strengths) == 1:
            return float(self.strengths[0])
        subjects = np.arange(len(y)).astype(str) if groups is None else np.asarray(groups).astype(str)
        count = min(INNER_FOLDS, len(np.unique(subjects)))
        try:
            folds = subject_folds(subjects, y, n_folds=count, seed=self.seed)
        except InputError:
            # Too few subjects per class for inner folds: a middling strength, chosen before seeing any data.
            return float(sorted(self.strengths)[len(self.strengths) // 2])
        losses = []
        for strength in sorted(self.strengths):
            loss = 0.0
            for train, test in folds:
                fitted = self._fitted(values[train], y[train], strength)
                probabilities = fitted.predict_proba(logarithmic(values[test], self.logarithm_))
                own = probabilities[np.arange(len(test)), np.searchsorted(fitted.classes_, y[test])]
                loss -= float(np.log(np.maximum(own, 1e-12)).sum())
            losses.append(round(loss, 9))
        return float(sorted(self.strengths)[int(np.argmin(losses))])

    def _fitted(self, values: np.ndarray, y: np.ndarray, strength: float) -> Pipeline:
        if self.mirror and self.feature_names:
            index, sign = mirror_of(tuple(self.feature_names), self.topology)
            values, y = np.concatenate([values, values[:, index] * sign]), np.concatenate([y, y])
        points = self._points()
        reduce = PCA(min(self.components, len(points), len(values) - 1), random_state=self.seed, svd_solver="full")
        others = [i for i in range(values.shape[1]) if i not in set(points)]
        parts = [("others", "passthrough", others)] + ([("points", reduce, points)] if points else [])
        classifier = LogisticRegression(C=strength, max_iter=5000, class_weight="balanced" if self.balanced else None)
        steps = [("columns", ColumnTransformer(parts)), ("scaler", StandardScaler()), ("classifier", classifier)]
        return Pipeline(steps).fit(logarithmic(values, self.logarithm_), y)

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
        if len(weight) == 1:
            # Two classes share one logit; halves of either sign have the same softmax.
            weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
        return {
            "logarithm": self.logarithm_.astype(np.uint8),
            "centre": centre,
            "scale": scale,
            "weight": weight,
            "bias": bias,
        }
