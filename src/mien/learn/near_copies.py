"""Pictures that are nearly the same: saved anew, made smaller, cut, turned or mirrored, under another person's name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import OK, Faces
from mien.core.topology import topology
from mien.data.media.pictures import read_picture
from mien.features.crop import BRIGHTNESS, cut
from mien.features.geometry import EYE_CORNERS, ibug_points
from mien.features.match import Choice

# Measured on 80 pictures of 40 people against seven altered copies of each: copies lie within MOST_APART and correlate
# by .97 and more, pairs of different people by .93 at most.
MOST_APART, LEAST_ALIKE = 0.03, 0.96
# Pictures are compared as squares around the eyes, this many pixels wide, of this many distances between the eyes.
_SIZE, _SIDE, _EYES_AT = 32, 2.8, 0.4
_BLOCK = 256
# Numbers of points among which the 68 of iBUG are known.
_WHOLE_FACES = (68, 468, 478)


def near_copies(
    people: np.ndarray, files: Sequence[Path], choices: Sequence[Choice], faces: Faces
) -> list[tuple[int, int]]:
    """Pairs of pictures of two people that show the same face in the same moment, but for how they were saved.

    Faces whose points have the same shape are compared pixel by pixel, also mirrored. Clips are not compared.

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
    stills = [row for row, choice in enumerate(choices) if choice.status == OK and len(choice.frames) == 1]
    if len(stills) < 2 or len(topology(faces.topology)) not in _WHOLE_FACES:
        return []
    points = faces.landmarks_px[[choices[row].rows[0] for row in stills], :, :2].astype(np.float64)
    points = points[:, ibug_points(faces.topology)]
    usable = np.isfinite(points).all(axis=(1, 2)) & (np.ptp(points, axis=1) > 0).all(axis=1)
    rows = np.array(stills)[usable]
    pairs = _same_shape(points[usable], np.unique(people[rows].astype(str), return_inverse=True)[1])
    squares: dict[int, np.ndarray | None] = {}
    result = []
    for a, b in pairs:
        for number in (a, b):
            if number not in squares:
                squares[number] = _square(files[rows[number]], points[usable][number])
        one, other = squares[a], squares[b]
        if one is not None and other is not None and max(_alike(one, other), _alike(one, other[:, ::-1])) > LEAST_ALIKE:
            result.append((int(rows[a]), int(rows[b])))
    return result


def _same_shape(points: np.ndarray, person: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of different people whose points agree after moving, turning, scaling and perhaps mirroring."""
    mirror = list(topology("ibug-68").mirror)
    shapes = [_shape(points), _shape(points[:, mirror] * [-1.0, 1.0])]
    # Complex numbers: the absolute product is the cosine at the best turn.
    least = 1 - MOST_APART**2 / 2
    pairs = []
    for start in range(0, len(points), _BLOCK):
        part = slice(start, start + _BLOCK)
        cosine = np.maximum(*(np.abs(shapes[0][part].conj() @ other.T) for other in shapes))
        near = (cosine > least) & (person[part, None] != person[None])
        pairs += [(start + int(a), int(b)) for a, b in np.argwhere(near) if start + a < b]
    return pairs


def _shape(points: np.ndarray) -> np.ndarray:
    centred = points - points.mean(axis=1, keepdims=True)
    flat = centred[..., 0] + 1j * centred[..., 1]
    unit: np.ndarray = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    return unit


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
    a, b = one - one.mean(), other - other.mean()
    size = np.linalg.norm(a) * np.linalg.norm(b)
    return float((a * b).sum() / size) if size > 0 else 0.0
