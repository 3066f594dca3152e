"""Recipe 'texture': colour histogram, local binary patterns and oriented gradients of the aligned face.

The hand-made features that networks have to beat; the sizes are those of Xiao 2024 (arXiv 2404.18352, code).
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.features import NAMED, Features
from mien.core.numbers import Range
from mien.core.samples import Samples
from mien.features import crop as crops
from mien.features.match import Choice
from mien.features.settings import resolve

PARTS = ("colour", "lbp", "hog")
DEFAULTS: dict[str, Any] = {"parts": list(PARTS), "size": 128, "align": "eyes", "bins": 32}
KINDS: dict[str, Any] = {"align": crops.KINDS["align"], "bins": Annotated[int, Range(2, 256, whole=True)]}
LBP_POINTS, LBP_RADIUS = 24, 3.0
HOG_ORIENTATIONS, HOG_CELL = 8, 16


def texture(recipe: dict[str, Any], samples: Samples, choices: list[Choice], faces: Faces) -> Features:
    """Colour, fine texture and edges of each face.

    Settings of the recipe
    ----------------------
    parts : list of str
        Any of ``'colour'``, ``'lbp'``, ``'hog'``.
    size : int
        Pixels per side of the crop; a multiple of 16 for ``'hog'``.
    align : str
        As in recipe ``'crop'``.
    bins : int
        Of the histogram of each colour channel.

    Returns
    -------
    Features
        ``'named features'``.
    """
    settings = resolve("texture", recipe, DEFAULTS, KINDS)
    unknown = [part for part in settings["parts"] if part not in PARTS]
    if unknown or not settings["parts"]:
        raise InputError(f"Recipe 'texture': 'parts' are any of {', '.join(PARTS)}, but got {settings['parts']}.")
    if "hog" in settings["parts"] and settings["size"] % HOG_CELL:
        raise InputError(f"Recipe 'texture': 'size' is a multiple of {HOG_CELL}, but got {settings['size']}.")
    names = _names(settings)
    values = np.full((len(choices), len(names)), np.nan, dtype=np.float32)
    status = np.full(len(choices), "", dtype=object)
    given = {"name": "crop", "size": settings["size"], "align": settings["align"]}
    # One crop at a time: a cohort's crops together may not fit into memory.
    for row, choice in enumerate(choices):
        one = crops.crop(given, samples[[row]], [choice], faces)
        status[row] = one.status[0]
        if one.ok[0]:
            values[row] = np.concatenate([_PART[part](one.values[0], settings) for part in settings["parts"]])
    return Features(values, NAMED, names, settings, status)


def _names(settings: dict[str, Any]) -> tuple[str, ...]:
    cells = settings["size"] // HOG_CELL
    names = {
        "colour": [f"{channel} {i}" for channel in crops.CHANNELS for i in range(settings["bins"])],
        "lbp": [f"pattern {i}" for i in range(LBP_POINTS + 2)],
        "hog": [f"edge {r} {c} {o}" for r in range(cells) for c in range(cells) for o in range(HOG_ORIENTATIONS)],
    }
    return tuple(name for part in settings["parts"] for name in names[part])


def colour_histogram(pixels: np.ndarray, bins: int) -> np.ndarray:
    """Share of each channel's pixels per bin, shape (channels * bins,); pixels (channels, height, width), 0 to 1."""
    place = np.clip((pixels * bins).astype(int), 0, bins - 1)
    counts = [np.bincount(channel.ravel(), minlength=bins) for channel in place]
    return np.concatenate(counts) / pixels[0].size


def uniform_patterns(grey: np.ndarray, points: int = LBP_POINTS, radius: float = LBP_RADIUS) -> np.ndarray:
    """Histogram of rotation-invariant uniform local binary patterns, shape (points + 2,).

    Ojala, Pietikäinen & Mäenpää 2002, IEEE TPAMI 24(7). Neighbours on a circle are sampled bilinearly; pixels nearer to
    the border than ``radius`` are left out.
    """
    angle = 2 * np.pi * np.arange(points) / points
    margin = int(np.ceil(radius)) + 1
    height, width = grey.shape
    if min(height, width) <= 2 * margin:
        raise InputError(
            f"Local binary patterns need a picture of more than {2 * margin} pixels, but got {grey.shape}."
        )
    centre = grey[margin:-margin, margin:-margin]
    signs = np.empty((points, *centre.shape), dtype=bool)
    for i, (dy, dx) in enumerate(zip(-radius * np.sin(angle), radius * np.cos(angle), strict=True)):
        # Rounded, so that neighbours that lie on a pixel are that pixel.
        dy, dx = round(float(dy), 5), round(float(dx), 5)
        top, left = int(np.floor(dy)), int(np.floor(dx))
        v, u = dy - top, dx - left

        def shifted(down: int, right: int, top: int = top, left: int = left) -> np.ndarray:
            y, x = margin + top + down, margin + left + right
            return grey[y : y + centre.shape[0], x : x + centre.shape[1]]

        neighbour = (1 - v) * ((1 - u) * shifted(0, 0) + u * shifted(0, 1)) + v * (
            (1 - u) * shifted(1, 0) + u * shifted(1, 1)
        )
        # A flat place is a pattern of its own kind: rounding must not break it.
        signs[i] = neighbour - centre >= -1e-6
    changes = (signs != np.roll(signs, 1, axis=0)).sum(axis=0)
    code = np.where(changes <= 2, signs.sum(axis=0), points + 1)
    return np.bincount(code.ravel(), minlength=points + 2) / code.size


def oriented_gradients(grey: np.ndarray, orientations: int = HOG_ORIENTATIONS, cell: int = HOG_CELL) -> np.ndarray:
    """Histogram of unsigned gradient directions in each cell, each cell normalised (L2 with clipping).

    Dalal & Triggs 2005 with blocks of one cell, as the published baseline; shape (cells, cells, orientations).
    """
    down = np.zeros_like(grey, dtype=np.float64)
    right = np.zeros_like(grey, dtype=np.float64)
    down[1:-1] = grey[2:] - grey[:-2]
    right[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    strength = np.hypot(down, right)
    bins = (np.rad2deg(np.arctan2(down, right)) % 180 / (180 / orientations)).astype(int) % orientations
    rows, columns = grey.shape[0] // cell, grey.shape[1] // cell
    where = np.indices(grey.shape) // cell
    inside = (where[0] < rows) & (where[1] < columns)
    flat = ((where[0] * columns + where[1]) * orientations + bins)[inside]
    sums = np.bincount(flat, strength[inside], rows * columns * orientations)
    clipped = np.minimum(_unit(sums.reshape(rows, columns, orientations) / cell**2), 0.2)
    return _unit(clipped)


def _unit(cells: np.ndarray) -> np.ndarray:
    return np.asarray(cells / np.sqrt((cells**2).sum(axis=2, keepdims=True) + 1e-10))


def _grey(pixels: np.ndarray) -> np.ndarray:
    return np.tensordot(crops.BRIGHTNESS.astype(np.float64), pixels.astype(np.float64), axes=1)


_PART = {
    "colour": lambda pixels, settings: colour_histogram(pixels, settings["bins"]),
    "lbp": lambda pixels, settings: uniform_patterns(_grey(pixels)),
    "hog": lambda pixels, settings: oriented_gradients(_grey(pixels)).ravel(),
}
