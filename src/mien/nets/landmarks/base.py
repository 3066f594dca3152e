"""What all networks on projected clips share: an affine first part, a smooth rest, and how time is summed up."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.overrides import has_torch_function

BETA = 4.0  # sharpness of the smooth maximum over time
FLOOR = 1e-3  # keeps the spread over time differentiable where nothing moves
SLOW = 1e-4  # the same for the change from frame to frame


class ClipNet(nn.Module):
    """Projected clips (samples, components, frames) -> logits (samples, labels), for any number of frames.

    Attributes
    ----------
    labels, members : int
        Labels, and networks per label whose logits are averaged.
    ignores_padding : bool
        Whether clips may be padded: frames whose ``present`` is 0 then change nothing.
    """

    labels: int
    members: int
    weight: nn.Parameter
    bias: nn.Parameter
    ignores_padding = True

    def head_parameters(self) -> list[nn.Parameter]:
        """Those of the last layer, which weighs what the rest gives."""
        return [self.weight, self.bias]

    @abstractmethod
    def first(self, x: torch.Tensor) -> torch.Tensor:
        """The affine first part."""

    @abstractmethod
    def read_out(self, first: torch.Tensor, present: torch.Tensor | None = None) -> torch.Tensor:
        """Logits (samples, members, labels) from what ``first`` gives."""

    @abstractmethod
    def outputs(self, columns: Sequence[int]) -> ClipNet:
        """The same network with only these labels."""

    def nets(self, x: torch.Tensor, present: torch.Tensor | None = None) -> torch.Tensor:
        """Logit of every network, (samples, members, labels).

        Parameters
        ----------
        x : Tensor, shape (samples, components, frames)
        present : Tensor, shape (samples, frames), optional
            1 for frames of the clip, 0 for padding.
        """
        return self.read_out(self.first(x if present is None else x * present[:, None]), present)

    def forward(self, x: torch.Tensor, present: torch.Tensor | None = None) -> torch.Tensor:
        """Mean logit over the members, (samples, labels)."""
        return self.nets(x, present).mean(1)

    def places(self, columns: Sequence[int]) -> torch.Tensor:
        """Numbers of these labels' networks among all networks."""
        return torch.tensor([member * self.labels + column for member in range(self.members) for column in columns])


class SlopedNet(ClipNet):
    """A network that knows its gradient in evaluation mode, faster than torch, which keeps a graph of every step."""

    @abstractmethod
    def slope(self, first: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
        """Gradient of the mean logits' sum, weighed by ``given`` (labels,), at every row of what ``first`` gives."""


class RandomNet(SlopedNet):
    """A network whose hidden part is drawn at random and only whose linear read-out is fitted.

    Parameters
    ----------
    labels, features : int
        Outputs, and features of a clip that the hidden part gives.

    Attributes
    ----------
    alike : bool
        Whether all features are brought to one size before the penalty. Direct links are not: directions in which
        faces hardly move would weigh as much as those in which they do.
    """

    alike = True

    def __init__(self, labels: int, features: int) -> None:
        super().__init__()
        self.labels, self.members = labels, 1
        self.weight = nn.Parameter(torch.zeros(labels, features))
        self.bias = nn.Parameter(torch.zeros(labels))

    @abstractmethod
    def draw(self, rng: np.random.Generator, clips: torch.Tensor) -> None:
        """Fill the frozen part; ``clips`` (samples, components, frames) say how large inputs are, without labels."""

    @abstractmethod
    def features(self, first: torch.Tensor, present: torch.Tensor | None = None) -> torch.Tensor:
        """What is read out, (samples, features), from what ``first`` gives."""

    def read_out(self, first: torch.Tensor, present: torch.Tensor | None = None) -> torch.Tensor:
        """Logits (samples, 1, labels)."""
        return functional.linear(self.features(first, present), self.weight, self.bias)[:, None]

    @abstractmethod
    def features_slope(self, first: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
        """Gradient of the features' sum, weighed by ``given`` (features,), at every row of what ``first`` gives."""

    def slope(self, first: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
        """Gradient of the logits' sum, weighed by ``given`` (labels,), at every row of what ``first`` gives."""
        with torch.no_grad():
            return self.features_slope(first, given.to(self.weight) @ self.weight)

    def outputs(self, columns: Sequence[int]) -> ClipNet:
        """The same network with only these labels; the hidden part is shared."""
        part = self.empty(len(columns))
        state = dict(self.state_dict())
        state |= {"weight": state["weight"][list(columns)], "bias": state["bias"][list(columns)]}
        part.load_state_dict(state)
        return part

    @abstractmethod
    def empty(self, labels: int) -> RandomNet:
        """A network of the same sizes for another number of labels."""


def smooth_summaries(x: torch.Tensor, present: torch.Tensor | None = None, *, fused: bool = True) -> torch.Tensor:
    """``summaries`` of SiLU(x), (samples, channels, frames) -> (samples, channels, 3).

    ``fused``: in few passes over the numbers, which is several times faster forth and back; equal but for rounding.
    Who watches torch's functions, as DeepLIFT does, meets those of one number each.
    """
    watched = has_torch_function((x,))
    if fused and present is None and not watched:
        result: torch.Tensor = _Fused.apply(x)
        return result
    return summaries(functional.silu(x), present, by_parts=watched)


class _Fused(torch.autograd.Function):
    """``summaries`` of SiLU with the gradient written out; second derivatives go the plain way."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        gate = torch.sigmoid(x)
        activity = x * gate
        high = activity.amax(2, keepdim=True)
        share = (activity - high).mul_(BETA).exp_()
        total = share.sum(2, keepdim=True)
        mean = activity.mean(2, keepdim=True)
        away = activity - mean
        spread = torch.linalg.vector_norm(away, dim=2, keepdim=True).square_().div_(x.shape[2]).add_(FLOOR).sqrt_()
        ctx.save_for_backward(x, gate, activity, share, total, away, spread)
        peak = (total / x.shape[2]).log_().div_(BETA).add_(high)
        return torch.cat([mean, peak, spread], 2)

    @staticmethod
    def backward(ctx: Any, *slopes: torch.Tensor) -> torch.Tensor:
        x, gate, activity, share, total, away, spread = ctx.saved_tensors
        if torch.is_grad_enabled():
            (plain,) = torch.autograd.grad(summaries(functional.silu(x)), x, slopes[0], create_graph=True)
            return plain
        of_mean, of_peak, of_spread = slopes[0].split(1, 2)
        # d peak = the frame's share of the sum of exponentials; d spread = distance from the mean / (frames * spread).
        slope = torch.addcmul(of_mean / x.shape[2], share, of_peak / total)
        slope.addcmul_(away, of_spread / (spread * x.shape[2]))
        # SiLU's own slope: gate + activity - activity * gate.
        return slope.mul_(torch.addcmul(gate, activity, gate, value=-1).add_(activity))


def summaries(activity: torch.Tensor, present: torch.Tensor | None = None, *, by_parts: bool = False) -> torch.Tensor:
    """Mean, smooth maximum and spread over time, (samples, channels, frames) -> (samples, channels, 3).

    ``by_parts``: all in functions of one number each, for rules that add up over these; without what keeps
    exponentials small, so in double precision.
    """
    if by_parts:
        share = _present(activity, present).double()
        share = share / share.sum(2, keepdim=True)
        wide = activity.double()
        mean = (wide * share).sum(2)
        peak = ((wide * BETA).exp() * share).sum(2).log()
        variance = ((wide - mean[..., None]).square() * share).sum(2)
        return torch.stack([mean, peak / BETA, (variance + FLOOR).sqrt()], -1).to(activity.dtype)
    if present is None:
        mean = activity.mean(2)
        peak = torch.logsumexp(activity * BETA, 2) - math.log(activity.shape[2])
        variance = (activity - mean[..., None]).square().mean(2)
    else:
        share = (present / present.sum(1, keepdim=True))[:, None]
        mean = (activity * share).sum(2)
        high = activity.amax(2, keepdim=True).detach()
        peak = ((activity - high) * BETA).exp().mul(share).sum(2).log() + high[..., 0] * BETA
        variance = ((activity - mean[..., None]).square() * share).sum(2)
    return torch.stack([mean, peak / BETA, (variance + FLOOR).sqrt()], -1)


def _present(x: torch.Tensor, present: torch.Tensor | None) -> torch.Tensor:
    """1 for frames that are there, (samples, 1, frames)."""
    return torch.ones_like(x[:, :1]) if present is None else present[:, None]


def responses(x: torch.Tensor, present: torch.Tensor | None = None, *, fused: bool = True) -> torch.Tensor:
    """Mean and spread of tanh(x) over time and the share of time in which x is positive, smoothed.

    The share of positive values is what makes random kernels work in ROCKET (Dempster et al. 2020); here through a
    logistic function, so that it has a slope.

    Parameters
    ----------
    x : Tensor, shape (samples, channels, frames)
    present : Tensor, shape (samples, frames), optional
    fused : bool
        In few passes over the numbers, unless somebody watches these; see ``smooth_summaries``.

    Returns
    -------
    Tensor, shape (samples, channels, 3)
    """
    if fused and present is None and not has_torch_function((x,)):
        result: torch.Tensor = _FusedResponses.apply(x)
        return result
    weight = _present(x, present)
    weight = weight / weight.sum(2, keepdim=True)
    active = torch.tanh(x)
    mean = (active * weight).sum(2)
    spread = (((active - mean[..., None]).square() * weight).sum(2) + FLOOR).sqrt()
    return torch.stack([mean, spread, (torch.sigmoid(BETA * x) * weight).sum(2)], -1)


class _FusedResponses(torch.autograd.Function):
    """``responses`` with the gradient written out; second derivatives go the plain way.

    The logistic function of 4 x is 1/2 + q with q = tanh(x) / (1 + tanh(x)^2): one transcendental function is enough.
    """

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        active = torch.tanh(x)
        half = active.square().add_(1).reciprocal_().mul_(active)
        mean = active.mean(2, keepdim=True)
        away = active - mean
        spread = torch.linalg.vector_norm(away, dim=2, keepdim=True).square_().div_(x.shape[2]).add_(FLOOR).sqrt_()
        ctx.save_for_backward(x, active, half, away, spread)
        return torch.cat([mean, spread, half.mean(2, keepdim=True).add_(0.5)], 2)

    @staticmethod
    def backward(ctx: Any, *slopes: torch.Tensor) -> torch.Tensor:
        x, active, half, away, spread = ctx.saved_tensors
        if torch.is_grad_enabled():
            (plain,) = torch.autograd.grad(responses(x, fused=False), x, slopes[0], create_graph=True)
            return plain
        of_mean, of_spread, of_share = (slopes[0] / x.shape[2]).split(1, 2)
        slope = torch.addcmul(of_mean, away, of_spread / spread)
        slope = torch.addcmul(slope, slope * active, active, value=-1)  # tanh's own slope: 1 - tanh^2
        # The logistic function's: 4 (1/2 + q) (1/2 - q).
        return slope.add_(of_share).addcmul_(half * half, of_share, value=-4)


def motion(x: torch.Tensor, present: torch.Tensor | None = None) -> torch.Tensor:
    """Mean and spread over time, and the root mean square change from frame to frame.

    Parameters
    ----------
    x : Tensor, shape (samples, channels, frames)
    present : Tensor, shape (samples, frames), optional

    Returns
    -------
    Tensor, shape (samples, channels, 3)
    """
    weight = _present(x, present)
    both = weight[..., 1:] * weight[..., :-1]
    weight, both = weight / weight.sum(2, keepdim=True), both / both.sum(2, keepdim=True).clamp_min(1)
    mean = (x * weight).sum(2)
    spread = (((x - mean[..., None]).square() * weight).sum(2) + FLOOR).sqrt()
    change = (x[..., 1:] - x[..., :-1]).square()
    return torch.stack([mean, spread, ((change * both).sum(2) + SLOW).sqrt()], -1)
