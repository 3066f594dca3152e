"""What a made-up face does in one recording: bouts of movement, blinks, gaze, head motion, speech, and drift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from mien.core.faces import BLENDSHAPES
from mien.data.synthetic.planted import (
    ACTION_UNITS,
    ASYMMETRY,
    BLINK,
    BLINKS,
    BOUTS,
    ENERGY,
    GAZE,
    HEAD,
    LEVEL,
    MUSCLES,
    PAIRED,
    SHIFTS,
)

# All that people differ in, each of unit spread.
PARAMETERS = (
    *(f"{muscle} {LEVEL}" for muscle in MUSCLES), *(f"{muscle} {BOUTS}" for muscle in MUSCLES),
    *(f"{muscle} {ASYMMETRY}" for muscle in PAIRED), f"{HEAD} {ENERGY}", f"{BLINK} {BLINKS}", f"{GAZE} {SHIFTS}",
)  # fmt: skip
LEVELS = slice(0, len(MUSCLES))
TASKS = ("rest", "reading", "conversation")
_NAMES = tuple(MUSCLES)
_BOUTS = slice(len(MUSCLES), 2 * len(MUSCLES))
_SIDES = slice(2 * len(MUSCLES), 2 * len(MUSCLES) + len(PAIRED))
# Muscles that act together, whatever the traits: one expression each.
_TOGETHER = (
    {"mouthSmile": 0.5, "cheekSquint": 0.4, "mouthDimple": 0.2, "eyeSquint": 0.2},
    {"browInnerUp": 0.5, "browOuterUp": 0.4, "eyeWide": 0.2, "jawOpen": 0.15},
    {"browDown": 0.4, "noseSneer": 0.2, "mouthPress": 0.2, "eyeSquint": 0.2},
    {"mouthFrown": 0.3, "mouthShrugLower": 0.4, "browInnerUp": 0.2, "mouthStretch": 0.15},
)
_SPEECH = {"jawOpen": 0.3, "mouthFunnel": 0.15, "mouthPucker": 0.15, "mouthClose": 0.1, "mouthLowerDown": 0.2}
_WEIGHTS = np.array([[row.get(name, 0.0) for name in _NAMES] for row in _TOGETHER], dtype=np.float32)
_SPOKEN = np.array([_SPEECH.get(name, 0.0) for name in _NAMES], dtype=np.float32)
_REST, _SPREAD, _PER_MIN, _JOINT_PER_MIN = 0.13, 0.035, 2.5, 1.5
# Columns of the blendshapes, and those of the muscles that they show, with -1, 0 or 1 for right, middle, left.
_SHOWN = [(BLENDSHAPES.index(s), i, _side) for i, m in enumerate(_NAMES) for s in MUSCLES[m]
          for _side in [(0 if len(MUSCLES[m]) == 1 else 1 if s.endswith("Left") else -1)]]  # fmt: skip
_SHAPE, _MUSCLE, _SIDE = (np.array(part) for part in zip(*_SHOWN, strict=True))
_PLACE = np.array([PAIRED.index(_NAMES[i]) if side else -1 for _, i, side in _SHOWN])
_UNIT = np.array([_NAMES.index(m) if m in MUSCLES else -1 for m in ACTION_UNITS.values()])


@dataclass(frozen=True, eq=False)
class Behaviour:
    """What a face does, before a camera sees it.

    Attributes
    ----------
    blendshapes : ndarray of float32, shape (frames, 52)
    units : ndarray of float32, shape (frames, 17)
        Intensity, 0 to 5, of ``ACTION_UNITS``.
    pose_deg, gaze_deg, eye_opening : ndarray of float32, shapes (frames, 3), (frames, 2), (frames, 2)
    pupil_share : ndarray of float32, shape (frames,)
        About 1.
    task : ndarray of int, shape (frames,)
        Index into ``TASKS``.
    """

    blendshapes: np.ndarray
    units: np.ndarray
    pose_deg: np.ndarray
    gaze_deg: np.ndarray
    eye_opening: np.ndarray
    pupil_share: np.ndarray
    task: np.ndarray


def behave(
    time_s: np.ndarray, person: np.ndarray, noise: float, generator: np.random.Generator,
    for_a_while: Sequence[tuple[int, float, float, float]] = (),
) -> Behaviour:  # fmt: skip
    """One recording of a person.

    Parameters
    ----------
    time_s : ndarray, shape (frames,)
    person : ndarray, shape (parameters,)
        Of ``PARAMETERS``, in this recording.
    noise : float
        Of the measurement, about 1.
    generator : Generator
    for_a_while : sequence of (muscle, start_s, end_s, more)
        Levels that are another one in a part of the recording, in standard deviations of people.
    """
    frames, length = len(time_s), float(time_s[-1]) + 1e-6
    task = np.minimum((np.arange(frames) * len(TASKS)) // frames, len(TASKS) - 1)
    muscles = _muscles(time_s, length, person, task, generator)
    for muscle, start_s, end_s, more in for_a_while:
        muscles[(time_s >= start_s) & (time_s < end_s), muscle] += np.float32(_SPREAD * more)
    side = np.where(_PLACE >= 0, _SIDE * _lean(person, generator)[_PLACE], 0.0).astype(np.float32)
    shapes = np.empty((frames, len(BLENDSHAPES)), dtype=np.float32)
    shapes[:, _SHAPE] = muscles[:, _MUSCLE] * (1 + side)
    shut = _blinks(time_s, length, person[-2], generator)
    gaze = _gaze(time_s, length, person[-1], generator)
    shapes[:, 0] = 0.01
    _eyes(shapes, shut, gaze)
    shapes += 0.008 * noise * generator.standard_normal(shapes.shape, dtype=np.float32)
    units = np.where(_UNIT >= 0, 4 * (muscles[:, _UNIT] - 0.05), 3 * shut[:, None]).astype(np.float32)
    units += 0.1 * noise * generator.standard_normal(units.shape, dtype=np.float32)
    opening = (0.3 * (1 - 0.9 * shut) + 0.004 * gaze[:, 0])[:, None] + 0.006 * noise * generator.standard_normal(
        (frames, 2), dtype=np.float32
    )
    head = _drift(frames, 3, 0.97, generator) * np.float32(3.0 * np.exp(0.35 * person[-3]))
    head += generator.normal(size=3).astype(np.float32) * [4, 6, 3]
    pupil = 1 + 0.04 * _drift(frames, 1, 0.98, generator)[:, 0]
    return Behaviour(
        np.clip(shapes, 0, 1), np.clip(units, 0, 5), head, gaze, np.clip(opening, 0, None), pupil.astype("f4"), task
    )


def _muscles(
    time_s: np.ndarray, length: float, person: np.ndarray, task: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    """Strength of every muscle over time, shape (frames, muscles): level, own bouts, joint bouts, speech, drift."""
    count = len(_NAMES)
    rate = _PER_MIN * np.exp(0.5 * person[_BOUTS]) * length / 60
    own = np.repeat(np.arange(count), generator.poisson(rate))
    joint = generator.integers(0, len(_TOGETHER), generator.poisson(_JOINT_PER_MIN * len(_TOGETHER) * length / 60))
    weights = np.zeros((len(own) + len(joint), count), dtype=np.float32)
    weights[np.arange(len(own)), own] = generator.uniform(0.15, 0.5, len(own))
    weights[len(own) :] = _WEIGHTS[joint] * generator.uniform(0.5, 1.3, (len(joint), 1))
    strength = _bouts(time_s, length, len(weights), generator) @ weights
    strength += (_REST + _SPREAD * person[LEVELS]).astype(np.float32)
    syllables = np.abs(np.sin(np.pi * 2.0 * time_s * generator.uniform(0.85, 1.15) + generator.uniform(0, 3)))
    spoken = np.where(task > 0, syllables, 0).astype(np.float32)
    strength += spoken[:, None] * _SPOKEN
    return strength + 0.012 * _drift(len(time_s), count, 0.95, generator)


def _bouts(time_s: np.ndarray, length: float, count: int, generator: np.random.Generator) -> np.ndarray:
    """Course of bouts with onset, apex and offset, 0 to 1, shape (frames, bouts)."""
    start = generator.uniform(-1, length, count)
    rise, hold, fall = (generator.uniform(low, high, count) for low, high in ((0.2, 0.7), (0.1, 1.5), (0.3, 1.2)))
    end = start + rise + hold + fall
    t = time_s[:, None]
    course = np.clip(np.minimum((t - start) / rise, (end - t) / fall), 0, 1).astype(np.float32)
    return course * course * (3 - 2 * course)


def _lean(person: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """How much stronger the left side is, as a share; its sign is that of the recording."""
    size = 0.05 * np.exp(0.6 * person[_SIDES])
    return size * np.where(generator.random(len(size)) < 0.5, -1, 1)


def _blinks(time_s: np.ndarray, length: float, person: float, generator: np.random.Generator) -> np.ndarray:
    """How far the lids are shut, 0 to 1."""
    count = generator.poisson(15 * np.exp(0.4 * person) * length / 60)
    middle, width = generator.uniform(0, length, count), generator.uniform(0.06, 0.11, count)
    near = np.exp(-(((time_s[:, None] - middle) / width) ** 2))
    return near.max(axis=1, initial=0).astype(np.float32)


def _gaze(time_s: np.ndarray, length: float, person: float, generator: np.random.Generator) -> np.ndarray:
    """Pitch and yaw in degrees: fixations with shifts in between, and averted ones among them."""
    count = 1 + generator.poisson(40 * np.exp(0.3 * person) * length / 60)
    at = np.sort(generator.uniform(0, length, count))
    goals = generator.normal(size=(count + 1, 2)) * [2, 3]
    goals[generator.random(count + 1) < 0.12] += [-4, 10]
    fixed = goals[np.searchsorted(at, time_s)]
    return (fixed + 0.3 * generator.standard_normal(fixed.shape)).astype(np.float32)


def _eyes(shapes: np.ndarray, shut: np.ndarray, gaze: np.ndarray) -> None:
    """Blendshapes of lids and gaze."""
    pitch, yaw = gaze.T / np.float32(30)
    turned = {"Up": (pitch, pitch), "Down": (-pitch, -pitch), "In": (-yaw, yaw), "Out": (yaw, -yaw)}
    for way, sides in turned.items():
        for name, value in zip(("Left", "Right"), sides, strict=True):
            shapes[:, BLENDSHAPES.index(f"eyeLook{way}{name}")] = np.maximum(value, 0) + 0.04
    for name in ("Left", "Right"):
        shapes[:, BLENDSHAPES.index(f"{BLINK}{name}")] = 0.06 + 0.75 * shut


def _drift(frames: int, parts: int, memory: float, generator: np.random.Generator) -> np.ndarray:
    """Series of unit spread that forget slowly, shape (frames, parts)."""
    white = generator.standard_normal((frames, parts), dtype=np.float32)
    white[0] /= np.sqrt(1 - memory**2)
    scale = np.float32(np.sqrt(1 - memory**2))
    return lfilter(np.array([scale]), np.array([1, -memory], dtype=np.float32), white, axis=0).astype(np.float32)
