"""The model 'logistic': regularised logistic or ridge regression on any named numbers, with gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn

from mien.core.progress import Progress
from mien.models.base import Model, softmax
from mien.models.estimator import Classifier, Estimator, Regressor, people_of
from mien.models.fitting.heads import both_signs
from mien.models.fitting.ridge_of_ratings import PENALTIES, fit_ridge
from mien.models.fitting.sample_space import SampleSpace, column_parts

# Hundreds of measures of which none says anything have to be shrunken further than the features of one picture.
WIDE_PENALTIES = (*PENALTIES, 100.0, 300.0, 1000.0)
# Where a class has even odds, a penalty on squared errors does what a quarter of it does to the log-loss.
_CURVATURE = 4.0
# Numbers further than this many standard deviations from the mean count as so far: one recording that failed may not
# decide.
FARTHEST = 4.0
# Samples that are asked about together.
_ROWS = 2048
STRENGTHS = tuple(sorted(_CURVATURE / penalty for penalty in WIDE_PENALTIES))


class NamedModule(nn.Module):
    """Named numbers (samples, features), NaN where one is not known -> logits or ratings (samples, outputs)."""

    centre: torch.Tensor
    scale: torch.Tensor
    gap: torch.Tensor

    def __init__(self, arrays: dict[str, torch.Tensor]) -> None:
        super().__init__()
        for name in ("centre", "scale", "gap"):
            self.register_buffer(name, arrays[name])
        self.linear = nn.Linear(len(arrays["centre"]), len(arrays["bias"]))
        with torch.no_grad():
            self.linear.weight.copy_(arrays["weight"])
            self.linear.bias.copy_(arrays["bias"])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits whose softmax are the probabilities, or ratings."""
        missing = torch.isnan(x)
        known = ((torch.where(missing, self.centre, x) - self.centre) / self.scale).clamp(-FARTHEST, FARTHEST)
        found: torch.Tensor = self.linear(known) + missing.to(x.dtype) @ self.gap.T
        return found


class NamedModel(Model):
    """A fitted logistic regression on named numbers.

    ``arrays``: ``centre``, ``scale`` (features,), ``weight``, ``gap`` (outputs, features), ``bias`` (outputs,). A value
    that is not known counts as the training mean, and ``gap`` is added because it is missing; one beyond ``FARTHEST``
    standard deviations counts as so far.
    """

    kind = "named"
    takes_gaps = True

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape that each array must have."""
        features, outputs = self.input_shape[0], len(self.classes)
        each, all_of_them = (features,), (outputs, features)
        return {"centre": each, "scale": each, "weight": all_of_them, "gap": all_of_them, "bias": (outputs,)}

    def module(self) -> nn.Module:
        """The model as a torch module in evaluation mode."""
        return NamedModule({key: torch.tensor(value).float() for key, value in self.arrays.items()}).eval()

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Logits (or ratings) in double precision, (samples, outputs)."""
        a = {key: value.astype(np.float64) for key, value in self.arrays.items()}
        checked = self.check_values(values)
        found = np.empty((len(checked), len(a["bias"])))
        for start in range(0, len(checked), _ROWS):
            rows = slice(start, start + _ROWS)
            seen = checked[rows].astype(np.float64)
            missing = np.isnan(seen)
            known = np.where(missing, 0.0, np.clip((seen - a["centre"]) / a["scale"], -FARTHEST, FARTHEST))
            found[rows] = known @ a["weight"].T + missing @ a["gap"].T + a["bias"]
        return found

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Probability of each class."""
        return softmax(self.scores(values))


class NamedScores(NamedModel):
    """A fitted ridge regression on named numbers; arrays as in ``NamedModel``, one output per rating."""

    kind = "named-score"
    explained = "rating unit"
    predicts = "ratings"

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Ratings, (samples, ratings)."""
        return self.scores(values)


@dataclass(frozen=True, eq=False)
class Filled:
    """Named numbers as linear models take them: standardised, gaps at the mean, and columns that mark gaps.

    Everything is learnt from the rows given. Numbers that are always missing together share one mark.

    Attributes
    ----------
    centre, scale : ndarray, shape (features,)
        Mean and standard deviation of what is known; 1 where nothing varies.
    marked : ndarray of int
        Features whose gaps are marked.
    space : SampleSpace
        Of standardised numbers and marks.
    """

    centre: np.ndarray
    scale: np.ndarray
    marked: np.ndarray
    space: SampleSpace

    @classmethod
    def of(cls, values: np.ndarray, blocks: tuple[int, ...] = ()) -> Filled:
        """Learn from numbers, (samples, features), whose blocks of columns weigh the same as wholes."""
        missing = np.isnan(values)
        gaps, width = missing.sum(0), values.shape[1]
        varies = np.flatnonzero((gaps > 0) & (gaps < len(values)))
        marked = np.zeros(0, dtype=int)
        if len(varies):
            packed = np.packbits(missing[:, varies], axis=0).T
            marked = varies[np.sort(np.unique(packed, axis=0, return_index=True)[1])]
        count, centre, scale = np.maximum(len(values) - gaps, 1), np.empty(width), np.empty(width)
        features = np.empty((len(values), width + len(marked)))
        for part in column_parts(width):
            features[:, part], centre[part], scale[part] = _near(values[:, part], missing[:, part], count[part])
        features[:, width:] = missing[:, marked]
        sizes = (*blocks[:-1], features.shape[1] - sum(blocks[:-1]))
        return cls(centre, scale, marked, SampleSpace(features, sizes))

    def arrays(self, weight: np.ndarray, bias: np.ndarray) -> dict[str, np.ndarray]:
        """What is stored, from weights of the standardised columns, (outputs, columns), and biases."""
        count, inner = len(self.centre), self.space
        each = weight / inner.scale
        bias = bias - each @ inner.centre.astype(np.float64)  # marks have a mean, and clipped numbers
        gap = np.zeros((len(weight), count))
        gap[:, self.marked] = each[:, count:]
        found = {"centre": self.centre, "scale": self.scale, "weight": each[:, :count], "gap": gap, "bias": bias}
        return {key: np.asarray(value, dtype=np.float64) for key, value in found.items()}


def _near(values: np.ndarray, missing: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Standardised numbers, gaps and what lies far away drawn in; with mean and standard deviation of each column."""
    centre, scale = _moments(values, missing, count)
    # Once more, without what lies far away.
    reach = FARTHEST * scale
    centre, scale = _moments(np.clip(values, centre - reach, centre + reach), missing, count)
    return np.where(missing, 0.0, np.clip((values - centre) / scale, -FARTHEST, FARTHEST)), centre, scale


def _moments(values: np.ndarray, missing: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of what is known of each column; 1 where nothing varies."""
    centre = np.where(missing, 0.0, values).sum(0) / count
    scale = np.sqrt((np.where(missing, 0.0, values - centre) ** 2).sum(0) / count)
    return centre, np.where(scale > 1e-9 * np.maximum(np.abs(centre), 1e-30), scale, 1.0)


@dataclass(kw_only=True, eq=False, repr=False)
class _OnNamed(Estimator):
    """What estimators of classes and of ratings share.

    Parameters
    ----------
    feature_names : tuple of str
    blocks : tuple of int
        Numbers of columns of blocks that weigh the same as wholes, whatever their size; by default all are one.
    seed : int
        For the sake of a common call; nothing is drawn.
    """

    called = "logistic"
    takes_gaps = True
    feature_names: tuple[str, ...] = ()
    blocks: tuple[int, ...] = ()
    seed: int = 0


@dataclass(kw_only=True, eq=False, repr=False)
class NamedClassifier(_OnNamed, Classifier):
    """Logistic regression on standardised numbers; gaps count as the training mean and are marked.

    Numbers that lie far away count as ``FARTHEST`` standard deviations.

    Parameters
    ----------
    feature_names, blocks
        See ``_OnNamed``.
    strengths : tuple of float
        Inverse regularisation strengths (scikit-learn's ``C``) to choose from, by leaving out people within the data
        given to ``fit``: with the squared error of ridge regression on the classes, whose held-out answers have a
        closed form and which takes the first step of the logistic fit.
    balanced : bool
        Weigh classes inversely to their frequency.
    seed : int

    Attributes
    ----------
    arrays_ : dict of str to ndarray
    strength_ : float
    """

    strengths: tuple[float, ...] = STRENGTHS
    balanced: bool = True

    def model(self, **facts: Any) -> NamedModel:
        """The fitted model, storable; ``facts`` are further arguments of ``Model``."""
        settings, shape = {**self._settings(), "strength": self.strength_}, (len(self.arrays_["centre"]),)
        return self._built(NamedModel, facts, input_shape=shape, settings=settings, arrays=self.arrays_)

    def _fit(self, values: Any, codes: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        filled = Filled.of(self._named(values), tuple(self.blocks))
        people = np.unique(people_of(groups, len(codes)), return_inverse=True)[1]
        choices = tuple(_CURVATURE / strength for strength in self.strengths)
        indicators = np.eye(len(self.classes_))[codes]
        chosen = fit_ridge(filled.space, indicators, people, choices)
        # One strength for all classes: the median of theirs.
        penalty = float(np.sort(chosen.penalty)[len(chosen.penalty) // 2])
        self.strength_ = _CURVATURE / penalty
        weights = "balanced" if self.balanced else None
        coordinates = filled.space.coordinates
        fitted = LogisticRegression(C=self.strength_, max_iter=1000, tol=1e-5, class_weight=weights)
        fitted.fit(np.asarray(coordinates, dtype=np.float64), codes)
        weight, bias = both_signs(filled.space.weights(fitted.coef_), np.asarray(fitted.intercept_, dtype=np.float64))
        self.arrays_ = filled.arrays(weight, bias)


@dataclass(kw_only=True, eq=False, repr=False)
class NamedRegressor(_OnNamed, Regressor):
    """Ridge regression on standardised numbers; gaps count as the training mean and are marked.

    Parameters
    ----------
    feature_names, blocks
        See ``_OnNamed``.
    penalties : tuple of float
        To choose from, for each rating, by leaving out people within the data given to ``fit``.
    seed : int

    Attributes
    ----------
    arrays_ : dict of str to ndarray
    penalty_ : ndarray, shape (ratings,)
    """

    penalties: tuple[float, ...] = WIDE_PENALTIES

    def model(self, **facts: Any) -> NamedScores:
        """The fitted model, storable; ``facts`` are further arguments of ``Model``, ``classes`` names the ratings."""
        settings = {**self._settings(), "penalty": [float(p) for p in self.penalty_]}
        shape = (len(self.arrays_["centre"]),)
        return self._built(NamedScores, facts, input_shape=shape, settings=settings, arrays=self.arrays_)

    def _fit(self, values: Any, goal: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        filled = Filled.of(self._named(values), tuple(self.blocks))
        people = np.unique(people_of(groups, len(goal)), return_inverse=True)[1]
        fitted = fit_ridge(filled.space, goal, people, tuple(self.penalties))
        self.penalty_, self.left_out_ = fitted.penalty, fitted.left_out
        self.arrays_ = filled.arrays(fitted.weight, fitted.bias)
