"""Gradients of what networks on clips read out, without torch's graph: written out in few passes over the numbers.

tanh is taken from the logistic function, which torch computes four times as fast on a CPU; both agree to 1e-7.
"""

from __future__ import annotations

import torch

from mien.nets.landmarks.base import FLOOR, SLOW

# Numbers worked on at once: half a MiB, which stays in a processor's cache.
_CACHED = 2**17


def responses_slope(x: torch.Tensor, given: torch.Tensor, out: torch.Tensor | None = None) -> torch.Tensor:
    """Gradient of the weighted sum of ``responses``.

    Parameters
    ----------
    x : Tensor, shape (samples, channels, frames)
    given : Tensor, shape (channels, 3)
        Weights of mean, spread and share of time.
    out : Tensor, shape (samples, channels, frames), optional
        Where it is written.

    Returns
    -------
    Tensor, shape (samples, channels, frames)
    """
    result = torch.empty_like(x) if out is None else out
    # Four times all: tanh's own slope is 4 times what is called the leaning below.
    of_mean, of_spread, of_share = (4 / x.shape[2] * given[:, which, None] for which in range(3))
    few = max(1, _CACHED // max(1, x.shape[1] * x.shape[2]))
    for part, slope in zip(x.split(few), result.split(few), strict=True):
        gate = (part * 2).sigmoid_()
        # tanh = 2 gate - 1; its own slope, 1 - tanh^2, is 4 gate (1 - gate).
        leaning = torch.addcmul(gate, gate, gate, value=-1)
        mean = gate.mean(2, keepdim=True).mul_(2).sub_(1)
        square = leaning.mean(2, keepdim=True).mul_(-4).add_(1)
        away = of_spread / (square - mean.square()).clamp_min_(0).add_(FLOOR).sqrt_()
        inner = gate.mul_(2 * away).add_(of_mean - away * (1 + mean))
        # The slope of the logistic function of 4 x, over the leaning: 4 / (1 + tanh^2)^2 = 1 / (1 - 2 leaning)^2.
        share = torch.rsub(leaning, 1, alpha=2)
        share.mul_(share)
        inner.add_(torch.div(leaning, share, out=share).mul_(of_share))
        torch.mul(inner, leaning, out=slope)
    return result


def course_slope(
    x: torch.Tensor, pool: torch.Tensor, mean: torch.Tensor, square: torch.Tensor,
    of_mean: torch.Tensor, of_spread: torch.Tensor,
) -> torch.Tensor:  # fmt: skip
    """Gradient of the weighted sum of means and spreads in windows of time.

    Parameters
    ----------
    x : Tensor, shape (samples, components, frames)
    pool : Tensor, shape (frames, windows)
        Share of each frame in each window.
    mean, square : Tensor, shape (samples, components, windows)
        Means of ``x`` and of its squares in every window.
    of_mean, of_spread : Tensor, shape (samples or 1, components, windows)
        Weights.

    Returns
    -------
    Tensor, shape (samples, components, frames)
    """
    pull = of_spread / (square - mean.square()).clamp_min_(0).add_(FLOOR).sqrt_()
    return (pull @ pool.T).mul_(x).add_((of_mean - pull * mean) @ pool.T)


def speed_slope(x: torch.Tensor, pool: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
    """Gradient of the weighted sum of root mean square changes in windows of time.

    Parameters
    ----------
    x : Tensor, shape (samples, components, frames)
        Of two frames at least.
    pool : Tensor, shape (frames - 1, windows)
        Share of each change in each window.
    given : Tensor, shape (components, windows)
        Weights.

    Returns
    -------
    Tensor, shape (samples, components, frames)
    """
    change = x[..., 1:] - x[..., :-1]
    change.mul_((given / (change.square() @ pool).add_(SLOW).sqrt_()) @ pool.T)
    result = torch.zeros_like(x)
    result[..., 1:] += change
    result[..., :-1] -= change
    return result


class MotionSlope:
    """Gradient of the weighted sum of ``motion``, a frame at a time: first all frames forth, then each one's slope.

    Parameters
    ----------
    given : Tensor, shape (channels, 3)
        Weights of mean, spread and change.
    samples, frames : int
    """

    def __init__(self, given: torch.Tensor, samples: int, frames: int) -> None:
        self.frames = frames
        self.of_mean, self.of_spread, self.of_change = given.unbind(1)
        self.total, self.square, self.change = (given.new_zeros(samples, len(given)) for _ in range(3))

    def see(self, state: torch.Tensor, before: torch.Tensor | None) -> None:
        """A frame (samples, channels) and the one before it; the first has none."""
        self.total += state
        self.square.addcmul_(state, state)
        if before is not None:
            step = state - before
            self.change.addcmul_(step, step)

    def close(self) -> None:
        """All frames were seen."""
        steps, mean = max(1, self.frames - 1), self.total / self.frames
        variance = (self.square / self.frames - mean.square()).clamp_min_(0)
        pull = self.of_spread / self.frames / variance.add_(FLOOR).sqrt_()
        self.rest = self.of_mean / self.frames - pull * mean
        self.push = self.of_change / steps / (self.change / steps).add_(SLOW).sqrt_()
        # What a frame counts itself by how many neighbours it has.
        self.own = [pull + neighbours * self.push for neighbours in range(3)]

    def add_to(self, total: torch.Tensor, state: torch.Tensor, *around: torch.Tensor) -> None:
        """Add the slope at a frame, which depends on those around it, all (samples, channels), to ``total``."""
        total.addcmul_(self.own[len(around)], state).add_(self.rest)
        for other in around:
            total.addcmul_(self.push, other, value=-1)
