"""Recurrent networks: GRU and LSTM trained per label, or a random reservoir with a fitted read-out.

GRU: Cho et al., EMNLP 2014. LSTM: Hochreiter & Schmidhuber, Neural Computation 9 (1997). Echo-state network: Jaeger,
"The echo state approach to analysing and training recurrent neural networks", GMD report 148 (2001); with leaky units
as in Jaeger et al., Neural Networks 20 (2007).
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from mien.nets.landmarks.base import ClipNet, RandomNet, motion
from mien.nets.landmarks.slopes import MotionSlope


class RecurrentNets(ClipNet):
    """Binary recurrent networks, one per label and member, run side by side.

    Read out are each unit's mean over time and its last state. A frame that is padding leaves the state as it is.

    Parameters
    ----------
    components, labels, units, members : int
        Inputs, labels, hidden units per network, networks per label.
    dropout : float
        Share of what is read out dropped in training.
    """

    gates: int

    def __init__(self, components: int, labels: int, *, units: int, members: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.labels, self.members, self.units, self.dropout = labels, members, units, dropout
        nets = labels * members
        self.input = nn.Linear(components, nets * self.gates * units)
        self.recurrent = nn.Parameter(torch.randn(nets, units, self.gates * units) / math.sqrt(units))
        self.weight = nn.Parameter(torch.randn(nets, 2 * units) / math.sqrt(2 * units))
        self.bias = nn.Parameter(torch.zeros(nets))

    @abstractmethod
    def step(self, given: torch.Tensor, states: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        """States after a frame, each (networks, samples, units); the first one is what others see."""

    @abstractmethod
    def initial(self, zeros: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """States before the first frame."""

    def first(self, x: torch.Tensor) -> torch.Tensor:
        """Inputs of all gates, (samples, frames, networks x gates x units)."""
        gates: torch.Tensor = self.input(x.transpose(1, 2))
        return gates

    def read_out(self, first: torch.Tensor, present: torch.Tensor | None = None) -> torch.Tensor:
        """Logits (samples, members, labels)."""
        count, frames = first.shape[:2]
        nets = self.labels * self.members
        given = first.reshape(count, frames, nets, -1).permute(1, 2, 0, 3).contiguous()
        states = self.initial(given.new_zeros(nets, count, self.units))
        seen = []
        for frame in range(frames):
            after = self.step(given[frame], states)
            if present is not None:
                here = present[:, frame, None]
                after = tuple(old + here * (new - old) for new, old in zip(after, states, strict=True))
            states = after
            seen.append(states[0])
        shown = torch.stack(seen)
        if present is None:
            mean = shown.mean(0)
        else:
            mean = (shown * (present / present.sum(1, keepdim=True)).T[:, None, :, None]).sum(0)
        summary = functional.dropout(torch.cat([mean, states[0]], -1), self.dropout, self.training)
        logits = (summary * self.weight[:, None]).sum(-1) + self.bias[:, None]
        return logits.T.reshape(count, self.members, self.labels)

    def outputs(self, columns: Sequence[int]) -> RecurrentNets:
        """The same network with only these labels."""
        part = type(self)(
            self.input.in_features, len(columns), units=self.units, members=self.members, dropout=self.dropout
        )
        nets, state, size = self.places(columns), self.state_dict(), self.gates * self.units
        rows = (nets[:, None] * size + torch.arange(size)).flatten()
        part.load_state_dict({key: value[rows if key.startswith("input") else nets] for key, value in state.items()})
        return part


class GatedNets(RecurrentNets):
    """Gated recurrent units; the reset gate acts behind the recurrent product, as in cuDNN and torch."""

    gates = 3

    def initial(self, zeros: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Zero."""
        return (zeros,)

    def step(self, given: torch.Tensor, states: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        """One frame."""
        (state,) = states
        units = self.units
        before = torch.bmm(state, self.recurrent)
        gate = torch.sigmoid(given[..., : 2 * units] + before[..., : 2 * units])
        reset, keep = gate[..., :units], gate[..., units:]
        new = torch.tanh(given[..., 2 * units :] + reset * before[..., 2 * units :])
        return (new + keep * (state - new),)


class LongMemoryNets(RecurrentNets):
    """Long short-term memory; gates in the order in, forget, out, candidate."""

    gates = 4

    def __init__(self, components: int, labels: int, *, units: int, members: int, dropout: float = 0.0) -> None:
        super().__init__(components, labels, units=units, members=members, dropout=dropout)
        with torch.no_grad():
            # Forget gates start open (Gers, Schmidhuber & Cummins 2000).
            self.input.bias.reshape(-1, 4, units)[:, 1] += 1.0

    def initial(self, zeros: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Zero."""
        return zeros, zeros

    def step(self, given: torch.Tensor, states: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        """One frame."""
        state, memory = states
        units = self.units
        total = torch.baddbmm(given, state, self.recurrent)
        gate = torch.sigmoid(total[..., : 3 * units])
        memory = gate[..., units : 2 * units] * memory + gate[..., :units] * torch.tanh(total[..., 3 * units :])
        return gate[..., 2 * units :] * torch.tanh(memory), memory


class Reservoir(RandomNet):
    """Echo-state network: a random recurrent layer; features are its units' mean, spread and change over time.

    Parameters
    ----------
    components, labels, units : int
        Inputs, labels, units of the reservoir (shared by all labels).
    """

    hidden: torch.Tensor
    shift: torch.Tensor
    recurrent: torch.Tensor
    leak: torch.Tensor

    def __init__(self, components: int, labels: int, *, units: int) -> None:
        super().__init__(labels, 3 * units)
        self.register_buffer("hidden", torch.zeros(units, components))
        self.register_buffer("shift", torch.zeros(units))
        self.register_buffer("recurrent", torch.zeros(units, units))
        self.register_buffer("leak", torch.zeros(units))

    def draw(self, rng: np.random.Generator, clips: torch.Tensor) -> None:
        """Gaussian weights; spectral radius 0.9 (below 1: old inputs fade); units of different speeds."""
        units = len(self.shift)
        self.hidden.copy_(torch.from_numpy(rng.normal(size=self.hidden.shape)))
        size = torch.einsum("uc,bct->ubt", self.hidden, clips).std((1, 2)).clamp_min(1e-6)
        self.hidden /= size[:, None]
        self.shift.copy_(torch.from_numpy(rng.uniform(-0.5, 0.5, units)))
        recurrent = rng.normal(size=(units, units))
        radius = np.abs(np.linalg.eigvals(recurrent)).max()
        self.recurrent.copy_(torch.from_numpy(recurrent * (0.9 / radius)))
        self.leak.copy_(torch.from_numpy(np.exp(rng.uniform(math.log(0.3), 0.0, units))))

    def first(self, x: torch.Tensor) -> torch.Tensor:
        """Inputs of the units, (samples, frames, units)."""
        return functional.linear(x.transpose(1, 2), self.hidden, self.shift)

    def features(self, first: torch.Tensor, present: torch.Tensor | None = None) -> torch.Tensor:
        """Three summaries of every unit, (samples, 3 x units)."""
        state, seen = first.new_zeros(len(first), first.shape[2]), []
        weights = self.recurrent.T
        for given in first.unbind(1):
            state = state + self.leak * (torch.tanh(torch.addmm(given, state, weights)) - state)
            seen.append(state)
        return motion(torch.stack(seen, 2), present).flatten(1)

    def features_slope(self, first: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
        """Gradient of the features' weighted sum, shape of ``first``: forth and back through time by hand."""
        samples, frames, units = first.shape
        motion = MotionSlope(given.reshape(-1, 3), samples, frames)
        result, states = torch.empty_like(first), list(first.new_empty(frames, samples, units))
        weights, kept, steep = self.recurrent.T, 1 - self.leak, 4 * self.leak
        for frame, state in enumerate(states):
            # tanh(x) = 2 gate - 1 where the gate is the logistic function of 2 x; its own slope is 4 gate (1 - gate).
            inputs, before = first[:, frame], states[frame - 1] if frame else torch.zeros_like(state)
            gate = (torch.addmm(inputs, before, weights, beta=2, alpha=2) if frame else inputs * 2).sigmoid_()
            torch.mul(torch.addcmul(gate, gate, gate, value=-1), steep, out=result[:, frame])
            torch.lerp(before, gate.mul_(2).sub_(1), self.leak, out=state)
            motion.see(state, before if frame else None)
        motion.close()
        after = torch.zeros_like(states[0])
        for frame in reversed(range(frames)):
            if frame + 1 < frames:
                after.mul_(kept).addmm_(result[:, frame + 1], self.recurrent)
            motion.add_to(after, states[frame], *states[max(0, frame - 1) : frame], *states[frame + 1 : frame + 2])
            result[:, frame].mul_(after)
        return result

    def empty(self, labels: int) -> Reservoir:
        """A network of the same sizes for another number of labels."""
        units, components = self.hidden.shape
        return Reservoir(components, labels, units=units)
