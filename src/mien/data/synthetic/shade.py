"""Light on skin, eyes, teeth, hair and cloth, per pixel."""

from dataclasses import dataclass

import cv2
import numpy as np

from mien.data.synthetic import head as h
from mien.data.synthetic import paint
from mien.data.synthetic.geometry import IRIS_RADIUS_CM, eyes_of
from mien.data.synthetic.scene import Scene

_HALF = np.array([0.0, 0.0, 1.0])  # toward the camera


@dataclass(frozen=True, eq=False)
class Shaded:
    """What every covered pixel shows.

    Attributes
    ----------
    where : ndarray of int, shape (pixels,)
        Place in the flattened picture.
    material : ndarray of int, shape (pixels,)
        As in ``head``.
    detail : ndarray, shape (pixels, 3)
        What the material's shader needs.
    normal : ndarray, shape (pixels, 3)
        Of unit length; x right, y up, z toward the camera.
    """

    where: np.ndarray
    material: np.ndarray
    detail: np.ndarray
    normal: np.ndarray


def shade(scene: Scene, seen: Shaded, picture: np.ndarray) -> None:
    """Colour the covered pixels of the picture in place, material by material."""
    flat = picture.reshape(-1, 3)
    shaders = {
        h.FACE: _face, h.SKIN: _skin, h.EYE: _eye, h.MOUTH: _inside, h.TEETH: _teeth, h.HAIR: _hair, h.CLOTH: _cloth,
    }  # fmt: skip
    for material, shader in shaders.items():
        rows = np.flatnonzero(seen.material == material)
        if len(rows):
            flat[seen.where[rows]] = shader(scene, seen.detail[rows], seen.normal[rows])


def _light(scene: Scene, normal: np.ndarray, wrap: np.ndarray | float) -> np.ndarray:
    """Light that arrives: a key light that wraps round, a weak fill from the other side, and sky."""
    key, fill = _directions(scene)
    wrap = np.asarray(wrap, dtype=np.float32)
    main = np.clip(((normal @ key)[:, None] + wrap) / (1 + wrap), 0, None)
    other = np.clip((normal @ fill)[:, None], 0, None)
    sky = 0.5 + 0.5 * normal[:, 1:2]
    warm, cool = np.array([1.0, 0.96, 0.9], dtype=np.float32), np.array([0.9, 0.96, 1.05], dtype=np.float32)
    return 0.88 * main * warm + 0.16 * other * cool + (0.12 + 0.14 * sky) * cool


def _directions(scene: Scene) -> tuple[np.ndarray, np.ndarray]:
    up, side = np.deg2rad(scene.light_deg)
    key = np.array([np.sin(side) * np.cos(up), np.sin(up), np.cos(side) * np.cos(up)], dtype=np.float32)
    return key, np.array([-np.sign(key[0]) * 0.8, 0.1, 0.6], dtype=np.float32)


def _gloss(scene: Scene, normal: np.ndarray, power: float) -> np.ndarray:
    key, _ = _directions(scene)
    half = key + _HALF.astype(np.float32)
    half /= np.linalg.norm(half)
    return np.clip(normal @ half, 0, None)[:, None] ** power


_SKIN_WRAP = np.array([0.35, 0.18, 0.12], dtype=np.float32)  # red light travels further under the skin


def _face(scene: Scene, detail: np.ndarray, normal: np.ndarray) -> np.ndarray:
    place = (detail[:, :2] * paint.SIDE_PX - 0.5).astype(np.float32)
    relief = paint.folds(scene.strength)
    skin = paint.texture(scene.appearance) * (
        1 + 0.42 * relief[..., None] * np.array([0.85, 1.0, 1.0], dtype=np.float32)
    )
    colour = _sample(skin.astype(np.float32), place)
    lips = _sample(paint.lip_mask(), place)[:, None]
    sheen = _gloss(scene, normal, 14)
    return colour * _light(scene, normal, _SKIN_WRAP) + sheen * (0.055 + 0.055 * lips * sheen * sheen)


def _sample(image: np.ndarray, place: np.ndarray) -> np.ndarray:
    rows = -(-len(place) // 1024)
    padded = np.zeros((rows * 1024, 2), dtype=np.float32)
    padded[: len(place)] = place
    grid = padded.reshape(rows, 1024, 2)
    taken = cv2.remap(image, grid[..., 0], grid[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return taken.reshape(rows * 1024, *image.shape[2:])[: len(place)]


def _skin(scene: Scene, detail: np.ndarray, normal: np.ndarray) -> np.ndarray:
    return detail * _light(scene, normal, _SKIN_WRAP) + 0.03 * _gloss(scene, normal, 14)


def _cloth(scene: Scene, detail: np.ndarray, normal: np.ndarray) -> np.ndarray:
    return detail * _light(scene, normal, 0.1)


def _inside(scene: Scene, detail: np.ndarray, normal: np.ndarray) -> np.ndarray:
    return detail * (0.35 + 0.5 * _light(scene, normal, 0.3))


def _teeth(scene: Scene, detail: np.ndarray, normal: np.ndarray) -> np.ndarray:
    across = np.abs(detail[:, :1])
    gaps = np.abs(((across / 0.39) % 2) - 1)
    tooth = 1 - 0.35 * np.clip((gaps - 0.9) / 0.1, 0, 1)
    dim = np.clip(1.05 - 0.42 * across, 0.12, 1) * (0.04 + 0.96 * detail[:, 1:2])
    return np.array([0.72, 0.68, 0.58], dtype=np.float32) * tooth * dim * (0.45 + 0.4 * _light(scene, normal, 0.5))


def _eye(scene: Scene, detail: np.ndarray, normal: np.ndarray) -> np.ndarray:
    pitch, yaw = np.deg2rad(scene.gaze_deg)
    gaze = np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)], dtype=np.float32)
    detail = detail / np.maximum(np.linalg.norm(detail, axis=-1, keepdims=True), 1e-6)
    radius = float(eyes_of(scene.rest_cm).radius_cm.mean())
    away = np.linalg.norm(np.cross(detail, gaze), axis=-1) * radius / IRIS_RADIUS_CM  # 1 at the rim of the iris
    along = np.arctan2(detail[:, 1] - gaze[1], detail[:, 0] - gaze[0])
    fibres = 1 + 0.22 * np.sin(along * 23 + 3 * np.sin(along * 5)) * np.clip(away, 0, 1)
    iris = np.array(scene.appearance.iris, dtype=np.float32) * (1.6 * fibres * (0.75 + 0.5 * away))[:, None]
    iris *= (1 - 0.75 * _step(away, 0.8, 1.02))[:, None]
    iris *= (1 - 0.97 * (1 - _step(away, 0.36, 0.44)))[:, None]
    white = (
        np.array([0.66, 0.62, 0.59], dtype=np.float32) * (1 - 0.25 * _step(np.abs(detail[:, 0]), 0.35, 0.8))[:, None]
    )
    colour = iris + (white - iris) * _step(away, 0.95, 1.07)[:, None]
    lid = 1 - 0.6 * _step(detail[:, 1:2], 0.02, 0.34)  # the upper lid and its lashes throw a shadow
    lit = colour * lid * (0.3 + 0.72 * _light(scene, normal, 0.4))
    spark = np.array([gaze[0] - 0.14 * np.sign(-scene.light_deg[1]), gaze[1] + 0.13, gaze[2]])
    return lit + 0.9 * (1 - _step(np.linalg.norm(detail - spark, axis=-1), 0.035, 0.07))[:, None]


def _hair(scene: Scene, detail: np.ndarray, normal: np.ndarray) -> np.ndarray:
    strands = paint.strands(scene.appearance.seed)
    place = np.stack([detail[:, 1] * strands.shape[1], detail[:, 0] * 60], -1).astype(np.float32)
    strand = _sample(strands, place % np.array(strands.shape[::-1], dtype=np.float32))[:, None]
    colour = np.array(scene.appearance.hair, dtype=np.float32)
    sheen = np.clip(1 - np.abs(normal[:, 1:2] - 0.55) * 2.6, 0, 1) ** 2
    base = colour * (0.55 + 0.75 * strand) * _light(scene, normal, 0.25)
    lit = base + (0.05 + 0.35 * colour) * sheen * strand**2 * _gloss(scene, normal, 2) * 0.5
    # Toward the forehead single strands stand on bare skin, longer ones here and there.
    root = _sample(strands, np.stack([place[:, 0] % strands.shape[1], np.full(len(place), 20)], -1).astype(np.float32))
    line = 1 - detail[:, 2] * (0.02 + 0.13 * root)
    bare = _step(detail[:, 2], 0.05, 0.3) * _step(detail[:, 0], line - 0.03, line + 0.01)
    cover = 1 - bare[:, None]
    skin = np.array(scene.appearance.skin, dtype=np.float32) * _light(scene, normal, _SKIN_WRAP)
    return skin + cover * (lit - skin)


def _step(value: np.ndarray, low: float | np.ndarray, high: float | np.ndarray) -> np.ndarray:
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)
