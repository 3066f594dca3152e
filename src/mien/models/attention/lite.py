"""The model 'efdnn-lite': one attention map per class on the first stages of a frozen EfficientNet-Lite0.

What is trained is a layer that mixes the body's channels and, for every class, one map of attention and one of value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from mien.core.errors import InputError
from mien.core.progress import Progress
from mien.models.adapts import HEAD
from mien.models.base import Model, softmax
from mien.models.estimator import Classifier, crops_of
from mien.models.fitting.on_crops import InPasses, Losses
from mien.nets.attention import AttentionHead, EfdnnLite, arrays_of, body_for, cells_of, fold_norms
from mien.nets.body_cache import body_features
from mien.nets.threads import seeded

AT_ONCE = 32
# Keeps channels that hardly vary from being blown up.
LEAST_SPREAD = 1e-3


class EfdnnLiteModel(Model):
    """A fitted attention network on the frozen body.

    ``arrays``: the head's. ``settings``: ``hidden``, ``body_sha256`` and those of training.
    """

    kind = "efdnn-lite"

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape that each array must have."""
        return {name: tuple(value.shape) for name, value in self.head().state_dict().items()}

    def head(self) -> AttentionHead:
        """The trained part without its values."""
        side = self.input_shape[-1] if len(self.input_shape) == 3 else 0
        if not side or self.input_shape != (3, side, side):
            raise InputError(f"The model '{self.name}' takes square crops (3, size, size), not {self.input_shape}.")
        channels = body_for(side).sizes[0] // cells_of(side) ** 2
        return AttentionHead(channels, int(self.settings["hidden"]), len(self.classes), cells_of(side))

    def module(self) -> nn.Module:
        """Body and head as one torch module in evaluation mode; ``maps`` gives its attention.

        Raises
        ------
        InputError
            If this version of mien has other weights of the body.
        WeightsError
            If they are not in the cache; the sentence says how to get them.
        """
        body, head = body_for(self.input_shape[-1]), self.head()
        if self.settings["body_sha256"] != body.weights:
            raise InputError(
                f"The model '{self.name}' was trained on other weights of {body.name} (SHA-256 "
                f"{str(self.settings['body_sha256'])[:12]}...) than this version of mien uses. Train it again."
            )
        head.load_state_dict({name: torch.tensor(value) for name, value in self.arrays.items()})
        return EfdnnLite(fold_norms(body.module(self.input_shape[-1])), head).eval().requires_grad_(False)

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Logits, (samples, classes), a few pictures at a time."""
        values = self.check_values(values)
        net = self.module().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        with torch.no_grad():
            parts = [net(torch.from_numpy(values[i : i + AT_ONCE])).numpy() for i in range(0, len(values), AT_ONCE)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.classes)), np.float32)

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Probability of each class."""
        return softmax(self.scores(values))


@dataclass(kw_only=True, eq=False, repr=False)
class EfdnnLiteClassifier(InPasses, Classifier):
    """One attention map per class on what a frozen body, which knows ImageNet and no labels, sees in aligned crops.

    Parameters
    ----------
    hidden : int
        Channels that the body's are mixed to.
    smoothing : float
        Of labels.
    steps, epochs, patience, validation, batch_size, learning_rate, weight_decay, dropout, mirror, seed
        See ``mien.models.fitting.on_crops.InPasses``.
    """

    called = "efdnn-lite"
    adapts = HEAD
    side_ = 0

    hidden: int = 64
    steps: int = 300
    batch_size: int = 32
    learning_rate: float = 0.01
    weight_decay: float = 0.05
    dropout: float = 0.2
    smoothing: float = 0.05

    def prepare(self, values: np.ndarray, progress: Any = None) -> np.ndarray:
        """The body's maps of crops and of their mirror images, (samples, 2, features); without labels, so once.

        Raises
        ------
        InputError
            For other shapes.
        WeightsError
            If the body's weights are not in the cache; the sentence says how to get them.
        """
        values = crops_of(values, self.called)
        self.side_ = values.shape[-1]
        return body_features(values, body_for(values.shape[-1]), progress=progress)

    def _fit(self, values: Any, codes: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        features = values if np.ndim(values) == 3 else self.prepare(values)
        self.arrays_ = arrays_of(self._train(_maps(features), torch.from_numpy(codes), groups, progress))

    def predict_proba(self, values: np.ndarray) -> np.ndarray:
        """Probabilities, (samples, classes), of crops or of what ``prepare`` gave; of the crop as it is."""
        if np.ndim(values) == 4:
            return self.model(recipe={"size": np.shape(values)[-1]}).predict(values)
        seen = _maps(values)[:, 0]
        with torch.no_grad():
            return softmax(self._head(seen.shape).eval()(seen).numpy())

    def model(self, **facts: Any) -> EfdnnLiteModel:
        """The fitted network as a storable model; ``facts`` are further arguments of ``Model``."""
        # Fitted on maps, the side of the crops is known by the recipe alone.
        side = int(facts.get("recipe", {}).get("size") or self.side_)
        if not side:
            raise InputError("The size of the crops is not known: give the recipe, or fit on crops.")
        settings = {**self._settings(), "body_sha256": body_for(side).weights}
        return self._built(EfdnnLiteModel, facts, input_shape=(3, side, side), settings=settings, arrays=self.arrays_)

    def _head(self, shape: tuple[int, ...]) -> AttentionHead:
        head = AttentionHead(shape[-3], self.hidden, len(self.classes_), shape[-1], dropout=self.dropout)
        head.load_state_dict({name: torch.tensor(value) for name, value in self.arrays_.items()})
        return head

    def _train(self, maps: torch.Tensor, codes: torch.Tensor, groups: Any, progress: Progress | None) -> AttentionHead:
        count = len(self.classes_)
        weight = len(codes) / (count * torch.bincount(codes).float())

        def loss(answer: torch.Tensor, rows: np.ndarray) -> torch.Tensor:
            return functional.cross_entropy(answer, codes[rows], weight=weight, label_smoothing=self.smoothing)

        def losses(rows: np.ndarray, sides: np.ndarray, rng: np.random.Generator) -> Losses:
            error = loss(head(maps[rows, sides]), rows)
            return error, error

        with seeded(self.seed):
            head = AttentionHead(maps.shape[2], self.hidden, count, maps.shape[-1], dropout=self.dropout)
            head.centre.copy_(maps.mean((0, 1, 3, 4)))
            head.scale.copy_(maps.std((0, 1, 3, 4)) + LEAST_SPREAD)
            self._descend(head, losses, lambda rows: loss(head(maps[rows, 0]), rows), len(maps), groups, progress)
        return head


def _maps(features: np.ndarray) -> torch.Tensor:
    """The body's features as maps, (samples, 2, channels, rows, columns)."""
    channels = body_for(16).sizes[0]
    cells = round((features.shape[2] / channels) ** 0.5)
    found = np.asarray(features, dtype=np.float32).reshape(len(features), 2, channels, cells, cells)
    return torch.from_numpy(np.ascontiguousarray(found))
