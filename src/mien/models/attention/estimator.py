"""Training of the explainable fast network: from scratch, from other faces, or taught by a larger body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.base import ClassifierMixin, RegressorMixin
from torch.nn import functional

from mien.core.errors import InputError
from mien.models.attention.base import EfdnnEstimator, Progress, ratings_checked
from mien.models.attention.distillation import Lesson
from mien.models.attention.model import EfdnnModel, EfdnnScores, arrays_of, folded, in_units


@dataclass(kw_only=True, eq=False, repr=False)
class EfdnnClassifier(ClassifierMixin, EfdnnEstimator):
    """A light convolutional network with one attention map per class, on aligned crops.

    Parameters
    ----------
    teacher : str
        ``''``: trained on the labels alone. ``'picture'``: taught by the larger body of the model 'picture' as well
        (distillation; Romero et al. 2015, FitNets): from every altered crop the network also predicts what the frozen
        EfficientNet-Lite0 sees in the unaltered one, as principal components of its features. The body knows no labels.
    start : str
        Folder of an 'efdnn' that was trained on other faces, of classes or ratings: training starts from its body, and
        its samples count as seen. ``''``: from random weights.
    width : float
        Factor of the channel numbers.
    epochs : int
        Passes over the training crops.
    steps, batch_size : int
        Batches that are trained on at least, so that few crops are passed over more often, and crops in each.
    patience : int
        Passes without a smaller loss of the people set aside, after which training stops.
    validation : float
        Share of people set aside to decide about stopping, where there are 2,000 training crops of 20 people or more;
        0 for none. Fewer crops are trained on for all passes.
    learning_rate, weight_decay, dropout, smoothing : float
        Of AdamW with one cycle of the learning rate; share of channels dropped; label smoothing.
    taught : float
        Weight of the teacher's view beside the labels.
    components : int
        Principal components of the teacher's view.
    mirror : bool
        Train on mirror images too and average both answers. To be switched off where left and right make the class.
    shift, turn_deg, zoom, light : float
        Largest changes of training crops: share of the side, degrees, factor, brightness and contrast.
    hide : float
        Probability that a rectangle of a training crop is greyed (Zhong et al. 2020, random erasing).
    seed : int
    """

    smoothing: float = 0.05

    def fit(
        self, values: np.ndarray | Lesson, y: np.ndarray, groups: np.ndarray | None = None,
        progress: Progress | None = None,
    ) -> EfdnnClassifier:  # fmt: skip
        """Train on crops, (samples, 3, size, size), RGB from 0 to 1, or on what ``prepare`` gave, and their classes.

        Raises
        ------
        InputError
            For other shapes, one class only, an unknown teacher, or a start that does not fit.
        """
        lesson = values if isinstance(values, Lesson) else self.prepare(values)
        self.classes_, found = np.unique(np.asarray(y).astype(str), return_inverse=True)
        count, codes = len(self.classes_), torch.from_numpy(found)
        if count < 2:
            raise InputError(f"All samples have the class '{self.classes_[0]}'; two classes at least are needed.")
        weight = len(codes) / (count * torch.bincount(codes).float())

        def loss(told: torch.Tensor, rows: np.ndarray) -> torch.Tensor:
            return functional.cross_entropy(told, codes[rows], weight=weight, label_smoothing=self.smoothing)

        self.arrays_ = arrays_of(folded(self._train(lesson, count, loss, groups, progress)))
        return self

    def predict_proba(self, values: np.ndarray | Lesson) -> np.ndarray:
        """Probabilities, (samples, classes)."""
        return self.model().predict(values.crops if isinstance(values, Lesson) else values)

    def predict(self, values: np.ndarray | Lesson) -> np.ndarray:
        """The most probable class."""
        found: np.ndarray = self.classes_[self.predict_proba(values).argmax(1)]
        return found

    def model(self, **facts: Any) -> EfdnnModel:
        """The fitted network as a storable model; ``facts`` are further arguments of ``Model``."""
        return EfdnnModel(**{**self._facts(facts), "classes": tuple(self.classes_)})


@dataclass(kw_only=True, eq=False, repr=False)
class EfdnnRegressor(RegressorMixin, EfdnnEstimator):
    """The same network with one attention map per rating; a rating is the sum over places of attention times value.

    Ratings are standardised by the training data; the loss is their mean squared error, and the network's output is in
    their own unit again. Parameters as in ``EfdnnClassifier``.
    """

    steps: int = 2400

    def fit(
        self, values: np.ndarray | Lesson, y: np.ndarray, groups: np.ndarray | None = None,
        progress: Progress | None = None,
    ) -> EfdnnRegressor:  # fmt: skip
        """Train on crops or on what ``prepare`` gave, with ratings (samples,) or (samples, ratings).

        Raises
        ------
        InputError
            For ratings that are not finite or all the same, and as in ``EfdnnClassifier.fit``.
        """
        lesson = values if isinstance(values, Lesson) else self.prepare(values)
        goals = ratings_checked(y, len(lesson))
        centre, scale = goals.mean(0), goals.std(0, correction=0)
        wanted = (goals - centre) / scale

        def loss(told: torch.Tensor, rows: np.ndarray) -> torch.Tensor:
            return functional.mse_loss(told, wanted[rows])

        self.arrays_ = arrays_of(
            in_units(folded(self._train(lesson, goals.shape[1], loss, groups, progress)), centre, scale)
        )
        return self

    def predict(self, values: np.ndarray | Lesson) -> np.ndarray:
        """Ratings, (samples, ratings)."""
        return self.model().predict(values.crops if isinstance(values, Lesson) else values)

    def model(self, **facts: Any) -> EfdnnScores:
        """The fitted network as a storable model; ``classes`` among the ``facts`` names the ratings."""
        names = tuple(facts.pop("classes", None) or map(str, range(len(self.arrays_["constant"]))))
        return EfdnnScores(**{**self._facts(facts), "classes": names})
