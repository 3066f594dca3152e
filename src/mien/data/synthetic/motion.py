"""How a performance goes through time: onset and apex, blinks, gaze, and head motion seen by a camera.

Everything here is drawn without knowing the label, so that nothing but the acting points can give it away.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class HeadMotion:
    """Where the head is in every frame of every clip.

    Attributes
    ----------
    pose_deg : ndarray, shape (clips, frames, 3)
        Pitch (+ up), yaw (+ to the person's left), roll (+ clockwise as seen in the picture).
    px_per_cm : ndarray, shape (clips, frames)
    origin_px : ndarray, shape (clips, frames, 2)
        Where the origin of the head frame lies in the picture.
    """

    pose_deg: np.ndarray
    px_per_cm: np.ndarray
    origin_px: np.ndarray

    def rotation(self) -> np.ndarray:
        """Rotation matrices of the heads, shape (clips, frames, 3, 3)."""
        return rotation(self.pose_deg)

    def project(self, points_cm: np.ndarray) -> np.ndarray:
        """Weak-perspective picture coordinates in px, shape (clips, frames, points, 3); z negative to the camera."""
        camera = self.rotation() * self.px_per_cm[..., None, None] * np.array([[1.0], [-1.0], [-1.0]])
        seen = points_cm @ camera.swapaxes(-1, -2).astype(points_cm.dtype)
        seen[..., :2] += self.origin_px[..., None, :]
        return seen


def rotation(pose_deg: np.ndarray) -> np.ndarray:
    """Matrices that turn head-frame vectors into camera-frame ones, for (pitch, yaw, roll), shape (..., 3, 3).

    Read as ``mien.faces`` reads it, yaw after pitch after roll: R = yaw @ pitch @ roll.
    """
    pitch, yaw, roll = np.moveaxis(np.deg2rad(np.asarray(pose_deg, dtype=float)), -1, 0)
    one, zero = np.ones_like(pitch), np.zeros_like(pitch)
    cos, sin = np.cos, np.sin
    rx = _matrix([[one, zero, zero], [zero, cos(pitch), sin(pitch)], [zero, -sin(pitch), cos(pitch)]])
    ry = _matrix([[cos(yaw), zero, sin(yaw)], [zero, one, zero], [-sin(yaw), zero, cos(yaw)]])
    rz = _matrix([[cos(roll), sin(roll), zero], [-sin(roll), cos(roll), zero], [zero, zero, one]])
    return ry @ rx @ rz


def _matrix(rows: list[list[np.ndarray]]) -> np.ndarray:
    return np.stack([np.stack(row, -1) for row in rows], -2)


def head_motion(
    n_clips: int, n_frames: int, generator: np.random.Generator, *, size_px: tuple[int, int], strength: float = 1.0
) -> HeadMotion:
    """A pose, a place and a size per clip, and slow drifts about them. ``size_px`` is (width, height)."""
    spread = np.array([5.0, 9.0, 5.0]) * strength
    pose = generator.normal(size=(n_clips, 1, 3)) * spread * 0.7
    pose = pose + _drift(n_clips, n_frames, 3, generator) * spread * 0.5
    height = size_px[1]
    scale = height / 34.0 * np.exp(generator.normal(size=(n_clips, 1)) * 0.12 * strength)
    scale = scale * np.exp(_drift(n_clips, n_frames, 1, generator)[..., 0] * 0.03 * strength)
    place = np.array(size_px) / 2 + generator.normal(size=(n_clips, 1, 2)) * height * 0.05 * strength
    place = place + _drift(n_clips, n_frames, 2, generator) * height * 0.02 * strength
    return HeadMotion(pose, scale, place)


def _drift(n_clips: int, n_frames: int, parts: int, generator: np.random.Generator) -> np.ndarray:
    """Sums of two slow sines of about unit size, shape (clips, frames, parts)."""
    time = np.linspace(0, 1, n_frames)[None, :, None, None]
    shape = (n_clips, 1, parts, 2)
    rate, phase = generator.uniform(0.3, 1.6, size=shape), generator.uniform(0, 2 * np.pi, size=shape)
    return (generator.normal(size=shape) * np.sin(2 * np.pi * (rate * time + phase))).sum(-1)


def time_course(n_clips: int, n_frames: int, generator: np.random.Generator) -> np.ndarray:
    """From 0 through onset to the apex at 1, which lasts to the end; shape (clips, frames)."""
    start = generator.uniform(0.05, 0.3, size=(n_clips, 1))
    length = generator.uniform(0.2, 0.45, size=(n_clips, 1))
    rise = np.clip((np.linspace(0, 1, n_frames)[None] - start) / length, 0, 1)
    return rise * rise * (3 - 2 * rise)


def blinks(n_clips: int, n_frames: int, generator: np.random.Generator, *, chance: float) -> np.ndarray:
    """How far a blink has closed the lids, 0 to 1, shape (clips, frames); a clip has one with the given chance."""
    time = np.arange(n_frames)[None]
    middle = generator.uniform(0, n_frames, size=(n_clips, 1))
    shut = np.exp(-(((time - middle) / 1.3) ** 2))
    shut[shut < 1e-3] = 0  # numbers this near to zero make no difference but slow arithmetic down
    return shut * (generator.uniform(size=(n_clips, 1)) < chance)


def gaze(n_clips: int, n_frames: int, generator: np.random.Generator, *, strength: float = 1.0) -> np.ndarray:
    """Pitch and yaw of the eyes in the head in degrees, one saccade per clip, shape (clips, frames, 2)."""
    goals = generator.normal(size=(n_clips, 2, 2)) * np.array([2.5, 5.0]) * strength
    after = np.arange(n_frames)[None] >= generator.uniform(0, n_frames, size=(n_clips, 1))
    return np.where(after[..., None], goals[:, 1:], goals[:, :1])
