"""Where eyes, nose, mouth and the rest of a face are in a picture: by its landmarks, or a table of known parts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from mien.atlas.crop_regions import crop_regions, region_names
from mien.core.errors import InputError
from mien.core.paths import Tails
from mien.data.tables.sample_columns import as_numbers
from mien.data.tables.table import read_table

EYES, NOSE, MOUTH, REST, OUTSIDE = "eyes", "nose", "mouth", "rest of the face", "outside"
PARTS = (EYES, NOSE, MOUTH, REST, OUTSIDE)
# Beside the pictures' table, where their parts are known.
PARTS_FILE = "parts.csv"
_CORNERS = ("x0", "y0", "x1", "y1")

# Name of a part, and two opposite corners (x, y).
Box = tuple[str, np.ndarray]


def part_of(name: str) -> str:
    """The part that a region of the face, or a part of a table, belongs to: ``'left eye'`` is of the eyes."""
    words = name.lower().replace("-", " ").replace("_", " ").split()
    if any(word in ("eye", "eyes") for word in words):
        return EYES
    return next((part for part in (NOSE, MOUTH) if part in words), REST)


def parts_of_face(points: np.ndarray, side: int) -> np.ndarray:
    """Part of each pixel of a square, by the landmarks of the face in it.

    Parameters
    ----------
    points : ndarray, shape (478, 468 or 68, 2)
        x and y in pixels of the square, from its outer corner. A pixel belongs to the nearest of them; the face is
        their convex hull.
    side : int

    Returns
    -------
    ndarray of int, shape (side, side)
        Index into ``PARTS``.
    """
    regions = crop_regions(points, (side, side))
    names = region_names(len(points))
    into = np.array([PARTS.index(OUTSIDE)] + [PARTS.index(part_of(name)) for name in names[1:]])
    found: np.ndarray = into[regions]
    return found


def parts_of_boxes(boxes: Sequence[Box], side: int) -> np.ndarray:
    """Part of each pixel of a square, by the rectangles of known parts.

    Parameters
    ----------
    boxes : sequence of (str, ndarray of shape (2, 2))
        Name of a part, and two opposite corners (x, y) in pixels of the square.
    side : int

    Returns
    -------
    ndarray of int, shape (side, side)
        Index into ``PARTS``. The rest of the face is what lies between parts: within the convex hull of all rectangles.
    """
    found = np.full((side, side), PARTS.index(OUTSIDE))
    corners = [(x, y) for _, ((x0, y0), (x1, y1)) in boxes for x in (x0, x1) for y in (y0, y1)]
    hull = np.zeros((side, side), dtype=np.uint8)
    around = cv2.convexHull(np.array(corners, dtype=np.float32))[:, 0]
    cv2.fillConvexPoly(hull, np.round((around - 0.5) * 16).astype(np.int32), 1, lineType=cv2.LINE_8, shift=4)
    found[hull.astype(bool)] = PARTS.index(REST)
    centres = np.arange(side) + 0.5
    for name, box in boxes:
        low, high = box.min(axis=0), box.max(axis=0)
        rows = (centres >= low[1]) & (centres < high[1])
        columns = (centres >= low[0]) & (centres < high[0])
        found[np.ix_(rows, columns)] = PARTS.index(part_of(name))
    return found


def read_parts(table: Path, paths: Sequence[str]) -> dict[str, list[Box]]:
    """Known parts of pictures.

    Parameters
    ----------
    table : Path
        Columns ``path``, ``part``, ``x0``, ``y0``, ``x1``, ``y1``: corners in pixels of the upright picture.
    paths : sequence of str
        Of the samples; a row belongs to the one whose path it is, or the tail of.

    Returns
    -------
    dict of str to list
        By path; pictures without parts are not among them.

    Raises
    ------
    InputError
        If a column or a number is missing, or no row is of any of these pictures.
    """
    if not Path(table).is_file():
        raise InputError(f"There is no table of parts at {table}.")
    read = read_table(Path(table))
    named = [read.need(name, "the picture" if name == "path" else "eye, nose, mouth ...") for name in ("path", "part")]
    numbers = []
    for name in _CORNERS:
        read.need(name, "a corner of the part in pixels")
        values, _ = as_numbers(read, name)
        if values is None or not np.isfinite(values).all():
            raise InputError(f"{table}: the column '{name}' has to hold numbers of pixels in every row.")
        numbers.append(values)
    known = Tails(paths, "pictures")
    found: dict[str, list[Box]] = {}
    for path, part, *corners in zip(*named, *numbers, strict=True):
        whose = known.find(str(path))
        if whose is not None:
            found.setdefault(whose, []).append((str(part), np.array(corners, dtype=np.float64).reshape(2, 2)))
    if not found:
        raise InputError(
            f"{table} names parts of none of the {len(paths)} pictures: it writes '{named[0][0]}', the samples "
            f"'{paths[0]}'."
        )
    return found
