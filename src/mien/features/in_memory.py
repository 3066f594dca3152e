"""Features of every face of one picture that is in memory: a frame of a stream, or a picture that was sent."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.features import Features
from mien.core.samples import Samples
from mien.features import RECIPES
from mien.features.crop import crops_in_memory
from mien.features.match import Choice

# Recipes that say something about a single picture: of pixels, of what was measured, and of both.
OF_PIXELS, MEASURED, OF_BOTH = "crop", ("expression",), ("actions", "action_units")


def check_single(recipe: dict[str, Any], model: str) -> None:
    """Refuse a model whose features need more than one picture of a face.

    Raises
    ------
    InputError
        Says which models can be used.
    """
    name = recipe.get("name")
    over_time, relative = recipe.get("over_time", ""), recipe.get("relative_to", "")
    if name not in (OF_PIXELS, *MEASURED, *OF_BOTH):
        reason = f"its features are '{name}'"
    elif over_time == "functionals":
        reason = "it was trained on summaries of whole clips"
    elif relative:
        reason = f"its features are relative to other frames or pictures (relative_to: {relative})"
    else:
        return
    raise InputError(
        f"The model '{model}' cannot answer about a single picture: {reason}. Models that can are trained on pictures "
        "and look at crops (efdnn-lite, efdnn, picture, networks by name) or at what is measured (expression, trees); "
        "'rules' needs no training."
    )


def features_in_memory(recipe: dict[str, Any], picture: np.ndarray, faces: Faces) -> Features:
    """Features of every row of ``faces``, as ``mien.features.compute`` gives them for a picture with this face alone.

    Parameters
    ----------
    recipe : dict
        That ``check_single`` lets pass.
    picture : ndarray of uint8, shape (height, width, 3)
        RGB, of the size that the faces' points are measured in.
    faces : Faces
        Of this picture.

    Returns
    -------
    Features
        One row per face; the status says why a row has no values.
    """
    if recipe["name"] == OF_PIXELS:
        return crops_in_memory(recipe, picture, faces)
    names = [f"face {row}" for row in range(len(faces))]
    function = getattr(import_module(RECIPES[recipe["name"]]), recipe["name"])
    shown = {"picture": picture} if recipe["name"] in OF_BOTH else {}
    found: Features = function(recipe, Samples(path=names, subject=names), choices_of(faces), faces, **shown)  # type: ignore[arg-type]
    return found


def choices_of(faces: Faces) -> list[Choice]:
    """Every row as the one face of a picture of its own."""
    return [
        Choice(np.array([row]), faces.frame[row : row + 1], faces.time_s[row : row + 1], str(faces.status[row]), 1)
        for row in range(len(faces))
    ]
