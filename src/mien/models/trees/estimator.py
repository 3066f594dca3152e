"""Training of gradient-boosted trees on named features, as a scikit-learn estimator."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.core.extras import require
from mien.core.progress import Progress
from mien.features.mirror import mirror_of
from mien.models.estimator import Classifier, Estimator, Regressor
from mien.models.trees.model import TreesModel, TreesScores

# Share of the training samples that a leaf holds at most by rule: with larger leaves, few samples cannot be split.
_OF_FEW = 3


@dataclass(kw_only=True, eq=False, repr=False)
class _Boosted(Estimator):
    """What both estimators share: mirror images, names, LightGBM's settings."""

    called = "trees"
    takes_gaps = True
    feature_names: tuple[str, ...] = ()
    topology: str = ""
    n_trees: int = 200
    learning_rate: float = 0.05
    leaves: int = 7
    min_leaf: int = 10
    feature_fraction: float = 0.5
    l2: float = 1.0
    mirror: bool = True
    threads: int = 1
    seed: int = 0

    def _boosted(self, kind: dict[str, Any], values: np.ndarray, goal: np.ndarray, weight: np.ndarray) -> Any:
        """A booster trained on faces, and on their mirror images where asked for."""
        if self.mirror and self.feature_names:
            index, sign = mirror_of(tuple(self.feature_names), self.topology)
            values = np.concatenate([values, values[:, index] * sign])
            goal, weight = np.concatenate([goal, goal]), np.concatenate([weight, weight])
        least = min(self.min_leaf, max(1, len(values) // _OF_FEW))
        if least < self.min_leaf:
            self.fit_notes_ = [
                f"With {len(values)} training samples trees can hardly be split into leaves of {self.min_leaf} "
                f"(min_leaf), so leaves of {least} were allowed."
            ]
        lightgbm = require("lightgbm", "Training trees", "learn")
        table = lightgbm.Dataset(values, goal, weight=weight, feature_name=self._names(values.shape[1]))
        return lightgbm.train(
            {**kind, **self._parameters(), "min_data_in_leaf": least}, table, num_boost_round=self.n_trees
        )

    def _parameters(self) -> dict[str, Any]:
        return {
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves,
            "feature_fraction": self.feature_fraction,
            "lambda_l2": self.l2,
            "seed": self.seed,
            "num_threads": self.threads,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }

    def _names(self, count: int) -> list[str] | str:
        """Names that LightGBM's text format can hold, for people who open it; its own where these are not unique."""
        names = [re.sub(r"\W+", "_", name) for name in self.feature_names]
        return names if len(set(names)) == count else "auto"


@dataclass(kw_only=True, eq=False, repr=False)
class TreesClassifier(_Boosted, Classifier):
    """LightGBM with defaults for the size of studies of faces: many small trees, nothing tuned, nothing stopped early.

    Parameters
    ----------
    feature_names : tuple of str
    topology : str
        Of the points behind the features; needed for ``mirror``.
    n_trees : int
        Rounds of boosting (per class, where there are more than two).
    learning_rate : float
    leaves : int
        Most leaves of a tree; 7 allow interactions of three features.
    min_leaf : int
        Fewest training samples in a leaf; never more than a third of them (mirrored ones count), so that trees can
        split where there are few. ``fit_notes_`` says so.
    feature_fraction : float
        Share of the features that each tree may use: blendshapes that move together then share the work.
    l2 : float
        Penalty on the leaves' scores.
    mirror : bool
        Train on mirrored faces as well. To be switched off where left and right make the class.
    balanced : bool
        Weigh classes inversely to their frequency.
    threads : int
        Of training. The result does not depend on it, but small data train fastest with one.
    seed : int
        Of the features that each tree may use.

    Notes
    -----
    Ke et al. (2017), "LightGBM: a highly efficient gradient boosting decision tree", NeurIPS 30.
    """

    balanced: bool = True

    def model(self, **facts: Any) -> TreesModel:
        """The fitted model, storable; ``facts`` are further arguments of ``Model``."""
        text = np.frombuffer(self.booster_.model_to_string().encode("utf-8"), dtype=np.uint8)
        shape, settings = (self.booster_.num_feature(),), {**self._settings(), "text_bytes": len(text)}
        built = self._built(TreesModel, facts, input_shape=shape, settings=settings, arrays={"trees": text})
        built.fitted_here = True
        return built

    def _fit(self, values: Any, codes: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        count = np.bincount(codes)
        weight = (len(codes) / (len(count) * count))[codes] if self.balanced else np.ones(len(codes))
        binary, several = {"objective": "binary"}, {"objective": "multiclass", "num_class": len(count)}
        self.booster_ = self._boosted(binary if len(count) == 2 else several, self._named(values), codes, weight)


@dataclass(kw_only=True, eq=False, repr=False)
class TreesRegressor(_Boosted, Regressor):
    """LightGBM for ratings: trees of their own for each, trained on squared error.

    Parameters
    ----------
    feature_names, topology, n_trees, learning_rate, leaves, min_leaf, feature_fraction, l2, mirror, threads, seed
        See ``TreesClassifier``.
    """

    def model(self, **facts: Any) -> TreesScores:
        """The fitted model, storable; ``facts`` are further arguments of ``Model``, ``classes`` names the ratings."""
        texts = [np.frombuffer(b.model_to_string().encode("utf-8"), dtype=np.uint8) for b in self.boosters_]
        shape = (self.boosters_[0].num_feature(),)
        settings = {**self._settings(), "text_bytes": [len(text) for text in texts]}
        arrays = {f"trees {i}": text for i, text in enumerate(texts)}
        built = self._built(TreesScores, facts, input_shape=shape, settings=settings, arrays=arrays)
        built.fitted_here = True
        return built

    def _fit(self, values: Any, goal: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        values, each = self._named(values), np.ones(len(goal))
        self.boosters_ = [self._boosted({"objective": "regression"}, values, column, each) for column in goal.T]
