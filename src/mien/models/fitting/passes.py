"""How long the light networks train: passes over the data, stopped early where enough people can be set aside."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from mien.core.errors import InputError
from mien.models.fitting.alterations import batches_of_epoch
from mien.models.fitting.loop import validation_fold

# With fewer training crops or people, setting some aside costs more than it tells.
LEAST_CROPS, LEAST_PEOPLE = 2_000, 20
# Crops on which the loss at the end is compared with that of people set aside.
COMPARED = 512


@dataclass(frozen=True)
class Passes:
    """How long to train.

    Attributes
    ----------
    epochs : int
        Passes over the training crops.
    least_steps : int
        Batches at least; few crops are passed over more often.
    patience : int
        Passes without a smaller loss of the people set aside, after which training stops.
    validation : float
        Share of people set aside, from ``LEAST_CROPS`` crops of ``LEAST_PEOPLE`` people on; 0 for none.
    batch_size, seed : int
    """

    epochs: int
    least_steps: int
    patience: int
    validation: float
    batch_size: int
    seed: int

    def parts(self, groups: np.ndarray | None, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows to train on and rows of people set aside (maybe none)."""
        everybody = np.arange(count), np.arange(0)
        if not self.validation or groups is None or count < LEAST_CROPS:
            return everybody
        people = np.asarray(groups).astype(str)
        if len(np.unique(people)) < LEAST_PEOPLE:
            return everybody
        return validation_fold(people, None, self.validation, self.seed)

    def steps(self, rows: int) -> int:
        """Batches altogether."""
        return max(self.least_steps, self.epochs * self.per_epoch(rows))

    def without_effect(self, usual: Mapping[str, object], set_aside: bool, rows: int) -> list[str]:
        """Sentences about settings that were changed from the ``usual`` ones, but do not matter for so many rows."""
        by_epochs = self.epochs * self.per_epoch(rows)
        notes = []
        if self.epochs != usual["epochs"] and by_epochs < self.least_steps:
            notes.append(
                f"epochs={self.epochs} had no effect: {rows:,} training crops give {by_epochs:,} batches, and at least "
                f"steps={self.least_steps} are trained. Set steps as well."
            )
        if self.least_steps != usual["steps"] and by_epochs > self.least_steps:
            notes.append(
                f"steps={self.least_steps} had no effect: epochs={self.epochs} passes over {rows:,} training crops are "
                f"{by_epochs:,} batches already. Set epochs as well."
            )
        idle = [
            f"{name}={value:g}"
            for name, value in (("patience", self.patience), ("validation", self.validation))
            if value != usual[name] and not set_aside and self.validation
        ]
        if idle:
            notes.append(
                f"{' and '.join(idle)} had no effect: people are set aside only where there are {LEAST_CROPS:,} "
                f"training crops of {LEAST_PEOPLE} people."
            )
        return notes

    def per_epoch(self, rows: int) -> int:
        """Batches of one pass."""
        return max(1, rows // self.batch_size)


def train_in_passes(
    network: nn.Module,
    parts: tuple[np.ndarray, np.ndarray],
    passes: Passes,
    rng: np.random.Generator,
    step: Callable[[np.ndarray], float],
    loss_of: Callable[[np.ndarray], float],
    progress: Callable[[int, int], None] | None = None,
) -> list[str]:
    """Train a network in place; it ends with the weights that did best on the people set aside, if there are any.

    Parameters
    ----------
    network : Module
    parts : (training rows, rows set aside)
        See ``Passes.parts``.
    passes : Passes
    rng : Generator
        Decides the order of the rows.
    step : callable (rows) -> loss
        Trains on one batch.
    loss_of : callable (rows) -> loss
        Of unaltered crops, in evaluation mode.
    progress : callable (done, total), optional
        Called after every pass.

    Returns
    -------
    list of str
        What has to be known of the training, in sentences.

    Raises
    ------
    InputError
        If the loss is not a finite number any more.
    """
    rows, watched = parts
    total, per_epoch = passes.steps(len(rows)), passes.per_epoch(len(rows))
    waiting: list[np.ndarray] = []
    own = rows[:: max(1, len(rows) // COMPARED)]
    untrained = 0.0 if len(watched) else _in_evaluation(network, loss_of, own)
    best, best_epoch, kept = math.inf, 0, None
    for number in range(1, total + 1):
        waiting = waiting or batches_of_epoch(rng, len(rows), passes.batch_size)
        if not math.isfinite(step(rows[waiting.pop()])):
            raise InputError("Training came to a loss that is not a number; make learning_rate smaller.")
        if number % per_epoch and number < total:
            continue
        if len(watched):
            value = _in_evaluation(network, loss_of, watched)
            if value < best:
                best, best_epoch = value, number // per_epoch
                kept = {key: v.detach().clone() for key, v in network.state_dict().items()}
        if progress is not None:
            progress(number, total)
        if kept is not None and number // per_epoch - best_epoch >= passes.patience:
            break
    if kept is None:
        return _hardly_learnt(_in_evaluation(network, loss_of, own), untrained, total)
    network.load_state_dict(kept)
    return _still_improving(network, loss_of, rows, best, passes)


def _still_improving(
    network: nn.Module, loss_of: Callable[[np.ndarray], float], rows: np.ndarray, watched: float, passes: Passes
) -> list[str]:
    """A network that knows the faces it was trained on no better than others has not learnt all that it could."""
    own = _in_evaluation(network, loss_of, rows[:: max(1, len(rows) // COMPARED)])
    if own < 0.95 * watched:
        return []
    return [
        f"Training ended after {passes.epochs} passes while the network was still improving (loss {own:.3f} on "
        f"training faces, {watched:.3f} on people set aside): more passes may do better, such as "
        f"epochs={2 * passes.epochs}."
    ]


def _hardly_learnt(trained: float, untrained: float, steps: int) -> list[str]:
    """A network that knows its own faces hardly better than before training, where nobody is set aside to compare."""
    if trained < 0.9 * untrained or untrained <= 0:
        return []
    return [
        f"After {steps:,} batches the network knows even the faces that it was trained on hardly better than before "
        f"(loss {trained:.3f}, untrained {untrained:.3f}): training was too short, or there is little to learn. "
        f"More batches show which, such as steps={2 * steps}."
    ]


def _in_evaluation(network: nn.Module, loss_of: Callable[[np.ndarray], float], rows: np.ndarray) -> float:
    network.eval()
    with torch.no_grad():
        parts = [rows[i : i + 256] for i in range(0, len(rows), 256)]
        value = sum(loss_of(part) * len(part) for part in parts) / len(rows)
    network.train()
    return value
