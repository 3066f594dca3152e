"""The face below maps: the landmarker's mean face, neutral, from the front, drawn by mien's own renderer in grey."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from mien.atlas.canonical_map import HEIGHT, canonical_face
from mien.data.synthetic.actions import ACTIONS
from mien.data.synthetic.geometry import rest_points
from mien.data.synthetic.paint import Appearance
from mien.data.synthetic.render import render
from mien.data.synthetic.scene import Scene

# Of nobody: even skin, short hair, no beard.
_NOBODY = Appearance(
    skin=(0.62, 0.45, 0.36), lips=0.7, hair=(0.10, 0.07, 0.05), hair_length_cm=0.0, hair_volume_cm=0.5,
    iris=(0.12, 0.1, 0.08), brow_weight=0.8, stubble=0.0, shirt=(0.3, 0.3, 0.3), seed=0,
)  # fmt: skip
_SIDE = 720
# Grey values of the drawing, dark to light: pale, so that colours over it are read as on paper.
_DARK, _LIGHT = 120.0, 245.0


@cache
def average_face(scale: int = 2) -> np.ndarray:
    """The mean face in the place of the canonical face.

    Parameters
    ----------
    scale : int
        Pixels of the drawing for each of the canonical face.

    Returns
    -------
    ndarray of uint8, shape (height, width, 2)
        Grey and opacity: nothing is drawn outside the face.

    Raises
    ------
    WeightsError
        If the canonical mesh was not pulled.
    """
    rest = rest_points()
    scene = Scene(
        points_cm=rest, rest_cm=rest, strength=np.zeros(len(ACTIONS)), gaze_deg=np.zeros(2), pose_deg=np.zeros(3),
        appearance=_NOBODY, width_cm=26.0, shift_cm=(0.0, 0.0), light_deg=(35.0, 0.0),
    )  # fmt: skip
    picture = cv2.cvtColor(render(scene, _SIDE), cv2.COLOR_RGB2GRAY)
    face = canonical_face(468, HEIGHT * scale)
    seen = scene.points_px(_SIDE)[: len(face.points_px), :2]
    # The resting face has closed lips and fuller lids than the canonical mesh: it is carried there by the triangles.
    places = np.zeros((*face.shape, 2), dtype=np.float32)
    places[face.inside] = face.between @ seen - 0.5
    grey = cv2.remap(picture, places[..., 0], places[..., 1], cv2.INTER_LINEAR)
    # Without the grain of skin and sensor, which would only make files large.
    grey = cv2.GaussianBlur(grey, (0, 0), 0.6 * scale).astype(np.float64)
    low, high = np.quantile(grey[face.inside], (0.01, 0.99))
    drawn = _DARK + (_LIGHT - _DARK) * np.clip((grey - low) / (high - low), 0, 1)
    result = np.stack([4 * np.round(drawn / 4), 255.0 * face.inside], axis=-1).astype(np.uint8)
    result.flags.writeable = False
    return result
