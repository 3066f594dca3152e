"""Neutral faces and movement away from them: of a clip, a subject or a cohort; in the plane or in space."""

from __future__ import annotations

import numpy as np

from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.features.geometry import by_eyes, onto, onto_3d, onto_still, stable_points

SUBJECT, COHORT = "subject", "cohort"


def resting_face(clip: np.ndarray, name: str, reference: str, frames: int) -> np.ndarray:
    """Median face of the ``'first'`` or ``'last'`` frames of a clip or, ``'median'``, of all; in its own pixels.

    Parameters
    ----------
    clip : ndarray, shape (frames, points, 2 or 3)
    name : str
        Topology of the points.
    reference : str
        Others than these three mean the first frames.
    frames : int

    Returns
    -------
    ndarray, shape (points, 2 or 3)
    """
    part = {"last": clip[-frames:], "median": clip}.get(reference, clip[:frames])
    # Frames are aligned with each other first, so that their median is a face.
    face: np.ndarray = np.median(_fitted(part, part[len(part) // 2], stable_points(name)), axis=0)
    return face


def moved_from(
    clip: np.ndarray,
    neutral: np.ndarray,
    name: str,
    *,
    carried_by: np.ndarray | None = None,
    every_point: bool = True,
    still: bool = False,
) -> np.ndarray:
    """Displacement of each point from a neutral face, in the unit of that face.

    Parameters
    ----------
    clip : ndarray, shape (frames, points, 2 or 3)
        In pixels.
    neutral : ndarray, shape (points, 2 or 3)
    name : str
        Topology of the points.
    carried_by : ndarray, shape (points, 2 or 3), optional
        A face in the clip's pixels: all frames get the one transformation that takes this face to the neutral one. By
        default each frame is fitted by its own stable points.
    every_point : bool
        Whether that one transformation fits every point, or the stable ones only (for a face of somebody else).
    still : bool
        Whether each frame is fitted by whatever points stay still in it, see ``onto_still``.
    """
    stable = stable_points(name)
    if still:
        return onto_still(clip, neutral) - neutral
    if carried_by is None:
        return _fitted(clip, neutral, stable) - neutral
    # Points that follow the fitted ones are carried along.
    used = np.arange(len(neutral)) if every_point else stable
    together = np.concatenate([carried_by[used], clip.reshape(-1, clip.shape[2])])[None]
    moved = _fitted(together, neutral[used], np.arange(len(used)))[0, len(used) :]
    return moved.reshape(clip.shape) - neutral


def faces_of_subjects(
    clips: dict[int, np.ndarray], samples: Samples, name: str, neutral: str, frames: int
) -> dict[int, np.ndarray]:
    """Each clip's neutral face: that of its subject, in inter-ocular distances.

    The median over the subject's clips whose label in a column is the one that ``neutral`` names (``'COLUMN=LABEL'``),
    each with the median of all its frames; of subjects without such clips, or with ``''``, over the first ``frames``
    frames of all their clips.

    Raises
    ------
    InputError
        If ``neutral`` names no column of the samples.
    """
    labelled = np.zeros(len(samples), dtype=bool)
    if neutral:
        column, label = column_of(neutral)
        labelled = np.array([str(value) for value in samples.target(column)], dtype=object) == label
    result = {}
    subjects = samples.subject.astype(str)
    for subject in {subjects[row] for row in clips}:
        own = [row for row in clips if subjects[row] == subject]
        still = [row for row in own if labelled[row]]
        part = "median" if still else "first"
        faces = [by_eyes(resting_face(clips[row], name, part, frames), name) for row in still or own]
        result.update(dict.fromkeys(own, _common(faces, name)))
    return result


def column_of(neutral: str) -> tuple[str, str]:
    """Column and label of ``'COLUMN=LABEL'``."""
    column, sign, label = neutral.partition("=")
    if not (sign and column.strip() and label.strip()):
        raise InputError(
            f"Recipe 'displacement': 'neutral' is COLUMN=LABEL, such as condition=rest, but got '{neutral}'."
        )
    return column.strip(), label.strip()


def _common(faces: list[np.ndarray], name: str) -> np.ndarray:
    """Median of one person's faces; in space they are turned onto each other first, because heads differ in pose."""
    if faces[0].shape[-1] == 3 and len(faces) > 1:
        faces = list(onto_3d(np.array(faces), faces[0], np.ones(len(faces[0]))))
        faces = list(by_eyes(onto_3d(np.array(faces), np.median(faces, axis=0), np.ones(len(faces[0]))), name))
    middle: np.ndarray = np.median(faces, axis=0)
    return middle


def mean_face(clips: dict[int, np.ndarray], samples: Samples, name: str, frames: int) -> np.ndarray:
    """Mean resting face over subjects, each weighing the same, in inter-ocular distances; no labels are used."""
    subjects = samples.subject.astype(str)
    own: dict[str, list[np.ndarray]] = {}
    for row, clip in clips.items():
        own.setdefault(subjects[row], []).append(by_eyes(resting_face(clip, name, "first", frames), name))
    if not own:
        return np.zeros((0, 0))
    mean: np.ndarray = np.mean([np.median(faces, axis=0) for faces in own.values()], axis=0)
    return mean


def _fitted(points: np.ndarray, reference: np.ndarray, stable: np.ndarray) -> np.ndarray:
    """Points fitted by the stable ones, in the plane or in space."""
    if points.shape[-1] == 2:
        return onto(points, reference, stable)
    # ``onto_3d`` fits the first points and carries the rest, so the stable ones are put in front.
    ahead = np.concatenate([points[:, stable], points], axis=1)
    return onto_3d(ahead, reference[stable], np.ones(len(stable)))[:, len(stable) :]
