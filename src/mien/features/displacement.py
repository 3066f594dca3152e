"""Recipe 'displacement': how far each facial point moves from a neutral face, over time."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.features import SEQUENCE, Features
from mien.core.samples import Samples
from mien.core.topology import IBUG_68, MEDIAPIPE_468, MEDIAPIPE_478, topology
from mien.features.geometry import by_eyes, ibug_points, onto, stable_points
from mien.features.match import Choice
from mien.features.settings import resolve
from mien.features.timeline import regular, resampled

DEFAULTS: dict[str, Any] = {
    "frames": 32,
    "points": "",
    "align": "frame",
    "reference": "first",
    "reference_frames": 3,
    "max_missing": 0.3,
    "max_gap": 15,
}
CHOICES = {
    "align": ("frame", "clip"),
    "reference": ("first", "last", "median"),
}


def displacement(recipe: dict[str, Any], samples: Samples, choices: list[Choice], faces: Faces) -> Features:
    """Displacement of every point from a neutral reference, in inter-ocular distances of that reference.

    Settings of the recipe
    ----------------------
    frames : int
        Frames after resampling (linear, over the whole clip).
    points : str
        Topology of the result: that of the faces (``''``), or fewer points: ``'ibug-68'`` out of 478, or a subset
        such as ``'mediapipe-478[61,291]'``. Alignment uses the points of the faces all the same.
    align : str
        ``'frame'``: every frame is moved, scaled and turned in the plane onto the reference by the points that
        facial muscles hardly move, so that nods and head shakes stay visible only as a change of shape.
        ``'clip'``: the transformation of the reference is used for all frames, so that movement of the whole
        head since then stays.
    reference, reference_frames : str, int
        The neutral face: median of the ``'first'`` or ``'last'`` frames, or of the whole clip (``'median'``).
    max_missing, max_gap : float, int
        Largest share of missing frames and longest run of them that are interpolated.

    Returns
    -------
    Features
        ``'landmarks x time'``, (samples, frames, points, 2): x to the right, y down.
    """
    settings = resolve("displacement", recipe, DEFAULTS, CHOICES)
    if settings["frames"] < 2 or settings["reference_frames"] < 1:
        raise InputError("Recipe 'displacement': needs at least 2 frames and 1 reference frame.")
    settings["points"] = topology(settings["points"] or faces.topology).name
    picked = _picked(faces.topology, settings["points"])
    values = np.full((len(choices), settings["frames"], len(picked), 2), np.nan, dtype=np.float32)
    status = np.array([choice.status for choice in choices], dtype=object)
    for row, choice in enumerate(choices):
        if choice.status == "ok":
            sequence, status[row] = _sequence(settings, choice, faces)
            if status[row] == "ok":
                values[row] = sequence[:, picked]
    return Features(values, SEQUENCE, ("x", "y"), settings, status, settings["points"])


def _sequence(settings: dict[str, Any], choice: Choice, faces: Faces) -> tuple[np.ndarray, str]:
    points = faces.landmarks_px[choice.rows][:, :, :2].astype(np.float64)
    clip, status = regular(
        faces.frame[choice.rows],
        points,
        choice.frames,
        max_missing=settings["max_missing"],
        max_gap=settings["max_gap"],
    )
    if status != "ok":
        return clip, status
    moved = moves(
        clip,
        faces.topology,
        align=settings["align"],
        reference=settings["reference"],
        reference_frames=settings["reference_frames"],
    )
    return resampled(moved, settings["frames"]), "ok" if np.isfinite(moved).all() else "degenerate points"


def moves(
    clip: np.ndarray, name: str, *, align: str = "frame", reference: str = "first", reference_frames: int = 3
) -> np.ndarray:
    """Displacement of each point of a clip from its neutral reference.

    Parameters
    ----------
    clip : ndarray, shape (frames, points, 2)
        In pixels, without gaps.
    name : str
        Topology of the points.

    Returns
    -------
    ndarray, shape (frames, points, 2)
        In inter-ocular distances of the reference.
    """
    part = {"first": clip[:reference_frames], "last": clip[-reference_frames:], "median": clip}[reference]
    stable = stable_points(name)
    # Frames of the reference are aligned with each other first, so that their median is a face.
    neutral_px = np.median(onto(part, part[len(part) // 2], stable), axis=0)
    neutral = by_eyes(neutral_px, name)
    if align == "frame":
        return onto(clip, neutral, stable) - neutral
    return _as_reference(clip, neutral_px, neutral) - neutral


def _as_reference(clip: np.ndarray, neutral_px: np.ndarray, neutral: np.ndarray) -> np.ndarray:
    """The clip under the one transformation that takes the reference from pixels to its normalised place."""
    start = neutral_px.mean(0)
    a, b = _complex(neutral_px - start), _complex(neutral - neutral.mean(0))
    spread = (np.abs(a) ** 2).sum()
    factor = (np.conj(a) * b).sum() / (spread if spread > 0 else np.nan)
    moved = _complex(clip - start) * factor
    return np.stack([moved.real, moved.imag], -1) + neutral.mean(0)


def _complex(points: np.ndarray) -> np.ndarray:
    return points[..., 0] + 1j * points[..., 1]


def _picked(have: str, want: str) -> np.ndarray:
    if want.endswith("]"):
        kept = topology(want)
        return _picked(have, kept.parent)[kept.index]
    if want == have:
        return np.arange(len(topology(have)))
    if have == IBUG_68 or (have == MEDIAPIPE_468 and want == MEDIAPIPE_478):
        raise InputError(f"Recipe 'displacement': the faces have the points {have}; {want} cannot be had from them.")
    return np.arange(468) if want == MEDIAPIPE_468 else ibug_points(have)
