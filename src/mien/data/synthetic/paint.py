"""Skin of made-up faces as a picture on the flattened canonical mesh: lips, brows, lashes, folds and pores."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import cv2
import numpy as np
from scipy.interpolate import RBFInterpolator

from mien.data.canonical import canonical_mesh
from mien.data.synthetic import geometry as g
from mien.data.synthetic.actions import ACTIONS

SIDE_PX = 512  # of the texture


@dataclass(frozen=True)
class Appearance:
    """How a made-up person looks apart from shape; colours are linear red, green, blue."""

    skin: tuple[float, float, float]
    lips: float
    hair: tuple[float, float, float]
    hair_length_cm: float
    hair_volume_cm: float
    iris: tuple[float, float, float]
    brow_weight: float
    stubble: float
    shirt: tuple[float, float, float]
    seed: int


# Linear colours of skin from light to dark, rounded from the ten-step Monk skin tone scale (Monk 2019).
_SKIN = (
    (0.76, 0.55, 0.44), (0.70, 0.48, 0.36), (0.62, 0.40, 0.28), (0.52, 0.31, 0.20), (0.40, 0.22, 0.135),
    (0.29, 0.15, 0.085), (0.19, 0.095, 0.055),
)  # fmt: skip
_HAIR = ((0.012, 0.010, 0.009), (0.03, 0.018, 0.011), (0.075, 0.038, 0.018), (0.17, 0.095, 0.04), (0.2, 0.2, 0.2))
_IRIS = ((0.06, 0.028, 0.012), (0.11, 0.055, 0.02), (0.14, 0.13, 0.05), (0.13, 0.21, 0.28), (0.16, 0.19, 0.2))
_SHIRT = ((0.05, 0.09, 0.16), (0.25, 0.26, 0.27), (0.16, 0.04, 0.05), (0.05, 0.11, 0.08), (0.35, 0.3, 0.2))


def appearance_of(subject: int, seed: int = 0) -> Appearance:
    """The appearance of one subject, drawn at random; it does not depend on the group or on any expression."""
    draw = np.random.default_rng([seed, subject, 7])
    tone = draw.uniform(0, len(_SKIN) - 1)
    low = int(tone)
    share = tone - low
    skin = (1 - share) * np.array(_SKIN[low]) + share * np.array(_SKIN[min(low + 1, len(_SKIN) - 1)])
    hair = _HAIR[int(draw.integers(0, 2 if tone > 3.5 else len(_HAIR)))]
    iris = _IRIS[int(draw.integers(0, 2 if tone > 3.5 else len(_IRIS)))]
    long_hair = draw.uniform() < 0.5
    return Appearance(
        skin=(float(skin[0]), float(skin[1]), float(skin[2])),
        lips=float(draw.uniform(0.5, 1.0)),
        hair=hair,
        hair_length_cm=float(draw.uniform(7, 14)) if long_hair else 0.0,
        hair_volume_cm=float(draw.uniform(0.9, 1.8)) if long_hair else float(draw.uniform(0.4, 1.3)),
        iris=iris,
        brow_weight=float(draw.uniform(0.6, 1.0)),
        stubble=0.0 if long_hair else float(max(0.0, draw.uniform(-0.4, 0.6))),
        shirt=_SHIRT[int(draw.integers(0, len(_SHIRT)))],
        seed=int(draw.integers(1 << 31)),
    )


@lru_cache(maxsize=64)
def texture(appearance: Appearance) -> np.ndarray:
    """Linear colour of the skin on the flattened face, shape (SIDE_PX, SIDE_PX, 3), float32."""
    draw = np.random.default_rng(appearance.seed)
    skin = np.array(appearance.skin, dtype=np.float32)
    dark = 1 - skin.mean()
    picture = np.broadcast_to(skin, (SIDE_PX, SIDE_PX, 3)).copy()
    masks = _masks()
    blood = skin * np.array([1.02, 0.78, 0.76], dtype=np.float32)
    picture = _mix(picture, blood, masks["blush"] * 0.55)
    picture *= 1 - 0.30 * masks["socket"][..., None] * np.array([0.8, 1.0, 0.95], dtype=np.float32)
    picture *= 1 + (0.035 * _noise(draw, 1.2) + 0.02 * _noise(draw, 5) + 0.035 * _noise(draw, 40))[..., None]
    picture = _mix(picture, skin * np.array([0.6, 0.62, 0.68], dtype=np.float32), masks["beard"] * appearance.stubble)
    lips = skin * np.array([0.8, 0.47, 0.48]) * (1 - 0.1 * appearance.lips) + np.array([0.05, 0.0, 0.005]) * dark
    picture = _mix(picture, lips.astype(np.float32) * (1 + 0.08 * _noise(draw, 1.0))[..., None], masks["lips"] * 0.85)
    picture = _mix(picture, skin * 0.08, masks["lip line"] * 0.75)
    picture = _mix(picture, skin * np.array([0.12, 0.07, 0.06], dtype=np.float32), masks["nostrils"] * 0.9)
    picture *= 1 - 0.35 * masks["shade"][..., None]
    brow = np.array(appearance.hair, dtype=np.float32) * 0.45 + skin * 0.03
    picture = _mix(picture, brow, _brow_hairs(appearance) * appearance.brow_weight)
    picture = _mix(picture, np.array([0.012, 0.009, 0.008], dtype=np.float32), masks["lashes"] * 0.92)
    return np.ascontiguousarray(picture, dtype=np.float32)


def folds(strength: np.ndarray) -> np.ndarray:
    """Relief of the folds that the actions throw, from -1 (deep) on, shape (SIDE_PX, SIDE_PX)."""
    total = np.zeros((SIDE_PX, SIDE_PX), dtype=np.float32)
    for name, relief in _folds().items():
        amount = float(np.clip(strength[ACTIONS.index(name)], 0, 1.2))
        if amount > 0.02:
            total += amount * relief
    return total


def _mix(picture: np.ndarray, colour: np.ndarray, share: np.ndarray) -> np.ndarray:
    return picture + share[..., None].astype(np.float32) * (colour - picture)


def _noise(draw: np.random.Generator, size_px: float) -> np.ndarray:
    small = max(4, round(SIDE_PX / size_px))
    field = draw.normal(size=(small, small)).astype(np.float32)
    return cv2.resize(field, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_CUBIC)


@cache
def _flattened() -> RBFInterpolator:
    mesh = canonical_mesh()
    # The underside of the nose lies behind other skin; smoothing settles which of the two is meant.
    return RBFInterpolator(mesh.vertices_cm[:, :2], mesh.uv * SIDE_PX, neighbors=16, smoothing=1e-3)


def _place(x: float, y: float) -> np.ndarray:
    """Texture pixel of a place in cm on the front of the canonical face."""
    return _flattened()(np.array([[x, y]]))[0]


def _curve(places_cm: Sequence[tuple[float, float]]) -> np.ndarray:
    """Points in the texture along a smooth curve through places on the right half."""
    places = np.array(places_cm, dtype=float)
    knots, fine = np.linspace(0, 1, len(places)), np.linspace(0, 1, 40)
    degree = min(2, len(places) - 1)
    bent = np.stack([np.polyval(np.polyfit(knots, places[:, axis], degree), fine) for axis in range(2)], -1)
    return _flattened()(bent)


def _at(points: Sequence[int]) -> np.ndarray:
    return canonical_mesh().uv[list(points)] * SIDE_PX


def _line(curves: Sequence[np.ndarray], width: int, blur: float) -> np.ndarray:
    mask = np.zeros((SIDE_PX, SIDE_PX), dtype=np.float32)
    for curve in curves:
        cv2.polylines(mask, [np.round(curve * 16).astype(np.int32)], False, 1.0, width, cv2.LINE_AA, 4)
    return cv2.GaussianBlur(mask, (0, 0), blur) if blur else mask


def _fill(outlines: Sequence[np.ndarray], blur: float) -> np.ndarray:
    mask = np.zeros((SIDE_PX, SIDE_PX), dtype=np.float32)
    for outline in outlines:
        cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    return cv2.GaussianBlur(mask, (0, 0), blur) if blur else mask


def _both(mask: np.ndarray) -> np.ndarray:
    return np.maximum(mask, mask[:, ::-1])


def _spot(centre: np.ndarray, radius: tuple[float, float]) -> np.ndarray:
    y, x = np.mgrid[:SIDE_PX, :SIDE_PX] + 0.5
    return np.exp(-(((x - centre[0]) / radius[0]) ** 2) - ((y - centre[1]) / radius[1]) ** 2).astype(np.float32)


@cache
def _masks() -> dict[str, np.ndarray]:
    upper, lower = (33, *g.UPPER_LID, 133), (33, *g.LOWER_LID, 133)
    lips = np.concatenate([_at(g.UPPER_LIP[0]), _at(g.LOWER_LIP[0])[::-1]])
    lash = np.maximum(_line([_at(upper)], 4, 0.8), 0.45 * _line([_at(lower)], 1, 0.8))
    lash = np.maximum(lash, 0.55 * _line([0.6 * _at(upper[:6]) + 0.4 * _at((130, *g.UPPER_CREASE[:5]))], 1, 0.9))
    blush = _both(_spot(_place(-3.9, -0.8), (46, 34))) + _spot(_place(0, -1.0), (26, 22)) * 0.8
    blush += 0.4 * _spot(_place(0, -7.5), (40, 24))
    shade = _both(_line([_curve([(-1.75, -0.6), (-1.85, -1.2), (-1.5, -1.75)])], 3, 2.5)) * 0.7
    shade += 0.5 * _spot(_place(0, -5.75), (26, 6)) + 0.25 * _line([_curve([(0, -2.4), (0, -3.2)])], 6, 4)
    beard = _fill(
        [_at((58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 410, 391, 165, 186))], 9
    )
    beard *= 1 - _fill([lips], 2)
    return {
        "blush": np.clip(blush, 0, 1),
        "socket": np.clip(_both(_spot(_place(-2.9, 2.9), (44, 26)) + 0.5 * _spot(_place(-2.0, 3.2), (16, 14))), 0, 1),
        "lips": _fill([lips], 1.6),
        "lip line": _line([_at(g.UPPER_LIP[3]), _at(g.LOWER_LIP[3])], 1, 1.0) * 1.5,
        "nostrils": _both(_spot(_at((20, 60, 75, 79, 238)).mean(0), (9, 4.5))),
        "shade": np.clip(shade, 0, 1),
        "beard": np.clip(beard, 0, 1),
        "lashes": _both(np.clip(lash * 1.4, 0, 1)),
    }


def _brow_hairs(appearance: Appearance) -> np.ndarray:
    draw = np.random.default_rng(appearance.seed + 1)
    below, above = _at((46, 53, 52, 65, 55)), _at((70, 63, 105, 66, 107))
    knots = np.linspace(0, 1, 5)
    mask = np.zeros((SIDE_PX, SIDE_PX), dtype=np.float32)
    for _ in range(420):
        along = draw.uniform(0.03, 1.0)
        foot, head = (
            np.array([np.interp(along, knots, side[:, axis]) for axis in range(2)]) for side in (below, above)
        )
        start = foot + (head - foot) * (0.12 + 0.5 * draw.uniform())
        lean = np.array([-(4 + 5 * (1 - along)), -(2.5 + 4.5 * along)]) * draw.uniform(0.7, 1.3)
        ends = np.stack([start, start + lean])
        cv2.polylines(mask, [np.round(ends * 16).astype(np.int32)], False, 1.0, 1, cv2.LINE_AA, 4)
    body = _fill([np.concatenate([0.85 * below + 0.15 * above, (0.35 * below + 0.65 * above)[::-1]])], 2.5)
    return _both(np.clip(0.75 * cv2.GaussianBlur(mask, (0, 0), 0.6) + 0.45 * body, 0, 1))


@cache
def _folds() -> dict[str, np.ndarray]:
    """Relief of each action's folds: a dark groove and a lighter ridge beside it."""
    smile = [_curve([(-1.95, -0.8), (-2.9, -1.9), (-3.5, -3.2), (-3.75, -4.3)])]
    sneer = [_curve([(-1.95, -0.6), (-2.7, -1.6), (-3.1, -3.0)])]
    brow = [_curve([(-3.6, h + 0.1), (-1.8, h + 0.15), (0.05, h - 0.1)]) for h in (5.9, 6.6, 7.2)]
    outer = [_curve([(-5.0, h - 0.5), (-3.8, h + 0.1), (-2.4, h + 0.1)]) for h in (5.9, 6.5)]
    frown = [_curve([(-0.42, 3.7), (-0.5, 4.4), (-0.4, 5.2)])]
    crow = [_curve([(-4.9, 2.5 + h), (-5.7, 2.5 + 2.6 * h)]) for h in (-0.25, 0.0, 0.25)]
    bag = [_curve([(-4.3, 1.75), (-3.1, 1.35), (-1.9, 1.7)])]
    bridge = [_curve([(-0.9, 1.9 + h), (0.05, 2.2 + h)]) for h in (0.0, 0.5, 1.0)]
    corner = [_curve([(-2.75, -4.2), (-3.0, -4.9), (-2.9, -5.6)])]
    crease = [_at((130, *g.UPPER_CREASE))]
    chin = _spot(_place(0, -7.0), (24, 14)) * cv2.GaussianBlur(_noise(np.random.default_rng(1), 5), (0, 0), 1)
    made = {
        "lip corner pull": 1.0 * _groove(smile, 3, 3.0),
        "upper lip raise": 0.7 * _groove(sneer, 3, 3.0),
        "nose wrinkle": 0.8 * _groove(bridge, 2, 1.6) + 0.5 * _groove(sneer, 3, 3.0),
        "inner brow raise": 0.55 * _groove(brow, 2, 2.2),
        "outer brow raise": 0.5 * _groove(outer, 2, 2.2),
        "brow lower": 1.0 * _groove(frown, 3, 2.4),
        "cheek raise": 0.5 * _groove(crow, 1, 1.5) + 0.7 * _groove(bag, 2, 2.5),
        "lid tighten": 0.6 * _groove(bag, 2, 2.2),
        "lip corner depress": 0.8 * _groove(corner, 2, 2.2),
        "chin raise": 0.5 * chin,
        "upper lid raise": 0.3 * _groove(crease, 1, 1.2),
    }
    return {name: relief.astype(np.float32) for name, relief in made.items()}


def _groove(curves: Sequence[np.ndarray], width: int, blur: float) -> np.ndarray:
    line = _both(_line(curves, width, blur))
    line = np.clip(line / max(float(line.max()), 1e-6), 0, 1)
    return 0.45 * cv2.warpAffine(line, np.array([[1, 0, 0], [0, 1, 2.0 * blur]], dtype=float), line.shape) - line


def lip_mask() -> np.ndarray:
    """Where the red of the lips is, 0 to 1, shape (SIDE_PX, SIDE_PX)."""
    return _masks()["lips"]


@lru_cache(maxsize=64)
def strands(seed: int) -> np.ndarray:
    """Brightness of strands of hair, 0 to 1; columns go round the head, rows along the hair."""
    draw = np.random.default_rng(seed + 3)
    fine = draw.uniform(size=(8, 1024)).astype(np.float32)
    coarse = cv2.resize(draw.uniform(size=(4, 128)).astype(np.float32), (1024, 8), interpolation=cv2.INTER_CUBIC)
    mixed = cv2.resize(0.55 * fine + 0.6 * coarse, (1024, 64), interpolation=cv2.INTER_CUBIC)
    return np.clip(cv2.GaussianBlur(mixed, (0, 0), 0.8), 0, 1)
