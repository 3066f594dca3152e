"""Evidence by regions of the canonical face: from points by a matrix, from pictures kept as columns of the evidence."""

from __future__ import annotations

from functools import cache

import numpy as np

from mien.atlas.canonical_map import spread_over, to_canonical
from mien.atlas.face_regions import region_map
from mien.core.errors import WeightsError
from mien.core.topology import topology

# Names of the columns: 'atlas share of upper lip' and so on.
ATLAS_SHARE, ATLAS_SIGNED = "atlas share of ", "atlas signed in "
# Least part of a region that a picture has to show, to speak of the region.
LEAST_SEEN = 0.5


def atlas_names() -> tuple[str, ...]:
    """Regions of the canonical face; empty where its mesh was not pulled."""
    try:
        return region_map()[1][1:]
    except WeightsError:
        return ()


@cache
def points_to_regions(name: str) -> np.ndarray:
    """How what is known at the points of a whole topology is spread over the regions, shape (points, regions).

    Parameters
    ----------
    name : str
        Of the topology.
    """
    label, names = region_map()
    spread = spread_over(np.eye(len(topology(name))))
    code = label.ravel()
    result = np.stack([np.bincount(code, np.nan_to_num(one).ravel(), len(names)) for one in spread])[:, 1:]
    result.flags.writeable = False
    return result


def picture_columns(values: np.ndarray, points: np.ndarray) -> dict[str, np.ndarray]:
    """Evidence of pictures by regions of the canonical face, for ``Evidence.columns``.

    Parameters
    ----------
    values : ndarray, shape (samples, height, width)
        Signed evidence of each pixel.
    points : ndarray, shape (samples, 478, 468 or 68, 2 or 3)
        The faces' points in pixels of these pictures.

    Returns
    -------
    dict of str to ndarray of float64, shape (samples,)
        ``'atlas share of NAME'``: share of the absolute evidence on the face; ``'atlas signed in NAME'``: sum of the
        signed evidence. NaN where the picture shows less than half of the region. Empty without the canonical mesh.
    """
    names = atlas_names()
    if not names:
        return {}
    code = region_map()[0].ravel()
    count = len(names) + 1
    area = np.bincount(code, minlength=count)[1:].astype(float)
    share, signed = np.full((2, len(values), len(names)), np.nan)
    for row, (value, face) in enumerate(zip(values, points, strict=True)):
        plain, size = to_canonical(np.stack([value, np.abs(value)]), np.stack([face, face]))
        there = np.isfinite(plain).ravel()
        seen = np.bincount(code, there, count)[1:] / area
        sums = [np.bincount(code, np.where(there, one.ravel(), 0.0), count)[1:] for one in (plain, size)]
        total = sums[1].sum()
        shown = seen >= LEAST_SEEN
        signed[row] = np.where(shown, sums[0], np.nan)
        share[row] = np.where(shown & (total > 0), sums[1] / (total or 1.0), np.nan)
    columns = {ATLAS_SHARE + name: share[:, i] for i, name in enumerate(names)}
    return columns | {ATLAS_SIGNED + name: signed[:, i] for i, name in enumerate(names)}
