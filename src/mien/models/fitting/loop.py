"""Training of a whole network: batches, learning rates, and when to stop."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from mien.core.devices import CUDA
from mien.core.errors import InputError
from mien.models.fitting.alterations import Alteration, batches_of_epoch
from mien.models.fitting.losses import Loss
from mien.nets.device import device_of, full_precision
from mien.nets.series import SeriesNet
from mien.nets.zoo import Network as ImageNetwork
from mien.stats.folds import Fold, subject_folds

AT_ONCE = 32
Network = ImageNetwork | SeriesNet
# RMSprop and Adam with the constants of Keras, which published protocols mean.
OPTIMISERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "adamw": partial(torch.optim.AdamW, fused=True),
    "adam": partial(torch.optim.Adam, eps=1e-7, fused=True),
    "rmsprop": partial(torch.optim.RMSprop, alpha=0.9, eps=1e-7),
    "sgd": partial(torch.optim.SGD, momentum=0.9, fused=True),
}
SCHEDULES = ("cosine", "constant")


@dataclass(frozen=True)
class Plan:
    """How a network is trained; see ``mien.models.network.estimator.NetworkClassifier``.

    ``body_rate`` is the body's share of the learning rate; with 0 it stays as it is.

    Raises
    ------
    InputError
        If there is no such optimiser or schedule.
    """

    epochs: int
    patience: int
    batch_size: int
    learning_rate: float
    body_rate: float
    warm_up: int
    weight_decay: float
    alteration: Alteration
    mirror: bool
    seed: int
    device: str
    optimiser: str = "adamw"
    schedule: str = "cosine"

    def __post_init__(self) -> None:
        for name, value, known in (("optimiser", self.optimiser, OPTIMISERS), ("schedule", self.schedule, SCHEDULES)):
            if value not in known:
                raise InputError(f"{name} is one of {', '.join(known)}, but got '{value}'.")


@dataclass(frozen=True)
class History:
    """What happened: the loss of each epoch in training, what was watched in the validation part (smaller is better),
    and the epoch, counted from 1, whose weights were kept."""

    training: tuple[float, ...]
    watched: tuple[float, ...]
    best: int


def validation_fold(subjects: np.ndarray, y: np.ndarray | None, share: float, seed: int) -> Fold:
    """Rows to train on and rows to watch, of different people; (all, none) for a share of 0.

    Parameters
    ----------
    subjects : ndarray of str, shape (samples,)
    y : ndarray of str, optional
        Classes, spread over both parts as far as that goes.
    share : float
        Of people to be watched, about.

    Raises
    ------
    InputError
        If there are too few people.
    """
    if not share:
        return np.arange(len(subjects)), np.arange(0)
    people = len(np.unique(subjects))
    count = min(people, max(2, round(1 / share)))
    try:
        if y is not None:
            return subject_folds(subjects, y, n_folds=count, seed=seed)[0]
        return subject_folds(subjects, scheme="grouped", n_folds=count, seed=seed)[0]
    except InputError as error:
        raise InputError(
            f"Of {people} people no validation part for early stopping can be made ({error}) Give validation=0 to "
            "train for all epochs, or more people."
        ) from error


def fit_network(
    network: Network,
    crops: np.ndarray,
    goals: torch.Tensor,
    fold: Fold,
    loss: Loss,
    watch: Callable[[torch.Tensor, torch.Tensor], float],
    plan: Plan,
    progress: Callable[[int, int], None] | None = None,
) -> History:
    """Train a network in place; it ends with the weights of its best epoch, in evaluation mode on the CPU.

    Parameters
    ----------
    network : Network
    crops : ndarray of float32, shape (samples, 3, size, size)
        Or other inputs of the network, with a plan that leaves them unaltered.
    goals : Tensor, shape (samples, ...)
        What ``loss`` and ``watch`` take beside the outputs.
    fold : (training rows, watched rows)
        Without watched rows all epochs are trained and the last weights are kept.
    loss, watch : callable (outputs, goals)
        Of a batch; of all watched rows, smaller is better.
    plan : Plan
    progress : callable (done, total), optional
        Called after every epoch.

    Returns
    -------
    History

    Raises
    ------
    InputError
        If the loss is not a finite number any more.
    """
    rows, watched_rows = fold
    device = device_of(plan.device)
    rng = np.random.default_rng(plan.seed)
    network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = _optimiser(network, plan)
    per_epoch = max(1, len(rows) // plan.batch_size)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, plan.epochs * per_epoch)
    training: list[float] = []
    watched: list[float] = []
    best, kept = plan.epochs, None
    with torch.random.fork_rng(devices=[device] if device.type == CUDA else []), full_precision():
        torch.manual_seed(plan.seed)
        for epoch in range(plan.epochs):
            _set_mode(network, plan.body_rate == 0 or epoch < plan.warm_up)
            total = 0.0
            for batch in batches_of_epoch(rng, len(rows), plan.batch_size):
                chosen = np.sort(rows[batch])
                total += _step(network, crops[chosen], goals[chosen], loss, optimiser, plan, rng) * len(chosen)
                if plan.schedule == "cosine":
                    falling.step()
            training.append(total / len(rows))
            if len(watched_rows):
                value = watch(outputs_of(network, crops, watched_rows), goals[watched_rows])
                watched.append(value if math.isfinite(value) else math.inf)
                if kept is None or watched[-1] < watched[best - 1]:
                    best = epoch + 1
                    kept = {key: v.detach().cpu().clone() for key, v in network.state_dict().items()}
            if progress is not None:
                progress(epoch + 1, plan.epochs)
            if watched and epoch + 1 - best >= plan.patience:
                break
    network.to("cpu").eval().requires_grad_(False)
    if kept is not None:
        network.load_state_dict(kept)
    return History(tuple(training), tuple(watched), best)


def _optimiser(network: Network, plan: Plan) -> torch.optim.Optimizer:
    head = network.head_parameters()
    own = {id(p) for p in head}
    body = [p for p in network.parameters() if id(p) not in own]
    groups = [
        {"params": head, "lr": plan.learning_rate},
        {"params": body, "lr": plan.learning_rate * plan.body_rate},
    ]
    return OPTIMISERS[plan.optimiser](groups, weight_decay=plan.weight_decay)


def _set_mode(network: Network, head_only: bool) -> None:
    """Training mode; where only the head learns, the body and the statistics of its normalisation rest."""
    network.train(not head_only)
    network.requires_grad_(not head_only)
    for p in network.head_parameters():
        p.requires_grad_(True)


def _step(
    network: Network,
    crops: np.ndarray,
    goals: torch.Tensor,
    loss: Loss,
    optimiser: torch.optim.Optimizer,
    plan: Plan,
    rng: np.random.Generator,
) -> float:
    """One batch; its loss."""
    sides = rng.integers(0, 2 if plan.mirror else 1, len(crops))
    device = network.centre.device
    altered = plan.alteration(torch.from_numpy(crops), sides, rng).to(device)
    found = loss(network(altered), goals.to(device))
    value = float(found.detach())
    if not math.isfinite(value):
        raise InputError(
            f"Training came to a loss that is no number; make learning_rate smaller (it is {plan.learning_rate:g})."
        )
    optimiser.zero_grad(set_to_none=True)
    found.backward()
    optimiser.step()
    return value


def outputs_of(network: Network, crops: np.ndarray, rows: np.ndarray) -> torch.Tensor:
    """Outputs of unaltered crops in evaluation mode, (rows, outputs), on the CPU."""
    network.eval()
    device = network.centre.device
    with torch.no_grad():
        parts = [
            network(torch.from_numpy(crops[rows[i : i + AT_ONCE]]).to(device)).cpu()
            for i in range(0, len(rows), AT_ONCE)
        ]
    return torch.cat(parts)
