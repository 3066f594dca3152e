"""Losses of ratings: what a network is trained to make small.

All take predictions and ratings, (samples, ratings), and give one number, the mean over ratings. Ratings are
standardised in the training fold before they come here, so that an error of one is one standard deviation.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn import functional

from mien.core.errors import InputError

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
LOSSES = ("mse", "smooth-l1", "huber", "mse-correlation", "concordance")
# Keeps correlations of constant batches at zero, and their gradients finite.
SMALL = 1e-8


def loss_of(name: str, *, delta: float = 1.0, correlation_weight: float = 1.0) -> Loss:
    """The loss of that name.

    Parameters
    ----------
    name : str
        ``'mse'``: mean squared error. ``'smooth-l1'``: half the squared error divided by ``delta`` up to
        ``delta``, then linear. ``'huber'``: ``delta`` times that. ``'mse-correlation'``: mean squared error plus
        ``correlation_weight`` times ``1 - r**2`` with Pearson's r of the batch (Xiao et al., arXiv:2404.18352).
        ``'concordance'``: one minus Lin's (1989) concordance correlation of the batch.
    delta, correlation_weight : float

    Raises
    ------
    InputError
        If there is none.
    """
    if name not in LOSSES:
        raise InputError(f"loss is one of {', '.join(LOSSES)}, but got '{name}'.")
    if name in ("smooth-l1", "huber") and not delta > 0:
        raise InputError(f"delta is the error from which on a loss is linear, a number above 0, but got {delta}.")
    table: dict[str, Loss] = {
        "mse": functional.mse_loss,
        "smooth-l1": lambda told, y: functional.smooth_l1_loss(told, y, beta=delta),
        "huber": lambda told, y: functional.huber_loss(told, y, delta=delta),
        "mse-correlation": lambda told, y: (
            functional.mse_loss(told, y) + correlation_weight * (1 - squared_correlation(told, y)).mean()
        ),
        "concordance": lambda told, y: (1 - concordance(told, y)).mean(),
    }
    return table[name]


def _moments(told: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Variances and covariance of each rating over the batch."""
    a, b = told - told.mean(0), y - y.mean(0)
    return (a**2).mean(0), (b**2).mean(0), (a * b).mean(0)


def squared_correlation(told: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Pearson's r squared of each rating over the batch, (ratings,)."""
    first, second, both = _moments(told, y)
    return both**2 / (first * second + SMALL)


def concordance(told: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Lin's concordance correlation of each rating over the batch, (ratings,)."""
    first, second, both = _moments(told, y)
    return 2 * both / (first + second + (told.mean(0) - y.mean(0)) ** 2 + SMALL)
