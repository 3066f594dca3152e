"""Recipe 'action_units': how strongly each apparent action unit shows in a picture, by mien's own measures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import OK, UNREADABLE, Faces
from mien.core.features import NAMED, Features
from mien.core.samples import Samples
from mien.core.topology import MEDIAPIPE_478
from mien.data.media.pictures import read_picture
from mien.features.action_inputs import inputs_of, sides
from mien.features.crop import CHANGED, CLIP
from mien.features.learnt_actions import learnt
from mien.features.match import NOT_FOUND, Choice, files_of
from mien.features.settings import resolve

DEFAULTS: dict[str, Any] = {"topology": ""}
KINDS: dict[str, Any] = {}
# In the order of their numbers, what blendshapes give among them.
UNITS: tuple[str, ...] = tuple(
    f"AU{number}" for number in (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 16, 17, 18, 20, 23, 26, 34, 43)
)


def action_units(
    recipe: dict[str, Any], samples: Samples, choices: list[Choice], faces: Faces, picture: np.ndarray | None = None
) -> Features:
    """Intensity of every apparent action unit of each picture, 0 to 1; ``picture``: that of all faces, in memory.

    Returns
    -------
    Features
        ``'named features'``, (samples, units of ``UNITS``). Statuses beside those of the faces: ``'a clip, not a
        picture'``, ``'not found'``, ``'unreadable'``, ``'changed since extraction'``.
    """
    settings = resolve("action_units", recipe, DEFAULTS, KINDS)
    if faces.topology != MEDIAPIPE_478:
        raise InputError(
            f"Recipe 'action_units' needs the landmarker's 478 points, but these faces have '{faces.topology}'; action "
            "units of other tools are learnt from by name: --features 'AU*'."
        )
    values, status = intensities(samples, choices, faces, picture)
    return Features(values, NAMED, UNITS, {**settings, "topology": faces.topology}, status)


def intensities(
    samples: Samples, choices: list[Choice], faces: Faces, picture: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Intensities, shape (samples, units), NaN where there is none, and the status of each sample.

    ``picture`` is that of all faces where it is in memory; else each sample's is read.
    """
    known = learnt()
    values = np.full((len(choices), len(UNITS)), np.nan)
    status = np.array([choice.status for choice in choices], dtype=object)
    own = [UNITS.index(unit) for unit in known.units]
    others = [UNITS.index(unit) for unit in known.frozen]
    for row, (choice, path) in enumerate(zip(choices, files_of(samples, faces, choices), strict=True)):
        if choice.status != OK:
            continue
        if len(choice.frames) > 1:
            status[row] = CLIP
            continue
        face = choice.rows[:1]
        shown, status[row] = (picture, OK) if picture is not None else _read(path)
        if shown is None:
            continue
        if shown.shape[:2] != (faces.height_px[face[0]], faces.width_px[face[0]]):
            status[row] = CHANGED
            continue
        shapes = faces.blendshapes[face]
        by_name = {name: shapes[:, list(places)].mean(1).astype(np.float64) for name, places in sides()}
        values[row, own] = known.measure(inputs_of(faces.landmarks_px[face], shapes, [shown])).intensity[0]
        values[row, others] = known.measure_frozen(by_name).intensity[0]
    return values, status


def _read(path: Path) -> tuple[np.ndarray | None, str]:
    """The picture, or None and why not."""
    if not path.is_file():
        return None, NOT_FOUND
    try:
        return read_picture(path), OK
    except InputError:
        return None, UNREADABLE
