"""Faces of pictures that lie on their side or stand on their head: found where the picture is turned upright.

The detector takes a face that stands on its head for an upright one, and the landmarker fits one to it, which wrinkles
and opens what does neither. It is hardly ever sure of that: below ``SURE_PRESENCE`` the picture is looked at turned,
too, and so it is where faces lie on their side, whose points are less exact.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import UNREADABLE, Faces
from mien.data.media.pictures import Picture, open_picture
from mien.faces.mesh import SURE_PRESENCE
from mien.faces.reader import MEGAPIXELS_AT_ONCE, Looker
from mien.faces.sources import MediaSource

# Upside down, and on either side; quarter turns to the left.
TURNS = (2, 1, 3)


def upright(looker: Looker, source: MediaSource, faces: Faces) -> Faces:
    """The faces of a picture, or those that show when it is turned, where more of these are certain or they lie level.

    Parameters
    ----------
    looker : Looker
    source : MediaSource
        A picture.
    faces : Faces
        What ``looker.picture`` gives of it.

    Returns
    -------
    Faces
        Places, sizes and roll are those in the picture as it is.
    """
    if (faces.status == UNREADABLE).any():
        return faces
    seen, lying = int(faces.ok.sum()), _quarters(faces)
    if not lying and seen and _sure(faces) == seen:
        return faces
    try:
        picture = open_picture(source.path, MEGAPIXELS_AT_ONCE)
    except (InputError, OSError):
        return faces
    best, least = faces, max(1, _sure(faces) + (not lying))
    for turns in (lying,) if lying else TURNS:
        found = looker.opened(source.name, _turned(picture, turns))
        if _sure(found) >= least and not _quarters(found):
            best, least = turned_back(found, turns, picture.height, picture.width), _sure(found) + 1
    return best


def turned_back(faces: Faces, turns: int, height: int, width: int) -> Faces:
    """Faces of a picture that was turned to the left, in the picture as it is.

    Parameters
    ----------
    faces : Faces
    turns : int
        Quarter turns, 1 to 3.
    height, width : int
        Of the picture as it is.
    """

    def back(places: np.ndarray) -> np.ndarray:
        x, y = places[..., 0], places[..., 1]
        return np.stack(((width - y, x), (width - x, height - y), (y, height - x))[turns - 1], axis=-1)

    points = np.concatenate([back(faces.landmarks_px[..., :2]), faces.landmarks_px[..., 2:]], axis=-1)
    corners = back(np.stack([faces.box_px[:, :2], faces.box_px[:, :2] + faces.box_px[:, 2:]], axis=1))
    roll = (np.stack([faces.roll_deg, faces.pose_deg[:, 2]]) + 90 * turns + 180) % 360 - 180
    rows = len(faces)
    return replace(
        faces, landmarks_px=points, iris_px=back(faces.iris_px), roll_deg=roll[0],
        pose_deg=np.column_stack([faces.pose_deg[:, :2], roll[1]]),
        box_px=np.concatenate([corners.min(1), np.ptp(corners, axis=1)], axis=1),
        height_px=np.full(rows, height), width_px=np.full(rows, width),
    )  # fmt: skip


def _quarters(faces: Faces) -> int:
    """Quarter turns to the left that bring most of the faces nearest to upright."""
    roll = faces.pose_deg[faces.ok, 2]
    return round(float(np.median(roll)) / 90) % 4 if len(roll) else 0


def _sure(faces: Faces) -> int:
    return int((faces.presence[faces.ok] >= SURE_PRESENCE).sum())


def _turned(picture: Picture, turns: int) -> Picture:
    height, width = (picture.width, picture.height) if turns % 2 else (picture.height, picture.width)
    return replace(picture, pixels=np.ascontiguousarray(np.rot90(picture.pixels, turns)), height=height, width=width)
