"""What is to be explained, from whatever the caller has: samples, features or a plain array."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.features import NAMED, PICTURE, SEQUENCE, Features
from mien.core.people.keys import known_people
from mien.core.placing import place_columns
from mien.core.samples import Samples
from mien.core.topology import topology_of_count
from mien.explain.networks import ExplainedModel
from mien.explain.people import people_once
from mien.explain.shapes import space_of
from mien.explain.tables import columns_of_model, is_table, numbers_of_table
from mien.features.match import choose, files_of


@dataclass(frozen=True, eq=False)
class Inputs:
    """Features with who and what each row is; arrays of str of shape (samples,).

    ``synthetic``: see ``Samples``. ``gaps``: whether features may be missing. ``places``: where each row lies in its
    photo, see ``mien.core.placing``.
    """

    features: Features
    sample: np.ndarray
    subject: np.ndarray
    label: np.ndarray
    synthetic: bool = False
    notes: tuple[str, ...] = ()
    gaps: bool = False
    places: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def usable(self) -> np.ndarray:
        """Mask of the rows whose features exist and are finite; with ``gaps`` some of them may be missing."""
        values = self.features.values
        if self.gaps:
            return self.features.ok & ~np.isinf(values).any(axis=1)
        return self.features.ok & np.isfinite(values.reshape(len(values), int(np.prod(values.shape[1:])))).all(axis=1)


def inputs_of(
    samples: Any,
    network: ExplainedModel,
    *,
    faces: Faces | str | Path | None = None,
    subjects: Any = None,
    ids: Any = None,
    labels: Any = None,
    names: Any = None,
    space: str | None = None,
) -> Inputs:
    """Features and identities of the rows to be explained.

    Parameters
    ----------
    samples : Samples, str, Path, Features, DataFrame or array
        A str or Path is read with ``read_samples``. Arrays: (samples, features), (samples, frames, landmarks,
        coordinates) or (samples, channels, height, width). The columns of a pandas DataFrame name the features; where
        the model knows the columns it was fitted on, they are matched by name.
    network : ExplainedModel
        Its recipe computes the features of ``Samples``.
    faces : Faces or folder, optional
        Where the samples' faces are.
    subjects, ids, labels : sequence of str, optional
        Of the rows: who is shown, what each is called, its label; taken from ``Samples`` if not given.
    names, space : optional
        For arrays: names of features, coordinates or channels, and the space, see ``Features``.

    Raises
    ------
    InputError
        If a plain module is asked about samples (it has no feature recipe), or lengths differ.
    """
    if isinstance(samples, (str, Path)):
        from mien.data.samples import read_samples

        samples = read_samples(str(samples))
    notes: list[str] = []
    places: dict[str, np.ndarray] = {}
    if isinstance(samples, Samples):
        found = _faces_of(samples, network, faces)
        features, places = _features_of(samples, network, found)
        known = samples.labels.get(network.label, np.full(len(samples), "", dtype=object))
        sample, choices = samples.path, choose(samples, found)
        files = files_of(samples, found, choices)
        subject, notes = people_once(samples.subject, sample, features.values, network.model, files, choices, found)
    else:
        if faces is not None and not isinstance(samples, Features):
            raise InputError(
                "faces=... belongs to samples that are pictures or clips; an array or table of inputs has none. Leave "
                "faces out."
            )
        samples, notes = columns_of_model(samples, network.model)
        features = samples if isinstance(samples, Features) else as_features(samples, names=names, space=space)
        notes += _about_whole_numbers(samples, features)
        sample = np.array([str(i) for i in range(len(features))], dtype=object)
        subject = known = np.full(len(features), "", dtype=object)
    if subjects is not None:
        subject, spelt = known_people(_column("subjects", subjects, subject))
        subject, said = people_once(subject, _column("ids", ids, sample), features.values, network.model)
        notes = [*notes, *spelt, *said]
    return Inputs(
        features=features,
        sample=_column("ids", ids, sample),
        subject=subject,
        label=_column("labels", labels, known),
        synthetic=isinstance(samples, Samples) and samples.synthetic,
        notes=tuple(notes),
        places=places,
    )


def read_as_asked(samples: Any, settings: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Samples, read from their table where the settings say how, and the settings without what says so.

    Raises
    ------
    InputError
        As ``mien.data.samples.given_samples``.
    """
    from mien.data.samples import given_samples

    names = ["subject_pattern", "columns", "missing", "same"]
    # Beside an array 'labels' are those of its rows.
    names += ["labels"] if isinstance(samples, (str, Path)) else []
    asked = {name: settings[name] for name in names if settings.get(name) is not None}
    return given_samples(samples, **asked), {name: v for name, v in settings.items() if name not in names}


def _faces_of(samples: Samples, network: ExplainedModel, faces: Faces | str | Path | None) -> Faces:
    """The samples' faces; none where the model looks at none."""
    if not network.recipe:
        raise InputError(
            "A plain module or function has no feature recipe, so it cannot be asked about samples; "
            "give it Features or an array of its inputs."
        )
    from mien.learn.table import load

    return load(samples, faces, network.recipe)[1]


def _features_of(samples: Samples, network: ExplainedModel, faces: Faces) -> tuple[Features, dict[str, np.ndarray]]:
    """Features, and of crops where they lie in their photos."""
    from mien.features import compute

    features = compute(network.recipe, samples, faces)
    if features.recipe.get("name") != "crop":
        return features, {}
    from mien.features.crop import crops_to_photos

    return features, place_columns(*crops_to_photos(features.recipe, choose(samples, faces), faces))


def _column(name: str, given: Any, known: np.ndarray) -> np.ndarray:
    if given is None:
        return known
    if isinstance(given, str) or not np.iterable(given):
        raise InputError(f"'{name}' has one value per sample, but got {given!r}.")
    column = np.array([str(v) for v in given], dtype=object)
    if len(column) != len(known):
        raise InputError(f"There are {len(known)} samples, but '{name}' has {len(column)} values.")
    return column


def as_features(values: Any, *, names: Any = None, space: str | None = None) -> Features:
    """A plain array as ``Features``; the space is guessed from the shape where that is safe.

    Raises
    ------
    InputError
        If the array is not numeric, has no known shape, or could be of two spaces.
    """
    if isinstance(values, torch.Tensor):
        values = _plain(values)
    if is_table(values):
        names = list(values.columns) if names is None else names
        values, space = numbers_of_table(values), space or NAMED
    try:
        array = np.asarray(values, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise InputError(f"The samples are not an array of numbers ({error}).") from error
    space = space_of(array.shape, space)
    if names is None:
        names = _default_names(space, array.shape)
    points = ""
    if space == SEQUENCE and array.ndim == 4 and array.shape[2] in (68, 468, 478):
        points = topology_of_count(array.shape[2]).name
    status = np.full(len(array), "ok", dtype=object)
    return Features(array, space, tuple(str(n) for n in names), {"name": "given"}, status, points)


def _plain(values: torch.Tensor) -> np.ndarray:
    """A tensor's numbers, wherever and in whatever precision they are."""
    if values.is_meta:
        raise InputError("The samples are a tensor on 'meta', which has a shape and no numbers: give the numbers.")
    if values.is_complex():
        raise InputError("The samples are complex numbers, but models here take real ones.")
    values = values.detach()
    values = values.dequantize() if values.is_quantized else values.to_dense() if values.is_sparse else values
    result: np.ndarray = values.to("cpu", torch.float32).numpy()
    return result


def _about_whole_numbers(given: Any, features: Features) -> list[str]:
    """What has to be told of pictures of whole numbers: nobody knows the range that the model was trained on."""
    kind = str(getattr(given, "dtype", ""))
    if features.space != PICTURE or not kind.endswith("uint8"):
        return []
    return [
        "The pictures hold whole numbers from 0 to 255 and reach the model as such: if it was trained on 0 to 1, give "
        "x / 255, or its own preparation of pictures."
    ]


def _default_names(space: str, shape: tuple[int, ...]) -> list[str]:
    if space == SEQUENCE:
        return ["x", "y", "z"][: shape[-1]]
    count = shape[1] if len(shape) > 1 else 0
    if space == PICTURE:
        return ["red", "green", "blue"] if count == 3 else [f"channel {i}" for i in range(count)]
    return [f"feature {i}" for i in range(count)]
