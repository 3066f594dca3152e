"""Models that predict ratings, as scikit-learn estimators: ridge regression on pictures or on named features."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin

from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES
from mien.features.mirror import mirror_of
from mien.models.fitting.ridge_of_ratings import PENALTIES, fit_ridge
from mien.models.fitting.sample_space import SampleSpace
from mien.models.linear import TabularScores, logarithmic
from mien.models.picture import PictureScores
from mien.nets.bodies import Body, body_features, body_of, side_of


class _Ratings(RegressorMixin, BaseEstimator):
    """What both estimators share: checks, mirror images, the fit."""

    mirror: bool
    penalties: tuple[float, ...]

    def _fit_head(self, features: np.ndarray, sizes: tuple[int, ...], y: np.ndarray, groups: Any) -> None:
        """Fit from features (samples, features) that are the same for a face and its mirror image, if asked for."""
        goal = np.asarray(y, dtype=np.float64)
        goal = goal[:, None] if goal.ndim == 1 else goal
        if goal.ndim != 2 or len(goal) != len(features) or not np.isfinite(goal).all():
            raise InputError(f"Ratings must be finite, one row per sample ({len(features)}), but have {goal.shape}.")
        people = (
            np.arange(len(goal))
            if groups is None
            else np.unique(np.asarray(groups).astype(str), return_inverse=True)[1]
        )
        space = SampleSpace(features, sizes)
        fitted = fit_ridge(space, goal, people, tuple(self.penalties))
        self.penalty_, self.left_out_ = fitted.penalty, fitted.left_out
        arrays = {"centre": space.centre, "scale": space.scale, "weight": fitted.weight, "bias": fitted.bias}
        self.arrays_ = {key: np.asarray(value, dtype=np.float32) for key, value in arrays.items()}

    def _settings(self) -> dict[str, Any]:
        settings = {key: list(v) if isinstance(v, tuple) else v for key, v in self.get_params().items()}
        return {**settings, "penalty": [float(p) for p in self.penalty_]}

    def _names(self, facts: dict[str, Any]) -> tuple[str, ...]:
        """Names of the ratings, numbers where nobody gave any."""
        return tuple(facts.pop("classes", None) or map(str, range(len(self.arrays_["bias"]))))


class PictureRegressor(_Ratings):
    """Ridge regression on what a frozen image network sees in aligned crops.

    Feature maps of several stages, averaged over a grid of cells, are standardised; each stage weighs the same as a
    whole. Every rating has its own penalty, chosen by leaving out people within the data given to ``fit``.

    Parameters
    ----------
    body, stages, grid, weights
        See ``PictureClassifier``; three stages, (4, 5, 7) of EfficientNet-Lite, and 7 cells unless told otherwise.
    mirror : bool
        Average features of a crop and of its mirror image. To be switched off where left and right matter.
    penalties : tuple of float
        To choose from.
    seed : int
        Plays no part; nothing is drawn.
    """

    def __init__(
        self,
        *,
        body: str = "efficientnet-lite0",
        stages: tuple[int, ...] = (),
        grid: tuple[int, ...] = (),
        weights: str = "",
        mirror: bool = True,
        penalties: tuple[float, ...] = PENALTIES,
        seed: int = 0,
    ) -> None:
        self.body = body
        self.stages = stages
        self.grid = grid
        self.weights = weights
        self.mirror = mirror
        self.penalties = penalties
        self.seed = seed

    def prepare(self, values: np.ndarray, progress: Any = None) -> np.ndarray:
        """Features of crops and of their mirror images; see ``PictureClassifier.prepare``."""
        if values.ndim != 4 or values.shape[1] != 3:
            raise InputError(f"The picture model needs (samples, 3, height, width), but got {values.shape}.")
        return body_features(values, self._body(), progress=progress)

    def fit(self, values: np.ndarray, y: np.ndarray, groups: np.ndarray | None = None) -> PictureRegressor:
        """Train on crops or on what ``prepare`` gave, with ratings (samples,) or (samples, ratings) and subjects."""
        features = values if values.ndim == 3 else self.prepare(values)
        self._fit_head(self._seen(features), self._body().sizes, y, groups)
        return self

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Ratings, (samples, ratings), of crops or of what ``prepare`` gave."""
        features = values if values.ndim == 3 else self.prepare(values)
        return self.model().logits_of_features(self._seen(features))

    def model(self, **facts: Any) -> PictureScores:
        """The fitted model, storable; ``facts`` are further arguments of ``Model``, ``classes`` names the ratings."""
        body = self._body()
        names = self._names(facts)
        settings = {
            **self._settings(),
            "features": sum(body.sizes),
            "body_sha256": body.weights,
            "stages": list(body.stages),
            "grid": list(body.grid),
            "symmetric": self.mirror,
        }
        side = facts.get("recipe", {}).get("size") or side_of(body.bare)
        base: dict[str, Any] = {
            "name": "picture", "target": "", "recipe": {}, "feature_names": (), "input_shape": (3, side, side),
        }  # fmt: skip
        return PictureScores(**{**base, **facts}, classes=names, settings=settings, arrays=self.arrays_)

    def _seen(self, features: np.ndarray) -> np.ndarray:
        """Features of crops, or their mean with those of the mirror images."""
        found: np.ndarray = features.mean(1) if self.mirror else features[:, 0]
        return found

    def notes(self) -> list[str]:
        """What has to stand beside every score."""
        return self._body().notes()

    def _body(self) -> Body:
        return body_of(self.body, tuple(self.stages), tuple(self.grid), self.weights, depth=3, cells=7)


class ExpressionRegressor(_Ratings):
    """Ridge regression on standardised named features; blendshapes are taken as logarithms.

    Parameters
    ----------
    feature_names, topology, mirror
        See ``ExpressionClassifier``.
    penalties : tuple of float
        To choose from, for each rating, by leaving out people within the data given to ``fit``.
    seed : int
        Plays no part; nothing is drawn.
    """

    def __init__(
        self,
        *,
        feature_names: tuple[str, ...] = (),
        topology: str = "",
        mirror: bool = True,
        penalties: tuple[float, ...] = PENALTIES,
        seed: int = 0,
    ) -> None:
        self.feature_names = feature_names
        self.topology = topology
        self.mirror = mirror
        self.penalties = penalties
        self.seed = seed

    def fit(self, values: np.ndarray, y: np.ndarray, groups: np.ndarray | None = None) -> ExpressionRegressor:
        """Train on named features, (samples, features), with ratings (samples,) or (samples, ratings) and subjects."""
        values = np.asarray(values, dtype=np.float64)
        if values.ndim != 2 or (self.feature_names and len(self.feature_names) != values.shape[1]):
            raise InputError(
                f"The expression model needs (samples, {len(self.feature_names)}) values, but got {values.shape}."
            )
        known = np.array([name in set(BLENDSHAPES) for name in self.feature_names] or [False] * values.shape[1])
        self.logarithm_ = known & (values >= 0).all(0)
        features = logarithmic(values, self.logarithm_)
        if self.mirror and self.feature_names:
            # Ridge regression on faces and mirror images weighs partners alike: the same as their mean.
            index, sign = mirror_of(tuple(self.feature_names), self.topology)
            features = (features + logarithmic(values[:, index] * sign, self.logarithm_)) / 2
        self._fit_head(features, (values.shape[1],), y, groups)
        self.arrays_["logarithm"] = self.logarithm_.astype(np.uint8)
        return self

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Ratings, (samples, ratings)."""
        return self.model().predict(values)

    def model(self, **facts: Any) -> TabularScores:
        """The fitted model, storable; ``facts`` are further arguments of ``Model``, ``classes`` names the ratings."""
        names, settings = self._names(facts), self._settings()
        settings.pop("feature_names")
        base: dict[str, Any] = {"name": "expression", "target": "", "recipe": {}, "feature_names": self.feature_names}
        shape = (len(self.arrays_["centre"]),)
        return TabularScores(
            **{**base, **facts}, classes=names, input_shape=shape, settings=settings, arrays=self.arrays_
        )
