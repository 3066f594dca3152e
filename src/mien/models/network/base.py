"""What the estimators of classes and of ratings share when a whole image network is trained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from mien.core.devices import AUTO, CPU, checked_device, device_words
from mien.core.progress import Progress
from mien.models.adapts import HEAD
from mien.models.estimator import crops_of, people_of
from mien.models.fitting.alterations import Altered
from mien.models.fitting.loop import Plan, fit_network, outputs_of, validation_fold
from mien.models.fitting.losses import Loss
from mien.models.fitting.on_crops import OnCrops
from mien.nets.device import device_of, full_precision
from mien.nets.first_weights import Origin, origin_of, started
from mien.nets.zoo import Network, resolved


@dataclass(kw_only=True, eq=False, repr=False)
class NetworkEstimator(Altered, OnCrops):
    """What both estimators share.

    Parameters
    ----------
    network : str
        Name, see ``mien.nets.zoo``.
    weights : str
        See ``mien.nets.first_weights.origin_of``.
    body_rate : float
        The body's share of the learning rate, where it starts from trained weights; 0 leaves it as it is.
    warm_up : int
        Epochs in which only the last layer learns, where the body starts from trained weights.
    dense_top : bool
        Keep the layers that timm's VGG and MobileNetV3 have between body and last layer (of VGG16 nine tenths of all
        parameters); without them the last layer sees the body's map averaged over the picture.
    optimiser : str
        ``'adamw'``, ``'adam'``, ``'rmsprop'`` or ``'sgd'`` (momentum 0.9).
    schedule : str
        ``'cosine'``: the learning rate falls to 0 along a cosine; or ``'constant'``.
    device : str
        ``'auto'`` (a GPU where there is one), ``'cpu'``, ``'cuda'`` or ``'cuda:NUMBER'``; the model says which it was.
    epochs, patience, validation, batch_size, learning_rate, weight_decay, dropout, mirror, seed
        See ``mien.models.fitting.on_crops.OnCrops``; dropout is as the network uses it, before its last layer, and
        that of published layers is in them already.
    shift, turn_deg, zoom, light, hide : float
        Largest changes of training crops, see ``mien.models.fitting.alterations.Alteration``.

    Attributes
    ----------
    network_ : Network
    origin_ : Origin
        Where the first weights came from.
    history_ : History
    validation_ : ndarray of int
        Rows that were watched for early stopping, not trained on.
    """

    adapts = HEAD

    network: str = "small-cnn"
    weights: str = ""
    epochs: int = 30
    validation: float = 0.2
    learning_rate: float = 5e-4
    body_rate: float = 0.3
    warm_up: int = 0
    weight_decay: float = 5e-4
    dropout: float = 0.0
    turn_deg: float = 10.0
    hide: float = 0.0
    dense_top: bool = False
    optimiser: str = "adamw"
    schedule: str = "cosine"
    device: str = AUTO

    def notes(self) -> list[str]:
        """What has to stand beside every score of this network."""
        if not origin_of(self.network, self.weights).random:
            return []
        return [f"{self.network} started from random weights: nothing was learnt from other pictures before."]

    def _train(
        self,
        values: np.ndarray,
        goals: torch.Tensor,
        groups: np.ndarray | None,
        classes: np.ndarray | None,
        begin: Callable[[Network, np.ndarray], tuple[Loss, Any]],
        progress: Progress | None,
    ) -> None:
        """Fit ``network_``; ``begin`` gives loss and what is watched, seeing the training rows only."""
        crops = crops_of(values, self.network)
        plan = self._plan(origin_of(self.network, self.weights).random)
        fold = validation_fold(people_of(groups, len(crops)), classes, self.validation, self.seed)
        self.network_, self.origin_ = started(
            self.network,
            self.outputs_,
            size=crops.shape[-1],
            weights=self.weights,
            seed=self.seed,
            dropout=self.dropout,
            dense_top=self.dense_top,
        )
        loss, watch = begin(self.network_, fold[0])
        self.input_shape_, self.validation_ = crops.shape[1:], fold[1]
        self.history_ = fit_network(self.network_, crops, goals, fold, loss, watch, plan, progress)
        count = sum(p.numel() for p in self.network_.parameters())
        learnt = count if plan.body_rate else sum(p.numel() for p in self.network_.head_parameters())
        self.parameters_ = {"trained": learnt, "frozen": count - learnt}

    def _plan(self, fresh: bool) -> Plan:
        """How to train a network that starts from chance (``fresh``) or from trained weights."""
        return Plan(
            epochs=self.epochs,
            patience=self.patience,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            # A body of random weights has nothing to be kept.
            body_rate=1.0 if fresh else self.body_rate,
            warm_up=0 if fresh else self.warm_up,
            weight_decay=self.weight_decay,
            alteration=self._alteration,
            mirror=self.mirror,
            seed=self.seed,
            device=checked_device(self.device),
            optimiser=self.optimiser,
            schedule=self.schedule,
        )

    def _outputs(self, values: np.ndarray) -> np.ndarray:
        crops = crops_of(values, self.network)
        if not len(crops):
            return np.zeros((0, self.outputs_))
        with full_precision():
            network = self.network_.to(device_of(self.device))
            found: np.ndarray = outputs_of(network, crops, np.arange(len(crops))).numpy().astype(np.float64)
        self.network_.to(CPU)
        return found

    def _facts(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Arguments of the storable model."""
        origin: Origin = self.origin_
        settings = {
            **self._settings(),
            "network": resolved(self.network),
            "device": device_words(checked_device(self.device)),
            "weights": origin.words,
            "weights_sha256": origin.sha256,
            "random_start": origin.random,
            "epochs_trained": len(self.history_.training),
            "best_epoch": self.history_.best,
            "n_validation": len(self.validation_),
        }
        named = str(facts.get("name", self.network))
        if origin.random:
            named += " (random start)"
        arrays = {key: value.numpy().copy() for key, value in self.network_.state_dict().items()}
        return {
            **facts, "name": named, "input_shape": self.input_shape_, "settings": settings, "arrays": arrays,
        }  # fmt: skip
