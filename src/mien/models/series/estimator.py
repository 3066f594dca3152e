"""Networks on long series of channels, as scikit-learn estimators of classes and of ratings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from mien.core.errors import InputError
from mien.core.progress import Progress
from mien.models.adapts import HEAD
from mien.models.base import softmax
from mien.models.estimator import Classifier, Estimator, Regressor, people_of, refuse_gaps
from mien.models.fitting.alterations import Unaltered
from mien.models.fitting.loop import Plan, fit_network, outputs_of, validation_fold
from mien.models.fitting.losses import Loss
from mien.models.series.model import SeriesModel, SeriesScores
from mien.nets.series import NETWORKS, SeriesNet
from mien.nets.threads import one_thread, seeded


@dataclass(kw_only=True, eq=False, repr=False)
class _OnSeries(Estimator):
    """What estimators of classes and of ratings share.

    Channels are standardised by the people who are trained on. Part of the people is set aside within the data given to
    ``fit``; training stops when their loss has not become smaller for ``patience`` epochs, and the weights of the best
    epoch are kept.

    Parameters
    ----------
    feature_names : tuple of str
        Of the channels; the last one is ``'present'``.
    network : str
        ``'cnn'``, ``'gru'`` or ``'transformer'``, see ``mien.nets.series``.
    units, layers : int
        Units of each layer (of the transformer a multiple of 4), and layers.
    epochs, patience, batch_size : int
    validation : float
        Share of people set aside; 0 trains for all epochs.
    learning_rate, weight_decay : float
        Of AdamW, with a cosine schedule.
    dropout : float
    seed : int

    Attributes
    ----------
    network_ : SeriesNet
    history_ : History
    validation_ : ndarray of int
        Rows that were watched for early stopping, not trained on.
    """

    adapts = HEAD
    reports_progress = True

    feature_names: tuple[str, ...] = ()
    network: str = "cnn"
    units: int = 32
    layers: int = 3
    epochs: int = 60
    patience: int = 8
    batch_size: int = 32
    validation: float = 0.2
    learning_rate: float = 0.003
    weight_decay: float = 0.05
    dropout: float = 0.3
    seed: int = 0

    @property
    def called(self) -> str:  # type: ignore[override]
        """Name of the kind."""
        return f"series-{self.network}"

    def _train(
        self, values: Any, goals: torch.Tensor, outputs: int, groups: np.ndarray | None,
        classes: np.ndarray | None, progress: Progress | None,
    ) -> None:  # fmt: skip
        """Fit ``network_``."""
        series = self._checked(values)
        fold = validation_fold(people_of(groups, len(series)), classes, self.validation, self.seed)
        plan = Plan(
            epochs=self.epochs, patience=self.patience, batch_size=self.batch_size, learning_rate=self.learning_rate,
            body_rate=1.0, warm_up=0, weight_decay=self.weight_decay, alteration=Unaltered(), mirror=False,
            seed=self.seed, device="cpu",
        )  # fmt: skip
        with seeded(self.seed):
            net = SeriesNet(series.shape[2] - 1, series.shape[1], outputs, self.get_params())
            net.standardise(torch.from_numpy(series[fold[0]]))
            loss = self._loss(net, goals, fold[0])
            self.history_ = fit_network(
                net, series, goals, fold, loss, lambda told, y: float(loss(told, y)), plan, progress
            )
        self.network_, self.input_shape_, self.validation_ = net, series.shape[1:], fold[1]
        self.parameters_ = {"trained": sum(p.numel() for p in net.parameters()), "frozen": 0}

    def _loss(self, net: SeriesNet, goals: torch.Tensor, rows: np.ndarray) -> Loss:
        raise NotImplementedError

    def _checked(self, values: Any) -> np.ndarray:
        """Series as float32, refused in another shape or where they are not finite."""
        if self.network not in NETWORKS:
            raise InputError(f"network is one of {', '.join(NETWORKS)}, but got '{self.network}'.")
        if self.network == "transformer" and self.units % 4:
            raise InputError(f"The units of a transformer are a multiple of 4, but got {self.units}.")
        array = np.ascontiguousarray(values, dtype=np.float32)
        if array.ndim != 3 or array.shape[2] < 2:
            raise InputError(f"The model '{self.called}' needs (samples, steps, channels), but got {array.shape}.")
        refuse_gaps(array)
        return array

    def _outputs(self, values: Any) -> np.ndarray:
        series = self._checked(values)
        if not len(series):
            return np.zeros((0, self.network_.head.out_features))
        with one_thread():
            found: np.ndarray = outputs_of(self.network_, series, np.arange(len(series))).numpy().astype(np.float64)
        return found

    def _fitted(self) -> dict[str, Any]:
        """What the storable model is made of."""
        settings = {
            **self._settings(),
            "epochs_trained": len(self.history_.training),
            "best_epoch": self.history_.best,
            "n_validation": len(self.validation_),
        }
        arrays = {key: value.numpy().copy() for key, value in self.network_.state_dict().items()}
        return {"input_shape": self.input_shape_, "settings": settings, "arrays": arrays}


@dataclass(kw_only=True, eq=False, repr=False)
class SeriesClassifier(_OnSeries, Classifier):
    """A network with one logit per class, trained with cross-entropy.

    Parameters
    ----------
    balanced : bool
        Weigh classes inversely to their frequency; for the others see ``_OnSeries``.
    """

    balanced: bool = True

    def predict_proba(self, values: Any) -> np.ndarray:
        """Probabilities, (samples, classes)."""
        return softmax(self._outputs(values))

    def model(self, **facts: Any) -> SeriesModel:
        """The fitted network as a storable model; ``facts`` are further arguments of ``Model``."""
        return self._built(SeriesModel, facts, **self._fitted())

    def _fit(self, values: Any, codes: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        goals = torch.from_numpy(codes)
        self._train(values, goals, len(self.classes_), groups, self.classes_[codes], progress)

    def _loss(self, net: SeriesNet, goals: torch.Tensor, rows: np.ndarray) -> Loss:
        counts = torch.bincount(goals[rows], minlength=len(self.classes_)).clamp_min(1).float()
        weight = len(rows) / (len(counts) * counts) if self.balanced else torch.ones(len(counts))
        return lambda told, codes: functional.cross_entropy(told, codes, weight=weight)


@dataclass(kw_only=True, eq=False, repr=False)
class SeriesRegressor(_OnSeries, Regressor):
    """A network with one output per rating, trained on the squared error of standardised ratings.

    Parameters as in ``_OnSeries``.
    """

    def predict(self, values: Any) -> np.ndarray:
        """Ratings, (samples, ratings)."""
        return self._outputs(values)

    def model(self, **facts: Any) -> SeriesScores:
        """The fitted network as a storable model; ``classes`` among the ``facts`` names the ratings."""
        return self._built(SeriesScores, facts, **self._fitted())

    def _fit(self, values: Any, goal: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        self._train(values, torch.from_numpy(goal).float(), goal.shape[1], groups, None, progress)

    def _loss(self, net: SeriesNet, goals: torch.Tensor, rows: np.ndarray) -> Loss:
        centre, scale = goals[rows].mean(0), goals[rows].std(0, correction=0)
        if not bool((scale > 0).all()):
            raise InputError("A rating is the same for everybody in training, so there is nothing to learn.")
        net.centre.copy_(centre)
        net.scale.copy_(scale)
        return lambda told, y: functional.mse_loss((told - centre) / scale, (y - centre) / scale)
