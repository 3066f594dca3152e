"""Fitting landmark-sequence networks by gradient descent, as a scikit-learn estimator."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from mien.core.errors import InputError
from mien.core.progress import Progress
from mien.models.adapts import HEAD
from mien.models.landmark_nets.estimator import SequenceClassifier
from mien.models.landmark_nets.model import MULTICLASS
from mien.nets.landmarks import build_net
from mien.nets.threads import seeded

TRAINED = ("cnn", "mlp", "gru", "lstm")


@dataclass(kw_only=True, eq=False, repr=False)
class LandmarkNetClassifier(SequenceClassifier):
    """Small networks on landmark displacements: one binary network per label, or all classes against each other.

    Input is standardised per coordinate and projected onto its principal components without whitening, all within
    the data given to ``fit``: facial points move together, and directions of little movement are mostly noise.
    Each label's positive clips weigh as much as all its negative ones; with ``task='multiclass'`` each class weighs
    the same.

    Parameters
    ----------
    network : str
        ``'cnn'`` (``filters``, ``width``), ``'mlp'`` (``units``, ``windows``), ``'gru'`` or ``'lstm'`` (``units``),
        all of these per label; see ``mien.nets.landmarks``.
    members : int
        Networks per label that differ in their start; their logits are averaged.
    epochs : int
    batch_size : int
    learning_rate, weight_decay, dropout : float
        Of AdamW with one cycle of the learning rate (Smith & Topin 2019, arXiv:1708.07120), which ends at zero;
        there is no early stopping, so no clips are held back for it.
    topology, feature_names, task, components, filters, width, units, windows, mirror, trim, warp, amplitude, seed
        See ``SequenceClassifier``.
    """

    adapts = HEAD

    network: str = "cnn"
    filters: int = 12
    units: int = 16
    windows: int = 4
    members: int = 2
    epochs: int = 60
    batch_size: int = 64
    learning_rate: float = 0.01
    weight_decay: float = 0.01
    dropout: float = 0.1

    def _fit(self, values: np.ndarray, codes: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        if self.network not in TRAINED:
            raise InputError(f"network is one of {', '.join(TRAINED)}, but got '{self.network}'.")
        sequences, present, targets = self._prepare(values, codes)
        with seeded(self.seed):
            self._keep(self._train(sequences, present, targets))

    def _train(self, sequences: torch.Tensor, present: torch.Tensor | None, targets: torch.Tensor) -> torch.nn.Module:
        """Fit the networks; ``sequences`` (1 or 2 mirror images, samples, frames, components)."""
        rng = np.random.default_rng(self.seed)
        net = build_net(targets.shape[1], {**self.get_params(), "components": sequences.shape[-1]}).train()
        optimiser = torch.optim.AdamW(net.parameters(), lr=self.learning_rate, weight_decay=self.weight_decay)
        batches = math.ceil(len(targets) / self.batch_size)
        cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, self.learning_rate, total_steps=self.epochs * batches)
        share = targets.mean(0)
        for _ in range(self.epochs):
            order = torch.from_numpy(rng.permutation(len(targets)))
            side = torch.from_numpy(rng.integers(0, len(sequences), len(order)))
            clips = self._deformed(sequences[side, order], rng, present).transpose(1, 2).contiguous()
            for start in range(0, len(order), self.batch_size):
                part = order[start : start + self.batch_size]
                here = None if present is None else present[part]
                logits = net.nets(clips[start : start + self.batch_size], here)
                optimiser.zero_grad(set_to_none=True)
                self._loss(logits, targets[part], share).backward()
                optimiser.step()
                cycle.step()
        return net

    def _loss(self, logits: torch.Tensor, targets: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
        """Summed over the networks, because each learns for itself; averaged over the clips."""
        if self.task == MULTICLASS:
            weight = 1 / (share * len(share))
            wanted = targets.argmax(1)[:, None].expand(logits.shape[:2])
            return functional.cross_entropy(
                logits.flatten(0, 1), wanted.flatten(), weight=weight, reduction="sum"
            ) / len(targets)
        wanted = targets[:, None].expand_as(logits)
        balance = (1 - share) / share
        loss = functional.binary_cross_entropy_with_logits(logits, wanted, pos_weight=balance, reduction="none")
        return loss.sum((1, 2)).mean()
