"""What all estimators of landmark-sequence networks share: preparing clips, answering, giving a storable model."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from mien.core.errors import InputError
from mien.core.topology import topology as find
from mien.features.geometry import PRESENT
from mien.models.estimator import Classifier, refuse_gaps
from mien.models.landmark_nets.augment import deformed
from mien.models.landmark_nets.model import (
    MULTICLASS,
    ONE_VS_REST,
    SequenceModel,
    count_parameters,
    mirrored_projection,
    probabilities,
    settings_of_model,
)

NAME_OF = {"cnn": "landmark-net"}


@dataclass(kw_only=True, eq=False, repr=False)
class SequenceClassifier(Classifier):
    """A small network on landmark displacements; sub-classes fit it.

    Parameters
    ----------
    topology : str
        Points of the sequences; needed for ``mirror``.
    feature_names : tuple of str
        What the last axis of the sequences holds, such as ``('x', 'y', 'vx', 'vy')``; by default coordinates.
        ``'present'`` marks frames that are no padding.
    network : str
        See ``mien.nets.landmarks``.
    task : str
        ``'one-vs-rest'`` or ``'multiclass'``.
    components : int
        Principal components that the network sees (fewer if there are fewer).
    filters, width : int
        Of networks that filter over time: filters, and frames that each spans.
    units, windows : int
        Hidden units; windows of time, of networks that summarise them.
    mirror : bool
        Augment with mirrored faces, and average the answer over both. To be switched off where left and right make the
        class; it is off for points without mirror partners.
    trim, warp, amplitude : float
        Of deformed clips: share cut off at either end (at most), spread of the exponent that bends time, and spread of
        the logarithm of the extent of movement. Padded clips are only scaled.
    seed : int

    Attributes
    ----------
    classes_ : ndarray of str
    mirror_ : bool
        Whether mirror images count: asked for, and every point has its partner.
    projection_ : ndarray, shape (points * coordinates, components)
    arrays_ : dict of str to ndarray
        The network's ``state_dict``.
    parameters_ : dict
        ``{"trained": n, "frozen": n, "projection": n}``.
    """

    topology: str = ""
    feature_names: tuple[str, ...] = ()
    network: str
    task: str = ONE_VS_REST
    components: int = 64
    filters: int
    width: int = 5
    units: int
    windows: int
    mirror: bool = True
    trim: float = 0.15
    warp: float = 0.15
    amplitude: float = 0.1
    seed: int = 0

    def decision_function(self, values: np.ndarray) -> np.ndarray:
        """Logit of each label, (samples, classes)."""
        module, values = self.model().module(), np.asarray(values, dtype=np.float32)
        with torch.no_grad():
            parts = [module(torch.from_numpy(values[i : i + 256])) for i in range(0, len(values), 256)]
        return np.concatenate(parts).astype(np.float64) if parts else np.zeros((0, len(self.classes_)))

    def predict_proba(self, values: np.ndarray) -> np.ndarray:
        """Probabilities that sum to one, (samples, classes)."""
        return probabilities(self.decision_function(values), self.task)

    def predict(self, values: np.ndarray) -> np.ndarray:
        """The class whose network is surest."""
        found: np.ndarray = self.classes_[self.decision_function(values).argmax(1)]
        return found

    def model(self, **facts: Any) -> SequenceModel:
        """The fitted network as a storable model; ``facts`` are further arguments of ``Model``."""
        name = NAME_OF.get(self.network, f"landmark-{self.network}")
        facts = {"name": name, "feature_names": self._names(), **facts, "topology": self.topology}
        settings, arrays = settings_of_model(self, self.projection_.shape[1]), {"projection": self.projection_}
        return self._built(
            SequenceModel, facts, input_shape=self.input_shape_, settings=settings, arrays=arrays | self.arrays_
        )

    def _names(self) -> tuple[str, ...]:
        """What the last axis holds."""
        return tuple(self.feature_names) or ("x", "y", "z")[: self.input_shape_[-1]]

    def _prepare(self, values: np.ndarray, codes: np.ndarray) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor]:
        """Projected clips (1 or 2 mirror images, samples, frames, components), mask and targets (samples, classes)."""
        values = np.asarray(values, dtype=np.float32)
        if values.ndim != 4:
            raise InputError(f"The landmark net needs (samples, frames, points, coordinates), but got {values.shape}.")
        refuse_gaps(values)
        if self.task not in (ONE_VS_REST, MULTICLASS):
            raise InputError(f"task is '{ONE_VS_REST}' or '{MULTICLASS}', but got '{self.task}'.")
        targets = (codes[:, None] == np.arange(len(self.classes_))).astype(np.float32)
        self.input_shape_ = values.shape[1:]
        self.mirror_ = bool(self.mirror and self.topology and find(self.topology).symmetric)
        present, names = None, self._names()
        if names[-1] == PRESENT:
            present, values, names = values[..., -1].mean(2), values[..., :-1], names[:-1]
        self.projection_ = self._projection(values, present)
        both = [self.projection_]
        if self.mirror_:
            both.append(mirrored_projection(self.projection_, self.topology, values.shape[-1], names))
        flat = values.reshape(*values.shape[:2], -1)
        images = torch.from_numpy(np.stack([np.ascontiguousarray(flat @ p, dtype=np.float32) for p in both]))
        return images, None if present is None else torch.from_numpy(present), torch.from_numpy(targets)

    def _deformed(self, clips: torch.Tensor, rng: np.random.Generator, present: torch.Tensor | None) -> torch.Tensor:
        """Clips (..., frames, components) cut, bent in time and scaled at random; padded ones are only scaled."""
        return deformed(clips, rng, trim=self.trim, warp=self.warp, amplitude=self.amplitude, bend=present is None)

    def _projection(self, values: np.ndarray, present: np.ndarray | None) -> np.ndarray:
        seen = values if present is None else values[present > 0.5][None]
        return principal_projection(seen, self.components)

    def _keep(self, net: Any) -> None:
        if not net.ignores_padding and PRESENT in self._names():
            raise InputError(
                f"The network '{self.network}' sees all frames at once and cannot leave out padding; use the recipe "
                "with length='resample', or a recurrent or convolutional network."
            )
        self.arrays_ = {name: value.detach().numpy().copy() for name, value in net.state_dict().items()}
        self.parameters_ = count_parameters(net, self.projection_)


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
    variances, directions = _principal(standard, min(components, len(flat)))
    # eigh leaves the sign open; the largest weight is made positive so that equal data give an equal network.
    directions *= np.sign(directions[np.abs(directions).argmax(0), np.arange(directions.shape[1])])
    scale = gain / math.sqrt(variances[0])
    return (directions * scale / spread[:, None]).astype(np.float32)


def _principal(standard: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Largest variances, and directions of coordinates with them, shape (coordinates, count)."""
    rows, columns = standard.shape
    if rows < columns:
        # The same directions in the space of the frames, where that is smaller and tells them apart.
        variances, frames = (part[..., ::-1][..., :count] for part in np.linalg.eigh(standard @ standard.T / rows))
        if variances[-1] > 1e-6 * variances[0]:
            return variances, standard.T @ frames / np.sqrt(rows * variances)
    variances, directions = np.linalg.eigh(standard.T @ standard / rows)
    order = np.argsort(variances)[::-1][:count]
    return variances[order], directions[:, order]
