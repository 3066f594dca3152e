"""Faces that are known in the pictures that viewers looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.paths import Tails
from mien.core.topology import NO_POINTS
from mien.data.shards import read_faces


def faces_of_pictures(
    faces: Faces | str | Path, names: Sequence[str], sizes: Mapping[str, tuple[int, int]], notes: list[str]
) -> tuple[dict[int, np.ndarray], dict[int, np.ndarray]]:  # fmt: skip
    """Boxes and landmarks of the faces in each picture, by the picture's number.

    Parameters
    ----------
    faces : Faces or folder
    names : sequence of str
        Pictures.
    sizes : mapping of str to (int, int)
        Width and height of each.
    notes : list of str
        Receives a sentence for pictures whose faces were found in files of another size.

    Returns
    -------
    boxes : dict of int to ndarray, shape (faces, 4)
        Left, top, width and height in pixels.
    points : dict of int to ndarray, shape (faces, points, 3)
        Only of pictures all of whose faces have points.

    Raises
    ------
    InputError
        If no face belongs to a picture.
    """
    found = faces if isinstance(faces, Faces) else read_faces(faces)
    found = found[found.ok]
    rows = dict(found.by_source())
    tails = Tails(rows, "sources of faces")
    boxes: dict[int, np.ndarray] = {}
    points: dict[int, np.ndarray] = {}
    for number, name in enumerate(names):
        source = tails.find(name)
        if source is None:
            continue
        own = rows[source]
        size = int(found.width_px[own[0]]), int(found.height_px[own[0]])
        if size != sizes[name]:
            notes.append(
                f"'{name}': its faces were found in a picture of {size[0]} x {size[1]} pixels, but its fixations are "
                f"those of one of {sizes[name][0]} x {sizes[name][1]}; they are not used."
            )
            continue
        boxes[number] = np.asarray(found.box_px[own], dtype=np.float64)
        landmarks = np.asarray(found.landmarks_px[own], dtype=np.float64)
        if found.topology != NO_POINTS and np.isfinite(landmarks[..., :2]).all():
            points[number] = landmarks
    if not boxes:
        raise InputError(
            f"None of the faces belongs to a picture of the fixations and its size. The first face is that of "
            f"'{next(iter(rows), 'nothing')}', the first picture '{names[0]}': extract the faces of the same files."
        )
    return boxes, points
