"""Training of the explainable fast network, from scratch or taught by a larger picture model."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from torch.nn import functional

from mien.core.errors import InputError
from mien.models.efdnn import Efdnn, EfdnnModel, facts_of, folded
from mien.models.landmarks.estimator import one_thread


class EfdnnClassifier(ClassifierMixin, BaseEstimator):
    """A light convolutional network with one attention map per class, on aligned crops.

    Parameters
    ----------
    teacher : str
        ``''``: trained on the labels alone. ``'picture'``: taught by a picture model that is fitted on the same
        crops first (distillation, Hinton, Vinyals & Dean 2015): its answers for every altered crop are learnt beside
        the labels.
    width : float
        Factor of the channel numbers.
    epochs, batch_size : int
    learning_rate, weight_decay, dropout, smoothing : float
        Of AdamW with one cycle of the learning rate; share of channels dropped; label smoothing.
    taught : float
        Weight of the teacher's answers beside the labels, 0 to 1.
    temperature : float
        That softens the teacher's and the network's answers for each other.
    mirror : bool
        Train on mirror images too and average both answers. To be switched off where left and right make the class.
    shift, turn_deg, zoom, light : float
        Largest changes of training crops: share of the side, degrees, factor, brightness and contrast.
    hide : float
        Probability that a square of a training crop is greyed (Zhong et al. 2020, random erasing).
    seed : int
    """

    def __init__(
        self, *, teacher: str = "", width: float = 1.0, epochs: int = 80, batch_size: int = 16,
        learning_rate: float = 0.006, weight_decay: float = 0.02, dropout: float = 0.1, smoothing: float = 0.1,
        taught: float = 0.7, temperature: float = 3.0, mirror: bool = True, shift: float = 0.06,
        turn_deg: float = 8.0, zoom: float = 0.1, light: float = 0.3, hide: float = 0.3, seed: int = 0,
    ) -> None:  # fmt: skip
        self.teacher = teacher
        self.width = width
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.smoothing = smoothing
        self.taught = taught
        self.temperature = temperature
        self.mirror = mirror
        self.shift = shift
        self.turn_deg = turn_deg
        self.zoom = zoom
        self.light = light
        self.hide = hide
        self.seed = seed

    def fit(self, values: np.ndarray, y: np.ndarray, groups: np.ndarray | None = None) -> EfdnnClassifier:
        """Train on crops, (samples, 3, size, size), RGB from 0 to 1, and their classes.

        Raises
        ------
        InputError
            For other shapes, one class only, or an unknown teacher.
        """
        values = np.asarray(values, dtype=np.float32)
        if values.ndim != 4 or values.shape[1] != 3:
            raise InputError(f"The model 'efdnn' needs crops (samples, 3, height, width), but got {values.shape}.")
        if self.teacher not in ("", "picture"):
            raise InputError(f"The teacher is 'picture' or none (''), but got '{self.teacher}'.")
        self.classes_, codes = np.unique(np.asarray(y).astype(str), return_inverse=True)
        if len(self.classes_) < 2:
            raise InputError(f"All samples have the class '{self.classes_[0]}'; two classes at least are needed.")
        self.input_shape_ = values.shape[1:]
        teach = self._teacher(values, np.asarray(y).astype(str), groups)
        self.arrays_ = self._train(torch.from_numpy(values), torch.from_numpy(codes), teach)
        return self

    def predict_proba(self, values: np.ndarray) -> np.ndarray:
        """Probabilities, (samples, classes)."""
        model = self.model()
        found = model.predict(values)
        return (found + model.predict(np.ascontiguousarray(values[..., ::-1]))) / 2 if self.mirror else found

    def predict(self, values: np.ndarray) -> np.ndarray:
        """The most probable class."""
        found: np.ndarray = self.classes_[self.predict_proba(values).argmax(1)]
        return found

    def model(self, **facts: Any) -> EfdnnModel:
        """The fitted network as a storable model; ``facts`` are further arguments of ``Model``."""
        base: dict[str, Any] = {"name": "efdnn", "target": "", "recipe": {}, "feature_names": ()}
        return EfdnnModel(
            **{**base, **facts},
            classes=tuple(self.classes_),
            input_shape=self.input_shape_,
            settings=facts_of(self.get_params()),
            arrays=self.arrays_,
        )

    def _teacher(self, values: np.ndarray, y: np.ndarray, groups: np.ndarray | None) -> Any:
        if not self.teacher:
            return None
        from mien.models.picture_fit import PictureClassifier

        return PictureClassifier(seed=self.seed).fit(values, y, groups).model().module()

    def _train(self, crops: torch.Tensor, codes: torch.Tensor, teacher: Any) -> dict[str, np.ndarray]:
        rng = np.random.default_rng(self.seed)
        with torch.random.fork_rng(devices=[]), one_thread():
            torch.manual_seed(self.seed)
            net = Efdnn(len(self.classes_), width=self.width, dropout=self.dropout)
            net = net.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
            optimiser = torch.optim.AdamW(net.parameters(), lr=self.learning_rate, weight_decay=self.weight_decay)
            batches = max(1, len(crops) // self.batch_size)
            cycle = torch.optim.lr_scheduler.OneCycleLR(
                optimiser, self.learning_rate, total_steps=self.epochs * batches
            )
            weight = len(codes) / (len(self.classes_) * torch.bincount(codes).float())
            for _ in range(self.epochs):
                # Batches of nearly equal size, so that none is too small for batch normalisation.
                for part in np.array_split(rng.permutation(len(crops)), batches):
                    seen = self._altered(crops[part], rng)
                    logits = net(seen)
                    loss = functional.cross_entropy(logits, codes[part], weight=weight, label_smoothing=self.smoothing)
                    if teacher is not None:
                        loss = (1 - self.taught) * loss + self.taught * self._distance(logits, teacher, seen)
                    optimiser.zero_grad(set_to_none=True)
                    loss.backward()
                    optimiser.step()
                    cycle.step()
            return {name: value.detach().numpy().copy() for name, value in folded(net).state_dict().items()}

    def _distance(self, logits: torch.Tensor, teacher: Any, seen: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            wanted = functional.softmax(teacher(seen) / self.temperature, dim=1)
        own = functional.log_softmax(logits / self.temperature, dim=1)
        return functional.kl_div(own, wanted, reduction="batchmean") * self.temperature**2

    def _altered(self, crops: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
        """Crops turned, zoomed, moved, mirrored, lit otherwise and partly hidden, at random."""
        count, size = len(crops), crops.shape[-1]

        def drawn(limit: float) -> torch.Tensor:
            return torch.from_numpy(rng.uniform(-limit, limit, count)).float()

        angle, zoom = torch.deg2rad(drawn(self.turn_deg)), 1 + drawn(self.zoom)
        side = torch.from_numpy(rng.choice([-1.0, 1.0] if self.mirror else [1.0], count)).float()
        place = torch.zeros(count, 2, 3)
        place[:, 0, 0], place[:, 0, 1] = zoom * angle.cos() * side, -zoom * angle.sin()
        place[:, 1, 0], place[:, 1, 1] = zoom * angle.sin() * side, zoom * angle.cos()
        place[:, 0, 2], place[:, 1, 2] = drawn(2 * self.shift), drawn(2 * self.shift)
        grid = functional.affine_grid(place, list(crops.shape), align_corners=False)
        seen = functional.grid_sample(crops, grid, padding_mode="border", align_corners=False)
        contrast, bright = (1 + drawn(self.light))[:, None, None, None], drawn(self.light / 2)[:, None, None, None]
        tint = 1 + torch.from_numpy(rng.uniform(-self.light / 4, self.light / 4, (count, 3, 1, 1))).float()
        mean = seen.mean((1, 2, 3), keepdim=True)
        seen = (((seen - mean) * contrast + mean + bright) * tint).clamp(0, 1)
        for row in np.flatnonzero(rng.random(count) < self.hide):
            height, width = (rng.uniform(0.1, 0.35, 2) * size).astype(int)
            top, left = int(rng.integers(0, size - height)), int(rng.integers(0, size - width))
            seen[row, :, top : top + height, left : left + width] = mean[row]
        return seen.contiguous(memory_format=torch.channels_last)
