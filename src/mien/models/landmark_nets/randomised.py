"""Randomised networks: the hidden part is drawn, the read-out is solved in closed form.

Random vector functional links (Pao et al. 1994), random features (Rahimi & Recht 2008), echo states (Jaeger 2001); for
landmark sequences and their evidence: Di Luzio, Rosato & Panella, arXiv 2407.14865, whose layers are not public.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy.optimize import minimize

from mien.core.errors import InputError
from mien.core.progress import Progress
from mien.models.fitting.ridge import ridge
from mien.models.landmark_nets.estimator import SequenceClassifier
from mien.models.landmark_nets.model import MULTICLASS
from mien.nets.landmarks import build_net
from mien.nets.landmarks.base import RandomNet
from mien.nets.threads import one_thread

RANDOMISED = ("rvfl", "random-tcn", "esn")
AT_ONCE = 256


@dataclass(kw_only=True, eq=False, repr=False)
class RandomisedClassifier(SequenceClassifier):
    """A network with random, frozen hidden units on landmark displacements, and a ridge read-out.

    Features are those of the clip, with ``mirror`` the mean of those of the clip and its mirror image: the read-out
    is linear, so the answer is then the mean over both. The read-out of all labels is solved on one factorisation;
    the penalty is the one with the least error on subjects left out of the training data (``groups`` of ``fit``),
    also in closed form. Each class weighs the same. The scale that turns the read-out into logits is fitted on the same
    held-out answers (Platt 1999), with one slope and shift for all labels.

    Parameters
    ----------
    network : str
        ``'rvfl'``, ``'random-tcn'`` or ``'esn'``, see ``mien.nets.landmarks``.
    units, windows : int
        ``'rvfl'`` and ``'esn'``: random units; ``'rvfl'``: windows of time of its direct links.
    filters, width : int
        ``'random-tcn'``: random filters, taps of each.
    whiten : float
        Power to which principal components are made alike: 0 keeps their proportions, 1 gives all the same size. Random
        units mix all components, so without it they would see little but the largest movements.
    copies : int
        Deformed copies of each clip that the read-out is solved with, beside the clip itself.
    penalty : float
        Of the read-out, as a multiple of the features' mean eigenvalue; 0: the best one on people left out. A strong
        one (10 and more) weighs features as class means differ in them. A weak one also tells classes apart by
        differences of points that move together: evidence then lies on points that only cancel what others share
        (Haufe et al., NeuroImage 87, 2014).
    topology, feature_names, task, components, mirror, trim, warp, amplitude, seed
        See ``SequenceClassifier``.
    """

    network: str = "random-tcn"
    filters: int = 768
    units: int = 512
    windows: int = 2
    whiten: float = 0.25
    penalty: float = 0.0
    copies: int = 0

    def _fit(self, values: np.ndarray, codes: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        if self.network not in RANDOMISED:
            raise InputError(f"network is one of {', '.join(RANDOMISED)}, but got '{self.network}'.")
        images, present, targets = self._prepare(values, codes)
        images, present, targets, groups = self._with_copies(images, present, targets, groups)
        with one_thread(), torch.no_grad():
            net = build_net(targets.shape[1], {**self.get_params(), "components": images.shape[-1]})
            assert isinstance(net, RandomNet)
            clips = images[:, : len(values)]
            net.draw(np.random.default_rng(self.seed), clips.flatten(0, 1).transpose(1, 2))
            features = random_features(net, images, present)
            self._solve(net, features, targets.numpy().astype(np.float64), groups)
        self._keep(net)

    def _projection(self, values: np.ndarray, present: np.ndarray | None) -> np.ndarray:
        projection = super()._projection(values, present)
        flat = values.reshape(-1, len(projection))
        spread = (flat @ projection).std(0)
        alike = np.maximum(spread, 1e-3 * spread.max()) ** self.whiten
        whitened: np.ndarray = (projection / alike).astype(np.float32)
        return whitened

    def _with_copies(
        self,
        images: torch.Tensor,
        present: torch.Tensor | None,
        targets: torch.Tensor,
        groups: np.ndarray | None,
    ) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor, np.ndarray | None]:
        """Clips, mask, targets and groups with the copies behind; copies of a clip are left out together with it."""
        if not self.copies:
            return images, present, targets, groups
        rng, times = np.random.default_rng([self.seed, 1]), self.copies + 1
        copies = [self._deformed(images, rng, present) for _ in range(self.copies)]
        own = np.arange(len(targets)) if groups is None else np.asarray(groups)
        return (
            torch.cat([images, *copies], 1),
            None if present is None else present.repeat(times, 1),
            targets.repeat(times, 1),
            np.tile(own, times),
        )

    def _solve(self, net: RandomNet, features: np.ndarray, targets: np.ndarray, groups: np.ndarray | None) -> None:
        """Fill the read-out of the network."""
        weights = 1 / (targets @ targets.sum(0)) / targets.shape[1] * len(targets)
        mean, spread = features.mean(0), features.std(0) if net.alike else np.ones(features.shape[1])
        spread = np.maximum(spread, 1e-3 * spread.mean())
        multiples = (self.penalty,) if self.penalty else ()
        found = ridge((features - mean) / spread, 2 * targets - 1, weights, groups=groups, multiples=multiples)
        slope, shift = to_logits(found.held_out, targets, self.task)
        coefficients = slope * found.coefficients / spread[:, None]
        net.weight.copy_(torch.from_numpy(coefficients.T))
        net.bias.copy_(torch.from_numpy(slope * found.intercept - mean @ coefficients + shift))
        self.penalty_, self.held_out_ = found.penalty, slope * found.held_out + shift


def random_features(net: RandomNet, images: torch.Tensor, present: torch.Tensor | None) -> np.ndarray:
    """Mean over the mirror images (images, samples, frames, components) of the frozen part's features; float64."""
    parts = []
    for start in range(0, images.shape[1], AT_ONCE):
        here = None if present is None else present[start : start + AT_ONCE]
        total: Any = 0.0
        for image in images[:, start : start + AT_ONCE]:
            x = image.transpose(1, 2) if here is None else image.transpose(1, 2) * here[:, None]
            total = total + net.features(net.first(x), here).double()
        parts.append((total / len(images)).numpy())
    return np.concatenate(parts)


def to_logits(answers: np.ndarray, targets: np.ndarray, task: str) -> tuple[float, float]:
    """Slope and shift that make held-out answers (samples, labels) logits: least balanced logarithmic loss."""
    weight = 1 / (targets @ targets.sum(0))

    def loss(given: np.ndarray) -> float:
        logits = np.exp(given[0]) * answers + given[1]
        if task == MULTICLASS:
            top = logits.max(1)
            norm = top + np.log(np.exp(logits - top[:, None]).sum(1))
            return float(weight @ (norm - (logits * targets).sum(1)))
        lost = np.logaddexp(0, np.where(targets > 0, -logits, logits))
        share = targets.mean(0)
        return float((lost * np.where(targets > 0, 1 / share, 1 / (1 - share))).mean())

    bounds = [(np.log(0.05), np.log(50.0)), (0.0, 0.0) if task == MULTICLASS else (-50.0, 50.0)]
    found = minimize(loss, np.array([1.0, 0.0]), method="L-BFGS-B", bounds=bounds).x
    return float(np.exp(found[0])), float(found[1])
