"""One made-up head before a camera, drawn from its number: who, what the muscles do, light, pose, camera.

People and cameras belong to one of five sets before anything is fitted: train, validation (for calibration), test,
final, which was looked at once when 5,000 heads had been fitted, and fresh, which was looked at once with more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from benchmarks.action_units import morphable
from mien.data.synthetic import geometry as g
from mien.data.synthetic import paint
from mien.data.synthetic.actions import ACTIONS, MUSCLES
from mien.data.synthetic.cohort import moved_points
from mien.data.synthetic.render import render, render_parts
from mien.data.synthetic.scene import Scene
from mien.data.synthetic.shapes import subject_shapes

SETS = ("train", "validation", "test", "final", "fresh")
CAMERAS_OF = {"train": range(0, 10), "validation": range(10, 13), "test": range(13, 17), "final": range(17, 21),
              "fresh": range(21, 31)}  # fmt: skip
# Training heads from this number on have many more cameras: ten teach little about an eleventh.
MORE_FROM, MORE_CAMERAS = 5000, range(100, 300)
HEADS_PER_PERSON = 8
KIT, CANONICAL = "ICT FaceKit", "canonical"
RENDERERS = (KIT, CANONICAL)

# Action unit -> shapes of the kit (both sides where they have sides), and the muscle of mien's own made-up people.
SHAPES: dict[str, tuple[str, ...]] = {
    "AU1": ("browInnerUp",), "AU2": ("browOuterUp",), "AU4": ("browDown",), "AU5": ("eyeWide",),
    "AU6": ("cheekSquint",), "AU7": ("eyeSquint",), "AU9": ("noseSneer",), "AU10": ("mouthUpperUp",),
    "AU12": ("mouthSmile",), "AU14": ("mouthDimple",), "AU15": ("mouthFrown",), "AU16": ("mouthLowerDown",),
    "AU17": ("mouthShrugLower",), "AU18": ("mouthPucker",), "AU20": ("mouthStretch",), "AU23": ("mouthPress",),
    "AU26": ("jawOpen",), "AU28": ("mouthRollLower", "mouthRollUpper"), "AU34": ("cheekPuff",), "AU43": ("eyeBlink",),
}  # fmt: skip
UNITS = tuple(SHAPES)
BLIND = ("AU5", "AU6", "AU9", "AU14", "AU23", "AU34")
# Those that blendshapes see, but badly, join them.
LEARNT = (*BLIND, "AU1", "AU4", "AU15", "AU17")
# Pressing is tightening of the same ring of muscle: one measure for both.
MUSCLE_OF = {("AU23" if m.unit == 24 else f"AU{m.unit}"): name for name, m in MUSCLES.items()}
MUSCLE_OF["AU16"] = MUSCLE_OF.pop("AU25")
FOLD_OF = {unit: name for unit, name in MUSCLE_OF.items() if unit != "AU23"}
# What cannot be done at once: the later one is left out.
OPPOSED = (("AU5", "AU7"), ("AU5", "AU43"), ("AU34", "AU26"), ("AU34", "AU16"), ("AU34", "AU10"), ("AU23", "AU26"),
           ("AU23", "AU16"), ("AU23", "AU10"), ("AU34", "AU23"), ("AU34", "AU28"), ("AU28", "AU26"), ("AU28", "AU23"),
           ("AU12", "AU15"), ("AU12", "AU18"), ("AU14", "AU18"), ("AU20", "AU18"))  # fmt: skip
PROTOTYPES: tuple[tuple[str, ...], ...] = (
    ("AU12",), ("AU12", "AU6"), ("AU12", "AU26"), ("AU12", "AU6", "AU16"), ("AU1", "AU2", "AU5", "AU26"),
    ("AU4", "AU7", "AU23"), ("AU4", "AU5", "AU23"), ("AU4", "AU5", "AU17"), ("AU9",), ("AU9", "AU10"),
    ("AU9", "AU10", "AU7"), ("AU10",), ("AU4",), ("AU4", "AU7"), ("AU1", "AU4", "AU15"), ("AU15", "AU17"),
    ("AU1", "AU2", "AU4", "AU5", "AU20"), ("AU5", "AU20", "AU26"), ("AU12", "AU14"), ("AU14",), ("AU34",), ("AU6",),
    ("AU23",), ("AU1", "AU2"), ("AU5",), ("AU43",), ("AU17", "AU23"), ("AU18",), ("AU28",),
)  # fmt: skip
WEAKEST = 0.4  # of the strengths with which a muscle that acts is shown


@dataclass(frozen=True, eq=False)
class Seen(Scene):
    """A scene before a camera at a distance: what is nearer looks larger."""

    away_cm: float = 80.0

    def to_camera(self, points_cm: np.ndarray, size_px: int, *, body: bool = False) -> np.ndarray:
        """As of a scene, in perspective."""
        flat = super().to_camera(points_cm, size_px, body=body)
        centre = np.array([size_px / 2, size_px / 2])
        depth = flat[:, 2] / (size_px / self.width_cm)
        nearer = self.away_cm / np.maximum(self.away_cm - depth, 5.0)
        return np.concatenate([centre + (flat[:, :2] - centre) * nearer[:, None], flat[:, 2:]], 1)


@dataclass(frozen=True, eq=False)
class Head:
    """A picture and what is known of it."""

    picture: np.ndarray
    strength: np.ndarray
    person: int
    camera: int
    renderer: int
    pose_deg: np.ndarray


def strengths(draw: np.random.Generator) -> np.ndarray:
    """Strength of every unit of ``UNITS``: nothing, a prototype with some more, or any that go together."""
    kind = draw.uniform()
    shown: list[str] = []
    if kind > 0.15:
        if kind < 0.5:
            shown = list(PROTOTYPES[int(draw.integers(len(PROTOTYPES)))])
        rate = 0.05 if kind < 0.5 else 0.12
        more = [unit for unit in UNITS if draw.uniform() < (2.2 * rate if unit in BLIND else rate)]
        shown += list(draw.permutation(more))
    kept: list[str] = []
    for unit in shown:
        if unit not in kept and not any({unit, other} in map(set, OPPOSED) for other in kept):
            kept.append(unit)
    return np.array([draw.uniform(WEAKEST, 1.0) if unit in kept else 0.0 for unit in UNITS])


def camera_of(number: int) -> dict[str, Any]:
    """What one camera does to every picture."""
    draw = np.random.default_rng([77, number])
    return {
        "size_px": int(draw.choice([224, 256, 288, 320])),
        "away_cm": float(draw.uniform(38, 200)),
        "width_cm": float(draw.uniform(22, 31)),
        "blur": float(draw.uniform(0, 1.1)),
        "noise": float(draw.uniform(0, 6)),
        "white": np.exp(draw.normal(size=3) * 0.08),
        "gain": float(draw.uniform(0.75, 1.2)),
        "gamma": float(draw.uniform(0.75, 1.3)),
        "quality": int(draw.integers(45, 98)),
        "grey": bool(draw.uniform() < 0.15),
    }


def taken(picture: np.ndarray, camera: dict[str, Any], draw: np.random.Generator) -> np.ndarray:
    """A rendered picture as the camera gives it, uint8."""
    light = np.clip(picture / 255.0 * camera["white"] * camera["gain"], 0, 1) ** camera["gamma"] * 255
    if camera["grey"]:
        light = np.repeat(light.mean(2, keepdims=True), 3, 2)
    if camera["blur"] > 0.2:
        light = cv2.GaussianBlur(light, (0, 0), camera["blur"])
    light = light + draw.normal(size=light.shape) * camera["noise"]
    _, kept = cv2.imencode(".jpg", np.clip(light, 0, 255).astype(np.uint8)[..., ::-1],
                           [cv2.IMWRITE_JPEG_QUALITY, camera["quality"]])  # fmt: skip
    return cv2.imdecode(kept, cv2.IMREAD_COLOR)[..., ::-1].copy()


def head(set_name: str, number: int) -> Head:
    """Head ``number`` of a set; every third is one of mien's own made-up people, the others are of the kit."""
    which = SETS.index(set_name)
    person = number // HEADS_PER_PERSON
    renderer = int(person % 3 == 2)
    draw = np.random.default_rng([5, which, number])
    who = np.random.default_rng([6, which, person])
    identity, hair, depth = morphable.identity_of(who), who.uniform() < 0.6, who.uniform(0, 1.3)
    shape = subject_shapes(1, who)
    appearance = paint.appearance_of(person, 1000 + which)
    cameras = MORE_CAMERAS if set_name == "train" and number >= MORE_FROM else CAMERAS_OF[set_name]
    camera_number = int(draw.choice(cameras))
    camera = camera_of(camera_number)
    amount = strengths(draw)
    if renderer == 1:  # what this renderer has no muscle for
        amount = np.where(np.isin(UNITS, list(MUSCLE_OF)), amount, 0.0)
    pose = np.clip(draw.normal(size=3) * [6, 11, 6], -25, 25)
    folds = _folds(amount) * depth
    gaze = draw.normal(size=2) * [3, 6]
    rest = g.rest_points() if renderer == 0 else shape[0]
    scene = Seen(
        points_cm=rest, rest_cm=rest, strength=folds, gaze_deg=gaze, pose_deg=pose, appearance=appearance,
        width_cm=camera["width_cm"] * float(draw.uniform(0.92, 1.1)),
        shift_cm=(float(draw.normal() * 0.8), 1.0 + float(draw.normal() * 0.8)),
        light_deg=(float(draw.uniform(5, 65)), float(draw.uniform(-70, 70))), seed=int(draw.integers(1 << 31)),
        away_cm=camera["away_cm"],
    )  # fmt: skip
    if renderer == 0:
        parts = morphable.head_of(identity, _shapes(amount, draw), appearance, bool(hair))
        picture = render_parts(scene, parts, [], camera["size_px"])
    else:
        moved = _moved(shape, amount, gaze, draw)
        object.__setattr__(scene, "points_cm", moved)
        picture = render(scene, camera["size_px"])
    return Head(taken(picture, camera, draw), amount, person, camera_number, renderer, pose)


def _folds(amount: np.ndarray) -> np.ndarray:
    found = np.zeros(len(ACTIONS))
    for unit, name in FOLD_OF.items():
        found[ACTIONS.index(name)] = amount[UNITS.index(unit)]
    return found


def _shapes(amount: np.ndarray, draw: np.random.Generator) -> dict[str, float]:
    """Amount of each of the kit's shapes, a little stronger on one side; lips tighten by pressing or by rolling in."""
    names = morphable.kit().shapes
    found: dict[str, float] = {}
    for unit, one in zip(UNITS, amount, strict=True):
        if not one:
            continue
        even = float(np.clip(draw.normal() * 0.12, -0.35, 0.35))
        for shape in SHAPES[unit]:
            for name, side in ((shape, 0), (f"{shape}_L", 1), (f"{shape}_R", -1)):
                if name in names:
                    found[name] = found.get(name, 0.0) + float(one) * (1 + side * even)
        if unit == "AU23":
            rolled = float(draw.uniform(0, 0.45)) * float(one)
            for name in ("mouthRollLower", "mouthRollUpper"):
                found[name] = found.get(name, 0.0) + rolled
    # The jaw follows gravity a little in everybody.
    found["jawOpen"] = found.get("jawOpen", 0.0) + float(max(0.0, draw.normal() * 0.015))
    return found


def _moved(shape: np.ndarray, amount: np.ndarray, gaze: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """The points of one of mien's own people."""
    strength = np.zeros(len(ACTIONS))
    for unit, name in MUSCLE_OF.items():
        if unit in UNITS:
            strength[ACTIONS.index(name)] = amount[UNITS.index(unit)]
    uneven = np.clip(draw.normal(size=(1, len(ACTIONS))) * 0.1, -0.3, 0.3)
    moved = moved_points(shape, np.zeros(1, dtype=int), strength[None, None], uneven, gaze[None, None])
    return moved[0, 0].astype(float)


def numbers_of(set_names: Sequence[str], counts: Sequence[int], train_from: int = 0) -> list[tuple[str, int]]:
    """Sets and numbers of all heads; of the train set those from ``train_from`` on."""
    return [
        (name, number)
        for name, count in zip(set_names, counts, strict=True)
        for number in range(train_from if name == "train" else 0, count)
    ]
