"""Training of the explainable fast network, from scratch or taught by a larger body."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from torch import nn
from torch.nn import functional

from mien.core.errors import InputError
from mien.models.altered import Alteration, batches_of_epoch
from mien.models.bodies import Body, body_features
from mien.models.efdnn import Efdnn, EfdnnModel, facts_of, folded
from mien.models.landmarks.estimator import one_thread

# The teacher: a frozen body, what of it is learnt, and the side in pixels of the crops it looks at.
TEACHER = Body("efficientnet-lite0", (4, 5), (3, 3))
TEACHER_SIDE = 160
# Cells per side of the student's map that the teacher's view is read from.
CELLS = 3


@dataclass(frozen=True, eq=False)
class Lesson:
    """Crops, (samples, 3, size, size), and what the teacher sees in them and in their mirror images.

    ``seen``: (samples, 2, features); no features without a teacher. Rows are chosen as of an array.
    """

    crops: np.ndarray
    seen: np.ndarray

    def __len__(self) -> int:
        return len(self.crops)

    def __getitem__(self, rows: Any) -> Lesson:
        return Lesson(self.crops[rows], self.seen[rows])


class EfdnnClassifier(ClassifierMixin, BaseEstimator):
    """A light convolutional network with one attention map per class, on aligned crops.

    Parameters
    ----------
    teacher : str
        ``''``: trained on the labels alone. ``'picture'``: taught by the larger body of the model 'picture' as well
        (distillation; Romero et al. 2015, FitNets): from every altered crop the network also predicts what the frozen
        EfficientNet-Lite0 sees in the unaltered one, as principal components of its features. The body knows no labels.
    width : float
        Factor of the channel numbers.
    steps, batch_size : int
        Batches that are trained on, however many crops there are, and crops in each.
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

    def __init__(
        self, *, teacher: str = "", width: float = 1.0, steps: int = 800, batch_size: int = 16,
        learning_rate: float = 0.006, weight_decay: float = 0.02, dropout: float = 0.1, smoothing: float = 0.05,
        taught: float = 1.0, components: int = 48, mirror: bool = True, shift: float = 0.04,
        turn_deg: float = 6.0, zoom: float = 0.1, light: float = 0.2, hide: float = 0.15, seed: int = 0,
    ) -> None:  # fmt: skip
        self.teacher = teacher
        self.width = width
        self.steps = steps
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.smoothing = smoothing
        self.taught = taught
        self.components = components
        self.mirror = mirror
        self.shift = shift
        self.turn_deg = turn_deg
        self.zoom = zoom
        self.light = light
        self.hide = hide
        self.seed = seed

    def prepare(self, values: np.ndarray, progress: Any = None) -> Lesson:
        """Crops with what the teacher sees in them; it is frozen and knows no labels, so this is done once.

        Raises
        ------
        InputError
            For other shapes or an unknown teacher.
        """
        values = np.asarray(values, dtype=np.float32)
        if values.ndim != 4 or values.shape[1] != 3:
            raise InputError(f"The model 'efdnn' needs crops (samples, 3, height, width), but got {values.shape}.")
        if self.teacher not in ("", "picture"):
            raise InputError(f"The teacher is 'picture' or none (''), but got '{self.teacher}'.")
        if not self.teacher:
            return Lesson(values, np.zeros((len(values), 2, 0), np.float32))
        side = (TEACHER_SIDE, TEACHER_SIDE)
        parts = [
            functional.interpolate(torch.from_numpy(values[i : i + 64]), side, mode="bilinear", align_corners=False)
            for i in range(0, len(values), 64)
        ]
        return Lesson(values, body_features(torch.cat(parts).numpy(), TEACHER, progress=progress))

    def fit(self, values: np.ndarray | Lesson, y: np.ndarray, groups: np.ndarray | None = None) -> EfdnnClassifier:
        """Train on crops, (samples, 3, size, size), RGB from 0 to 1, or on what ``prepare`` gave, and their classes.

        Raises
        ------
        InputError
            For other shapes, one class only, or an unknown teacher.
        """
        lesson = values if isinstance(values, Lesson) else self.prepare(values)
        self.classes_, codes = np.unique(np.asarray(y).astype(str), return_inverse=True)
        if len(self.classes_) < 2:
            raise InputError(f"All samples have the class '{self.classes_[0]}'; two classes at least are needed.")
        self.input_shape_ = lesson.crops.shape[1:]
        self.arrays_ = self._train(lesson, torch.from_numpy(codes))
        return self

    def predict_proba(self, values: np.ndarray | Lesson) -> np.ndarray:
        """Probabilities, (samples, classes)."""
        crops = values.crops if isinstance(values, Lesson) else values
        model = self.model()
        found = model.predict(crops)
        return (found + model.predict(np.ascontiguousarray(crops[..., ::-1]))) / 2 if self.mirror else found

    def predict(self, values: np.ndarray | Lesson) -> np.ndarray:
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

    def _train(self, lesson: Lesson, codes: torch.Tensor) -> dict[str, np.ndarray]:
        rng, crops = np.random.default_rng(self.seed), torch.from_numpy(lesson.crops)
        with torch.random.fork_rng(devices=[]), one_thread():
            torch.manual_seed(self.seed)
            net = Efdnn(len(self.classes_), width=self.width, dropout=self.dropout)
            net = net.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
            view = View(lesson.seen, self.components, net.channels) if self.teacher else None
            learnt = [*net.parameters(), *(view.parameters() if view else ())]
            optimiser = torch.optim.AdamW(learnt, lr=self.learning_rate, weight_decay=self.weight_decay)
            cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, self.learning_rate, total_steps=self.steps)
            altered = Alteration(self.shift, self.turn_deg, self.zoom, self.light, self.hide)
            weight = len(codes) / (len(self.classes_) * torch.bincount(codes).float())
            for rows in _batches(rng, len(crops), self.batch_size, self.steps):
                sides = rng.integers(0, 2 if self.mirror else 1, len(rows))
                seen = net.seen(altered(crops[rows], sides, rng))
                loss = functional.cross_entropy(
                    net.answer(seen), codes[rows], weight=weight, label_smoothing=self.smoothing
                )
                if view is not None:
                    loss = loss + self.taught * view(seen, rows, sides)
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                optimiser.step()
                cycle.step()
            return {name: value.detach().numpy().copy() for name, value in folded(net).state_dict().items()}


class View(nn.Module):
    """How far the student's map is from telling what the teacher sees; not part of the trained network.

    Parameters
    ----------
    seen : ndarray, shape (samples, 2, features)
        The teacher's features of the training crops and their mirror images.
    components : int
        Principal components of the standardised features that are learnt, weighed by their spread.
    channels : int
        Of the student's map.
    """

    def __init__(self, seen: np.ndarray, components: int, channels: int) -> None:
        super().__init__()
        rows = seen.reshape(-1, seen.shape[2]).astype(np.float64)
        rows = (rows - rows.mean(0)) / (rows.std(0) + 1e-2)
        left, spread, _ = np.linalg.svd(rows, full_matrices=False)
        wanted = (left[:, :components] * np.sqrt(len(rows))).astype(np.float32)
        self.wanted = torch.from_numpy(wanted).reshape(len(seen), 2, -1)
        self.weight = torch.from_numpy((spread[:components] / spread[:components].mean()).astype(np.float32))
        self.tell = nn.Linear(channels * CELLS**2, wanted.shape[1])

    def forward(self, found: torch.Tensor, rows: np.ndarray, sides: np.ndarray) -> torch.Tensor:
        """Weighted mean squared error."""
        told = self.tell(functional.adaptive_avg_pool2d(found, CELLS).flatten(1))
        error: torch.Tensor = ((told - self.wanted[rows, sides]) ** 2 * self.weight).mean()
        return error


def _batches(rng: np.random.Generator, count: int, size: int, steps: int) -> Iterator[np.ndarray]:
    """Rows of each batch; batches of nearly equal size, so that none is too small for batch normalisation."""
    waiting: list[np.ndarray] = []
    for _ in range(steps):
        waiting = waiting or batches_of_epoch(rng, count, size)
        yield waiting.pop()
