"""Facial regions in a picture of a face, from its points, and how evidence is spread over them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from mien.atlas.region_columns import picture_columns
from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.features import PICTURE
from mien.core.topology import topology_of_count

OUTSIDE = "outside the face"
# Names of the columns that say how a sample's evidence is spread: 'share of mouth' and so on.
SHARE, AREA, SIGNED = "share of ", "area of ", "signed in "


def region_names(points: int = 478) -> tuple[str, ...]:
    """Name of each number in a region map: ``'outside the face'``, then the regions of the topology.

    Parameters
    ----------
    points : int
        Number of facial points: 478, 468 or 68.
    """
    return (OUTSIDE, *topology_of_count(points).regions)


def crop_regions(points: np.ndarray, shape: tuple[int, int] = (256, 256)) -> np.ndarray:
    """Region of each pixel: that of the nearest facial point, 0 outside the face.

    The face is the convex hull of its points, so hair, ears and neck are outside. The map can be used as segments
    of LIME and SHAP.

    Parameters
    ----------
    points : ndarray, shape (478, 468 or 68, 2 or 3)
        x and y in pixels of the picture, origin at the outer corner of the top left pixel.
    shape : (int, int)
        Height and width of the picture.

    Returns
    -------
    ndarray of int32, shape (height, width)
        Index into ``region_names``.

    Raises
    ------
    InputError
        If the points are not finite or of no known number.
    """
    flat = np.asarray(points, dtype=np.float64)[:, :2]
    if not np.isfinite(flat).all():
        raise InputError("Regions need finite points, but some are NaN or infinite: was a face found?")
    known = topology_of_count(len(flat))
    number = np.zeros(len(flat), dtype=np.int32)
    for i, part in enumerate(known.regions.values(), 1):
        number[part] = i
    face = np.zeros(shape, dtype=np.uint8)
    hull = cv2.convexHull(flat.astype(np.float32))[:, 0]
    # Fixed-point coordinates with 4 binary digits; centres of pixels lie at whole numbers there.
    cv2.fillConvexPoly(face, np.round((hull - 0.5) * 16).astype(np.int32), 1, lineType=cv2.LINE_8, shift=4)
    rows, columns = np.nonzero(face)
    # It takes a quarter of a second to load, and evidence about named features needs none of it.
    from scipy.spatial import cKDTree

    _, nearest = cKDTree(flat).query(np.stack([columns, rows], axis=1) + 0.5)
    regions = np.zeros(shape, dtype=np.int32)
    regions[rows, columns] = number[nearest]
    return regions


def region_shares(values: np.ndarray, regions: np.ndarray, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """How the evidence of each sample is spread over regions.

    Parameters
    ----------
    values : ndarray, shape (samples, channels, height, width)
        Signed; channels are summed first, so a pixel's evidence is that of its colours together.
    regions : ndarray of int, shape (samples, height, width)
    names : tuple of str
        From ``region_names``.

    Returns
    -------
    dict of str to ndarray of float64, shape (samples,)
        ``'share of NAME'``: share of the absolute evidence, 0 to 1; NaN where there is none. ``'area of NAME'``:
        share of the pixels. ``'signed in NAME'``: sum of the signed evidence.
    """
    pixels = np.asarray(values, dtype=np.float64).sum(axis=1)
    if pixels.shape != regions.shape:
        raise InputError(f"Evidence has pixels of shape {pixels.shape}, but the region maps {regions.shape}.")
    columns = {}
    count = len(names)
    signed, absolute = np.zeros((len(pixels), count)), np.zeros((len(pixels), count))
    area = np.zeros((len(pixels), count))
    for row, (value, region) in enumerate(zip(pixels, regions, strict=True)):
        where = region.ravel()
        signed[row] = np.bincount(where, value.ravel(), count)
        absolute[row] = np.bincount(where, np.abs(value).ravel(), count)
        area[row] = np.bincount(where, minlength=count)
    total = absolute.sum(axis=1, keepdims=True)
    share = np.divide(absolute, total, out=np.full_like(absolute, np.nan), where=total > 0)
    for i, name in enumerate(names):
        columns[SHARE + name] = share[:, i]
        columns[AREA + name] = area[:, i] / area.sum(axis=1)
        columns[SIGNED + name] = signed[:, i]
    return columns


def with_regions(evidence: Evidence, points: np.ndarray) -> Evidence:
    """Evidence about pictures with columns that say how it is spread over facial regions.

    Parameters
    ----------
    evidence : Evidence
        Of the space 'pixels'.
    points : ndarray, shape (samples, 478, 468 or 68, 2 or 3)
        The faces' points in pixels of the explained pictures; rows with NaN get NaN.

    Returns
    -------
    Evidence
        With the columns of ``region_shares``, which summaries and words read, and of
        ``mien.atlas.region_columns.picture_columns``, by which evidence is compared.
    """
    if evidence.space != PICTURE:
        raise InputError(f"Regions of pictures are for evidence about pixels, but it is about {evidence.space}.")
    points = np.asarray(points, dtype=np.float64)
    if len(points) != len(evidence):
        raise InputError(f"There are {len(evidence)} samples, but points of {len(points)} faces.")
    names = region_names(points.shape[1])
    usable = np.isfinite(points[:, :, :2]).all((1, 2)) & np.isfinite(evidence.values).all((1, 2, 3))
    shape = (evidence.values.shape[2], evidence.values.shape[3])
    rows = np.flatnonzero(usable)
    maps = np.array([crop_regions(points[row], shape) for row in rows], dtype=np.int32).reshape(len(rows), *shape)
    result = region_shares(evidence.values[rows], maps, names)
    result |= picture_columns(evidence.values[rows].sum(axis=1), points[rows])
    columns = dict(evidence.columns)
    for name, column in result.items():
        columns[name] = np.full(len(evidence), np.nan)
        columns[name][rows] = column
    return replace(evidence, columns=columns)
