"""Pictures of the made-up people: shading per pixel, in NumPy and OpenCV."""

from dataclasses import dataclass

import cv2
import numpy as np

from mien.core.errors import InputError
from mien.data.synthetic import head as h
from mien.data.synthetic import paint, raster
from mien.data.synthetic.cohort import Performance
from mien.data.synthetic.geometry import IRIS_RADIUS_CM, eyes_of
from mien.data.synthetic.motion import rotation

_HALF = np.array([0.0, 0.0, 1.0])  # toward the camera


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
    look : Look
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
    look: paint.Look
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
        pose = np.asarray(self.pose_deg) * (np.array([0.1, 0.35, 0.2]) if body else 1)
        turned = points_cm @ rotation(pose).T
        scale = size_px / self.width_cm
        x = size_px / 2 + scale * (turned[:, 0] + self.shift_cm[0])
        y = size_px / 2 - scale * (turned[:, 1] + self.shift_cm[1])
        return np.stack([x, y, scale * turned[:, 2]], -1)


def scene(performance: Performance, clip: int, frame: int, *, seed: int = 0) -> Scene:
    """The moment of a cohort's performance as a scene; light, look and background come from subject and seed."""
    subject = int(performance.subject[clip])
    draw = np.random.default_rng([seed, clip, frame])
    return Scene(
        points_cm=performance.points_cm(np.array([clip]))[0, frame].astype(float),
        rest_cm=performance.shapes_cm[subject],
        strength=performance.strength[clip, frame],
        gaze_deg=performance.gaze_deg[clip, frame],
        pose_deg=performance.head.pose_deg[clip, frame],
        look=paint.look_of(subject, seed),
        width_cm=float(draw.uniform(29, 36)),
        shift_cm=(float(draw.normal() * 0.7), 1.0 + float(draw.normal() * 0.6)),
        light_deg=(float(draw.uniform(20, 50)), float(draw.uniform(-50, 50))),
        seed=int(draw.integers(1 << 31)),
    )


def render(scene: Scene, size_px: int = 384) -> np.ndarray:
    """Picture of a scene, shape (size_px, size_px, 3), uint8, red green blue.

    Raises
    ------
    InputError
        If the picture is asked smaller than 32 or larger than 2048 px.
    """
    if not 32 <= size_px <= 2048:
        raise InputError(f"render: size_px must lie between 32 and 2048, but is {size_px}.")
    side = round(size_px * (2 if size_px <= 256 else 1.5 if size_px <= 768 else 1))
    seen = _see(scene, side)
    picture = _background(scene, side)
    _shade(scene, seen, picture)
    if side != size_px:
        picture = cv2.resize(picture, (size_px, size_px), interpolation=cv2.INTER_AREA)
    return _develop(scene, picture)


@dataclass(frozen=True, eq=False)
class _Seen:
    """What every covered pixel shows."""

    where: np.ndarray  # (pixels,) index into the picture
    material: np.ndarray  # (pixels,)
    detail: np.ndarray  # (pixels, 3)
    normal: np.ndarray  # (pixels, 3), unit, camera frame: x right, y up, z toward the camera


def _see(scene: Scene, side: int) -> _Seen:
    head = h.head_parts(scene.points_cm, scene.rest_cm, scene.look)
    body = h.body_parts(scene.look)
    points, turned = [], []
    for pieces, is_body in ((head, False), (body, True)):
        pose = np.asarray(scene.pose_deg) * (np.array([0.1, 0.35, 0.2]) if is_body else 1)
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
    y, x = np.divmod(where.astype(np.int32), side)
    value = plane[:, 0] * (x[:, None] + np.float32(0.5)) + plane[:, 1] * (y[:, None] + np.float32(0.5)) + plane[:, 2]
    normal = value[:, :3]
    normal = normal * np.where(normal[:, 2:] < 0, -1, 1).astype(np.float32)
    normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-6)
    return _Seen(where, material[which], value[:, 3:], normal)


def _shade(scene: Scene, seen: _Seen, picture: np.ndarray) -> None:
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


_SKIN_WRAP = np.array([0.35, 0.18, 0.12])  # red light travels further under the skin


def _face(scene: Scene, detail: np.ndarray, normal: np.ndarray) -> np.ndarray:
    place = (detail[:, :2] * paint.SIDE_PX - 0.5).astype(np.float32)
    relief = paint.folds(scene.strength)
    skin = paint.texture(scene.look) * (1 + 0.42 * relief[..., None] * np.array([0.85, 1.0, 1.0], dtype=np.float32))
    colour = _sample(skin.astype(np.float32), place)
    lips = _sample(paint.lip_mask(), place)[:, None]
    gloss = 0.10 * _gloss(scene, normal, 14) + lips * 0.10 * _gloss(scene, normal, 40)
    return colour * _light(scene, normal, _SKIN_WRAP) + gloss * 0.55


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
    iris = np.array(scene.look.iris, dtype=np.float32) * (1.6 * fibres * (0.75 + 0.5 * away))[:, None]
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
    strands = paint.strands(scene.look.seed)
    place = np.stack([detail[:, 1] * strands.shape[1], detail[:, 0] * 60], -1).astype(np.float32)
    strand = _sample(strands, place % np.array(strands.shape[::-1], dtype=np.float32))[:, None]
    colour = np.array(scene.look.hair, dtype=np.float32)
    sheen = np.clip(1 - np.abs(normal[:, 1:2] - 0.55) * 2.6, 0, 1) ** 2
    base = colour * (0.55 + 0.75 * strand) * _light(scene, normal, 0.25)
    lit = base + (0.05 + 0.35 * colour) * sheen * strand**2 * _gloss(scene, normal, 2) * 0.5
    # Toward the forehead single strands stand on bare skin, longer ones here and there.
    root = _sample(strands, np.stack([place[:, 0] % strands.shape[1], np.full(len(place), 20)], -1).astype(np.float32))
    line = 1 - detail[:, 2] * (0.02 + 0.13 * root)
    bare = _step(detail[:, 2], 0.05, 0.3) * _step(detail[:, 0], line - 0.03, line + 0.01)
    cover = 1 - bare[:, None]
    skin = np.array(scene.look.skin, dtype=np.float32) * _light(scene, normal, _SKIN_WRAP)
    return skin + cover * (lit - skin)


def _step(value: np.ndarray, low: float | np.ndarray, high: float | np.ndarray) -> np.ndarray:
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


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
    blurred = np.clip(cv2.GaussianBlur(picture, (0, 0), 0.5), 0, None)
    exposed = 1 - np.exp(-1.75 * blurred)  # a soft shoulder instead of clipped highlights
    shown = np.where(exposed < 0.0031308, 12.92 * exposed, 1.055 * np.clip(exposed, 1e-6, None) ** (1 / 2.4) - 0.055)
    noisy = shown * 255 + draw.standard_normal(shown.shape, dtype=np.float32) * 1.6
    return np.clip(np.round(noisy), 0, 255).astype(np.uint8)
