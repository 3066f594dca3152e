"""Recipe 'displacement': how far each facial point moves from a neutral face, over time."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.features import SEQUENCE, Features
from mien.core.numbers import Range
from mien.core.samples import Samples
from mien.core.topology import IBUG_68, MEDIAPIPE_468, MEDIAPIPE_478, topology
from mien.features.geometry import PRESENT, by_eyes, ibug_points
from mien.features.match import Choice
from mien.features.neutral import COHORT, SUBJECT, faces_of_subjects, mean_face, moved_from, resting_face
from mien.features.settings import GAPS, resolve
from mien.features.timeline import regular, resampled

DEFAULTS: dict[str, Any] = {
    "frames": 32,
    "points": "",
    "coordinates": 2,
    "values": "displacement",
    "length": "resample",
    "align": "frame",
    "reference": "first",
    "reference_frames": 3,
    "neutral": "",
    "face": [],
    "max_missing": 0.3,
    "max_gap": 15,
}
_WHOLE = Annotated[int, Range(1, whole=True)]
KINDS: dict[str, Any] = {
    "frames": _WHOLE,
    "points": str,
    "coordinates": Annotated[int, Range(2, 3, whole=True)],
    "values": Literal["displacement", "velocity", "both"],
    "length": Literal["resample", "pad", "peak"],
    "align": Literal["frame", "clip", "still"],
    "reference": Literal["first", "last", "median", "subject", "cohort"],
    "reference_frames": _WHOLE,
    "neutral": str,
    **GAPS,
}


def displacement(recipe: dict[str, Any], samples: Samples, choices: list[Choice], faces: Faces) -> Features:
    """Displacement of every point from a neutral reference, in inter-ocular distances of that reference.

    Settings of the recipe
    ----------------------
    frames : int
        Frames of the result, see ``length``.
    points : str
        Topology of the result: that of the faces (``''``), or fewer points: ``'ibug-68'`` out of 478, or a subset
        such as ``'mediapipe-478[61,291]'``. Alignment uses the points of the faces all the same.
    coordinates : int
        2, or 3 with depth; frames are then also turned in space onto the reference.
    values : str
        ``'displacement'``, ``'velocity'`` (its change per frame of the clip, at its mean rate) or ``'both'``.
    length : str
        ``'resample'``: linear, over the time of the whole clip. ``'pad'``: clips keep their own speed and are followed
        by frames of zeros; a further channel ``'present'`` is 1 in frames of the clip and 0 behind it. Longer clips
        are resampled. ``'peak'``: the one frame that is farthest from the reference.
    align : str
        ``'frame'``: every frame is moved, scaled and turned onto the reference by the points that facial muscles
        hardly move, so that nods and head shakes stay visible only as a change of shape. ``'clip'``: the
        transformation of the reference is used for all frames, so that movement of the whole head since then stays.
        ``'still'``: as ``'frame'``, but by all points that stay still in the frame, found by down-weighting those that
        do not: more exact, above all with three coordinates and a reference of the same person.
    reference, reference_frames : str, int
        The neutral face: median of the ``'first'`` or ``'last'`` frames, or of the whole clip (``'median'``).
        ``'subject'``: of the first frames of all clips of the same subject, or of those clips that ``neutral`` names.
        ``'cohort'``: mean face of all subjects; no labels are used.
    neutral : str
        ``'COLUMN=LABEL'``: which clips ``'subject'`` takes as neutral, such as ``'condition=rest'``. Training refuses
        the column that is to be predicted: the reference would tell it.
    face : list
        The face of ``'cohort'`` (points, coordinates) in inter-ocular distances; empty: computed from these samples
        and then kept in ``Features.recipe``, so that other samples are measured against the same one.
    max_missing, max_gap : float, int
        Largest share of missing frames and longest run of them that are interpolated.

    Returns
    -------
    Features
        ``'landmarks x time'``, (samples, frames, points, channels): x to the right, y down, z away from the camera;
        velocities are called vx, vy, vz.
    """
    settings = settings_of(recipe)
    settings["points"] = topology(settings["points"] or faces.topology).name
    picked = picked_points(faces.topology, settings["points"])
    names = _names(settings)
    status = np.array([choice.status for choice in choices], dtype=object)
    clips: dict[int, np.ndarray] = {}
    for row, choice in enumerate(choices):
        if choice.status == "ok":
            clip, status[row] = _clip(settings, choice, faces)
            if status[row] == "ok":
                clips[row] = clip
    neutral = _neutral(settings, samples, clips, faces.topology)
    values = np.full((len(choices), settings["frames"], len(picked), len(names)), np.nan, dtype=np.float32)
    for row, clip in clips.items():
        moved = moves(clip, faces.topology, neutral=neutral.get(row), **_how(settings))
        if not np.isfinite(moved).all():
            status[row] = "degenerate points"
        else:
            values[row] = _shown(settings, moved[:, picked])
    return Features(values, SEQUENCE, names, settings, status, settings["points"])


def moves(
    clip: np.ndarray,
    name: str,
    *,
    align: str = "frame",
    reference: str = "first",
    reference_frames: int = 3,
    neutral: np.ndarray | None = None,
) -> np.ndarray:
    """Displacement of each point of a clip from its neutral reference.

    Parameters
    ----------
    clip : ndarray, shape (frames, points, 2 or 3)
        In pixels, without gaps.
    name : str
        Topology of the points.
    neutral : ndarray, shape (points, 2 or 3), optional
        Face in inter-ocular distances that displacement is measured from, instead of the clip's own reference.

    Returns
    -------
    ndarray, shape of the clip
        In inter-ocular distances of the reference.
    """
    rest_px = resting_face(clip, name, reference, reference_frames)
    goal = by_eyes(rest_px, name) if neutral is None else neutral
    carried_by = rest_px if align == "clip" else None
    return moved_from(clip, goal, name, carried_by=carried_by, every_point=neutral is None, still=align == "still")


def settings_of(recipe: dict[str, Any]) -> dict[str, Any]:
    """The complete recipe, every setting given or default; needs no faces.

    Raises
    ------
    InputError
        For a setting that there is not, or a value of another kind or out of range.
    """
    settings = resolve("displacement", recipe, DEFAULTS, KINDS)
    if not isinstance(settings["face"], (list, tuple, np.ndarray)):
        raise InputError(f"Recipe 'displacement': 'face' is a list of points, or empty, but got {settings['face']!r}.")
    if settings["length"] == "peak":
        if settings["values"] != "displacement":
            raise InputError("Recipe 'displacement': a single frame (length='peak') has no velocity.")
        settings["frames"] = 1
    elif settings["frames"] < 2:
        raise InputError("Recipe 'displacement': needs at least 2 frames.")
    return settings


def _names(settings: dict[str, Any]) -> tuple[str, ...]:
    axes = ("x", "y", "z")[: settings["coordinates"]]
    moved = axes if settings["values"] != "velocity" else ()
    speed = tuple(f"v{axis}" for axis in axes) if settings["values"] != "displacement" else ()
    return (*moved, *speed, *((PRESENT,) if settings["length"] == "pad" else ()))


def _how(settings: dict[str, Any]) -> dict[str, Any]:
    return {key: settings[key] for key in ("align", "reference", "reference_frames")}


def _clip(settings: dict[str, Any], choice: Choice, faces: Faces) -> tuple[np.ndarray, str]:
    """The clip in pixels, without gaps; empty unless the status is 'ok'."""
    points = faces.landmarks_px[choice.rows][:, :, : settings["coordinates"]].astype(np.float64)
    limits = {key: settings[key] for key in ("max_missing", "max_gap")}
    return regular(faces.frame[choice.rows], points, choice.frames, choice.times, **limits)


def _neutral(
    settings: dict[str, Any], samples: Samples, clips: dict[int, np.ndarray], name: str
) -> dict[int, np.ndarray]:
    """Neutral face of each clip where it is not its own; the cohort's goes into the settings."""
    if settings["reference"] == SUBJECT:
        return faces_of_subjects(clips, samples, name, settings["neutral"], settings["reference_frames"])
    if settings["reference"] != COHORT:
        return {}
    shape = (len(topology(name)), settings["coordinates"])
    if not len(settings["face"]):
        settings["face"] = np.round(mean_face(clips, samples, name, settings["reference_frames"]), 6).tolist()
    try:
        face = np.array(settings["face"], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"Recipe 'displacement': 'face' is a table of numbers ({error}).") from error
    if clips and face.shape != shape:
        raise InputError(f"Recipe 'displacement': 'face' has shape {face.shape}, but the faces have {shape}.")
    return dict.fromkeys(clips, face)


def _shown(settings: dict[str, Any], moved: np.ndarray) -> np.ndarray:
    """Frames and channels as asked for, (frames, points, channels)."""
    if settings["length"] == "peak":
        farthest = int(np.linalg.norm(moved, axis=2).mean(1).argmax())
        return moved[farthest : farthest + 1]
    blocks = {
        "displacement": lambda: moved,
        "velocity": lambda: np.gradient(moved, axis=0),
        "both": lambda: np.concatenate([moved, np.gradient(moved, axis=0)], axis=2),
    }
    shown, frames = blocks[settings["values"]](), settings["frames"]
    if settings["length"] == "resample" or len(shown) > frames:
        shown = resampled(shown, frames)
    if settings["length"] == "resample":
        return shown
    padded = np.zeros((frames, shown.shape[1], shown.shape[2] + 1))
    padded[: len(shown), :, :-1], padded[: len(shown), :, -1] = shown, 1.0
    return padded


def picked_points(have: str, want: str) -> np.ndarray:
    """Where the points of one topology stand among those of another.

    Raises
    ------
    InputError
        If they cannot be had from it.
    """
    if want.endswith("]"):
        kept = topology(want)
        return picked_points(have, kept.parent)[kept.index]
    if want == have:
        return np.arange(len(topology(have)))
    if have == IBUG_68 or (have == MEDIAPIPE_468 and want == MEDIAPIPE_478):
        raise InputError(f"Recipe 'displacement': the faces have the points {have}; {want} cannot be had from them.")
    return np.arange(468) if want == MEDIAPIPE_468 else ibug_points(have)
