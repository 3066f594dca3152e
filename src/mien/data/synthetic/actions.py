"""Muscle actions: smooth displacement fields on the 478 points, each with its exact set of acting points.

Action units are numbered as in the Facial Action Coding System (Ekman, Friesen & Hager 2002). Where skin
moves, and which way, follows the manual's descriptions; sizes are rounded from adult faces at full strength.
Every field has compact support: a point either belongs to the acting points or does not move at all.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from mien.core.errors import InputError
from mien.data.synthetic import geometry as g

# A point acts if its pull exceeds this part of the action's greatest; what is weaker fades to exactly zero.
TAIL = 0.12


@dataclass(frozen=True)
class Pull:
    """A smooth pull on one area of the right half and its mirror image.

    ``centre`` and ``radius`` (lateral, up) in cm bound the area; ``move`` (lateral, up, forward) in cm is the
    displacement at the centre at full strength; ``above`` and ``below`` fade the pull out over 0.8 cm at a height.
    """

    centre: tuple[float, float]
    radius: tuple[float, float]
    move: tuple[float, float, float]
    above: float = -np.inf
    below: float = np.inf


@dataclass(frozen=True)
class Muscle:
    """Name, action unit and pulls of one action; ``skip`` names rings that do not follow."""

    unit: int
    words: str
    pulls: tuple[Pull, ...] = ()
    skip: tuple[str, ...] = ("lids",)


MUSCLES: dict[str, Muscle] = {
    "inner brow raise": Muscle(1, "medial frontalis lifts the inner brows", (
        Pull((1.5, 4.8), (2.5, 2.6), (0.0, 0.85, 0.08), above=3.5),)),
    "outer brow raise": Muscle(2, "lateral frontalis lifts the outer brows", (
        Pull((4.5, 4.7), (2.5, 2.6), (0.0, 0.85, 0.05), above=3.5),)),
    "brow lower": Muscle(4, "corrugator draws the brows down and together", (
        Pull((1.9, 4.7), (3.2, 1.9), (-0.36, -0.8, 0.08), above=3.2),)),
    "upper lid raise": Muscle(5, "levator opens the eyes wider", skip=()),
    "cheek raise": Muscle(6, "orbicularis oculi lifts the cheeks", (
        Pull((3.9, 0.5), (2.8, 2.4), (-0.05, 0.5, 0.22), below=2.2),), skip=("upper lids",)),
    "lid tighten": Muscle(7, "orbicularis oculi narrows the eyes", skip=()),
    "nose wrinkle": Muscle(9, "levator labii alaeque nasi lifts the skin beside the nose", (
        Pull((1.3, 0.9), (1.6, 2.6), (-0.05, 0.45, 0.12)),
        Pull((2.1, -1.3), (1.2, 1.8), (0.08, 0.55, 0.05)),
        Pull((1.2, 4.5), (2.0, 1.5), (-0.15, -0.35, 0.05), above=3.2))),
    "upper lip raise": Muscle(10, "levator labii lifts the upper lip", (
        Pull((1.3, -3.3), (2.4, 1.9), (0.05, 0.6, 0.1)),), skip=("lower lip",)),
    "lip corner pull": Muscle(12, "zygomaticus draws the lip corners up and back", (
        Pull((2.6, -4.2), (2.3, 1.9), (0.8, 0.75, -0.35)),
        Pull((4.0, -1.9), (2.3, 2.0), (0.2, 0.4, 0.28)))),
    "lip corner depress": Muscle(15, "depressor anguli oris draws the lip corners down", (
        Pull((2.6, -4.6), (2.0, 1.8), (0.12, -0.8, -0.1)),)),
    "chin raise": Muscle(17, "mentalis pushes the chin boss up", (
        Pull((0.0, -7.2), (2.6, 2.3), (0.0, 0.5, 0.15)),
        Pull((0.0, -4.4), (2.2, 1.7), (0.0, 0.4, 0.2)))),
    "lip pucker": Muscle(18, "orbicularis oris draws the lips together and forward", (
        Pull((2.5, -4.3), (2.4, 2.0), (-1.0, 0.0, 0.2)),
        Pull((0.0, -4.3), (2.6, 2.2), (0.0, 0.0, 0.55)))),
    "lip stretch": Muscle(20, "risorius draws the lip corners sideways", (
        Pull((2.7, -4.5), (2.2, 1.8), (0.75, -0.15, -0.35)),)),
    "lip press": Muscle(24, "orbicularis oris presses the lips together", skip=()),
    "lips part": Muscle(25, "depressor labii lowers the lower lip", (
        Pull((0.8, -4.8), (2.1, 1.7), (0.03, -0.6, 0.0)),), skip=("upper lip",)),
    "jaw drop": Muscle(26, "the jaw opens by fourteen degrees", skip=()),
    "lids close": Muscle(43, "levator relaxes, the eyes close", skip=()),
}  # fmt: skip
ACTIONS: tuple[str, ...] = tuple(MUSCLES)


@cache
def fields() -> np.ndarray:
    """Displacement in cm of every point under each action at full strength, shape (actions, 478, 3)."""
    result = _raw_fields(g.rest_points()) * _fade()
    result.flags.writeable = False
    return result


def fields_of(shape_cm: np.ndarray) -> np.ndarray:
    """The same fields for another resting face, shape (actions, 478, 3): lids and lips close that face's own gaps.

    The acting points are those of the average face.
    """
    return _raw_fields(shape_cm) * _fade()


@cache
def _fade() -> np.ndarray:
    """1 where an action pulls well, 0 where it does not act, shape (actions, 478, 1)."""
    size = np.linalg.norm(_raw_fields(g.rest_points()), axis=-1)
    fade = g.smooth((size / size.max(1, keepdims=True) - TAIL) / 0.12)
    fade[:, g.both_sides(g.EYE_CORNERS)] = 0.0  # tendons hold the corners of the eyes to the bone
    fade[:, 468:] = 0.0  # irises move with the gaze alone
    return fade[..., None]


def _raw_fields(shape_cm: np.ndarray) -> np.ndarray:
    special = {
        "upper lid raise": _lids(shape_cm, upper=-0.32, lower=0.0),
        "lid tighten": _lids(shape_cm, upper=0.18, lower=0.3),
        "lids close": _lids(shape_cm, upper=0.94, lower=0.06),
        "lip press": _press(shape_cm),
        "jaw drop": _jaw(shape_cm),
    }
    return np.stack([special[n] if n in special else _pulled(g.rest_points(), m) for n, m in MUSCLES.items()])


def acting_points(name: str) -> np.ndarray:
    """Indices of the points that an action moves."""
    if name not in MUSCLES:
        raise InputError(f"There is no action '{name}'; there are: {', '.join(ACTIONS)}.")
    return np.flatnonzero(np.abs(fields()[ACTIONS.index(name)]).max(-1) > 0)


def _pulled(points: np.ndarray, muscle: Muscle) -> np.ndarray:
    lateral, up = np.abs(points[:, 0]), points[:, 1]
    side = np.sign(points[:, 0]) * g.smooth(lateral / 0.8)  # what lies on the midline does not move sideways
    moved = np.zeros_like(points)
    for pull in muscle.pulls:
        far = np.hypot((lateral - pull.centre[0]) / pull.radius[0], (up - pull.centre[1]) / pull.radius[1])
        near = np.clip(1 - far**2, 0, None) ** 2
        near = near * g.smooth((up - pull.above) / 0.8) * g.smooth((pull.below - up) / 0.8)
        moved += near[:, None] * np.array(pull.move) * np.stack([side, np.ones_like(up), np.ones_like(up)], -1)
    for ring in muscle.skip:
        moved[_held(ring)] = 0.0
    return moved


def _held(ring: str) -> np.ndarray:
    if ring == "lids":
        return g.both_sides(g.UPPER_LID + g.LOWER_LID)
    if ring == "upper lids":
        return g.both_sides(g.UPPER_LID + g.UPPER_CREASE)
    rings = g.UPPER_LIP if ring == "upper lip" else g.LOWER_LIP
    return np.unique([point for one in rings for point in one[1:-1]])


def _lids(points: np.ndarray, *, upper: float, lower: float) -> np.ndarray:
    """Each lid goes the given share of the eye's opening toward the other; the creases follow less."""
    moved = np.zeros_like(points)
    top, bottom = g.both_sides(g.UPPER_LID), g.both_sides(g.LOWER_LID)
    gap = points[bottom] - points[top]
    bulge = np.array([0.0, 0.0, 0.12]) * np.abs(gap[:, 1:2])  # a closing lid slides over the eyeball
    moved[top] = upper * gap + max(upper, 0.0) * bulge
    moved[bottom] = -lower * gap
    moved[g.both_sides(g.UPPER_CREASE)] = 0.45 * moved[top]
    moved[g.both_sides(g.LOWER_CREASE)] = 0.45 * moved[bottom]
    return moved


def _press(points: np.ndarray) -> np.ndarray:
    """The red of both lips rolls in: outer rings come toward the line between the lips and go back."""
    moved = np.zeros_like(points)
    line = 0.5 * (points[list(g.UPPER_LIP[3])] + points[list(g.LOWER_LIP[3])])
    for rings in (g.UPPER_LIP, g.LOWER_LIP):
        for ring, share in zip(rings, (0.45, 0.55, 0.5, 0.0), strict=True):
            inner = list(ring[1:-1])
            moved[inner, 1] = share * (line[1:-1, 1] - points[inner, 1])
            moved[inner, 2] = -0.3 * share
    return moved


def _jaw(points: np.ndarray) -> np.ndarray:
    """The lower face turns about the axis through the jaw joints, which lie before the ears."""
    joint, angle = np.array([0.0, 0.9, -1.2]), np.deg2rad(14.0)
    lateral, up = np.abs(points[:, 0]), points[:, 1]
    chin = g.smooth((-4.4 - up) / 1.4)
    cheek = 0.9 * g.smooth((-0.8 - up) / 6.0) * g.smooth((lateral - 2.2) / 1.6)
    share = np.maximum(chin, cheek)
    across = np.abs(np.linspace(-1, 1, 11))
    for ring in g.UPPER_LIP:
        share[list(ring)] = 0.38 * across**5
    for ring in g.LOWER_LIP:
        share[list(ring)] = 1.0 - 0.62 * across**3
    lips = np.unique(np.concatenate([*g.UPPER_LIP, *g.LOWER_LIP]))
    skin = np.setdiff1d(np.arange(468), lips)
    away = np.linalg.norm(points[skin, None] - points[None, lips], axis=-1)
    near = np.exp(-((away.min(1) / 0.9) ** 2))  # skin beside the lips goes along with them
    share[skin] += near * (share[lips[away.argmin(1)]] - share[skin])
    beside = skin[away.min(1) < 2.2]
    for _ in range(6):  # and no edge may show in between
        share[beside] = (g.neighbours()[beside] @ share[:468]).ravel()
    arm = points - joint
    turned = np.stack(
        [
            -0.05 * points[:, 0],  # the mouth narrows as it opens
            arm[:, 1] * (np.cos(angle) - 1) - arm[:, 2] * np.sin(angle),
            arm[:, 1] * np.sin(angle) + arm[:, 2] * (np.cos(angle) - 1),
        ],
        -1,
    )
    return share[:, None] * turned
