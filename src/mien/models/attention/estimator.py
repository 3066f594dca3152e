"""Training of the explainable fast network: from scratch, from other faces, or taught by a larger body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from mien.core.progress import Progress
from mien.models.attention.base import EfdnnEstimator
from mien.models.attention.distillation import Lesson
from mien.models.attention.model import EfdnnModel, EfdnnScores, arrays_of, folded, in_units
from mien.models.estimator import Classifier, Regressor


@dataclass(kw_only=True, eq=False, repr=False)
class EfdnnClassifier(EfdnnEstimator, Classifier):
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

    def _fit(
        self, values: np.ndarray | Lesson, codes: np.ndarray, groups: np.ndarray | None, progress: Progress | None
    ) -> None:
        lesson = values if isinstance(values, Lesson) else self.prepare(values)
        count, goals = len(self.classes_), torch.from_numpy(codes)
        weight = len(codes) / (count * torch.bincount(goals).float())

        def loss(told: torch.Tensor, rows: np.ndarray) -> torch.Tensor:
            return functional.cross_entropy(told, goals[rows], weight=weight, label_smoothing=self.smoothing)

        self.arrays_ = arrays_of(folded(self._train(lesson, count, loss, groups, progress)))

    def predict_proba(self, values: np.ndarray | Lesson) -> np.ndarray:
        """Probabilities, (samples, classes)."""
        return self.model().predict(values.crops if isinstance(values, Lesson) else values)

    def model(self, **facts: Any) -> EfdnnModel:
        """The fitted network as a storable model; ``facts`` are further arguments of ``Model``."""
        return self._built(EfdnnModel, self._facts(facts))


@dataclass(kw_only=True, eq=False, repr=False)
class EfdnnRegressor(EfdnnEstimator, Regressor):
    """The same network with one attention map per rating; a rating is the sum over places of attention times value.

    Ratings are standardised by the training data; the loss is their mean squared error, and the network's output is in
    their own unit again. Parameters as in ``EfdnnClassifier``.
    """

    steps: int = 2400

    def _fit(
        self, values: np.ndarray | Lesson, goal: np.ndarray, groups: np.ndarray | None, progress: Progress | None
    ) -> None:
        lesson = values if isinstance(values, Lesson) else self.prepare(values)
        goals = torch.from_numpy(goal).float()
        centre, scale = goals.mean(0), goals.std(0, correction=0)
        wanted = (goals - centre) / scale

        def loss(told: torch.Tensor, rows: np.ndarray) -> torch.Tensor:
            return functional.mse_loss(told, wanted[rows])

        self.arrays_ = arrays_of(
            in_units(folded(self._train(lesson, goals.shape[1], loss, groups, progress)), centre, scale)
        )

    def predict(self, values: np.ndarray | Lesson) -> np.ndarray:
        """Ratings, (samples, ratings)."""
        return self.model().predict(values.crops if isinstance(values, Lesson) else values)

    def model(self, **facts: Any) -> EfdnnScores:
        """The fitted network as a storable model; ``classes`` among the ``facts`` names the ratings."""
        return self._built(EfdnnScores, self._facts(facts))
