"""What every stored model can do: predict, and be a differentiable torch module."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.core.errors import InputError

if TYPE_CHECKING:
    from torch import nn

TABULAR, SEQUENCE, PICTURES, TREES, RULES = "tabular", "sequence", "picture", "trees", "rules"


class Model(ABC):
    """A fitted model; plain arrays and plain values, so that it is stored without pickle.

    Attributes
    ----------
    kind : str
        Its name in ``model.json``, a key of ``catalogue.stored_kinds``.
    name : str
        What users call it, such as ``'expression'`` or ``'landmark-net'``.
    classes : tuple of str
        Names of the outputs; of models that predict ratings, the ratings.
    target : str
        Column of the samples that it predicts; several ratings are joined by ``', '``.
    recipe : dict
        How its features are computed, see ``mien.features.compute``.
    topology : str
        Points of a sequence model's input; ``''`` for named features.
    feature_names : tuple of str
        Names of ``Features`` that it was fitted on, in order.
    input_shape : tuple of int
        Shape of one sample.
    settings : dict
        Settings of the network or classifier.
    arrays : dict of str to ndarray
        Everything fitted.
    info : dict
        Training provenance: samples, subjects, seed, versions.
    """

    kind: str = ""
    # Whether ``module`` exists; where it does not, methods that need gradients refuse the model by name.
    differentiable: bool = True
    # What ``scores`` gives, in a word.
    explained: str = "logit"
    # Whether ``predict`` gives probabilities of 'classes' or 'ratings' in their own units.
    predicts: str = "classes"
    # Whether it takes NaN for a value that is not known.
    takes_gaps: bool = False
    # Models that it adds up, which are explained one by one.
    parts: Sequence[Model] = ()
    # SHA-256 of the stored arrays; empty for models that were neither stored nor read.
    weights_sha256: str = ""

    def __init__(
        self,
        *,
        name: str,
        classes: tuple[str, ...],
        target: str,
        recipe: dict[str, Any],
        feature_names: tuple[str, ...],
        input_shape: tuple[int, ...],
        settings: dict[str, Any],
        arrays: dict[str, np.ndarray],
        topology: str = "",
        info: dict[str, Any] | None = None,
    ) -> None:
        self.name, self.target, self.topology = name, target, topology
        self.classes = tuple(str(c) for c in classes)
        self.recipe, self.settings = dict(recipe), dict(settings)
        self.feature_names = tuple(feature_names)
        self.input_shape = tuple(int(n) for n in input_shape)
        self.arrays = {key: np.ascontiguousarray(value) for key, value in arrays.items()}
        self.info = dict(info or {})
        self._check_arrays()

    def __repr__(self) -> str:
        """One line: kind, target and outputs."""
        names = ", ".join(self.classes[:5]) + (", ..." if len(self.classes) > 5 else "")
        return f"{type(self).__name__}(name={self.name!r}, target={self.target!r}, {self.predicts}: {names})"

    @abstractmethod
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape that each array must have, by classes, input shape and settings."""

    def module(self) -> nn.Module:
        """A torch module in evaluation mode: float32 values (samples, \\*input_shape) -> logits (samples, classes).

        Differentiable, on the CPU, and a new one at each call.

        Raises
        ------
        InputError
            If the model is not differentiable.
        """
        raise InputError(f"The model '{self.name}' ({self.kind}) has no gradients.")

    def scores(self, values: np.ndarray) -> np.ndarray:
        """What is explained: one number per class, before it becomes a probability; shape (samples, classes)."""
        import torch

        with torch.no_grad():
            found: np.ndarray = self.module()(torch.from_numpy(self.check_values(values))).numpy()
        return found

    @abstractmethod
    def predict(self, values: np.ndarray) -> np.ndarray:
        """Probability of each class, each row sums to one; or each rating in its own unit (see ``predicts``).

        Parameters
        ----------
        values : ndarray, shape (samples, \\*input_shape)

        Returns
        -------
        ndarray of float64, shape (samples, classes)
        """

    def predict_classes(self, values: np.ndarray) -> np.ndarray:
        """The most probable class of each sample, shape (samples,)."""
        if self.predicts != "classes":
            raise InputError(f"The model '{self.name}' predicts ratings, not classes: use predict.")
        return np.array(self.classes, dtype=object)[self.predict(values).argmax(1)]

    def named_for(self, target: str, labels: tuple[str, ...]) -> Model:
        """The model as it answers about a column of samples; the same but for models that nobody trained."""
        return self

    def remarks(self, values: np.ndarray) -> list[str]:
        """What has to be known beside predictions of these values, in sentences."""
        return []

    def check_values(self, values: np.ndarray) -> np.ndarray:
        """Values as float32, refused if they are not what the model was trained on."""
        array = np.asarray(values, dtype=np.float32)
        if array.shape[1:] != self.input_shape:
            raise InputError(
                f"The model '{self.name}' takes values of shape (samples, {', '.join(map(str, self.input_shape))}), "
                f"but got {array.shape}. Compute them with the model's own recipe."
            )
        finite = np.isfinite(array) | np.isnan(array) if self.takes_gaps else np.isfinite(array)
        if not finite.all():
            raise InputError(
                "Some values are not finite; leave out samples whose status is not 'ok' before predicting."
            )
        return array

    def _check_arrays(self) -> None:
        wanted = self.shapes()
        if set(wanted) != set(self.arrays):
            odd = sorted(set(wanted) ^ set(self.arrays))[0]
            raise InputError(f"The model '{self.name}': the array '{odd}' is missing or does not belong to it.")
        for key, shape in wanted.items():
            if self.arrays[key].shape != shape:
                raise InputError(
                    f"The model '{self.name}': '{key}' must have shape {shape}, but has {self.arrays[key].shape}."
                )
            if not np.isfinite(self.arrays[key]).all():
                raise InputError(f"The model '{self.name}': '{key}' holds values that are not finite.")


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities whose logarithms differ as the logits do, (samples, classes)."""
    logits = np.asarray(logits, dtype=np.float64)
    exponentials = np.exp(logits - logits.max(1, keepdims=True)) if logits.size else logits
    return np.asarray(exponentials / exponentials.sum(1, keepdims=True))
