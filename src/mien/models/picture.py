"""Picture models: a frozen body and a linear head, stored as the head and the body's name."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from mien.core.errors import InputError
from mien.models.base import PICTURES, Model
from mien.nets.bodies import BATCH, Body, body_of


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
        chosen, weights = (tuple(settings["stages"]), tuple(settings["grid"])), str(settings.get("weights", ""))
        body = body_of(settings["body"], *chosen, weights, depth=2, cells=3)
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


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities whose logarithms differ as the logits do, (samples, classes)."""
    logits = np.asarray(logits, dtype=np.float64)
    exponentials = np.exp(logits - logits.max(1, keepdims=True)) if logits.size else logits
    return np.asarray(exponentials / exponentials.sum(1, keepdims=True))
