"""What estimators of networks on aligned crops share: the settings of their training, and training in passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import nn

from mien.core.progress import Progress
from mien.models.estimator import Estimator
from mien.models.fitting.passes import Passes, train_in_passes

# Of the answers alone, which is what is watched, and of all that is minimised.
Losses = tuple[torch.Tensor, torch.Tensor]


@dataclass(kw_only=True, eq=False, repr=False)
class OnCrops(Estimator):
    """A network on aligned crops, trained by gradient descent and stopped early by people set aside.

    Parameters
    ----------
    epochs, patience : int
        Most passes over the training crops; passes without a smaller loss of the people set aside before training
        stops.
    validation : float
        Share of people set aside to decide about stopping; 0 for none, then all passes are trained.
    batch_size : int
    learning_rate, weight_decay : float
        Of AdamW.
    dropout : float
        Share of what the last layers see that is dropped in training.
    mirror : bool
        Augment with mirrored faces. To be switched off where left and right make the class.
    seed : int
    """

    reports_progress = True

    epochs: int = 20
    patience: int = 8
    validation: float = 0.1
    batch_size: int = 16
    learning_rate: float
    weight_decay: float
    dropout: float
    mirror: bool = True
    seed: int = 0


@dataclass(kw_only=True, eq=False, repr=False)
class InPasses(OnCrops):
    """A light network that few crops are passed over more often: at least ``steps`` batches altogether.

    People are set aside where there are 2,000 training crops of 20 people or more; fewer crops are trained on for all
    passes. The learning rate goes through one cycle.
    """

    steps: int

    def _descend(
        self, net: nn.Module, losses: Callable[[np.ndarray, np.ndarray, np.random.Generator], Losses],
        watched: Callable[[np.ndarray], torch.Tensor], count: int, groups: np.ndarray | None,
        progress: Progress | None, beside: Iterable[nn.Parameter] = (),
    ) -> None:  # fmt: skip
        """Train a network in place.

        Parameters
        ----------
        net : Module
        losses : callable (rows, sides, rng) -> Losses
            Of the training samples in these rows, each seen from a side: 1 is mirrored.
        watched : callable (rows) -> loss
            Of the answers about samples as they are.
        count : int
            Training samples.
        groups : ndarray, shape (samples,), or None
            Who is shown.
        progress : callable (done, total), optional
        beside : iterable of Parameter
            Trained as well, but no part of the network.
        """
        passes = Passes(self.epochs, self.steps, self.patience, self.validation, self.batch_size, self.seed)
        parts, rng = passes.parts(groups, count), np.random.default_rng(self.seed)
        trained = [*net.parameters(), *beside]
        optimiser = torch.optim.AdamW(trained, lr=self.learning_rate, weight_decay=self.weight_decay)
        total = passes.steps(len(parts[0]))
        cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, self.learning_rate, total_steps=total)

        def step(rows: np.ndarray) -> float:
            sides = rng.integers(0, 2 if self.mirror else 1, len(rows))
            answers, minimised = losses(rows, sides, rng)
            optimiser.zero_grad(set_to_none=True)
            minimised.backward()
            optimiser.step()
            cycle.step()
            return float(answers.detach())

        notes = train_in_passes(net, parts, passes, rng, step, lambda rows: float(watched(rows)), progress)
        usual = {field.name: field.default for field in fields(self)}
        self.fit_notes_ = [*passes.without_effect(usual, bool(len(parts[1])), len(parts[0])), *notes]
