"""The model 'forest': random forests on any named numbers, stored as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from mien.core.errors import InputError
from mien.core.progress import Progress
from mien.models.base import Model, softmax
from mien.models.estimator import Classifier, Estimator, Regressor

# The least probability of a class, so that its logarithm is a number.
_LEAST = 1e-4
_NODES = ("feature", "threshold", "left", "right", "gaps_left")


class ForestModel(Model):
    """A fitted forest of classification trees.

    ``arrays``: ``starts`` (trees + 1,), where each tree's nodes begin; of every node ``feature``, ``threshold``,
    ``left`` and ``right`` (places among all nodes; -1 in leaves), ``gaps_left`` (whether a value that is not known goes
    left) and ``value`` (nodes, outputs), which counts in leaves.
    """

    kind = "forest"
    differentiable = False
    takes_gaps = True

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape that each array must have."""
        nodes, trees = int(self.settings.get("nodes", 0)), int(self.settings.get("n_trees", 0))
        return {
            "starts": (trees + 1,), **dict.fromkeys(_NODES, (nodes,)), "value": (nodes, len(self.classes)),
        }  # fmt: skip

    def _check_arrays(self) -> None:
        super()._check_arrays()
        a, (nodes, features) = self.arrays, (len(self.arrays["feature"]), self.input_shape[0])
        starts, left, right = (a[key].astype(np.int64) for key in ("starts", "left", "right"))
        order = np.arange(nodes)
        inner = left >= 0
        sound = (
            len(starts) > 1 and starts[0] == 0 and starts[-1] == nodes and (np.diff(starts) > 0).all()
            and (inner == (right >= 0)).all()
            and (left[inner] > order[inner]).all() and (right[inner] > order[inner]).all()
            and ((a["feature"][inner] >= 0) & (a["feature"][inner] < features)).all()
        )  # fmt: skip
        if sound:
            ends = np.repeat(starts[1:], np.diff(starts))
            sound = bool((np.maximum(left, right)[inner] < ends[inner]).all())
            # Every node is the first of its tree or has one parent.
            met = np.bincount(np.r_[starts[:-1], left[inner], right[inner]], minlength=nodes) if sound else np.zeros(1)
            sound = sound and len(met) == nodes and bool((met == 1).all())
        if not sound:
            raise InputError(f"The model '{self.name}': its nodes do not form trees on {features} features.")

    def means(self, values: np.ndarray) -> np.ndarray:
        """Mean over the trees of their leaves' values, (samples, outputs)."""
        seen, a = self.check_values(values), self.arrays
        left, right, feature = (a[key].astype(np.int64) for key in ("left", "right", "feature"))
        total, rows = np.zeros((len(seen), len(self.classes))), np.arange(len(seen))
        for start in a["starts"][:-1]:
            node = np.full(len(seen), int(start))
            on = rows
            while len(on):
                here = node[on]
                given = seen[on, np.maximum(feature[here], 0)]
                goes_left = np.where(np.isnan(given), a["gaps_left"][here] > 0, given <= a["threshold"][here])
                after = np.where(goes_left, left[here], right[here])
                inner = left[here] >= 0
                on = on[inner]
                node[on] = after[inner]
            total += a["value"][node]
        return total / (len(a["starts"]) - 1)

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Logarithms of the trees' mean probabilities, (samples, classes)."""
        found: np.ndarray = np.log(np.maximum(self.means(values), _LEAST))
        return found

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Probability of each class."""
        return softmax(self.scores(values))


class ForestScores(ForestModel):
    """A fitted forest of regression trees; arrays as in ``ForestModel``, one value per rating."""

    kind = "forest-score"
    explained = "rating unit"
    predicts = "ratings"

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Ratings, (samples, ratings)."""
        return self.means(values)

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Ratings, (samples, ratings)."""
        return self.means(values)


@dataclass(kw_only=True, eq=False, repr=False)
class _Forest(Estimator):
    """What both estimators share."""

    called = "forest"
    takes_gaps = True
    feature_names: tuple[str, ...] = ()
    n_trees: int = 200
    min_leaf: int = 5
    feature_fraction: float = 0.1
    seed: int = 0

    def _grow(self, kind: Any, values: np.ndarray, goal: np.ndarray, weights: np.ndarray | None = None) -> None:
        """Fit, and keep the trees as arrays."""
        forest = kind(
            n_estimators=self.n_trees, min_samples_leaf=self.min_leaf, max_features=self.feature_fraction,
            random_state=self.seed,
        ).fit(np.asarray(values, dtype=np.float32), goal, sample_weight=weights)  # fmt: skip
        trees = [one.tree_ for one in forest.estimators_]
        starts = np.r_[0, np.cumsum([tree.node_count for tree in trees])]

        def whole(name: str, kind: Any) -> np.ndarray:
            return np.concatenate([getattr(tree, name) for tree in trees]).astype(kind)

        shift = np.repeat(starts[:-1], np.diff(starts))
        left, right = whole("children_left", np.int64), whole("children_right", np.int64)
        value = np.concatenate([tree.value for tree in trees])
        value = value[:, 0, :] if value.shape[1] == 1 and value.shape[2] > 1 else value[:, :, 0]
        self.arrays_ = {
            "starts": starts.astype(np.int64), "feature": whole("feature", np.int32),
            # Where only gaps are told from the rest, scikit-learn's threshold is infinite.
            "threshold": np.nan_to_num(whole("threshold", np.float64)),
            "gaps_left": whole("missing_go_to_left", np.uint8),
            "left": np.where(left < 0, -1, left + shift).astype(np.int32),
            "right": np.where(right < 0, -1, right + shift).astype(np.int32), "value": value.astype(np.float32),
        }  # fmt: skip
        self.count_ = values.shape[1]

    def _facts(self) -> dict[str, Any]:
        nodes = len(self.arrays_["feature"])
        return {"input_shape": (self.count_,), "settings": {**self._settings(), "nodes": nodes}, "arrays": self.arrays_}


@dataclass(kw_only=True, eq=False, repr=False)
class ForestClassifier(_Forest, Classifier):
    """Random forest; values that are not known go the way that separates better in training.

    Parameters
    ----------
    feature_names : tuple of str
    n_trees : int
    min_leaf : int
        Fewest training samples in a leaf.
    feature_fraction : float
        Share of the features that each split may use.
    balanced : bool
        Weigh classes inversely to their frequency.
    seed : int

    Notes
    -----
    Breiman (2001), "Random forests", Machine Learning 45; scikit-learn's trees.
    """

    balanced: bool = True

    def model(self, **facts: Any) -> ForestModel:
        """The fitted model, storable; ``facts`` are further arguments of ``Model``."""
        return self._built(ForestModel, facts, **self._facts())

    def _fit(self, values: Any, codes: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        count = np.bincount(codes)
        weights = (len(codes) / (len(count) * count))[codes] if self.balanced else None
        self._grow(RandomForestClassifier, self._named(values), codes, weights)


@dataclass(kw_only=True, eq=False, repr=False)
class ForestRegressor(_Forest, Regressor):
    """Random forest of ratings, all in one; parameters as of ``ForestClassifier``."""

    def model(self, **facts: Any) -> ForestScores:
        """The fitted model, storable; ``facts`` are further arguments of ``Model``, ``classes`` names the ratings."""
        return self._built(ForestScores, facts, **self._facts())

    def _fit(self, values: Any, goal: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        self._grow(RandomForestRegressor, self._named(values), goal[:, 0] if goal.shape[1] == 1 else goal)
