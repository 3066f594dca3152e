"""Training of the landmark-sequence network, as a scikit-learn estimator."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from torch.nn import functional

from mien.core.errors import InputError
from mien.features.geometry import mirrored
from mien.models.sequence import SequenceModel, build_net, one_vs_rest


class LandmarkNetClassifier(ClassifierMixin, BaseEstimator):
    """Binary temporal CNNs, one per label, on landmark displacements.

    Input is standardised per coordinate and projected onto its principal components without whitening, all within
    the data given to ``fit``: facial points move together, and directions of little movement are mostly noise.
    Each label's positive clips weigh as much as all its negative ones.

    Parameters
    ----------
    topology : str
        Points of the sequences; needed for ``mirror``.
    components : int
        Principal components that the network sees (fewer if there are fewer).
    filters, width : int
        Temporal filters per label, frames that each spans.
    members : int
        Networks per label that differ in their start; their logits are averaged.
    mirror : bool
        Train on mirrored copies as well, and average the answer over both. To be switched off where left and
        right make the class.
    epochs : int
    batch_size : int
    learning_rate, weight_decay, dropout : float
        Of AdamW with one cycle of the learning rate (Smith & Topin 2019, arXiv:1708.07120), which ends at zero;
        there is no early stopping, so no clips are held back for it.
    trim, warp, amplitude : float
        Augmentation: share of a clip cut off at either end (at most), spread of the exponent that bends time, and
        spread of the logarithm of the extent of movement.
    seed : int
    """

    def __init__(
        self,
        *,
        topology: str = "",
        components: int = 64,
        filters: int = 12,
        width: int = 5,
        members: int = 2,
        mirror: bool = True,
        epochs: int = 60,
        batch_size: int = 64,
        learning_rate: float = 0.01,
        weight_decay: float = 0.01,
        dropout: float = 0.1,
        trim: float = 0.15,
        warp: float = 0.15,
        amplitude: float = 0.1,
        seed: int = 0,
    ) -> None:
        self.topology = topology
        self.components = components
        self.filters = filters
        self.width = width
        self.members = members
        self.mirror = mirror
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.trim = trim
        self.warp = warp
        self.amplitude = amplitude
        self.seed = seed

    def fit(self, values: np.ndarray, y: np.ndarray, groups: np.ndarray | None = None) -> LandmarkNetClassifier:
        """Train on sequences, shape (samples, frames, points, coordinates), and their classes.

        ``groups`` (subjects) is accepted for the sake of one interface and not needed.
        """
        values = np.asarray(values, dtype=np.float32)
        if values.ndim != 4:
            raise InputError(f"The landmark net needs (samples, frames, points, coordinates), but got {values.shape}.")
        self.classes_ = np.unique(np.asarray(y).astype(str))
        if len(self.classes_) < 2:
            raise InputError(f"All clips have the class '{self.classes_[0]}'; two classes at least are needed.")
        targets = (np.asarray(y).astype(str)[:, None] == self.classes_).astype(np.float32)
        self.input_shape_ = values.shape[1:]
        self.projection_ = principal_projection(values, self.components)
        sequences = [self._project(values)]
        if self.mirror:
            sequences.append(self._project(mirrored(values, self.topology)))
        self.arrays_ = self._train(torch.stack(sequences), torch.from_numpy(targets))
        return self

    def decision_function(self, values: np.ndarray) -> np.ndarray:
        """Logit of each label's network, (samples, classes)."""
        module = self.model().module()
        with torch.no_grad():
            logits: np.ndarray = module(torch.from_numpy(np.asarray(values, dtype=np.float32))).double().numpy()
        return logits

    def predict_proba(self, values: np.ndarray) -> np.ndarray:
        """Probabilities that sum to one, (samples, classes)."""
        return one_vs_rest(self.decision_function(values))

    def predict(self, values: np.ndarray) -> np.ndarray:
        """The class whose network is surest."""
        found: np.ndarray = self.classes_[self.predict_proba(values).argmax(1)]
        return found

    def model(self, **facts: Any) -> SequenceModel:
        """The fitted network as a storable model; ``facts`` are further arguments of ``Model``."""
        settings = {**self.get_params(), "components": self.projection_.shape[1]}
        settings.pop("topology")
        base: dict[str, Any] = {"name": "landmark-net", "target": "", "recipe": {}, "feature_names": ()}
        return SequenceModel(
            **{**base, **facts},
            classes=tuple(self.classes_),
            input_shape=self.input_shape_,
            topology=self.topology,
            settings=settings,
            arrays={"projection": self.projection_, **self.arrays_},
        )

    def _project(self, values: np.ndarray) -> torch.Tensor:
        flat = values.reshape(*values.shape[:2], -1) @ self.projection_
        return torch.from_numpy(np.ascontiguousarray(flat, dtype=np.float32))

    def _train(self, sequences: torch.Tensor, targets: torch.Tensor) -> dict[str, np.ndarray]:
        """Fit the networks; ``sequences`` (1 or 2 mirror images, samples, frames, components)."""
        rng = np.random.default_rng(self.seed)
        with torch.random.fork_rng(devices=[]), one_thread():
            torch.manual_seed(self.seed)
            settings = {**self.get_params(), "components": sequences.shape[-1]}
            net = build_net(targets.shape[1], settings).train()
            optimiser = torch.optim.AdamW(net.parameters(), lr=self.learning_rate, weight_decay=self.weight_decay)
            batches = math.ceil(len(targets) / self.batch_size)
            cycle = torch.optim.lr_scheduler.OneCycleLR(
                optimiser, self.learning_rate, total_steps=self.epochs * batches
            )
            share = targets.mean(0)
            balance = (1 - share) / share
            for _ in range(self.epochs):
                order = torch.from_numpy(rng.permutation(len(targets)))
                clips = self._augmented(sequences, order, rng)
                for start in range(0, len(order), self.batch_size):
                    part = order[start : start + self.batch_size]
                    logits = net.nets(clips[start : start + self.batch_size])
                    wanted = targets[part][:, None].expand_as(logits)
                    loss = functional.binary_cross_entropy_with_logits(
                        logits, wanted, pos_weight=balance, reduction="none"
                    )
                    optimiser.zero_grad(set_to_none=True)
                    # Summed over the networks, because each learns for itself; averaged over the clips.
                    loss.sum((1, 2)).mean().backward()
                    optimiser.step()
                    cycle.step()
        return {name: value.detach().numpy().copy() for name, value in net.state_dict().items()}

    def _augmented(self, sequences: torch.Tensor, order: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
        """Clips in the given order, each mirrored or not, trimmed, bent in time and scaled at random.

        Returns
        -------
        Tensor, shape (samples, components, frames)
        """
        count, frames = len(order), sequences.shape[2]
        side = torch.from_numpy(rng.integers(0, len(sequences), count))
        first, last = rng.uniform(0, self.trim, (count, 1)), 1 - rng.uniform(0, self.trim, (count, 1))
        bend = np.exp(rng.normal(0, self.warp, (count, 1)))
        place = (first + (last - first) * np.linspace(0, 1, frames) ** bend) * (frames - 1)
        before = torch.from_numpy(np.clip(place.astype(np.int64), 0, frames - 2))
        share = torch.from_numpy(place).float()[..., None] - before[..., None]
        extent = torch.from_numpy(np.exp(rng.normal(0, self.amplitude, (count, 1, 1)))).float()
        rows = order[:, None]
        left, right = sequences[side[:, None], rows, before], sequences[side[:, None], rows, before + 1]
        return ((left * (1 - share) + right * share) * extent).transpose(1, 2).contiguous()


@contextmanager
def one_thread() -> Iterator[None]:
    """One torch thread: sums then have one order everywhere, and layers this small are not slower for it."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def principal_projection(values: np.ndarray, components: int, *, gain: float = 6.0) -> np.ndarray:
    """Projection of one frame onto the principal components of standardised displacements.

    Parameters
    ----------
    values : ndarray, shape (samples, frames, points, coordinates)
    components : int
        At most as many as there are coordinates or frames.
    gain : float
        Standard deviation of the first component after projection; the others keep their proportion to it.

    Returns
    -------
    ndarray of float32, shape (points * coordinates, components)
        Through the origin: no displacement stays no displacement.
    """
    flat = values.reshape(-1, values.shape[2] * values.shape[3]).astype(np.float64)
    spread = flat.std(0)
    if not spread.mean() > 0:
        raise InputError("Nothing moves in any clip, so there is nothing that a landmark net could learn from.")
    # Coordinates that hardly move are not blown up to the size of those that do.
    spread = spread + 0.3 * spread.mean()
    standard = flat / spread
    variances, directions = np.linalg.eigh(standard.T @ standard / len(flat))
    order = np.argsort(variances)[::-1][: min(components, len(flat))]
    directions = directions[:, order]
    # eigh leaves the sign open; the largest weight is made positive so that equal data give an equal network.
    directions *= np.sign(directions[np.abs(directions).argmax(0), np.arange(len(order))])
    scale = gain / math.sqrt(variances[order[0]])
    return (directions * scale / spread[:, None]).astype(np.float32)
