"""Activations: the answers of a network's layers to pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.in_notebooks import InNotebooks
from mien.core.samples import Samples
from mien.core.words import did_you_mean
from mien.responses.body_card import BodyCard

OK = "ok"


@dataclass(frozen=True, eq=False)
class Activations(InNotebooks):
    """What named layers of one network answer to each picture.

    Attributes
    ----------
    samples : Samples
        The pictures; ``subject`` is the source of each (the person or object that it shows), which no fold splits.
    body : BodyCard
        The network, its weights and its exposure to faces.
    values : mapping of str to ndarray of float16 or float32
        For each layer, from the first on, shape (samples, channels) where maps were averaged over the picture, else
        (samples, channels, height, width) or whatever the layer gives. Those on disk are read when asked for.
    status : ndarray of str, shape (samples,)
        ``'ok'``, or why there is no answer (``'unreadable'``; ``'not finite'``: the network gave no finite numbers);
        such rows hold NaN.
    notes : tuple of str
        What has to be known of them, in sentences.

    Raises
    ------
    InputError
        If there is no layer, or rows do not match.

    Examples
    --------
    >>> import numpy as np, mien
    >>> from mien.responses.activations import Activations
    >>> from mien.responses.body_card import BodyCard
    >>> samples = mien.Samples(path=["a.jpg", "b.jpg"], subject=["a", "b"], labels={"category": ["face", "cup"]})
    >>> body = BodyCard("toy", "random, seed 0", "", "none", 32)
    >>> Activations(samples, body, {"conv": np.ones((2, 8), np.float32)}, np.array(["ok", "ok"])).layer("conv").shape
    (2, 8)
    """

    __repr__ = brief

    samples: Samples
    body: BodyCard
    values: Mapping[str, np.ndarray]
    status: np.ndarray
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not len(self.values):
            raise InputError("Activations: there is no layer.")
        if len(self.status) != len(self.samples):
            raise InputError(
                f"Activations: 'status' must have {len(self.samples)} values, one per picture, but has "
                f"{len(self.status)}."
            )
        if isinstance(self.values, dict):
            for name, values in self.values.items():
                if len(values) != len(self.samples):
                    raise InputError(
                        f"Activations: layer '{name}' must have {len(self.samples)} rows, one per picture, but has "
                        f"{len(values)}."
                    )

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers, from the first on."""
        return tuple(self.values)

    @property
    def ok(self) -> np.ndarray:
        """Which pictures were answered, shape (samples,), bool."""
        return self.status == OK

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of each layer's answer to one picture."""
        known: dict[str, tuple[int, ...]] | None = getattr(self.values, "shapes", None)
        return known or {name: values.shape[1:] for name, values in self.values.items()}

    def layer(self, name: str) -> np.ndarray:
        """Answers of one layer, a row for each picture.

        Parameters
        ----------
        name : str

        Returns
        -------
        ndarray of float32, shape (samples, features)
            Maps that were not averaged lie flat. NaN where a picture was not answered.

        Raises
        ------
        InputError
            If there is no such layer; the sentence says which there are.
        """
        if name not in self.values:
            raise InputError(
                f"There is no layer '{name}' in the activations of {self.body.name}."
                f"{did_you_mean(name, list(self.layers))} There are: {', '.join(self.layers)}."
            )
        values = np.asarray(self.values[name], dtype=np.float32)
        return values.reshape(len(values), -1)

    def __getitem__(self, rows: Any) -> Activations:
        """Rows by slice, mask or array of indices, in memory."""
        return replace(
            self, samples=self.samples[rows], values={name: self.values[name][rows] for name in self.layers},
            status=self.status[rows],
        )  # fmt: skip
