"""What training may ask of every kind of model: the contract of its estimators, and the checks that all of them share.

An estimator is scikit-learn's (``fit``, ``predict``, ``get_params``; ``sklearn.base.clone`` copies it unfitted) and
gives a ``Model`` that is stored. A new kind derives from ``Classifier`` or ``Regressor``, or has one of each, and
writes ``_fit`` and ``model``; everything else has an answer here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Self, TypeVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone

from mien.core.errors import InputError
from mien.core.progress import Progress
from mien.models.adapts import REFIT
from mien.models.base import Model

Built = TypeVar("Built", bound=Model)


class Estimator(BaseEstimator, ABC):
    """A kind of model before and after it was fitted; its settings are keyword arguments with defaults.

    Attributes
    ----------
    called : str
        Name of the kind, for messages and for models that nobody named.
    feature_names : tuple of str
        Of named features; a setting of the kinds that look at them.
    reports_progress : bool
        Whether ``fit`` calls its ``progress`` with (done, total).
    takes_gaps : bool
        Whether it learns from NaN, for values that are not known.
    adapts : str
        ``'refit'``, or ``'head'`` for networks, whose ``Model.module()`` then gives ``head_parameters``.
    fit_notes_ : sequence of str
        What has to be known of this training, in sentences.
    parameters_ : mapping of str to int
        Numbers of trainable and frozen parameters, where they are counted.
    left_out_ : ndarray or None
        Predictions for each training sample without its person, where they come with the fit in closed form.
    """

    called: str = ""
    feature_names: tuple[str, ...] = ()
    reports_progress: bool = False
    takes_gaps: bool = False
    adapts: str = REFIT
    fit_notes_: Sequence[str] = ()
    parameters_: Mapping[str, int] = {}
    left_out_: np.ndarray | None = None

    @abstractmethod
    def fit(
        self, values: Any, y: np.ndarray, groups: np.ndarray | None = None, progress: Progress | None = None
    ) -> Self:
        """Train on features of samples, or on what ``prepare`` made of them.

        Parameters
        ----------
        values : ndarray, shape (samples, ...)
        y : ndarray
            Classes, (samples,), or ratings, (samples,) or (samples, ratings).
        groups : ndarray, shape (samples,), optional
            Who is shown; without it every sample is taken for a person of its own.
        progress : callable (done, total), optional

        Raises
        ------
        InputError
            For other shapes, values that are not finite, a single class, or a rating that is the same for everybody.
        """

    @abstractmethod
    def predict(self, values: Any) -> np.ndarray:
        """The most probable classes, (samples,), or the ratings, (samples, ratings)."""

    @abstractmethod
    def outputs(self, values: Any) -> np.ndarray:
        """Probabilities, (samples, classes), or ratings, (samples, ratings)."""

    @abstractmethod
    def model(self, **facts: Any) -> Model:
        """The fitted model, storable; ``facts`` are further arguments of ``Model``."""

    def prepare(self, values: np.ndarray) -> Any:
        """What can be computed once for all folds, because it sees no labels and fits nothing."""
        return values

    def again(self) -> Self:
        """An unfitted copy that keeps what this fit has chosen on people left out, such as its regularisation."""
        copy = clone(self)
        chosen = getattr(self, "strength_", None)
        return copy if chosen is None else copy.set_params(strengths=(chosen,))

    def notes(self) -> list[str]:
        """What has to stand beside every score, in sentences; known before anything is fitted."""
        return []

    def starts_from(self) -> Model | None:
        """The stored model whose weights training starts from; what that one has seen counts as seen."""
        return None

    def _settings(self) -> dict[str, Any]:
        """Settings as plain values for ``model.json``; names of features stand there already."""
        given = self.get_params().items()
        return {key: list(v) if isinstance(v, tuple) else v for key, v in given if key != "feature_names"}

    @abstractmethod
    def _classes(self, facts: Mapping[str, Any]) -> tuple[str, ...]:
        """Names of the outputs, as ``Model.classes`` has them."""

    def _built(self, kind: type[Built], facts: Mapping[str, Any], **fitted: Any) -> Built:
        """A model of this kind from what was fitted and from ``facts`` that others know."""
        base: dict[str, Any] = {"name": self.called, "target": "", "recipe": {}, "feature_names": self.feature_names}
        return kind(**{**base, **facts, "classes": self._classes(facts), **fitted})

    def _named(self, values: Any) -> np.ndarray:
        """Named features in double precision, (samples, features), refused in another shape or where not finite."""
        array, count = np.asarray(values, dtype=np.float64), len(self.feature_names)
        if array.ndim != 2 or (count and count != array.shape[1]):
            raise InputError(f"The {self.called} model needs (samples, {count}) values, but got {array.shape}.")
        if not self.takes_gaps:
            refuse_gaps(array)
        return array


class Classifier(ClassifierMixin, Estimator):
    """An estimator of classes.

    Attributes
    ----------
    classes_ : ndarray of str
        Sorted; order of the columns of ``predict_proba``.
    """

    classes_: np.ndarray

    def fit(
        self, values: Any, y: np.ndarray, groups: np.ndarray | None = None, progress: Progress | None = None
    ) -> Self:
        """Train with the classes of samples, see ``Estimator.fit``."""
        self.classes_, codes = np.unique(np.asarray(y).astype(str), return_inverse=True)
        if len(self.classes_) < 2:
            raise InputError(f"All samples have the class '{self.classes_[0]}'; two classes at least are needed.")
        self._fit(values, codes, groups, progress)
        return self

    def predict_proba(self, values: Any) -> np.ndarray:
        """Probabilities, (samples, classes)."""
        return self.model().predict(values)

    def outputs(self, values: Any) -> np.ndarray:
        """The same under the name that classes and ratings share."""
        return self.predict_proba(values)

    def predict(self, values: Any) -> np.ndarray:
        """The most probable class."""
        found: np.ndarray = self.classes_[self.predict_proba(values).argmax(1)]
        return found

    def _classes(self, facts: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(self.classes_)

    @abstractmethod
    def _fit(self, values: Any, codes: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        """Train; ``codes`` are places among ``classes_``."""


class Regressor(RegressorMixin, Estimator):
    """An estimator of one or more ratings.

    Attributes
    ----------
    n_ratings_ : int
    """

    n_ratings_: int

    def fit(
        self, values: Any, y: np.ndarray, groups: np.ndarray | None = None, progress: Progress | None = None
    ) -> Self:
        """Train with ratings, (samples,) or (samples, ratings), see ``Estimator.fit``."""
        goal = np.asarray(y, dtype=np.float64)
        goal = goal[:, None] if goal.ndim == 1 else goal
        if goal.ndim != 2 or len(goal) != len(values) or not np.isfinite(goal).all():
            raise InputError(f"Ratings must be finite, one row per sample ({len(values)}), but have {goal.shape}.")
        if not (goal != goal[:1]).any(0).all():
            raise InputError("A rating is the same for everybody in training, so there is nothing to learn.")
        self.n_ratings_ = goal.shape[1]
        self._fit(values, goal, groups, progress)
        return self

    def predict(self, values: Any) -> np.ndarray:
        """Ratings, (samples, ratings)."""
        return self.model().predict(values)

    def outputs(self, values: Any) -> np.ndarray:
        """The same under the name that classes and ratings share."""
        return self.predict(values)

    @abstractmethod
    def _fit(self, values: Any, goal: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        """Train; ``goal`` are ratings, (samples, ratings), finite and not constant."""

    def _classes(self, facts: Mapping[str, Any]) -> tuple[str, ...]:
        """Names of the ratings, numbers where nobody gave any."""
        return tuple(facts.get("classes") or map(str, range(self.n_ratings_)))


def people_of(groups: np.ndarray | None, count: int) -> np.ndarray:
    """Who is shown in each sample, as text; every sample a person of its own where nobody knows."""
    return np.arange(count).astype(str) if groups is None else np.asarray(groups).astype(str)


def crops_of(values: np.ndarray, name: str) -> np.ndarray:
    """Square crops as float32, refused in another shape or where they are not finite."""
    values = np.asarray(values, dtype=np.float32)
    if values.ndim != 4 or values.shape[1] != 3 or values.shape[2] != values.shape[3]:
        raise InputError(f"The model '{name}' needs crops (samples, 3, size, size), but got {values.shape}.")
    refuse_gaps(values)
    return values


def refuse_gaps(values: np.ndarray) -> None:
    """Refuse values of which some are not finite."""
    if not np.isfinite(values).all():
        raise InputError("Some values are not finite; leave out samples whose status is not 'ok'.")
