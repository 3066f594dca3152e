"""Pictures of the made-up people, in NumPy and OpenCV."""

import cv2
import numpy as np

from mien.core.errors import InputError
from mien.data.synthetic import head as h
from mien.data.synthetic import raster
from mien.data.synthetic.motion import rotation
from mien.data.synthetic.scene import BODY_FOLLOWS, Scene
from mien.data.synthetic.shade import Shaded, shade


def render(scene: Scene, size_px: int = 384) -> np.ndarray:
    """Picture of a scene, shape (size_px, size_px, 3), uint8, red green blue.

    Raises
    ------
    InputError
        If the picture is asked smaller than 32 or larger than 2048 px.
    """
    head = h.head_parts(scene.points_cm, scene.rest_cm, scene.appearance)
    return render_parts(scene, head, h.body_parts(scene.appearance), size_px)


def render_parts(scene: Scene, head: list[h.Part], body: list[h.Part], size_px: int = 384) -> np.ndarray:
    """The same of any pieces that turn with the head or with the body; the scene gives light, camera and appearance."""
    if not 32 <= size_px <= 2048:
        raise InputError(f"render: size_px must lie between 32 and 2048, but is {size_px}.")
    side = round(size_px * (2 if size_px <= 256 else 1.5 if size_px <= 768 else 1))
    seen = _see(scene, head, body, side)
    picture = _background(scene, side)
    shade(scene, seen, picture)
    if side != size_px:
        picture = cv2.resize(picture, (size_px, size_px), interpolation=cv2.INTER_AREA)
    return _develop(scene, picture)


def _see(scene: Scene, head: list[h.Part], body: list[h.Part], side: int) -> Shaded:
    points, turned = [], []
    for pieces, is_body in ((head, False), (body, True)):
        pose = np.asarray(scene.pose_deg) * (BODY_FOLLOWS if is_body else 1)
        for piece in pieces:
            points.append(scene.to_camera(piece.points, side, body=is_body))
            turned.append(piece.normals @ rotation(pose).T)
    pieces = [*head, *body]
    start = np.cumsum([0, *(len(piece.points) for piece in pieces)])
    triangles = np.concatenate([piece.triangles + first for piece, first in zip(pieces, start, strict=False)])
    material = np.concatenate([np.full(len(piece.triangles), piece.material) for piece in pieces])
    corner = np.concatenate(points)
    values = np.concatenate([np.concatenate(turned), np.concatenate([piece.detail for piece in pieces])], -1)
    a, b, c = (corner[triangles[:, k], :2] for k in range(3))
    facing = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    front = (facing < 0) | np.isin(material, (h.HAIR, h.MOUTH, h.TEETH, h.SKIN))
    triangles, material = triangles[front], material[front]
    which = raster.visible(corner, triangles, (side, side)).ravel()
    where = np.flatnonzero(which >= 0)
    which = which[where]
    plane = raster.planes(corner[triangles], values[triangles])[which]
    y, x = (part.astype(np.float32)[:, None] + np.float32(0.5) for part in np.divmod(where, side))
    value = plane[:, 0] * x
    value += plane[:, 1] * y
    value += plane[:, 2]
    normal = value[:, :3]
    normal = normal * np.where(normal[:, 2:] < 0, -1, 1).astype(np.float32)
    normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-6)
    return Shaded(where, material[which], value[:, 3:], normal)


def _background(scene: Scene, side: int) -> np.ndarray:
    """An out-of-focus room: a few soft blots over a wall that darkens to one side."""
    draw = np.random.default_rng(scene.seed)
    small = 48
    y, x = np.mgrid[:small, :small] / small
    wall = np.array([0.3, 0.32, 0.34]) * draw.uniform(0.35, 1.3) * draw.uniform(0.85, 1.15, size=3)
    picture = wall * (1.15 - 0.4 * y - 0.25 * x * np.sign(scene.light_deg[1]))[..., None]
    for _ in range(4):
        spot = draw.uniform(0, 1, size=2)
        near = np.exp(-(((x - spot[0]) / draw.uniform(0.08, 0.3)) ** 2 + ((y - spot[1]) / draw.uniform(0.1, 0.5)) ** 2))
        picture = picture * (1 + near[..., None] * draw.uniform(-0.45, 0.45) * draw.uniform(0.7, 1.0, size=3))
    return cv2.resize(picture.astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)


def _develop(scene: Scene, picture: np.ndarray) -> np.ndarray:
    """From linear light to sRGB, with a little blur and sensor noise."""
    draw = np.random.default_rng(scene.seed + 1)
    blurred = cv2.GaussianBlur(picture, (0, 0), 0.5)
    level = np.clip(blurred * (len(_TONES) / _BRIGHTEST), 0, len(_TONES) - 1).astype(np.int32)
    noisy = _TONES[level] + draw.standard_normal(level.shape, dtype=np.float32) * np.float32(1.6)
    return np.clip(np.round(noisy), 0, 255).astype(np.uint8)


def _tones() -> np.ndarray:
    """Pixel value of every level of linear light up to the brightest: soft shoulder, then the curve of sRGB."""
    light = (np.arange(8192) + 0.5) / 8192 * _BRIGHTEST
    exposed = 1 - np.exp(-1.75 * light)
    shown = np.where(exposed < 0.0031308, 12.92 * exposed, 1.055 * exposed ** (1 / 2.4) - 0.055)
    return (255 * shown).astype(np.float32)


_BRIGHTEST = 4.0
_TONES = _tones()
