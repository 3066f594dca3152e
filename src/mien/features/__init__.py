"""Inputs of models: named features, landmark sequences and pictures, computed by recipe.

Adding a recipe is one file with a function ``(recipe, samples, choices, faces) -> Features`` of the recipe's name
and one line in ``RECIPES``.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.features import Features
from mien.core.samples import Samples
from mien.core.topology import NO_POINTS

RECIPES: dict[str, str] = {
    "expression": "mien.features.expression",
    "displacement": "mien.features.displacement",
    "actions": "mien.features.actions",
    "action_units": "mien.features.action_intensities",
    "crop": "mien.features.crop",
    "texture": "mien.features.texture",
    "joined": "mien.features.stacked",
    "columns": "mien.features.columns",
    "series": "mien.features.series",
}


def needs_faces(recipe: dict[str, Any], samples: Samples) -> bool:
    """Whether a recipe uses faces; named columns of the samples' own table do without."""
    if recipe.get("name") != "columns":
        return True
    from mien.features.columns import in_samples

    return not in_samples(recipe, samples)


def compute(recipe: dict[str, Any], samples: Samples, faces: Faces) -> Features:
    """Features of every sample.

    Parameters
    ----------
    recipe : dict
        ``{"name": ..., **settings}``; a setting that is left out takes its default. ``Features.recipe`` holds all
        of them, so that it computes the same features again.
    samples : Samples
    faces : Faces
        Matched to the samples by path, see ``mien.features.match``.

    Returns
    -------
    Features
        One row per sample; the status says why a row has no values.

    Raises
    ------
    InputError
        For an unknown recipe or setting, or a sample that fits several sources.
    """
    from mien.features.match import choose

    name = recipe.get("name", "")
    if name not in RECIPES:
        raise InputError(f"There is no feature recipe '{name}'; mien knows {', '.join(RECIPES)}.")
    if faces.topology == NO_POINTS and len(faces) and name not in ("columns", "series"):
        raise InputError(
            "These faces are named numbers of another tool without any points; a model can learn from them by name: "
            "--features 'NAME*' (in Python: features='NAME*')."
        )
    function: Callable[..., Features] = getattr(import_module(RECIPES[name]), name)
    return function(recipe, samples, choose(samples, faces), faces)
