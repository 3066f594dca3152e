"""Training on hand-made features (colour, fine texture, edges): the baselines that networks have to beat."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVR

from mien.core.errors import InputError
from mien.models.base import Model
from mien.models.fitting.ridge_of_ratings import PENALTIES
from mien.models.fitting.sample_space import SampleSpace
from mien.models.kernel import KernelScores, gaussian
from mien.models.linear import TabularModel, TabularScores
from mien.models.picture_fit import INNER_FOLDS, STRENGTHS, head
from mien.models.rating_fit import _Ratings
from mien.stats.folds import subject_folds

# Of the support vector machine, on standardised ratings.
COSTS = (0.3, 1.0, 3.0, 10.0)
TUBE = 0.1
KERNELS = ("linear", "rbf")


def block_sizes(names: tuple[str, ...], count: int) -> tuple[int, ...]:
    """Number of colour, pattern and edge features, in the order of ``names``; one block for unnamed features."""
    kind = {"pattern": "lbp", "edge": "hog"}
    return tuple(Counter(kind.get(name.split(" ")[0], "colour") for name in names).values()) or (count,)


def mirror_partners(names: tuple[str, ...], count: int) -> np.ndarray:
    """For each feature the one that takes its place in a mirror image: edges change side and direction."""
    index = {name: i for i, name in enumerate(names)}
    cells = max((int(name.split()[2]) for name in names if name.startswith("edge ")), default=0)
    turns = max((int(name.split()[3]) for name in names if name.startswith("edge ")), default=0)
    partner = np.arange(count)
    for name, i in index.items():
        if name.startswith("edge "):
            _, row, column, turn = name.split()
            partner[i] = index[f"edge {row} {cells - int(column)} {turns - int(turn)}"]
    return partner


class _Texture:
    """What both estimators share."""

    feature_names: tuple[str, ...]
    mirror: bool

    def _seen(self, values: Any) -> np.ndarray:
        """Features that are the same for a face and its mirror image, if asked for."""
        found = np.asarray(values, dtype=np.float64)
        if found.ndim != 2 or (self.feature_names and len(self.feature_names) != found.shape[1]):
            raise InputError(
                f"The texture model needs (samples, {len(self.feature_names)}) values, but got {found.shape}."
            )
        return (found + found[:, self._partners(found.shape[1])]) / 2

    def _partners(self, count: int) -> np.ndarray:
        return mirror_partners(tuple(self.feature_names), count) if self.mirror else np.arange(count)

    def _blocks(self, count: int) -> tuple[int, ...]:
        return block_sizes(tuple(self.feature_names), count)


class TextureRegressor(_Texture, _Ratings):
    """Ridge or support vector regression on colour histograms, local binary patterns and oriented gradients.

    Features are standardised; colour, patterns and edges weigh the same as wholes.

    Parameters
    ----------
    feature_names : tuple of str
        Of the recipe 'texture'; they tell the three blocks apart.
    kernel : str
        ``'linear'`` (ridge) or ``'rbf'`` (support vector regression with Gaussian bumps; gamma is one over the
        features' total variance, the tube 0.1 standard deviations).
    mirror : bool
        Average each edge feature with its mirror partner. To be switched off where left and right matter.
    penalties : tuple of float
        Of ridge, to choose from for each rating by leaving out people within the data given to ``fit``.
    costs : tuple of float
        Of support vectors (scikit-learn's ``C``), chosen in inner folds over people.
    seed : int
        Of the inner folds.
    """

    def __init__(
        self,
        *,
        feature_names: tuple[str, ...] = (),
        kernel: str = "linear",
        mirror: bool = True,
        penalties: tuple[float, ...] = PENALTIES,
        costs: tuple[float, ...] = COSTS,
        seed: int = 0,
    ) -> None:
        self.feature_names = feature_names
        self.kernel = kernel
        self.mirror = mirror
        self.penalties = penalties
        self.costs = costs
        self.seed = seed

    def fit(self, values: np.ndarray, y: np.ndarray, groups: np.ndarray | None = None) -> TextureRegressor:
        """Train on named features, (samples, features), with ratings (samples,) or (samples, ratings) and subjects."""
        if self.kernel not in KERNELS:
            raise InputError(f"The texture model's kernel is one of {', '.join(KERNELS)}, but got '{self.kernel}'.")
        features = self._seen(values)
        if self.kernel == "linear":
            self._fit_head(features, self._blocks(features.shape[1]), y, groups)
            self.arrays_["logarithm"] = np.zeros(features.shape[1], dtype=np.uint8)
        else:
            self._fit_kernel(features, np.asarray(y, dtype=np.float64), groups)
        return self

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Ratings, (samples, ratings)."""
        return self.model().predict(values)

    def model(self, **facts: Any) -> Model:
        """The fitted model, storable; ``facts`` are further arguments of ``Model``, ``classes`` names the ratings."""
        names = self._names(facts)
        settings = {key: list(v) if isinstance(v, tuple) else v for key, v in self.get_params().items()}
        settings.pop("feature_names")
        base: dict[str, Any] = {"name": "texture", "target": "", "recipe": {}, "feature_names": self.feature_names}
        shape = (len(self.arrays_["centre"]),)
        if self.kernel == "linear":
            settings["penalty"] = [float(p) for p in self.penalty_]
            return TabularScores(
                **{**base, **facts}, classes=names, input_shape=shape, settings=settings, arrays=self.arrays_
            )
        settings |= {"gamma": self.gamma_, "cost": self.cost_, "support": len(self.arrays_["support"])}
        return KernelScores(
            **{**base, **facts}, classes=names, input_shape=shape, settings=settings, arrays=self.arrays_
        )

    def _fit_kernel(self, features: np.ndarray, y: np.ndarray, groups: Any) -> None:
        goal = y[:, None] if y.ndim == 1 else y
        if goal.ndim != 2 or len(goal) != len(features) or not np.isfinite(goal).all():
            raise InputError(f"Ratings must be finite, one row per sample ({len(features)}), but have {goal.shape}.")
        space = SampleSpace(features, self._blocks(features.shape[1]))
        seen = ((features - space.centre) / space.scale).astype(np.float32).astype(np.float64)
        self.gamma_ = float(1 / max(seen.var(axis=0).sum(), 1e-12))
        kernel = gaussian(seen, seen, self.gamma_)
        centre, spread = goal.mean(0), np.maximum(goal.std(0), 1e-12)
        standard = (goal - centre) / spread
        people = np.arange(len(goal)).astype(str) if groups is None else np.asarray(groups).astype(str)
        folds = subject_folds(
            people, scheme="grouped", n_folds=min(INNER_FOLDS, len(np.unique(people))), seed=self.seed
        )
        dual, bias, costs = np.zeros((goal.shape[1], len(goal))), np.zeros(goal.shape[1]), []
        for j, one in enumerate(standard.T):
            cost = self._cost(kernel, one, folds)
            fitted = SVR(kernel="precomputed", C=cost, epsilon=TUBE).fit(kernel, one)
            dual[j, fitted.support_], bias[j] = fitted.dual_coef_[0] * spread[j], fitted.intercept_[0] * spread[j]
            costs.append(float(cost))
        used = (dual != 0).any(axis=0)
        used[0] |= not used.any()
        self.cost_ = costs
        arrays = {"centre": space.centre, "scale": space.scale, "support": seen[used], "dual": dual[:, used],
                  "bias": bias + centre}  # fmt: skip
        self.arrays_ = {key: np.asarray(value, dtype=np.float32) for key, value in arrays.items()}
        self.arrays_["partner"] = self._partners(features.shape[1]).astype(np.int32)

    def _cost(self, kernel: np.ndarray, y: np.ndarray, folds: list[Any]) -> float:
        """The cost with the smallest squared error in inner folds, the smallest one on a tie."""
        costs = sorted(self.costs)
        if len(costs) == 1:
            return costs[0]
        errors = np.zeros(len(costs))
        for train, test in folds:
            for i, cost in enumerate(costs):
                fitted = SVR(kernel="precomputed", C=cost, epsilon=TUBE).fit(kernel[np.ix_(train, train)], y[train])
                errors[i] += ((fitted.predict(kernel[np.ix_(test, train)]) - y[test]) ** 2).sum()
        return costs[int(errors.round(9).argmin())]


class TextureClassifier(_Texture, ClassifierMixin, BaseEstimator):
    """Logistic regression on colour histograms, local binary patterns and oriented gradients.

    Parameters
    ----------
    feature_names, mirror
        See ``TextureRegressor``.
    strengths : tuple of float
        Inverse regularisation strengths (scikit-learn's ``C``), chosen by the log-loss in inner folds over people.
    balanced : bool
        Weigh classes inversely to their frequency.
    seed : int
        Of the inner folds.
    """

    def __init__(
        self,
        *,
        feature_names: tuple[str, ...] = (),
        mirror: bool = True,
        strengths: tuple[float, ...] = STRENGTHS,
        balanced: bool = True,
        seed: int = 0,
    ) -> None:
        self.feature_names = feature_names
        self.mirror = mirror
        self.strengths = strengths
        self.balanced = balanced
        self.seed = seed

    def fit(self, values: np.ndarray, y: np.ndarray, groups: np.ndarray | None = None) -> TextureClassifier:
        """Train on named features, (samples, features), with their classes and subjects (``groups``)."""
        features, y = self._seen(values), np.asarray(y).astype(str)
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise InputError(f"All samples have the class '{self.classes_[0]}'; two classes at least are needed.")
        self.strength_ = self._choose(features, y, groups)
        space = SampleSpace(features, self._blocks(features.shape[1]))
        self.arrays_ = head(space, self._logistic(self.strength_).fit(space.coordinates, y))
        self.arrays_["logarithm"] = np.zeros(features.shape[1], dtype=np.uint8)
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
        settings = {**self.get_params(), "strengths": list(self.strengths), "strength": self.strength_}
        settings.pop("feature_names")
        base: dict[str, Any] = {"name": "texture", "target": "", "recipe": {}, "feature_names": self.feature_names}
        return TabularModel(
            **{**base, **facts},
            classes=tuple(self.classes_),
            input_shape=(len(self.arrays_["centre"]),),
            settings=settings,
            arrays=self.arrays_,
        )

    def _logistic(self, strength: float) -> LogisticRegression:
        return LogisticRegression(C=strength, max_iter=2000, class_weight="balanced" if self.balanced else None)

    def _choose(self, features: np.ndarray, y: np.ndarray, groups: np.ndarray | None) -> float:
        strengths = sorted(self.strengths)
        people = np.arange(len(y)).astype(str) if groups is None else np.asarray(groups).astype(str)
        try:
            folds = subject_folds(people, y, n_folds=min(INNER_FOLDS, len(np.unique(people))), seed=self.seed)
        except InputError:
            folds = []
        if len(strengths) == 1 or not folds:
            # Too few subjects per class for inner folds: a middling strength, chosen before seeing any data.
            return float(strengths[len(strengths) // 2])
        losses = np.zeros(len(strengths))
        for train, test in folds:
            space = SampleSpace(features[train], self._blocks(features.shape[1]))
            seen = space.project(features[test])
            for i, strength in enumerate(strengths):
                fitted = self._logistic(strength).fit(space.coordinates, y[train])
                own = fitted.predict_proba(seen)[np.arange(len(test)), np.searchsorted(fitted.classes_, y[test])]
                losses[i] -= np.log(np.maximum(own, 1e-12)).sum()
        return float(strengths[int(losses.round(9).argmin())])
