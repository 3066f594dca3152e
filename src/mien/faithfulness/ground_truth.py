"""Where the cause is known to lie, as a mask of units."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.atlas.places import feature_points
from mien.core.errors import InputError
from mien.core.features import NAMED, PICTURE, SEQUENCE, Features
from mien.core.topology import MEDIAPIPE_478, topology
from mien.faithfulness.face_points import region_masks, regions_called
from mien.faithfulness.units import Units


def truth_of(truth: Any, units: Units, features: Features, points: np.ndarray | None = None) -> np.ndarray:
    """Mask of the true cause for every sample, shape (samples, units).

    Parameters
    ----------
    truth : array, str or sequence
        Pictures: a mask (height, width) or (samples, height, width); a block counts where at least half of it does.
        Otherwise a mask (units,) or (samples, units), numbers of points or features, names of features, or the name
        of a facial region.
    units : Units
    features : Features
        The samples' inputs.
    points : ndarray, shape (samples, points, 2), optional
        Of the faces in pixels of pictures, for regions by name.

    Raises
    ------
    InputError
        If it is none of these.
    """
    samples = len(features)
    if isinstance(truth, str):
        truth = [name.strip() for name in truth.split(",")]
    array = np.asarray(truth)
    if array.dtype.kind in "UO" and array.ndim == 1:
        names = [str(name) for name in array]
        if units.space != PICTURE:
            return np.tile(_named(names, units, features), (samples, 1))
        if points is None:
            raise InputError("truth: regions of pictures need a model of face crops, samples and faces; give a mask.")
        array = region_masks(names, points, (units.shape[1], units.shape[2]))
    if units.space == PICTURE:
        return _of_pixels(array, units, samples)
    if array.dtype.kind in "iu" and array.ndim == 1 and array.shape != (0,):
        if array.min() < 0 or array.max() >= units.count:
            raise InputError(
                f"truth holds numbers from 0 to {units.count - 1}, but got {array.min()} to {array.max()}."
            )
        return np.tile(np.isin(np.arange(units.count), array), (samples, 1))
    if array.dtype.kind == "b" and array.shape in ((units.count,), (samples, units.count)):
        return np.broadcast_to(array, (samples, units.count)).copy()
    raise InputError(
        f"truth is a mask of shape ({units.count},) or ({samples}, {units.count}), numbers of {_what(units)}, or "
        f"names, but got an array of shape {array.shape} and type {array.dtype}."
    )


def _of_pixels(array: np.ndarray, units: Units, samples: int) -> np.ndarray:
    size = units.shape[1:]
    if array.shape not in (size, (samples, *size)) or array.dtype.kind not in "biuf":
        raise InputError(
            f"truth of pictures is a mask of shape {size} or {(samples, *size)}, but got shape {array.shape}."
        )
    inside = units.pooled((array.reshape(-1, size[0] * size[1]) != 0).astype(np.float64))
    whole = units.pooled(np.ones((1, size[0] * size[1])))
    return np.broadcast_to(inside >= whole / 2, (samples, units.count)).copy()


def _named(names: list[str], units: Units, features: Features) -> np.ndarray:
    """Units that are called so, or that lie in a region of that name."""
    result = np.zeros(units.count, dtype=bool)
    points = features.topology or str(features.recipe.get("topology") or "") or MEDIAPIPE_478
    regions = topology(points).regions
    for name in names:
        if units.space == NAMED and name in features.names:
            result[features.names.index(name)] = True
            continue
        inside = np.concatenate([regions[region] for region in regions_called(name, tuple(regions))])
        result |= _in_region(inside, units, features, points)
    return result


def _in_region(members: np.ndarray, units: Units, features: Features, points: str) -> np.ndarray:
    if units.space == SEQUENCE:
        return np.isin(np.arange(units.count), members)
    inside = set(members.tolist())
    return np.array([bool(inside & set(feature_points(name, points))) for name in features.names])


def _what(units: Units) -> str:
    return "points" if units.space == SEQUENCE else "features"
