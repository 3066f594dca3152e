"""What an explanation method gets and gives: one target, one batch of clean inputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

Progress = Callable[[int, int], None]


def silent(done: int, total: int) -> None:
    """The progress of those who did not ask for one."""


@dataclass(frozen=True, eq=False)
class Problem:
    """One target of one model on finite inputs; everything a method may use.

    Attributes
    ----------
    values : ndarray of float32, shape (samples, ...)
        Inputs of the model, all finite.
    baselines : ndarray of float32, shape (baselines, ...)
        Inputs that stand for "nothing special".
    output : callable, tensor (rows, ...) -> tensor (rows,)
        The explained output; differentiable.
    module : torch.nn.Module
        The network behind ``output``, in evaluation mode, for methods that look at its layers.
    device : torch.device
        Where the network's parameters are.
    batch_size : int
        Most rows that may go through the network at once: this bounds the memory.
    start : torch.nn.Module, optional
        Affine first part of the network; ``output`` of an input is ``rest`` of what it gives.
    rest : callable, tensor -> tensor (rows,), optional
    seed : int
        For methods that draw numbers.
    progress : callable (done, total)
        To be called now and then.
    """

    values: np.ndarray
    baselines: np.ndarray
    output: Callable[[torch.Tensor], torch.Tensor]
    module: torch.nn.Module
    device: torch.device
    batch_size: int
    start: torch.nn.Module | None = None
    rest: Callable[[torch.Tensor], torch.Tensor] | None = None
    seed: int = 0
    progress: Progress = silent

    def outputs(self, values: np.ndarray) -> np.ndarray:
        """The explained output of many inputs, in batches; float64, shape (rows,)."""
        parts = []
        with torch.no_grad():
            for start in range(0, len(values), self.batch_size):
                batch = torch.from_numpy(values[start : start + self.batch_size]).to(self.device)
                parts.append(self.output(batch).double().cpu().numpy())
        return np.concatenate(parts) if parts else np.zeros(0)


@dataclass(frozen=True, eq=False)
class Attribution:
    """What a method found.

    Attributes
    ----------
    values : ndarray of float32, shape of ``Problem.values``
        Signed, in the unit of the explained output.
    gap : ndarray of float64, shape (samples,), or None
        Completeness gap; None for methods that promise no completeness.
    standard_error : ndarray of float32 or None
        Shape of ``values``, for sampled methods.
    """

    values: np.ndarray
    gap: np.ndarray | None = None
    standard_error: np.ndarray | None = None
