"""The model 'picture': a linear head on what a frozen image network sees in aligned crops.

Stored are the head and the body's name; the body's features of all crops are computed once, before any folds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import nn

from mien.core.devices import AUTO, checked_device, device_words
from mien.core.errors import InputError
from mien.core.progress import Progress
from mien.models.base import PICTURES, Model, softmax
from mien.models.estimator import Estimator, refuse_gaps
from mien.models.fitting.heads import LogisticClassifier, RidgeRegressor
from mien.nets.bodies import BATCH, Body, body_of, side_of
from mien.nets.body_cache import body_features

# Stages and cells of the body unless others are asked for, of classes and of ratings.
FOR_CLASSES, FOR_RATINGS = {"depth": 2, "cells": 3}, {"depth": 3, "cells": 7}


class PictureModule(nn.Module):
    """Crops (samples, 3, size, size), RGB from 0 to 1 -> logits (samples, classes).

    The body's features are standardised and weighted. With ``symmetric`` they are the mean of those of the crop and
    of its mirror image, so that a face and its mirror image get the same answer.
    """

    centre: torch.Tensor
    scale: torch.Tensor

    def __init__(
        self, body: nn.Module, centre: torch.Tensor, scale: torch.Tensor, outputs: int, symmetric: bool = False
    ) -> None:
        super().__init__()
        self.body, self.symmetric = body, symmetric
        self.register_buffer("centre", centre)
        self.register_buffer("scale", scale)
        self.linear = nn.Linear(len(centre), outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits whose softmax are the probabilities."""
        features = self.body(x)
        if self.symmetric:
            features = (features + self.body(x.flip(3))) / 2
        logits: torch.Tensor = self.linear((features - self.centre) / self.scale)
        return logits


class PictureModel(Model):
    """A fitted linear head on a frozen body.

    ``arrays``: ``centre``, ``scale`` (features,), ``weight`` (classes, features), ``bias`` (classes,). ``settings``:
    ``body``, ``stages``, ``grid``, ``body_sha256`` and those of training.
    """

    kind = PICTURES

    @property
    def body(self) -> Body:
        """The body, checked against the weights that the model was trained on.

        Raises
        ------
        InputError
            If this version of mien has other weights under the body's name.
        """
        settings = self.settings
        stages, grid, weights = tuple(settings["stages"]), tuple(settings["grid"]), str(settings.get("weights", ""))
        body = body_of(settings["body"], stages, grid, weights, **FOR_CLASSES)
        if settings["body_sha256"] != body.weights:
            raise InputError(
                f"The model '{self.name}' was trained on other weights of {body.name} (SHA-256 "
                f"{str(settings['body_sha256'])[:12]}...) than this version of mien uses. Train it again."
            )
        return body

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape that each array must have."""
        features, classes = int(self.settings["features"]), len(self.classes)
        each = (features,)
        return {"centre": each, "scale": each, "weight": (classes, features), "bias": (classes,)}

    def module(self) -> nn.Module:
        """Body and head as one torch module in evaluation mode.

        Raises
        ------
        WeightsError
            If the body's weights are not in the cache; the sentence says how to get them.
        """
        a = {key: torch.tensor(value).float() for key, value in self.arrays.items()}
        module = PictureModule(
            self.body.module(self.input_shape[-1]),
            a["centre"],
            a["scale"],
            len(self.classes),
            bool(self.settings.get("symmetric")),
        )
        with torch.no_grad():
            module.linear.weight.copy_(a["weight"])
            module.linear.bias.copy_(a["bias"])
        return module.eval().requires_grad_(False)

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Logits, (samples, classes); a few pictures at a time."""
        values = self.check_values(values)
        module = self.module()
        with torch.no_grad():
            parts = [module(torch.from_numpy(values[i : i + BATCH])).numpy() for i in range(0, len(values), BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.classes)), np.float32)

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Probability of each class."""
        return softmax(self.scores(values))

    def logits_of_features(self, features: np.ndarray) -> np.ndarray:
        """Logits in double precision from the body's features, (samples, features) -> (samples, classes)."""
        a = {key: value.astype(np.float64) for key, value in self.arrays.items()}
        return ((features - a["centre"]) / a["scale"]) @ a["weight"].T + a["bias"]


class PictureScores(PictureModel):
    """A fitted regression model on a frozen body; arrays and settings as in ``PictureModel``, one output per rating."""

    kind = "picture-score"
    explained = "rating unit"
    predicts = "ratings"

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Ratings, (samples, ratings)."""
        return self.scores(values).astype(np.float64)


@dataclass(kw_only=True, eq=False, repr=False)
class _OnBody(Estimator):
    """What estimators of classes and of ratings share: the body and what it sees.

    Parameters
    ----------
    body : str
        ``'efficientnet-lite0'``, ``'-lite1'`` or ``'-lite2'``, or a network of timm such as ``'resnet18'``;
        ``'untrained efficientnet-lite0'`` for checks.
    stages, grid : tuple of int
        See ``mien.nets.bodies.Body``; empty for two stages in the middle, (4, 5) of EfficientNet-Lite, and 3 cells; of
        ratings for three stages, (4, 5, 7), and 7 cells.
    weights : str
        Of timm's networks, see ``mien.nets.bodies.body_of``.
    device : str
        Where the body computes: ``'auto'`` (a GPU where there is one), ``'cpu'``, ``'cuda'`` or ``'cuda:NUMBER'``.
    """

    called = "picture"
    chosen_unless: ClassVar[dict[str, int]]

    body: str = "efficientnet-lite0"
    stages: tuple[int, ...] = ()
    grid: tuple[int, ...] = ()
    weights: str = ""
    device: str = AUTO

    def prepare(self, values: np.ndarray, progress: Progress | None = None) -> np.ndarray:
        """The body's features of crops and of their mirror images, (samples, 2, features); it knows no labels."""
        if values.ndim != 4 or values.shape[1] != 3:
            raise InputError(f"The picture model needs (samples, 3, height, width), but got {values.shape}.")
        refuse_gaps(values)
        return body_features(values, self.frozen_body(), device=self.device, progress=progress)

    def notes(self) -> list[str]:
        """What has to stand beside every score."""
        return self.frozen_body().notes()

    def frozen_body(self) -> Body:
        """The network that computes the features and is not trained."""
        return body_of(self.body, tuple(self.stages), tuple(self.grid), self.weights, **self.chosen_unless)

    def _prepared(self, values: np.ndarray) -> np.ndarray:
        return values if values.ndim == 3 else self.prepare(values)

    def _facts(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Arguments of the storable model but its settings' choices."""
        body = self.frozen_body()
        side = facts.get("recipe", {}).get("size") or side_of(body.bare)
        return {"input_shape": (3, side, side), **facts}

    def _body_settings(self) -> dict[str, Any]:
        body = self.frozen_body()
        return {
            "features": sum(body.sizes),
            "body_sha256": body.weights,
            "stages": list(body.stages),
            "grid": list(body.grid),
            "device": device_words(checked_device(self.device)),
        }


@dataclass(kw_only=True, eq=False, repr=False)
class PictureClassifier(_OnBody, LogisticClassifier):
    """Logistic regression on what a frozen image network sees in aligned crops.

    Feature maps of several stages, averaged over a grid of cells, are standardised; each stage weighs the same as a
    whole. Crops and their mirror images are trained on. The strength of regularisation is chosen by the log-loss in
    inner folds over subjects, within the data given to ``fit``.

    Parameters are those of ``_OnBody`` and ``mien.models.fitting.heads.LogisticClassifier``.
    """

    chosen_unless = FOR_CLASSES

    def predict_proba(self, values: np.ndarray) -> np.ndarray:
        """Probabilities, (samples, classes), of crops or of what ``prepare`` gave."""
        return softmax(self.model().logits_of_features(self._prepared(values)[:, 0]))

    def model(self, **facts: Any) -> PictureModel:
        """The fitted model, storable; ``facts`` are further arguments of ``Model``."""
        settings = {**self._head_settings(), **self._body_settings()}
        return self._built(PictureModel, self._facts(facts), settings=settings, arrays=self.arrays_)

    def _fit(self, values: np.ndarray, codes: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        features = self._prepared(values)
        self._fit_head(features if self.mirror else features[:, :1], self.frozen_body().sizes, codes, groups)


@dataclass(kw_only=True, eq=False, repr=False)
class PictureRegressor(_OnBody, RidgeRegressor):
    """Ridge regression on what a frozen image network sees in aligned crops.

    Feature maps of several stages, averaged over a grid of cells, are standardised; each stage weighs the same as a
    whole. Every rating has its own penalty, chosen by leaving out people within the data given to ``fit``.

    Parameters are those of ``_OnBody`` and ``mien.models.fitting.heads.RidgeRegressor``.
    """

    chosen_unless = FOR_RATINGS

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Ratings, (samples, ratings), of crops or of what ``prepare`` gave."""
        return self.model().logits_of_features(self._seen(values))

    def model(self, **facts: Any) -> PictureScores:
        """The fitted model, storable; ``facts`` are further arguments of ``Model``, ``classes`` names the ratings."""
        settings = {**self._head_settings(), **self._body_settings(), "symmetric": self.mirror}
        return self._built(PictureScores, self._facts(facts), settings=settings, arrays=self.arrays_)

    def _fit(self, values: np.ndarray, goal: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        self._fit_head(self._seen(values), self.frozen_body().sizes, goal, groups)

    def _seen(self, values: np.ndarray) -> np.ndarray:
        """Features of crops, or their mean with those of the mirror images."""
        features = self._prepared(values)
        found: np.ndarray = features.mean(1) if self.mirror else features[:, 0]
        return found
