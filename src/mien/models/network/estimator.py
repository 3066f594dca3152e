"""Image networks fine-tuned end to end, as scikit-learn estimators of classes and of ratings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from mien.core.errors import InputError
from mien.core.progress import Progress
from mien.models.base import softmax
from mien.models.estimator import Classifier, Regressor
from mien.models.fitting.losses import Loss, loss_of, squared_correlation
from mien.models.network.base import NetworkEstimator
from mien.models.network.model import NetworkModel, NetworkScores
from mien.nets.zoo import Network

WATCHED = ("correlation", "loss")


@dataclass(kw_only=True, eq=False, repr=False)
class NetworkClassifier(NetworkEstimator, Classifier):
    """An image network with one logit per class, fine-tuned end to end with cross-entropy.

    Part of the people is set aside within the data given to ``fit``; training stops when their log-loss has not become
    smaller for ``patience`` epochs, and the weights of the best epoch are kept. With one number of threads the same
    seed gives the same weights.

    Parameters
    ----------
    balanced : bool
        Weigh classes inversely to their frequency.
    smoothing : float
        Of labels; for the others see ``mien.models.network.base.NetworkEstimator``.
    """

    balanced: bool = True
    smoothing: float = 0.0

    def _fit(self, values: Any, codes: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        self.outputs_, goals = len(self.classes_), torch.from_numpy(codes)

        def begin(network: Network, rows: np.ndarray) -> tuple[Loss, Any]:
            counts = torch.bincount(goals[rows], minlength=self.outputs_).float()
            weight = len(rows) / (self.outputs_ * counts) if self.balanced else torch.ones(self.outputs_)

            def loss(told: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
                return functional.cross_entropy(
                    told, codes, weight=weight.to(told.device), label_smoothing=self.smoothing
                )

            return loss, lambda told, codes: float(functional.cross_entropy(told, codes, weight=weight))

        self._train(values, goals, groups, self.classes_[codes], begin, progress)

    def predict_proba(self, values: np.ndarray) -> np.ndarray:
        """Probabilities, (samples, classes)."""
        return softmax(self._outputs(values))

    def model(self, **facts: Any) -> NetworkModel:
        """The fitted network as a storable model; ``facts`` are further arguments of ``Model``."""
        return self._built(NetworkModel, self._facts(facts))


@dataclass(kw_only=True, eq=False, repr=False)
class NetworkRegressor(NetworkEstimator, Regressor):
    """An image network with one output per rating: a shared body with many heads, or one rating alone.

    Ratings are standardised by the training part; the network's output is in their own unit again. Parameters as in
    ``NetworkEstimator``, and

    Parameters
    ----------
    loss : str
        ``'mse'``, ``'smooth-l1'``, ``'huber'``, ``'mse-correlation'`` or ``'concordance'``; see
        ``mien.models.fitting.losses``.
    delta, correlation_weight : float
        Of these losses.
    watch : str
        What decides about stopping: mean ``'correlation'`` over ratings in the validation part, or the ``'loss'``.
    """

    loss: str = "mse"
    delta: float = 1.0
    correlation_weight: float = 1.0
    watch: str = "correlation"

    def _fit(self, values: Any, goal: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        loss = loss_of(self.loss, delta=self.delta, correlation_weight=self.correlation_weight)
        if self.watch not in WATCHED:
            raise InputError(f"watch is one of {', '.join(WATCHED)}, but got '{self.watch}'.")
        self.outputs_, goals = goal.shape[1], torch.from_numpy(goal).float()

        def begin(network: Network, rows: np.ndarray) -> tuple[Loss, Any]:
            centre, scale = goals[rows].mean(0), goals[rows].std(0, correction=0)
            if not bool((scale > 0).all()):
                raise InputError("A rating is the same for everybody in training, so there is nothing to learn.")
            network.centre.copy_(centre)
            network.scale.copy_(scale)

            def standardised(told: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
                m, s = network.centre, network.scale
                return loss((told - m) / s, (y - m.to(y.device)) / s.to(y.device))

            def watched(told: torch.Tensor, y: torch.Tensor) -> float:
                if self.watch == "loss":
                    return float(loss((told - centre) / scale, (y - centre) / scale))
                sign = ((told - told.mean(0)) * (y - y.mean(0))).sum(0).sign()
                return float(-(sign * squared_correlation(told, y).sqrt()).mean())

            return standardised, watched

        self._train(values, goals, groups, None, begin, progress)

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Ratings, (samples, ratings)."""
        return self._outputs(values)

    def model(self, **facts: Any) -> NetworkScores:
        """The fitted network as a storable model; ``classes`` among the ``facts`` names the ratings."""
        return self._built(NetworkScores, self._facts(facts))
