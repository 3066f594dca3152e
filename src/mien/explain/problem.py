"""What an explanation method gets and gives: one target, one batch of clean inputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from mien.core.errors import InputError
from mien.core.features import NAMED
from mien.core.progress import Progress
from mien.core.target import Target


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
        Inputs that stand for "nothing special"; none for methods that do not need them.
    output : callable, tensor (rows, ...) -> tensor (rows,)
        The explained output; differentiable where there is a ``module``.
    module : torch.nn.Module or None
        The network behind ``output``, in evaluation mode; None for models that only give scores.
    device : torch.device
        Where the network's parameters are.
    batch_size : int
        Most rows that may go through the network at once: this bounds the memory.
    space, names, topology
        What the values are, see ``Features``.
    reference : ndarray of float32, shape (rows, ...)
        Finite inputs that say what is usual (for mean fills and scales): those given as reference, else the samples.
    start : torch.nn.Module, optional
        Affine first part of the network; ``output`` of an input is ``rest`` of what it gives.
    rest : callable, tensor -> tensor (rows,), optional
    slopes : callable, tensor (rows, ...) -> tensor (rows, ...), optional
        The gradient of ``rest``, where the network knows a way to it that is faster than torch's.
    target : Target
    classes : tuple of str
        Names of the model's outputs.
    model : object
        What the user gave, for methods of one kind of model.
    seed : int
        For methods that draw numbers.
    progress : callable (done, total)
        To be called now and then.
    known : dict
        What methods learnt about the network that holds for other inputs as well; copies with other values share it.
    first : int
        Place of the first input among all samples that are explained: where samples are explained a few at a time, each
        draws its own numbers all the same.
    whole : int
        How many samples are explained altogether, where these are a few of them; 0: these are all.
    scores : ndarray of float64, shape (samples,), or None
        The explained output of the inputs, where it is known already.
    settled : dict
        What a method decided by looking at its first inputs, which holds for all the others; by name.
    """

    values: np.ndarray
    baselines: np.ndarray
    output: Callable[[torch.Tensor], torch.Tensor]
    module: torch.nn.Module | None
    device: torch.device
    batch_size: int
    space: str = NAMED
    names: tuple[str, ...] = ()
    topology: str = ""
    reference: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    start: torch.nn.Module | None = None
    rest: Callable[[torch.Tensor], torch.Tensor] | None = None
    slopes: Callable[[torch.Tensor], torch.Tensor] | None = None
    target: Target = field(default_factory=lambda: Target("output"))
    classes: tuple[str, ...] = ()
    model: Any = None
    seed: int = 0
    progress: Progress = silent
    known: dict[Any, Any] = field(default_factory=dict)
    first: int = 0
    whole: int = 0
    scores: np.ndarray | None = None
    settled: dict[str, Any] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many samples are explained altogether."""
        return self.whole or len(self.values)

    def settle(self, name: str, decide: Callable[[], Any]) -> Any:
        """What was decided under that name, or is decided now."""
        if name not in self.settled:
            self.settled[name] = decide()
        return self.settled[name]

    def of_other_inputs(self, values: np.ndarray, seed: int) -> Problem:
        """The same question about inputs that are no samples, such as noisy copies, with their own random numbers."""
        return replace(self, values=values, seed=seed, progress=silent, first=0, whole=0, scores=None)

    @property
    def network(self) -> torch.nn.Module:
        """The torch module.

        Raises
        ------
        InputError
            If the model has none.
        """
        if self.module is None:
            raise InputError("This method looks inside a network, but the model only gives scores.")
        return self.module

    def own_outputs(self) -> np.ndarray:
        """The explained output of the samples themselves; float64, shape (samples,)."""
        return self.outputs(self.values) if self.scores is None else self.scores

    def outputs(self, values: np.ndarray) -> np.ndarray:
        """The explained output of many inputs, in batches; float64, shape (rows,)."""
        parts = []
        with torch.no_grad():
            for start in range(0, len(values), self.batch_size):
                batch = torch.from_numpy(values[start : start + self.batch_size]).to(self.device)
                parts.append(self.output(batch).double().cpu().numpy())
        return np.concatenate(parts) if parts else np.zeros(0)


# Columns of sampled methods that were given a tolerance.
RELATIVE_ERROR, REACHED = "relative error", "tolerance reached"
# Columns of sampled methods that were asked for it: the correlation to be expected with a second run.
STABILITY, STABLE = "stability", "stability reached"
# Column of sampled methods whose values add up only on average: the standard error of the completeness gap.
GAP_ERROR = "gap error"
# Column (1 or 0) of pictures for whose SLIC segments a regular grid stands in.
GRIDDED = "grid instead of SLIC"


def precision_columns(relative_error: np.ndarray, tolerance: float) -> dict[str, np.ndarray]:
    """Columns ``RELATIVE_ERROR`` and ``REACHED`` (1 or 0) of each sample."""
    # What is written is float32, what the method looked at was not.
    return {RELATIVE_ERROR: relative_error, REACHED: (relative_error <= tolerance * (1 + 1e-6)).astype(np.float64)}


def stability_columns(correlation: np.ndarray, stability: float) -> dict[str, np.ndarray]:
    """Columns ``STABILITY`` and ``STABLE`` (1 or 0) of each sample."""
    # As above.
    return {STABILITY: correlation, STABLE: (correlation >= stability - 1e-6).astype(np.float64)}


@dataclass(frozen=True, eq=False)
class Attribution:
    """What a method found.

    Attributes
    ----------
    values : ndarray of float32, shape of ``Problem.values``
        Signed, in the unit of the explained output. For pictures and methods of one value per pixel:
        (samples, 1, height, width).
    gap : ndarray of float64, shape (samples,), or None
        Completeness gap; None for methods that promise no completeness.
    standard_error : ndarray of float32 or None
        Shape of ``values``, for sampled methods.
    columns : dict of str to ndarray, shape (samples,)
        Further numbers per sample, such as ``'r2'`` of a local model or ``'passes'`` through the network.
    facts : dict
        What was chosen on the way, such as the layer; goes into the evidence's settings.
    answered : ndarray of bool, shape (samples,), or None
        Rows where zero everywhere is the method's answer (no variance, no certified sign), not a network without
        slope.
    abstained : ndarray of bool, shape (samples,), or None
        Rows where the method, or a model that gives its own reasons, says that it cannot know.
    tallies : dict of str to (int, int)
        Sentences about so many of so many samples, with ``{some}`` and ``{all}`` in them; each becomes a note unless it
        is about none.
    missing : dict of int to (str, str)
        Rows without values because nobody computed them: status and reason.
    """

    values: np.ndarray
    gap: np.ndarray | None = None
    standard_error: np.ndarray | None = None
    columns: dict[str, np.ndarray] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    answered: np.ndarray | None = None
    abstained: np.ndarray | None = None
    tallies: dict[str, tuple[int, int]] = field(default_factory=dict)
    missing: dict[int, tuple[str, str]] = field(default_factory=dict)
