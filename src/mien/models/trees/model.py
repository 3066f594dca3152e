"""Gradient-boosted trees (LightGBM): prediction, raw scores and the exact Shapley values of the trees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.extras import require
from mien.models.base import TREES, Model
from mien.models.trees.text import checked_trees

# LightGBM answers small batches fastest on one thread, and nothing it gives depends on the number.
_ONE_THREAD = {"num_threads": 1}


@dataclass(frozen=True, eq=False)
class Trees:
    """A LightGBM booster as something that gives scores and contributions.

    Attributes
    ----------
    booster : lightgbm.Booster
    classes : tuple of str, or None
        Names of the outputs, where known.
    paired : bool
        Whether the one log-odds of two classes is told as two scores, half of it with either sign, so that their
        difference is the log-odds and their softmax are the probabilities.
    """

    booster: Any
    classes: tuple[str, ...] | None = None
    paired: bool = False

    @property
    def outputs(self) -> int:
        """Number of scores of a sample."""
        return 2 if self.paired else int(self.booster.num_model_per_iteration())

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Raw scores, before they become probabilities; (samples, features) -> float64 (samples, outputs)."""
        values = self._checked(values)
        if not len(values):
            return np.zeros((0, self.outputs))
        found = np.asarray(self.booster.predict(values, raw_score=True, **_ONE_THREAD))
        return self._told(found.reshape(len(values), -1))

    def contributions(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Exact TreeSHAP of every output (LightGBM's ``pred_contrib``).

        The conditional expectation that Shapley values need is that of the trees themselves: at a split on an
        absent feature both ways are gone, weighted by the training samples that went there.

        Returns
        -------
        contributions : ndarray of float64, shape (samples, outputs, features)
            Unit of ``scores``.
        expected : ndarray of float64, shape (outputs,)
            Mean score over the training samples, as the trees count them: contributions + expected = scores.

        Raises
        ------
        InputError
            If the booster has linear models in its leaves, for which LightGBM has no such values.
        """
        values = self._checked(values)
        lightgbm = _lightgbm("Shapley values of trees")
        # One row more, so that the expected score is known for no samples, too.
        rows = np.concatenate([values, np.zeros((1, values.shape[1]))])
        try:
            found = np.asarray(self.booster.predict(rows, pred_contrib=True, **_ONE_THREAD))
        except lightgbm.basic.LightGBMError as error:
            raise InputError(f"LightGBM gives no Shapley values for this model ({error}).") from error
        found = found.reshape(len(rows), -1, values.shape[1] + 1)
        told = np.stack([self._told(found[:, :, i]) for i in range(found.shape[2])], axis=2)
        return told[:-1, :, :-1], told[-1, :, -1]

    def _told(self, raw: np.ndarray) -> np.ndarray:
        return np.concatenate([-raw, raw], axis=1) / 2 if self.paired else raw

    def _checked(self, values: np.ndarray) -> np.ndarray:
        array = np.asarray(values, dtype=np.float64)
        wanted = int(self.booster.num_feature())
        if array.ndim != 2 or array.shape[1] != wanted:
            raise InputError(f"The trees take values of shape (samples, {wanted}), but got {array.shape}.")
        return array


def is_lightgbm(model: Any) -> bool:
    """Whether this is an object of LightGBM; does not import it."""
    return type(model).__module__.split(".")[0] == "lightgbm"


def trees_of(model: Any) -> Trees:
    """The trees of a ``lightgbm.Booster``, a fitted ``LGBMClassifier``, ``LGBMRegressor`` or ``LGBMRanker``.

    Raises
    ------
    InputError
        If it is none of these or is not fitted.
    """
    lightgbm = _lightgbm("Explaining LightGBM models")
    if isinstance(model, lightgbm.Booster):
        return Trees(model)
    if not isinstance(model, lightgbm.LGBMModel):
        raise InputError(f"Of LightGBM, boosters and fitted estimators can be explained, but got {type(model)}.")
    try:
        booster = model.booster_
    except ValueError as error:
        raise InputError(f"The {type(model).__name__} is not fitted yet: call fit first.") from error
    classes = getattr(model, "classes_", None)
    if classes is None:
        return Trees(booster)
    return Trees(booster, tuple(str(c) for c in classes), paired=booster.num_model_per_iteration() == 1)


class TreesModel(Model):
    """Fitted trees; ``arrays``: ``trees``, LightGBM's own text format in UTF-8 as bytes.

    So the trees have the checksum, the check of shapes and the atomic writing of all models' arrays, and other
    programs get them by writing the bytes to a text file: ``lightgbm.Booster(model_file=...)`` reads it.
    """

    kind = TREES
    differentiable = False
    takes_gaps = True
    # By the estimator: what LightGBM wrote in this process need not be checked number by number as a file is.
    fitted_here = False

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape that each array must have."""
        return {"trees": (int(self.settings.get("text_bytes", 0)),)}

    @property
    def text(self) -> str:
        """The trees in LightGBM's text format."""
        return self.arrays["trees"].tobytes().decode("utf-8")

    @cached_property
    def trees(self) -> Trees:
        """The trees, ready to be asked.

        Raises
        ------
        InputError
            If the text is no model of LightGBM, or one of other features or classes.
        """
        booster = _booster(self.arrays["trees"], self.name, self.fitted_here)
        trees = Trees(booster, self.classes, paired=len(self.classes) == 2)
        if trees.outputs != len(self.classes) or (booster.num_feature(),) != self.input_shape:
            raise InputError(
                f"The model '{self.name}': its trees have {trees.outputs} outputs and {booster.num_feature()} "
                f"features, but its description says {len(self.classes)} classes and {self.input_shape[0]} features."
            )
        return trees

    def scores(self, values: np.ndarray) -> np.ndarray:
        """LightGBM's raw log-odds per class, shape (samples, classes).

        Of two classes each gets half of the one log-odds with its sign: see ``Trees.paired``.
        """
        return self.trees.scores(self.check_values(values))

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Probability of each class: the softmax of the scores, which is LightGBM's own."""
        scores = self.scores(values)
        scores = scores - scores.max(1, keepdims=True) if scores.size else scores
        exponentials = np.exp(scores)
        found: np.ndarray = exponentials / exponentials.sum(1, keepdims=True)
        return found


class ManyTrees:
    """Trees of several ratings as one: scores and contributions of each, side by side."""

    def __init__(self, each: tuple[Trees, ...]) -> None:
        self.each = each

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Ratings; (samples, features) -> float64 (samples, ratings)."""
        return np.concatenate([trees.scores(values) for trees in self.each], axis=1)

    def contributions(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Exact TreeSHAP of every rating, see ``Trees.contributions``."""
        found = [trees.contributions(values) for trees in self.each]
        return np.concatenate([each for each, _ in found], axis=1), np.concatenate([mean for _, mean in found])


class TreesScores(Model):
    """Fitted trees of ratings; ``arrays``: ``trees 0``, ``trees 1`` ..., the text format of each rating's trees."""

    kind = "trees-score"
    differentiable = False
    takes_gaps = True
    explained = "rating unit"
    predicts = "ratings"
    fitted_here = False

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape that each array must have."""
        sizes = self.settings.get("text_bytes", [])
        return {f"trees {i}": (int(size),) for i, size in enumerate(sizes)}

    @cached_property
    def trees(self) -> ManyTrees:
        """The trees of all ratings, ready to be asked.

        Raises
        ------
        InputError
            If a text is no model of LightGBM or one of other features, or there are more or fewer than ratings.
        """
        stored = [self.arrays[f"trees {i}"] for i in range(len(self.arrays))]
        boosters = [_booster(one, self.name, self.fitted_here) for one in stored]
        if len(boosters) != len(self.classes) or any((b.num_feature(),) != self.input_shape for b in boosters):
            raise InputError(
                f"The model '{self.name}' has trees of {len(boosters)} ratings, which do not fit its description "
                f"({len(self.classes)} ratings, {self.input_shape[0]} features)."
            )
        return ManyTrees(tuple(Trees(booster) for booster in boosters))

    def scores(self, values: np.ndarray) -> np.ndarray:
        """The predicted ratings, shape (samples, ratings)."""
        return self.trees.scores(self.check_values(values))

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Ratings, (samples, ratings)."""
        return self.scores(values)


def _booster(stored: np.ndarray, name: str, fitted_here: bool) -> Any:
    lightgbm = _lightgbm("Trees")
    try:
        text = stored.tobytes().decode("utf-8")
        return lightgbm.Booster(model_str=text if fitted_here else checked_trees(text))
    except (lightgbm.basic.LightGBMError, UnicodeDecodeError, InputError) as error:
        raise InputError(f"The model '{name}': its trees cannot be read ({error}).") from error


def _lightgbm(purpose: str) -> Any:
    return require("lightgbm", purpose, "learn")
