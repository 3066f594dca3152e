"""Several kinds of features of the same samples side by side, for models that add up others."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import OK, Faces
from mien.core.features import NAMED, Features
from mien.core.samples import Samples
from mien.features.match import Choice


def joined(recipe: dict[str, Any], samples: Samples, choices: list[Choice], faces: Faces) -> Features:
    """Each part's values, flattened, one part after the other.

    Settings of the recipe
    ----------------------
    parts : list of dict
        Recipes.

    Returns
    -------
    Features
        ``'named features'``, (samples, sum of the parts' sizes). A sample without values in one part has the status
        that it has there. The recipe holds the parts' own ``shapes``, ``names`` and ``topologies`` as well.

    Raises
    ------
    InputError
        For fewer than two parts, and as the parts' recipes do.
    """
    unknown = sorted(set(recipe) - {"name", "parts", "shapes", "names", "topologies"})
    if unknown:
        raise InputError(f"Stacking takes its parts as they are and has no setting '{unknown[0]}'.")
    parts = recipe.get("parts")
    if not isinstance(parts, list) or len(parts) < 2 or not all(isinstance(part, dict) for part in parts):
        raise InputError("Recipe 'joined': 'parts' is a list of two or more recipes.")
    result = [_part(part, samples, choices, faces) for part in parts]
    status = np.full(len(choices), OK, dtype=object)
    for part in result:
        status = np.where(status == OK, part.status, status)
    values = np.concatenate(
        [part.values.reshape(len(choices), int(np.prod(part.values.shape[1:]))) for part in result], 1
    )
    values[status != OK] = np.nan
    facts = {
        "name": "joined",
        "parts": [part.recipe for part in result],
        "shapes": [list(part.values.shape[1:]) for part in result],
        "names": [list(part.names) for part in result],
        "topologies": [part.topology for part in result],
    }
    return Features(values, NAMED, tuple(map(str, range(values.shape[1]))), facts, status)


def _part(recipe: dict[str, Any], samples: Samples, choices: list[Choice], faces: Faces) -> Features:
    from mien.features import RECIPES

    name = str(recipe.get("name", ""))
    if name not in RECIPES or name == "joined":
        raise InputError(f"Recipe 'joined': there is no recipe '{name}' to join.")
    result: Features = getattr(import_module(RECIPES[name]), name)(recipe, samples, choices, faces)
    return result


def apart(values: np.ndarray, recipe: dict[str, Any]) -> list[np.ndarray]:
    """Joined values as those of the parts, each (samples, \\*its shape)."""
    sizes = [int(np.prod(shape)) for shape in recipe["shapes"]]
    ends = np.cumsum(sizes)
    return [
        np.ascontiguousarray(values[:, end - size : end]).reshape(len(values), *shape)
        for end, size, shape in zip(ends, sizes, recipe["shapes"], strict=True)
    ]
