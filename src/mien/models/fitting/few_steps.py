"""A few steps on the last layer of a trained network, for samples that are not like those it was trained on."""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import nn
from torch.nn import functional

AT_ONCE = 64
LEARNING_RATE = 0.01


def with_trained_head(module: nn.Module, values: np.ndarray, codes: np.ndarray, steps: int) -> nn.Module:
    """A copy of a network whose last layer was trained on some samples; everything before it stays as it is.

    Parameters
    ----------
    module : Module
        In evaluation mode; its ``head_parameters`` are trained.
    values : ndarray of float32, shape (samples, ...)
    codes : ndarray of int, shape (samples,)
        Classes, as places among the outputs.
    steps : int
        Of Adam (Kingma & Ba 2015, arXiv:1412.6980) on the cross-entropy of all samples.
    """
    found = copy.deepcopy(module).eval().requires_grad_(False)
    head = found.head_parameters()  # type: ignore[operator]
    for part in head:
        part.requires_grad_(True)
    optimiser = torch.optim.Adam(head, lr=LEARNING_RATE)
    inputs, goals = torch.from_numpy(np.asarray(values, dtype=np.float32)), torch.from_numpy(codes)
    for _ in range(steps):
        optimiser.zero_grad(set_to_none=True)
        for start in range(0, len(inputs), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            loss = functional.cross_entropy(found(inputs[part]), goals[part], reduction="sum") / len(inputs)
            loss.backward()
        optimiser.step()
    return found.requires_grad_(False)


def answers(module: nn.Module, values: np.ndarray) -> np.ndarray:
    """The class of each sample, as a place among the outputs, (samples,)."""
    inputs = torch.from_numpy(np.asarray(values, dtype=np.float32))
    with torch.no_grad():
        parts = [module(inputs[i : i + AT_ONCE]).argmax(1) for i in range(0, len(inputs), AT_ONCE)]
    return np.asarray(torch.cat(parts).numpy())
