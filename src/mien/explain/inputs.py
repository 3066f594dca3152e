"""What is to be explained, from whatever the caller has: samples, features or a plain array."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.features import NAMED, PICTURE, SEQUENCE, Features
from mien.core.placing import place_columns
from mien.core.samples import Samples
from mien.core.target import Target
from mien.core.topology import topology_of_count
from mien.explain.settings import class_names
from mien.explain.tables import columns_of_model, is_table, numbers_of_table
from mien.features.match import choose


@dataclass(frozen=True, eq=False)
class Network:
    """A model as explanation methods see it.

    Attributes
    ----------
    module : torch.nn.Module or None
        Values to scores (samples, outputs); None for models that only give scores.
    scores : callable, ndarray (samples, ...) -> ndarray (samples, outputs), or None
        For models without a module.
    classes : tuple of str, or None
        Names of the outputs; None where they are not known.
    label : str
        The samples' column that the model was trained on; ``''`` if unknown.
    recipe : dict
        How its inputs are computed from faces; empty for plain modules.
    model : object
        What the user gave.
    explained : str
        What the outputs are: ``'logit'`` for mien's models, ``'output'`` for plain modules.
    facts : dict
        For ``Evidence.model``.
    opposed : bool
        Whether the two scores are halves of one log-odds with either sign. What is explained of a class is then the
        whole of it, score minus other score: the raw score that the model itself gives, with the class's sign.
    """

    module: torch.nn.Module | None
    classes: tuple[str, ...] | None
    scores: Callable[[np.ndarray], Any] | None = None
    model: Any = None
    label: str = ""
    recipe: dict[str, Any] = field(default_factory=dict)
    explained: str = "output"
    facts: dict[str, Any] = field(default_factory=dict)
    opposed: bool = False

    def asked(self, target: Target) -> Target:
        """The target in terms of the scores; Evidence keeps the words in which it was asked for."""
        if not self.opposed or target.against or self.classes is None:
            return target
        other = next(name for name in self.classes if name != target.name)
        return Target(target.name, other, target.direction)

    @property
    def device(self) -> torch.device:
        """Where its parameters are."""
        parameters = iter(()) if self.module is None else self.module.parameters()
        return next((p.device for p in parameters), torch.device("cpu"))

    def offers(self) -> set[str]:
        """What methods can use of it; see ``Method.needs``."""
        inside = ("gradients", "layers") if self.module is not None else ()
        looks = ("attention",) if hasattr(self.module, "maps") else ()
        return {"baselines", *inside, *looks, str(self.facts.get("kind", "")).removesuffix("-score")}

    def function(self) -> Callable[[torch.Tensor], torch.Tensor]:
        """Inputs to scores, tensor to tensor, whatever the model is."""
        if self.module is not None:
            return self.module
        call = self.scores
        assert call is not None

        def scores(values: torch.Tensor) -> torch.Tensor:
            found = np.asarray(call(values.detach().cpu().numpy()), dtype=np.float32)
            if found.shape[:1] != (len(values),) or found.ndim not in (1, 2):
                raise InputError(
                    f"The model must give (samples,) or (samples, outputs) numbers for {len(values)} samples, "
                    f"but gave an array of shape {found.shape}."
                )
            return torch.from_numpy(found)

        return scores


@dataclass(frozen=True, eq=False)
class Inputs:
    """Features with who and what each row is; arrays of str of shape (samples,).

    ``places`` says where each row lies in its photo, see ``mien.core.placing``.
    """

    features: Features
    sample: np.ndarray
    subject: np.ndarray
    label: np.ndarray
    gaps: bool = False
    places: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def usable(self) -> np.ndarray:
        """Mask of the rows whose features exist and are finite; with ``gaps`` some of them may be missing."""
        values = self.features.values
        if self.gaps:
            return self.features.ok & ~np.isinf(values).any(axis=1)
        return self.features.ok & np.isfinite(values.reshape(len(values), int(np.prod(values.shape[1:])))).all(axis=1)


def network_of(model: Any, classes: Any = None) -> Network:
    """The network of a mien model, a stored model's folder, a torch module, a LightGBM model or any callable.

    Raises
    ------
    InputError
        If it is none of these.
    """
    if isinstance(model, (str, Path)):
        from mien.models.store import load_model

        model = load_model(Path(model))
    given = class_names(classes)
    if isinstance(model, torch.nn.Module):
        return Network(model, given, model=model, facts={"name": type(model).__name__, "kind": "torch module"})
    from mien.models.base import Model

    if isinstance(model, Model):
        if model.parts:
            listed = ", ".join(f"parts/{part.name}" for part in model.parts)
            raise InputError(
                f"The model '{model.name}' adds up models that look at different things; explain them one by one: "
                f"{listed} in its folder."
            )
        facts = {"name": model.name, "kind": model.kind, "target": model.target, "classes": list(model.classes)}
        if model.weights_sha256:
            facts["weights_sha256"] = model.weights_sha256
        return Network(
            module=model.module() if model.differentiable else None,
            classes=tuple(model.classes),
            scores=model.scores,
            model=model,
            label=model.target,
            recipe=model.recipe,
            explained=model.explained,
            facts=facts,
        )
    from mien.models.trees import is_lightgbm, trees_of

    if is_lightgbm(model):
        trees = trees_of(model)
        facts = {"name": type(model).__name__, "kind": "trees"}
        known = given or trees.classes
        if trees.paired:
            return Network(None, known, trees.scores, model, explained="log-odds", facts=facts, opposed=True)
        return Network(None, known, trees.scores, model, explained="raw score", facts=facts)
    if callable(model):
        name = getattr(model, "__name__", type(model).__name__)
        return Network(None, given, scores=model, model=model, facts={"name": name, "kind": "callable"})
    raise InputError(
        "A model is a mien model, the folder of a stored one, a torch module, a LightGBM model or a function from an "
        "array to scores, "
        f"but got {type(model).__name__}."
    )


def inputs_of(
    samples: Any,
    network: Network,
    *,
    faces: Faces | str | Path | None = None,
    subjects: Any = None,
    labels: Any = None,
    names: Any = None,
    space: str | None = None,
) -> Inputs:
    """Features and identities of the rows to be explained.

    Parameters
    ----------
    samples : Samples, str, Path, Features, DataFrame or array
        A str or Path is read with ``read_samples``. Arrays: (samples, features), (samples, frames, landmarks,
        coordinates) or (samples, channels, height, width). The columns of a pandas DataFrame name the features.
    network : Network
        Its recipe computes the features of ``Samples``.
    faces : Faces or folder, optional
        Where the samples' faces are.
    subjects, labels : sequence of str, optional
        Of the rows; taken from ``Samples`` if not given.
    names, space : optional
        For arrays: names of features, coordinates or channels, and the space, see ``Features``.

    Raises
    ------
    InputError
        If a plain module is asked about samples (it has no feature recipe), or lengths differ.
    """
    if isinstance(samples, (str, Path)):
        from mien.data.samples import read_ready_faces, read_samples

        faces = read_ready_faces(str(samples)) if faces is None else faces
        samples = read_samples(str(samples))
    places: dict[str, np.ndarray] = {}
    if isinstance(samples, Samples):
        features, places = _features_of(samples, network, faces)
        known = samples.labels.get(network.label, np.full(len(samples), "", dtype=object))
        sample, subject = samples.path, samples.subject
    else:
        if faces is not None and not isinstance(samples, Features):
            raise InputError(
                "faces=... belongs to samples that are pictures or clips; an array or table of inputs has none. Leave "
                "faces out."
            )
        samples = columns_of_model(samples, network.model) if is_table(samples) else samples
        features = samples if isinstance(samples, Features) else as_features(samples, names=names, space=space)
        sample = np.array([str(i) for i in range(len(features))], dtype=object)
        subject = known = np.full(len(features), "", dtype=object)
    return Inputs(
        features=features,
        sample=sample,
        subject=_column("subjects", subjects, subject),
        label=_column("labels", labels, known),
        places=places,
    )


def _features_of(
    samples: Samples, network: Network, faces: Faces | str | Path | None
) -> tuple[Features, dict[str, np.ndarray]]:
    """Features, and of crops where they lie in their photos."""
    if not network.recipe:
        raise InputError(
            "A plain module or function has no feature recipe, so it cannot be asked about samples; "
            "give it Features or an array of its inputs."
        )
    from mien.features import compute, needs_faces

    if not needs_faces(network.recipe, samples):
        faces = Faces.empty()
    if faces is None:
        raise InputError("The samples' faces are needed: faces=... (the folder that 'mien extract' wrote).")
    if not isinstance(faces, Faces):
        from mien.data.shards import read_faces

        faces = read_faces(Path(faces))
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
        values = values.detach().cpu().numpy()
    if is_table(values):
        names = list(values.columns) if names is None else names
        values, space = numbers_of_table(values), space or NAMED
    try:
        array = np.asarray(values, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise InputError(f"The samples are not an array of numbers ({error}).") from error
    space = space or space_of(array.shape)
    if names is None:
        names = _default_names(space, array.shape)
    points = ""
    if space == SEQUENCE and array.ndim == 4 and array.shape[2] in (68, 468, 478):
        points = topology_of_count(array.shape[2]).name
    status = np.full(len(array), "ok", dtype=object)
    return Features(array, space, tuple(str(n) for n in names), {"name": "given"}, status, points)


def space_of(shape: tuple[int, ...]) -> str:
    """The kind of an array of this shape, where that is safe to say.

    Raises
    ------
    InputError
        If it could be of two kinds.
    """
    if len(shape) == 2:
        return NAMED
    if len(shape) == 4:
        if shape[3] in (2, 3):  # no picture is that narrow
            return SEQUENCE
        if shape[1] in (1, 3):
            return PICTURE
    raise InputError(
        f"What the axes of an array of shape {shape} mean is not clear: give space='{NAMED}' (2 axes), "
        f"'{SEQUENCE}' (samples, frames, points, coordinates) or '{PICTURE}' (samples, channels, height, width)."
    )


def _default_names(space: str, shape: tuple[int, ...]) -> list[str]:
    if space == SEQUENCE:
        return ["x", "y", "z"][: shape[-1]]
    count = shape[1] if len(shape) > 1 else 0
    if space == PICTURE:
        return ["red", "green", "blue"] if count == 3 else [f"channel {i}" for i in range(count)]
    return [f"feature {i}" for i in range(count)]
