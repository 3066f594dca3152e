"""Recipe 'expression': named features of each face - blendshapes, named distances, aligned points, action units."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES, OK, Faces
from mien.core.features import NAMED, Features
from mien.core.samples import Samples
from mien.features.geometry import by_eyes, frontal
from mien.features.match import Choice
from mien.features.measures import MEASURES, measures
from mien.features.settings import GAPS, resolve
from mien.features.timeline import regular

BLOCKS = ("blendshapes", "actions", "measures", "points")
FUNCTIONALS = ("mean", "sd", "low", "high", "rise")
DEFAULTS: dict[str, Any] = {
    "blocks": [],
    "align": "eyes",
    "coordinates": "xy",
    "over_time": "",
    "relative_to": "",
    "max_missing": 0.3,
    "max_gap": 15,
    "topology": "",
}
KINDS: dict[str, Any] = {
    "align": Literal["eyes", "frontal"],
    "coordinates": Literal["xy", "xyz"],
    "over_time": Literal["", "apex", "functionals"],
    "relative_to": Literal["", "first", "subject"],
    **GAPS,
}
FIRST_FRAMES = 3


def expression(recipe: dict[str, Any], samples: Samples, choices: list[Choice], faces: Faces) -> Features:
    """Named features of each picture or clip.

    Settings of the recipe
    ----------------------
    blocks : list of str
        Any of ``'blendshapes'`` (52, 0 to 1), ``'actions'`` (further columns of imported tables), ``'measures'``
        (named distances) and ``'points'`` (coordinates of aligned points); both of the last in inter-ocular
        distances. Empty: the first three, as far as the faces have them.
    align : str
        ``'eyes'``: position, scale and in-plane rotation removed. ``'frontal'``: turned to the front in space.
    coordinates : str
        ``'xy'`` or ``'xyz'`` of the points.
    over_time : str
        ``'apex'``: the frame that differs most from the first ones. ``'functionals'``: mean, standard deviation,
        10th and 90th percentile over the frames, and rise (mean of the last third minus mean of the first).
        Empty: functionals if any sample has several frames, else apex, which is the picture itself.
    relative_to : str
        Subtract the features of the clip's ``'first'`` frames, or the mean over all samples of the same
        ``'subject'`` (no labels are used, but each subject then needs several samples).

    Returns
    -------
    Features
        ``'named features'``, (samples, features).
    """
    settings = resolve("expression", recipe, DEFAULTS, KINDS)
    settings["topology"] = faces.topology
    settings["blocks"] = _blocks(settings["blocks"], faces)
    if not settings["over_time"]:
        clips = any(len(choice.frames) > 1 for choice in choices)
        settings["over_time"] = "functionals" if clips else "apex"
    frame_names = _names(settings, faces)
    names = _over_time_names(frame_names, settings["over_time"])
    values = np.full((len(choices), len(names)), np.nan)
    status = np.array([choice.status for choice in choices], dtype=object)
    rows = np.concatenate([np.array([], dtype=np.intp), *[c.rows for c in choices if c.status == OK]])
    per_frame, distances = _per_frame(settings, faces[rows])
    start = 0
    for row, choice in enumerate(choices):
        if choice.status != OK:
            continue
        part = slice(start, start + len(choice.rows))
        start = part.stop
        values[row], status[row] = _sample(settings, choice, faces, per_frame[part], distances[part])
    if settings["relative_to"] == "subject":
        values, status = _relative_to_subject(values, status, samples.subject)
    return Features(values, NAMED, names, settings, status)


def _blocks(given: list[str], faces: Faces) -> list[str]:
    unknown = [block for block in given if block not in BLOCKS]
    if unknown:
        raise InputError(f"Recipe 'expression': blocks are {', '.join(BLOCKS)}, but got '{unknown[0]}'.")
    if given:
        return list(given)
    have = ["measures"]
    if _actions(faces):
        have.insert(0, "actions")
    if np.isfinite(faces.blendshapes[faces.ok]).any():
        have.insert(0, "blendshapes")
    return have


def _actions(faces: Faces) -> list[str]:
    return [name for name, column in faces.extra.items() if name.startswith("AU") and column.dtype.kind in "fiu"]


def _names(settings: dict[str, Any], faces: Faces) -> list[str]:
    names: dict[str, list[str]] = {
        "blendshapes": list(BLENDSHAPES),
        "actions": _actions(faces),
        "measures": list(MEASURES),
        "points": [
            f"point {point} {axis}" for point in range(faces.landmarks_px.shape[1]) for axis in settings["coordinates"]
        ],
    }
    return [name for block in settings["blocks"] for name in names[block]]


def _over_time_names(names: list[str], over_time: str) -> tuple[str, ...]:
    if over_time == "apex":
        return tuple(names)
    return tuple(f"{name} {functional}" for functional in FUNCTIONALS for name in names)


def _per_frame(settings: dict[str, Any], faces: Faces) -> tuple[np.ndarray, np.ndarray]:
    """Features (rows, features) and named distances (rows, measures) of single faces."""
    align = frontal if settings["align"] == "frontal" else by_eyes
    aligned = align(faces.landmarks_px, faces.topology)
    distances = measures(aligned, faces.topology)
    points = aligned[:, :, : len(settings["coordinates"])]
    result = {
        "blendshapes": lambda: faces.blendshapes,
        "actions": lambda: np.stack([faces.extra[name] for name in _actions(faces)], axis=1),
        "measures": lambda: distances,
        "points": lambda: points.reshape(len(faces), points.shape[1] * points.shape[2]),
    }
    return np.concatenate([result[block]() for block in settings["blocks"]], axis=1), distances


def _sample(
    settings: dict[str, Any], choice: Choice, faces: Faces, values: np.ndarray, distances: np.ndarray
) -> tuple[np.ndarray, str]:
    if len(choice.frames) > 1:
        both, status = regular(
            faces.frame[choice.rows],
            np.concatenate([values, distances], axis=1),
            choice.frames,
            choice.times,
            max_missing=settings["max_missing"],
            max_gap=settings["max_gap"],
        )
        if status != OK:
            return np.full(len(_over_time_names(["_"] * values.shape[1], settings["over_time"])), np.nan), status
        values, distances = both[:, : values.shape[1]], both[:, values.shape[1] :]
    if settings["relative_to"] == "first":
        values = values - np.median(values[:FIRST_FRAMES], axis=0)
    summary = apex(values, distances) if settings["over_time"] == "apex" else functionals(values)
    return summary, OK if np.isfinite(summary).all() else "missing values"


def apex(values: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """Values of the frame whose distances differ most from the first frames; shape (features,)."""
    change = np.linalg.norm(distances - np.median(distances[:FIRST_FRAMES], axis=0), axis=1)
    return values[int(np.argmax(change))]


def functionals(values: np.ndarray) -> np.ndarray:
    """Summaries of every feature over time, in the order of ``FUNCTIONALS``; shape (5 * features,)."""
    third = max(1, len(values) // 3)
    rise = values[-third:].mean(0) - values[:third].mean(0)
    low, high = np.percentile(values, [10, 90], axis=0)
    return np.concatenate([values.mean(0), values.std(0), low, high, rise])


def _relative_to_subject(values: np.ndarray, status: np.ndarray, subject: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values, status = values.copy(), status.copy()
    for person in np.unique(subject):
        own = (subject == person) & (status == OK)
        if own.sum() < 2:
            status[own], values[own] = "no other sample of the subject", np.nan
        else:
            values[own] -= values[own].mean(0)
    return values, status
