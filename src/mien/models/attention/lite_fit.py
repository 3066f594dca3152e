"""Training of the attention network on the first stages of EfficientNet-Lite0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from mien.core.errors import InputError
from mien.core.progress import Progress
from mien.models.attention.lite import AttentionHead, EfdnnLiteModel, body_for
from mien.models.attention.model import arrays_of
from mien.models.base import softmax
from mien.models.estimator import Classifier, crops_of
from mien.models.fitting.passes import Passes, train_in_passes
from mien.models.landmark_nets.estimator import one_thread
from mien.nets.bodies import body_features

# Keeps channels that hardly vary from being blown up.
LEAST_SPREAD = 1e-3


@dataclass(kw_only=True, eq=False, repr=False)
class EfdnnLiteClassifier(Classifier):
    """One attention map per class on what a frozen body, which knows ImageNet and no labels, sees in aligned crops.

    Parameters
    ----------
    hidden : int
        Channels that the body's are mixed to.
    epochs, steps, patience, validation, batch_size
        As for ``mien.models.attention.estimator.EfdnnClassifier``.
    learning_rate, weight_decay, dropout, smoothing : float
        Of AdamW with one cycle of the learning rate; share of the body's channels dropped; label smoothing.
    mirror : bool
        Augment with mirrored faces. To be switched off where left and right make the class.
    seed : int
    """

    called = "efdnn-lite"
    reports_progress = True
    side_ = 0

    hidden: int = 64
    epochs: int = 20
    steps: int = 300
    patience: int = 8
    validation: float = 0.1
    batch_size: int = 32
    learning_rate: float = 0.01
    weight_decay: float = 0.05
    dropout: float = 0.2
    smoothing: float = 0.05
    mirror: bool = True
    seed: int = 0

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
        passes = Passes(self.epochs, self.steps, self.patience, self.validation, self.batch_size, self.seed)
        parts = passes.parts(groups, len(maps))
        rng, count = np.random.default_rng(self.seed), len(self.classes_)
        weight = len(codes) / (count * torch.bincount(codes).float())
        with torch.random.fork_rng(devices=[]), one_thread():
            torch.manual_seed(self.seed)
            head = AttentionHead(maps.shape[2], self.hidden, count, maps.shape[-1], dropout=self.dropout)
            head.centre.copy_(maps.mean((0, 1, 3, 4)))
            head.scale.copy_(maps.std((0, 1, 3, 4)) + LEAST_SPREAD)
            optimiser = torch.optim.AdamW(head.parameters(), lr=self.learning_rate, weight_decay=self.weight_decay)
            cycle = torch.optim.lr_scheduler.OneCycleLR(
                optimiser, self.learning_rate, total_steps=passes.steps(len(parts[0]))
            )

            def loss(answer: torch.Tensor, rows: np.ndarray) -> torch.Tensor:
                return functional.cross_entropy(answer, codes[rows], weight=weight, label_smoothing=self.smoothing)

            def step(rows: np.ndarray) -> float:
                sides = rng.integers(0, 2 if self.mirror else 1, len(rows))
                error = loss(head(maps[rows, sides]), rows)
                optimiser.zero_grad(set_to_none=True)
                error.backward()
                optimiser.step()
                cycle.step()
                return float(error.detach())

            def loss_of(rows: np.ndarray) -> float:
                return float(loss(head(maps[rows, 0]), rows))

            self.fit_notes_ = train_in_passes(head, parts, passes, rng, step, loss_of, progress)
        return head


def _maps(features: np.ndarray) -> torch.Tensor:
    """The body's features as maps, (samples, 2, channels, rows, columns)."""
    channels = body_for(16).sizes[0]
    cells = round((features.shape[2] / channels) ** 0.5)
    found = np.asarray(features, dtype=np.float32).reshape(len(features), 2, channels, cells, cells)
    return torch.from_numpy(np.ascontiguousarray(found))
