"""One hidden layer on a clip cut into a few windows of time: trained per label, or random beside direct links.

Random vector functional link: Pao, Park & Sobajic, "Learning and generalization characteristics of the random vector
functional-link net", Neurocomputing 6 (1994). Random features in general: Rahimi & Recht, NIPS 2008.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from mien.nets.landmarks.base import FLOOR, SLOW, RandomNet, SlopedNet, responses
from mien.nets.landmarks.slopes import course_slope, responses_slope, speed_slope

# How much a random unit makes of a change between two frames, beside the frame itself.
CHANGE = 3.0


def course(x: torch.Tensor, windows: int) -> torch.Tensor:
    """Mean and spread of every component in each window of time: where it is, and whether it goes to and fro.

    Means alone would tell a nod from a head shake only by its phase, which differs from clip to clip.

    Parameters
    ----------
    x : Tensor, shape (samples, components, frames)
    windows : int

    Returns
    -------
    Tensor, shape (samples, 2 x components x windows)
    """
    return _course(*_moments(x, _pool(x, windows)))


def _course(mean: torch.Tensor, square: torch.Tensor) -> torch.Tensor:
    return torch.cat([mean, ((square - mean.square()).clamp_min(0) + FLOOR).sqrt()], 2).flatten(1)


def _moments(x: torch.Tensor, pool: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Means of every component and of its squares in each window, (samples, components, windows)."""
    return x @ pool, x.square() @ pool


def speed_in_windows(x: torch.Tensor, windows: int) -> torch.Tensor:
    """Root mean square change per frame of every component in each window of time.

    (samples, components, frames) -> (samples, components x windows).
    """
    change = x[..., 1:] - x[..., :-1] if x.shape[2] > 1 else torch.zeros_like(x)  # one frame stands still
    return (change.square() @ _pool(change, windows) + SLOW).sqrt().flatten(1)


def _pool(x: torch.Tensor, windows: int) -> torch.Tensor:
    """A product with this matrix averages over windows: much faster than means over a few frames each."""
    frames = torch.eye(x.shape[2], dtype=x.dtype, device=x.device)
    return functional.adaptive_avg_pool1d(frames[None], windows)[0]


class Perceptrons(SlopedNet):
    """Binary networks with one hidden layer, one per label and member.

    Parameters
    ----------
    components, labels, units, windows, members : int
        Inputs per window, labels, hidden units per network, windows of time, networks per label.
    dropout : float
        Share of the hidden units dropped in training.
    """

    ignores_padding = False

    def __init__(
        self, components: int, labels: int, *, units: int, windows: int, members: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.labels, self.members, self.dropout, self.windows = labels, members, dropout, windows
        self.hidden = nn.Linear(2 * components * windows, labels * members * units)
        self.weight = nn.Parameter(torch.randn(labels * members, units) / math.sqrt(units))
        self.bias = nn.Parameter(torch.zeros(labels * members))

    def first(self, x: torch.Tensor) -> torch.Tensor:
        """The clip as it is, (samples, components, frames)."""
        return x

    def read_out(self, first: torch.Tensor, present: torch.Tensor | None = None) -> torch.Tensor:
        """Logits (samples, members, labels)."""
        active = functional.silu(self.hidden(course(first, self.windows)))
        active = functional.dropout(active, self.dropout, self.training)
        logits = (active.reshape(len(first), *self.weight.shape) * self.weight).sum(-1) + self.bias
        return logits.reshape(len(first), self.members, self.labels)

    def slope(self, first: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
        """Gradient of the logits' sum, weighed by ``given`` (labels,), at every row of what ``first`` gives."""
        with torch.no_grad():
            pool = _pool(first, self.windows)
            moments = _moments(first, pool)
            total = self.hidden(_course(*moments))
            gate = torch.sigmoid(total)
            # SiLU's own slope: gate + x gate (1 - gate).
            active = torch.addcmul(gate, total.mul_(gate), 1 - gate)
            weight = self.weight * (given.to(self.weight) / self.members).repeat(self.members)[:, None]
            of_course = active.mul_(weight.flatten()) @ self.hidden.weight
            of_mean, of_spread = of_course.reshape(*first.shape[:2], -1).chunk(2, 2)
            return course_slope(first, pool, *moments, of_mean, of_spread)

    def outputs(self, columns: Sequence[int]) -> Perceptrons:
        """The same network with only these labels."""
        units = self.weight.shape[1]
        part = Perceptrons(
            self.hidden.in_features // (2 * self.windows),
            len(columns),
            units=units,
            windows=self.windows,
            members=self.members,
            dropout=self.dropout,
        )
        nets, state = self.places(columns), self.state_dict()
        rows = (nets[:, None] * units + torch.arange(units)).flatten()
        part.load_state_dict({key: value[rows if key.startswith("hidden") else nets] for key, value in state.items()})
        return part


class RandomLinks(RandomNet):
    """Random vector functional link: random hidden units on every frame, and direct links from input to output.

    A hidden unit sees a frame and its change since the frame before; what it says is summed up over time. The direct
    links are mean and spread of every component in each window of time, and the size of its change there.

    Parameters
    ----------
    components, labels, units, windows : int
        Inputs per frame, labels, hidden units (shared by all labels), windows of time of the direct links.
    """

    ignores_padding = False
    alike = False
    hidden: torch.Tensor
    shift: torch.Tensor

    def __init__(self, components: int, labels: int, *, units: int, windows: int) -> None:
        super().__init__(labels, 3 * components * windows + 3 * units)
        self.windows = windows
        self.register_buffer("hidden", torch.zeros(units, 2 * components))
        self.register_buffer("shift", torch.zeros(units))

    def draw(self, rng: np.random.Generator, clips: torch.Tensor) -> None:
        """Gaussian weights scaled to sums of unit size, uniform shifts."""
        self.hidden.copy_(torch.from_numpy(rng.normal(size=self.hidden.shape)))
        self.shift.zero_()
        self.hidden /= self._sums(clips).std((0, 2)).clamp_min(1e-6)[:, None]
        self.shift.copy_(torch.from_numpy(rng.uniform(-1, 1, len(self.shift))))

    def _sums(self, x: torch.Tensor) -> torch.Tensor:
        """What hidden units get from every frame and its change, (samples, units, frames); affine."""
        change = functional.pad(x[..., 1:] - x[..., :-1], (1, 0)) * CHANGE
        return functional.conv1d(torch.cat([x, change], 1), self.hidden[..., None], self.shift)

    def first(self, x: torch.Tensor) -> torch.Tensor:
        """The clip as it is and what hidden units get from it, (samples, components + units, frames)."""
        return torch.cat([x, self._sums(x)], 1)

    def features(self, first: torch.Tensor, present: torch.Tensor | None = None) -> torch.Tensor:
        """Direct links as they are, then three summaries of every hidden unit."""
        units, inputs = self.hidden.shape
        clip, sums = first.split([inputs // 2, units], 1)
        direct = torch.cat([course(clip, self.windows), speed_in_windows(clip, self.windows)], 1)
        return torch.cat([direct, responses(sums).flatten(1)], 1)

    def features_slope(self, first: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
        """Gradient of the features' weighted sum, shape of ``first``."""
        units, inputs = self.hidden.shape
        sizes, result = [inputs // 2, units], torch.empty_like(first)
        clip, sums = first.split(sizes, 1)
        of_clip, of_sums = result.split(sizes, 1)
        course_given, speed_given, summed = given.split(
            [size * self.windows for size in (inputs, inputs // 2)] + [3 * units]
        )
        of_mean, of_spread = course_given.reshape(1, inputs // 2, -1).chunk(2, 2)
        speed_given = speed_given.reshape(inputs // 2, -1)
        pool = _pool(clip, self.windows)
        of_clip.copy_(course_slope(clip, pool, *_moments(clip, pool), of_mean, of_spread))
        if clip.shape[2] > 1:
            of_clip += speed_slope(clip, _pool(clip[..., 1:], self.windows), speed_given)
        responses_slope(sums, summed.reshape(-1, 3), of_sums)
        return result

    def empty(self, labels: int) -> RandomLinks:
        """A network of the same sizes for another number of labels."""
        units, inputs = self.hidden.shape
        return RandomLinks(inputs // 2, labels, units=units, windows=self.windows)
