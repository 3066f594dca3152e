"""One made-up person at one moment, before a camera."""

from dataclasses import dataclass

import numpy as np

from mien.data.synthetic import paint
from mien.data.synthetic.cohort import Performance
from mien.data.synthetic.motion import rotation

BODY_FOLLOWS = np.array([0.1, 0.35, 0.2])  # share of the head's pitch, yaw and roll that the shoulders take


@dataclass(frozen=True, eq=False)
class Scene:
    """One made-up person at one moment, before a camera.

    Attributes
    ----------
    points_cm, rest_cm : ndarray, shape (478, 3)
        Points as they are moved and at rest, in the frame of the head.
    strength : ndarray, shape (actions,)
        For the folds of the skin.
    gaze_deg : ndarray, shape (2,)
    pose_deg : ndarray, shape (3,)
        Pitch, yaw, roll.
    appearance : Appearance
    width_cm : float
        How much the picture shows at the depth of the face.
    shift_cm : ndarray, shape (2,)
        Where the middle of the head's frame lies relative to the middle of the picture (right, up).
    light_deg : ndarray, shape (2,)
        Height and bearing of the main light.
    seed : int
        Of background and sensor noise.
    """

    points_cm: np.ndarray
    rest_cm: np.ndarray
    strength: np.ndarray
    gaze_deg: np.ndarray
    pose_deg: np.ndarray
    appearance: paint.Appearance
    width_cm: float = 34.0
    shift_cm: tuple[float, float] = (0.0, 1.0)
    light_deg: tuple[float, float] = (35.0, -30.0)
    seed: int = 0

    def points_px(self, size_px: int) -> np.ndarray:
        """Where the points lie in a picture of that side, shape (478, 3); z negative toward the camera."""
        seen = self.to_camera(self.points_cm, size_px)
        return seen * np.array([1, 1, -1])

    def to_camera(self, points_cm: np.ndarray, size_px: int, *, body: bool = False) -> np.ndarray:
        """Pixel coordinates, z toward the camera; the body follows the head's turns only in part."""
        pose = np.asarray(self.pose_deg) * (BODY_FOLLOWS if body else 1)
        turned = points_cm @ rotation(pose).T
        scale = size_px / self.width_cm
        x = size_px / 2 + scale * (turned[:, 0] + self.shift_cm[0])
        y = size_px / 2 - scale * (turned[:, 1] + self.shift_cm[1])
        return np.stack([x, y, scale * turned[:, 2]], -1)


def scene(performance: Performance, clip: int, frame: int, *, seed: int = 0) -> Scene:
    """The moment of a cohort's performance as a scene; light, appearance and background come from subject and seed."""
    subject = int(performance.subject[clip])
    frame %= performance.strength.shape[1]  # -1 is the last one
    draw = np.random.default_rng([seed, clip, frame])
    return Scene(
        points_cm=performance.points_cm(np.array([clip]))[0, frame].astype(float),
        rest_cm=performance.shapes_cm[subject],
        strength=performance.strength[clip, frame],
        gaze_deg=performance.gaze_deg[clip, frame],
        pose_deg=performance.head.pose_deg[clip, frame],
        appearance=paint.appearance_of(subject, seed),
        width_cm=float(draw.uniform(29, 36)),
        shift_cm=(float(draw.normal() * 0.7), 1.0 + float(draw.normal() * 0.6)),
        light_deg=(float(draw.uniform(20, 50)), float(draw.uniform(-50, 50))),
        seed=int(draw.integers(1 << 31)),
    )
