"""Where faces are in the crops that a picture model sees: for causes named by region, and for the face's centre."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mien.atlas.crop_regions import crop_regions, region_names
from mien.core.errors import InputError
from mien.core.features import PICTURE, Features
from mien.core.samples import Samples

SIDES = ("right", "left")


def face_points(samples: Any, faces: Any, features: Features) -> np.ndarray | None:
    """Points of each sample's face in pixels of its crop.

    Parameters
    ----------
    samples : Samples, str, Path or anything else
        As ``explain`` gets them.
    faces : Faces, str, Path or None
    features : Features
        What was computed from them.

    Returns
    -------
    ndarray of float64, shape (samples, points, 2), or None
        NaN where no face was found. None where the inputs are not crops of faces that mien cut.
    """
    if features.space != PICTURE or features.recipe.get("name") != "crop" or features.recipe.get("align") == "none":
        return None
    if isinstance(samples, (str, Path)):
        from mien.data.samples import read_samples

        samples = read_samples(str(samples))
    if not isinstance(samples, Samples):
        return None
    from mien.data.samples import faces_of

    result = faces_of(samples, faces)
    if result is None:
        return None
    from mien.features.crop import crop_points
    from mien.features.match import choose

    return crop_points(features.recipe, choose(samples, result), result)


def region_masks(names: list[str], points: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Pixels that lie in regions of the face, shape (samples, height, width).

    Parameters
    ----------
    names : list of str
        Such as ``'mouth'`` or ``'left eye'``; ``'eye'`` means both.
    points : ndarray, shape (samples, points, 2)
        Rows with NaN get an empty mask.
    size : (int, int)
        Height and width.

    Raises
    ------
    InputError
        If there is no such region.
    """
    known = region_names(points.shape[1])
    numbers = [known.index(region) for name in names for region in regions_called(name, known[1:])]
    masks = np.zeros((len(points), *size), dtype=bool)
    for row in np.flatnonzero(np.isfinite(points).all(axis=(1, 2))):
        masks[row] = np.isin(crop_regions(points[row], size), numbers)
    return masks


def regions_called(name: str, known: tuple[str, ...]) -> list[str]:
    """Regions of that name, or of that name on either side.

    Raises
    ------
    InputError
        If there is none; the message lists what there is.
    """
    result = [region for region in known if name in (region, *(region.removeprefix(f"{side} ") for side in SIDES))]
    if not result:
        raise InputError(f"truth: '{name}' is neither a feature nor a facial region (regions: {', '.join(known)}).")
    return result
