"""What is planted into a made-up cohort: which trait changes what of which channel."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES
from mien.core.words import did_you_mean

TRAITS = ("depression", "anxiety", "stress")
HEAD, BLINK, GAZE = "head", "eyeBlink", "gaze"
LEVEL, BOUTS, ASYMMETRY = "level", "bout rate", "asymmetry"
ENERGY, BLINKS, SHIFTS = "energy", "blink rate", "shift rate"
_GAZE_SHAPES = "eyeLook"


def _without_side(name: str) -> str:
    return name.removesuffix("Left").removesuffix("Right")


# Muscles that move on their own, each with its blendshapes: one in the middle, or left and right.
MUSCLES: dict[str, tuple[str, ...]] = {}
for _name in BLENDSHAPES:
    # jawLeft and mouthRight say where to, not which side of the face.
    _key = _name if _name in ("jawLeft", "jawRight", "mouthLeft", "mouthRight") else _without_side(_name)
    if not _name.startswith((_GAZE_SHAPES, BLINK, "_")):
        MUSCLES[_key] = (*MUSCLES.get(_key, ()), _name)
PAIRED = tuple(name for name, shapes in MUSCLES.items() if len(shapes) == 2)
# Action units as OpenFace names their intensities, and the muscle that each follows.
ACTION_UNITS = {
    "AU01_r": "browInnerUp", "AU02_r": "browOuterUp", "AU04_r": "browDown", "AU05_r": "eyeWide",
    "AU06_r": "cheekSquint", "AU07_r": "eyeSquint", "AU09_r": "noseSneer", "AU10_r": "mouthUpperUp",
    "AU12_r": "mouthSmile", "AU14_r": "mouthDimple", "AU15_r": "mouthFrown", "AU17_r": "mouthShrugLower",
    "AU20_r": "mouthStretch", "AU23_r": "mouthPress", "AU25_r": "mouthLowerDown", "AU26_r": "jawOpen",
    "AU45_r": BLINK,
}  # fmt: skip
_OTHERS = {HEAD: ("pitch", "yaw", "roll"), BLINK: ("eyeBlinkLeft", "eyeBlinkRight", "eye_opening"),
           GAZE: ("gaze_deg", *(name for name in BLENDSHAPES if name.startswith(_GAZE_SHAPES)))}  # fmt: skip
_ONLY = {HEAD: ENERGY, BLINK: BLINKS, GAZE: SHIFTS}


@dataclass(frozen=True)
class Planted:
    """One planted effect.

    Attributes
    ----------
    what : str
        A muscle such as ``'mouthSmile'``, ``'head'``, ``'eyeBlink'`` or ``'gaze'``.
    statistic : str
        ``'level'``, ``'bout rate'``, ``'asymmetry'`` of a muscle; ``'energy'`` of the head, ``'blink rate'``,
        ``'shift rate'`` of the gaze.
    trait : str
        ``'depression'``, ``'anxiety'`` or ``'stress'``.
    size : float
        Correlation of the trait with what is true of the person.
    start_s, end_s : float, optional
        Of a level: only in this part of each recording; by default in all of it.
    """

    what: str
    statistic: str
    trait: str
    size: float
    start_s: float | None = None
    end_s: float | None = None

    def __post_init__(self) -> None:
        known = [*MUSCLES, *_ONLY]
        if self.what not in known:
            raise InputError(
                f"planted: nothing is called '{self.what}'.{did_you_mean(self.what, known)} There are: "
                f"{', '.join(known)}."
            )
        one = (_ONLY[self.what],) if self.what in _ONLY else (LEVEL, BOUTS)
        allowed = (*one, ASYMMETRY) if self.what in PAIRED else one
        if self.statistic not in allowed:
            raise InputError(f"planted: of {self.what} there is {', '.join(allowed)}, but no '{self.statistic}'.")
        if self.trait not in TRAITS:
            raise InputError(f"planted: the trait is one of {', '.join(TRAITS)}, but got '{self.trait}'.")
        if not -1 < self.size < 1:
            raise InputError(f"planted: the size is a correlation between -1 and 1, but got {self.size:g}.")
        if self.start_s is None or self.end_s is None:
            return
        if self.statistic != LEVEL:
            raise InputError(f"planted: a part of the recording is for the {LEVEL} of a muscle, not {self.statistic}.")
        if not 0 <= self.start_s < self.end_s:
            raise InputError(
                f"planted: a part of the recording is written FROM-TO in seconds, as in '8-14', but got "
                f"'{self.start_s:g}-{self.end_s:g}'."
            )

    def to_json(self) -> dict[str, Any]:
        """Plain values; times only of a part of the recording."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @property
    def parameter(self) -> str:
        """Its name among all that people differ in."""
        return f"{self.what} {self.statistic}"

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels of the faces that show it."""
        units = tuple(unit for unit, what in ACTION_UNITS.items() if what == self.what)
        # Units have no sides.
        return (*MUSCLES.get(self.what, _OTHERS.get(self.what, ())), *(units if self.statistic != ASYMMETRY else ()))


_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)"
_WRITTEN = re.compile(
    rf"\s*([^:=]*?)\s*:\s*([^:=]*?)\s*:\s*([^:=]*?)\s*=\s*({_NUMBER})\s*(?::\s*({_NUMBER})\s*-\s*({_NUMBER})\s*s?\s*)?"
)
# Sizes are shares of the effect that is asked for.
_USUAL = (
    ("mouthSmile", LEVEL, "depression", -1.0), ("mouthSmile", BOUTS, "depression", -1.0),
    ("mouthFrown", LEVEL, "depression", 0.8), (HEAD, ENERGY, "depression", -0.8),
    (BLINK, BLINKS, "anxiety", 1.0), ("mouthPress", BOUTS, "anxiety", 1.0), ("eyeWide", LEVEL, "anxiety", 0.8),
    ("browDown", LEVEL, "stress", 1.0), ("browOuterUp", ASYMMETRY, "stress", 1.0),
)  # fmt: skip


def usual(effect: float) -> tuple[Planted, ...]:
    """What is planted by default, the strongest with the given correlation; nothing at 0."""
    return tuple(Planted(w, s, t, share * effect) for w, s, t, share in _USUAL) if effect else ()


def parsed(texts: Sequence[str], effect: float) -> tuple[Planted, ...]:
    """Effects from texts such as ``'mouthSmile: level: depression=-.4'``; the usual ones where there are none.

    Raises
    ------
    InputError
        For what cannot be planted, or the same parameter twice.
    """
    found = []
    for text in texts:
        match = _WRITTEN.fullmatch(text)
        if not match:
            raise InputError(
                "planted is written WHAT: STATISTIC: TRAIT=SIZE, as in 'mouthSmile: level: depression=-.4', or with a "
                f"part of the recording in seconds, 'mouthSmile: level: depression=-.4: 8-14', but got '{text}'."
            )
        what, statistic, trait, size, start, end = match.groups()
        found.append(
            Planted(what, statistic, trait, float(size), *(None if t is None else float(t) for t in (start, end)))
        )
    names = [one.parameter for one in found]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"planted: '{twice}' is named twice.")
    return tuple(found) or usual(effect)
