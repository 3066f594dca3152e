"""Pictures that are nearly the same: saved anew, made smaller, cut, turned or mirrored, under another person's name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import COLUMNS, OK, Faces
from mien.core.topology import topology
from mien.data.media.pictures import read_picture
from mien.features.crop import BRIGHTNESS, cut
from mien.features.geometry import EYE_CORNERS, ibug_points
from mien.features.match import Choice
from mien.learn.shapes import apart, most_apart, shape_of

# Measured on 204 pictures of 102 people and thirteen altered copies of 64 of them (docs/simulations.md): copies lie
# within MOST_APART and correlate by LEAST_ALIKE and more at the best shift, pairs of different people by .93 at most.
MOST_APART, LEAST_ALIKE = 0.03, 0.95
# Pictures are compared as squares around the eyes, this many pixels wide, of this many distances between the eyes, and
# shifted by a few pixels against each other: on small pictures points are found less exactly.
_SIZE, _SIDE, _EYES_AT, _SHIFT = 32, 2.8, 0.4, 2
_BLOCK = 256
# Numbers of points among which the 68 of iBUG are known.
WHOLE_FACES = (68, 468, 478)
# Without their pictures: root of the squared differences of the 52 blendshapes, and the share of ``most_apart`` that
# points have to keep to where there are none.
BLENDSHAPES_APART, POINTS_ALONE = 0.4, 0.8
_BLENDSHAPES = COLUMNS["blendshapes"].parts


def near_copies(
    people: np.ndarray, files: Sequence[Path], choices: Sequence[Choice], faces: Faces
) -> list[tuple[int, int]]:
    """Pairs of pictures of two people that show the same face in the same moment, but for how they were saved.

    Faces whose points have the same shape are compared pixel by pixel, also mirrored. Where a picture is not at hand,
    they have to agree more closely in all points and in their blendshapes. Clips: ``mien.learn.near_clips``.

    Parameters
    ----------
    people : ndarray of str, shape (samples,)
    files : sequence of Path
    choices : sequence of Choice
        The face of each sample among ``faces``.

    Returns
    -------
    list of (int, int)
        Rows, the earlier one first.
    """
    if not searchable(faces):
        return []
    stills = np.array([r for r, choice in enumerate(choices) if choice.status == OK and len(choice.frames) == 1], int)
    of_faces = np.array([choices[row].rows[0] for row in stills], dtype=int)
    points = faces.landmarks_px[of_faces, :, :2].astype(np.float64)
    usable = np.isfinite(points).all(axis=(1, 2)) & (np.ptp(points, axis=1) > 0).all(axis=1)
    rows, of_faces, points = stills[usable], of_faces[usable], points[usable]
    if len(rows) < 2:
        return []
    person = np.unique(people[rows].astype(str), return_inverse=True)[1]
    ibug = points[:, ibug_points(faces.topology)]
    measured = _Measured(points, faces.topology, faces.blendshapes[of_faces].astype(np.float64), person)
    squares: dict[int, np.ndarray | None] = {}
    found = []
    for a, b in _same_shape(ibug, person):
        for number in (a, b):
            if number not in squares:
                squares[number] = _square(files[rows[number]], ibug[number])
        one, other = squares[a], squares[b]
        if one is None or other is None:
            same = measured.same(a, b)
        else:
            same = max(_alike(one, other), _alike(one, other[:, ::-1])) > LEAST_ALIKE
        if same:
            found.append((int(rows[a]), int(rows[b])))
    return found


def searchable(faces: Faces) -> bool:
    """Whether the faces have points that copies are known by."""
    return len(topology(faces.topology)) in WHOLE_FACES


class _Measured:
    """Faces that can be compared by what was measured on them, without their pictures."""

    def __init__(self, points: np.ndarray, name: str, blendshapes: np.ndarray, person: np.ndarray) -> None:
        mirror = list(topology(name).mirror)
        self.shapes, self.mirrored = shape_of(points), shape_of(points[:, mirror] * [-1.0, 1.0])
        self.blendshapes, self.mirrored_blendshapes = blendshapes, blendshapes[:, _mirrored_blendshapes()]
        self.limit = most_apart(self.shapes, person)

    def same(self, a: int, b: int) -> bool:
        """Whether points and, where they are known, blendshapes agree, also mirrored."""
        own = self.blendshapes[a]
        if not (np.isfinite(own).all() and np.isfinite(self.blendshapes[b]).all()):
            least = min(apart(self.shapes[a], other[b]) for other in (self.shapes, self.mirrored))
            return bool(least < self.limit * POINTS_ALONE)
        ways = ((self.shapes, self.blendshapes), (self.mirrored, self.mirrored_blendshapes))
        return any(
            apart(self.shapes[a], shapes[b]) < self.limit and np.linalg.norm(own - blendshapes[b]) < BLENDSHAPES_APART
            for shapes, blendshapes in ways
        )


def _mirrored_blendshapes() -> list[int]:
    swap = {"Left": "Right", "Right": "Left"}
    place = {name: number for number, name in enumerate(_BLENDSHAPES)}
    return [place[re.sub("Left|Right", lambda found: swap[found[0]], name)] for name in _BLENDSHAPES]


def _same_shape(points: np.ndarray, person: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of different people whose points agree after moving, turning, scaling and perhaps mirroring."""
    mirror = list(topology("ibug-68").mirror)
    shapes = [shape_of(points), shape_of(points[:, mirror] * [-1.0, 1.0])]
    # Complex numbers: the absolute product is the cosine at the best turn.
    least = 1 - MOST_APART**2 / 2
    pairs = []
    for start in range(0, len(points), _BLOCK):
        part = slice(start, start + _BLOCK)
        cosine = np.maximum(*(np.abs(shapes[0][part].conj() @ other.T) for other in shapes))
        near = (cosine > least) & (person[part, None] != person[None])
        pairs += [(start + int(a), int(b)) for a, b in np.argwhere(near) if start + a < b]
    return pairs


def _square(file: Path, points: np.ndarray) -> np.ndarray | None:
    """The face's brightness around the eyes; None where the picture cannot be read."""
    if not file.is_file():
        return None
    try:
        picture = read_picture(file)
    except InputError:
        return None
    corners = points[list(EYE_CORNERS)]
    right, left = corners[:2].mean(axis=0), corners[2:].mean(axis=0)
    across = (left - right) * _SIDE
    if not np.hypot(*across) > 1:
        return None
    centre = (right + left) / 2 + np.array([-across[1], across[0]]) * (0.5 - _EYES_AT)
    grey: np.ndarray = cut(picture, centre, across, _SIZE) @ BRIGHTNESS
    return grey


def _alike(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation at the best shift."""
    inner = np.lib.stride_tricks.sliding_window_view(other, (_SIZE - 2 * _SHIFT,) * 2).reshape(
        -1, (_SIZE - 2 * _SHIFT) ** 2
    )
    a = one[_SHIFT:-_SHIFT, _SHIFT:-_SHIFT].ravel()
    a, b = a - a.mean(), inner - inner.mean(axis=1, keepdims=True)
    size = np.linalg.norm(a) * np.linalg.norm(b, axis=1)
    return float(np.max(b @ a / np.where(size > 0, size, np.inf)))
