"""Gradients of what randomised networks read out, without torch's graph: what is read out is weighed by constants.

The read-out is linear, so the weights of the features are the same everywhere, and the way back needs nothing but the
hidden activity: it is written out here in few passes over the numbers, a part at a time that stays in a processor's
cache. tanh is taken from the logistic function, which torch computes four times as fast on a CPU; both agree to 1e-7.
"""

from __future__ import annotations

import torch

from mien.nets.landmarks.base import FLOOR, SLOW

# Numbers worked on at once: half a MiB.
_CACHED = 2**17


def responses_slope(x: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
    """Gradient of the weighted sum of ``responses``.

    Parameters
    ----------
    x : Tensor, shape (samples, channels, frames)
    given : Tensor, shape (channels, 3)
        Weights of mean, spread and share of time.

    Returns
    -------
    Tensor, shape (samples, channels, frames)
    """
    frames, result = x.shape[2], torch.empty_like(x)
    of_mean, of_spread, of_share = (4 / frames * given[:, which, None] for which in range(3))
    few = max(1, _CACHED // max(1, x[0].numel())) if len(x) else 1
    for part, slope in zip(x.split(few), result.split(few), strict=True):
        gate = torch.sigmoid(part * 2)
        # tanh = 2 gate - 1, its own slope 1 - tanh^2 = 4 leaning.
        leaning = torch.addcmul(gate, gate, gate, value=-1)
        mean = gate.mean(2, keepdim=True).mul_(2).sub_(1)
        square = leaning.mean(2, keepdim=True).mul_(-4).add_(1)
        away = of_spread / (square - mean.square()).clamp_min_(0).add_(FLOOR).sqrt_()
        inner = gate.mul_(2 * away).add_(of_mean - away * (1 + mean))
        # The logistic function of 4 x has the slope 4 leaning / (2 - 4 leaning)^2 / (1/4), up to 1.
        share = torch.rsub(leaning, 1, alpha=2)
        inner.add_(torch.div(leaning, share.square_()).mul_(of_share))
        torch.mul(inner, leaning, out=slope)
    return result


def motion_slope(seen: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
    """Gradient of the weighted sum of ``motion``, with time first.

    Parameters
    ----------
    seen : Tensor, shape (frames, samples, channels)
    given : Tensor, shape (channels, 3)
        Weights of mean, spread and change.

    Returns
    -------
    Tensor, shape (frames, samples, channels)
    """
    frames = len(seen)
    of_mean, of_spread, of_change = given.T / frames
    mean = seen.mean(0)
    slope = seen - mean
    spread = (torch.linalg.vector_norm(slope, dim=0).square() / frames + FLOOR).sqrt()
    slope.mul_(of_spread / spread).add_(of_mean)
    if frames > 1:
        change = seen[1:] - seen[:-1]
        size = (torch.linalg.vector_norm(change, dim=0).square() / (frames - 1) + SLOW).sqrt()
        change.mul_(of_change * (frames / (frames - 1)) / size)
        slope[1:] += change
        slope[:-1] -= change
    return slope
