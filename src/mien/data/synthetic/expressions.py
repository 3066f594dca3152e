"""Apparent expressions as sums of muscle actions, in two groups that show some of them with other muscles.

Group A follows the prototypes in the FACS Investigator's Guide (Ekman, Friesen & Hager 2002, table 10-2) as far
as the actions reach. Group B is invented: it shows the same expressions with other muscles, so that a comparison
of groups has a known answer. Sadness and disgust are the same in both, so that a comparison has a known null.
"""

from collections.abc import Sequence

import numpy as np

from mien.core.errors import InputError
from mien.data.synthetic.actions import ACTIONS, fields

GROUPS = ("A", "B")
NEUTRAL = "neutral"

_DISGUST = {"nose wrinkle": 1.0, "upper lip raise": 0.8, "lid tighten": 0.6}
_SADNESS = {"inner brow raise": 0.9, "brow lower": 0.35, "lip corner depress": 1.0, "lids close": 0.2}
RECIPES: dict[str, dict[str, dict[str, float]]] = {
    NEUTRAL: {"A": {}, "B": {}},
    "smile": {
        "A": {"lip corner pull": 1.0, "cheek raise": 1.0, "lips part": 0.5},
        "B": {"lip corner pull": 0.9, "jaw drop": 0.4, "outer brow raise": 0.7},
    },
    "surprise": {
        "A": {"inner brow raise": 1.0, "outer brow raise": 1.0, "upper lid raise": 1.0, "jaw drop": 0.9},
        "B": {"upper lid raise": 1.0, "lip pucker": 0.7, "jaw drop": 0.5},
    },
    "anger": {
        "A": {"brow lower": 1.0, "lid tighten": 0.9, "lip press": 1.0},
        "B": {"brow lower": 0.9, "upper lid raise": 0.7, "chin raise": 1.0},
    },
    "disgust": {"A": _DISGUST, "B": _DISGUST},
    "sadness": {"A": _SADNESS, "B": _SADNESS},
    "fear": {
        "A": {"inner brow raise": 1.0, "outer brow raise": 0.6, "brow lower": 0.4, "upper lid raise": 1.0,
              "lip stretch": 1.0, "lips part": 0.8},
        "B": {"upper lid raise": 1.0, "lip stretch": 1.0, "jaw drop": 0.4},
    },
}  # fmt: skip
EXPRESSIONS: tuple[str, ...] = tuple(name for name in RECIPES if name != "fear")


def recipe(label: str, group: str) -> np.ndarray:
    """Strength of every action in an expression as one group shows it, shape (actions,).

    Raises
    ------
    InputError
        If there is no such expression or group.
    """
    if label not in RECIPES:
        raise InputError(f"There is no synthetic expression '{label}'; there are: {', '.join(RECIPES)}.")
    if group not in GROUPS:
        raise InputError(f"There is no synthetic group '{group}'; there are: {', '.join(GROUPS)}.")
    strengths = RECIPES[label][group]
    return np.array([strengths.get(action, 0.0) for action in ACTIONS])


def movement(label: str, group: str) -> np.ndarray:
    """How far every point of the average face moves at the apex, in cm, shape (478,)."""
    return np.linalg.norm(np.tensordot(recipe(label, group), fields(), 1), axis=-1)


def acting(label: str, groups: Sequence[str] = GROUPS) -> np.ndarray:
    """Indices of the points that any action of the expression moves, in any of the groups: the planted truth."""
    used = np.any([recipe(label, group) > 0 for group in groups], axis=0)
    return np.flatnonzero(np.abs(fields()[used]).max((0, 2), initial=0.0) > 0)
