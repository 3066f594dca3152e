"""Whether something is explained through the landmarker; without its networks, which take a while to be loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mien.core.errors import InputError

LANDMARKER = "landmarker"
BLENDSHAPE, MEASURE, DISTANCE = "blendshape", "measure", "distance"
KINDS = (BLENDSHAPE, MEASURE, DISTANCE)


def is_reading(model: Any) -> bool:
    """Whether a model is named as something that is read off a face, such as ``'blendshape:mouthSmileLeft'``."""
    return str(model).partition(":")[0] in KINDS and ":" in str(model)


def is_through(model: Any, through: Any) -> bool:
    """Whether something is to be explained through the landmarker.

    Raises
    ------
    InputError
        If ``through`` names something else.
    """
    if through not in (None, "", LANDMARKER):
        raise InputError(f"Evidence can be carried through the '{LANDMARKER}', but got through='{through}'.")
    return bool(through) or (isinstance(model, (str, Path)) and is_reading(model))
