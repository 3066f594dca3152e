"""Linear heads on many features: logistic regression for classes, ridge regression for ratings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn import config_context
from sklearn.linear_model import LogisticRegression

from mien.core.errors import InputError
from mien.models.estimator import Classifier, Regressor, people_of
from mien.models.fitting.ridge_of_ratings import PENALTIES, fit_ridge
from mien.models.fitting.sample_space import SampleSpace
from mien.stats.folds import subject_folds

INNER_FOLDS = 5
# Inverse strengths of regularisation on features whose blocks have the same variance.
STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)


def best_strength(
    strengths: Sequence[float], y: np.ndarray, groups: np.ndarray | None, seed: int,
    losses: Callable[[np.ndarray, np.ndarray, list[float]], list[float]],
) -> float:  # fmt: skip
    """The strength with the smallest log-loss in inner folds over people; the strongest regularisation on a tie.

    Parameters
    ----------
    strengths : sequence of float
        Inverse regularisation strengths (scikit-learn's ``C``).
    y : ndarray, shape (samples,)
    groups : ndarray, shape (samples,), or None
    seed : int
        Of the folds.
    losses : callable (train, test, strengths) -> losses
        Log-loss on the test rows of each strength, fitted on the training rows.
    """
    choices = sorted(strengths)
    people = people_of(groups, len(y))
    try:
        folds = subject_folds(people, y, n_folds=min(INNER_FOLDS, len(np.unique(people))), seed=seed)
    except InputError:
        folds = []
    if len(choices) == 1 or not folds:
        # Too few people per class for inner folds: a middling strength, chosen before seeing any data.
        return float(choices[len(choices) // 2])
    # What is fitted was checked by the estimator: scikit-learn need not do so for every strength and fold.
    with config_context(assume_finite=True, skip_parameter_validation=True):
        total = np.sum([losses(train, test, choices) for train, test in folds], axis=0)
    return float(choices[int(total.round(9).argmin())])


def log_loss(fitted: Any, features: np.ndarray, y: np.ndarray) -> float:
    """Sum of the log-losses of a fitted classifier of scikit-learn."""
    own = fitted.predict_proba(features)[np.arange(len(y)), np.searchsorted(fitted.classes_, y)]
    return -float(np.log(np.maximum(own, 1e-12)).sum())


def both_signs(weight: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights and biases of each class; two classes share one logit, halves of either sign have the same softmax."""
    if len(weight) > 1:
        return weight, bias
    return np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2


def logistic_head(
    features: np.ndarray, y: np.ndarray, groups: np.ndarray | None, *, sizes: tuple[int, ...],
    strengths: Sequence[float], balanced: bool, seed: int,
) -> tuple[dict[str, np.ndarray], float]:  # fmt: skip
    """Logistic regression on standardised features, whose blocks weigh the same as wholes.

    Parameters
    ----------
    features : ndarray, shape (samples, sides, features)
        Trained on from all sides (such as a crop and its mirror image), judged from the first.
    y : ndarray of str, shape (samples,)
    groups : ndarray, shape (samples,), or None
    sizes : tuple of int
        Features of each block.
    strengths, seed
        See ``best_strength``.
    balanced : bool
        Weigh classes inversely to their frequency.

    Returns
    -------
    arrays : dict
        ``centre``, ``scale`` (features,), ``weight`` (classes, features), ``bias`` (classes,); float32.
    strength : float
    """

    def on_all_sides(rows: np.ndarray) -> tuple[SampleSpace, np.ndarray]:
        sides = features.shape[1]
        space = SampleSpace(np.concatenate([features[rows, side] for side in range(sides)]), sizes)
        return space, np.tile(y[rows], sides)

    def fitted(space: SampleSpace, classes: np.ndarray, strength: float) -> LogisticRegression:
        classifier = LogisticRegression(C=strength, max_iter=2000, class_weight="balanced" if balanced else None)
        return classifier.fit(space.coordinates, classes)

    def losses(train: np.ndarray, test: np.ndarray, choices: list[float]) -> list[float]:
        space, classes = on_all_sides(train)
        seen = space.project(features[test, 0])
        return [log_loss(fitted(space, classes, strength), seen, y[test]) for strength in choices]

    strength = best_strength(strengths, y, groups, seed, losses)
    space, classes = on_all_sides(np.arange(len(y)))
    found = fitted(space, classes, strength)
    weight, bias = both_signs(space.weights(found.coef_), np.asarray(found.intercept_, dtype=np.float64))
    arrays = {"centre": space.centre, "scale": space.scale, "weight": weight, "bias": bias}
    return {key: value.astype(np.float32) for key, value in arrays.items()}, strength


@dataclass(kw_only=True, eq=False, repr=False)
class LogisticClassifier(Classifier):
    """Logistic regression on standardised features; kinds choose the features.

    Parameters
    ----------
    mirror : bool
        Augment with mirrored faces. To be switched off where left and right make the class.
    strengths : tuple of float
        Inverse regularisation strengths (scikit-learn's ``C``) to choose from, by the log-loss in inner folds over
        people within the data given to ``fit``.
    balanced : bool
        Weigh classes inversely to their frequency.
    seed : int
        Of the inner folds.

    Attributes
    ----------
    arrays_ : dict of str to ndarray
        ``centre``, ``scale``, ``weight``, ``bias``.
    strength_ : float
    """

    mirror: bool = True
    strengths: tuple[float, ...] = STRENGTHS
    balanced: bool = True
    seed: int = 0

    def _fit_head(
        self, features: np.ndarray, sizes: tuple[int, ...], codes: np.ndarray, groups: np.ndarray | None
    ) -> None:
        """Fit from features, (samples, sides, features), in blocks of ``sizes``; see ``logistic_head``."""
        self.arrays_, self.strength_ = logistic_head(
            features, self.classes_[codes], groups, sizes=sizes, strengths=self.strengths, balanced=self.balanced,
            seed=self.seed,
        )  # fmt: skip

    def _head_settings(self) -> dict[str, Any]:
        """Settings as plain values, with the chosen strength."""
        return {**self._settings(), "strength": self.strength_}


@dataclass(kw_only=True, eq=False, repr=False)
class RidgeRegressor(Regressor):
    """Ridge regression on standardised features, each rating with its own penalty; kinds choose the features.

    Parameters
    ----------
    mirror : bool
        Average what is seen of a face and of its mirror image. To be switched off where left and right matter.
    penalties : tuple of float
        To choose from, for each rating, by leaving out people within the data given to ``fit``.
    seed : int
        Of inner folds, for kinds that have any; ridge regression draws nothing.

    Attributes
    ----------
    arrays_ : dict of str to ndarray
        ``centre``, ``scale``, ``weight``, ``bias``; float32.
    penalty_ : ndarray, shape (ratings,)
    """

    mirror: bool = True
    penalties: tuple[float, ...] = PENALTIES
    seed: int = 0

    def _fit_head(
        self, features: np.ndarray, sizes: tuple[int, ...], goal: np.ndarray, groups: np.ndarray | None
    ) -> None:
        """Fit from features, (samples, features), in blocks of ``sizes``."""
        people = np.unique(people_of(groups, len(goal)), return_inverse=True)[1]
        space = SampleSpace(features, sizes)
        fitted = fit_ridge(space, goal, people, tuple(self.penalties))
        self.penalty_, self.left_out_ = fitted.penalty, fitted.left_out
        arrays = {"centre": space.centre, "scale": space.scale, "weight": fitted.weight, "bias": fitted.bias}
        self.arrays_ = {key: np.asarray(value, dtype=np.float32) for key, value in arrays.items()}

    def _head_settings(self) -> dict[str, Any]:
        """Settings as plain values, with the chosen penalties."""
        return {**self._settings(), "penalty": [float(p) for p in self.penalty_]}
