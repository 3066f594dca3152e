"""Plain words for what evidence points at."""

from __future__ import annotations

import re

from mien.atlas.point_words import point_words

# Base names of the 52 blendshapes; "Left" and "Right" are added below.
_BLENDSHAPE_WORDS = {
    "_neutral": "'_neutral' (an output of the blendshape network that stands for no movement)",
    "browDown": "brow lowered",
    "browInnerUp": "inner brows raised",
    "browOuterUp": "outer brow raised",
    "cheekPuff": "cheeks puffed",
    "cheekSquint": "cheek raised",
    "eyeBlink": "eye closed",
    "eyeLookDown": "eye looking down",
    "eyeLookIn": "eye looking toward the nose",
    "eyeLookOut": "eye looking outward",
    "eyeLookUp": "eye looking up",
    "eyeSquint": "eye narrowed",
    "eyeWide": "eye wide open",
    "jawForward": "jaw pushed forward",
    "jawLeft": "jaw moved to the left",
    "jawOpen": "jaw dropped",
    "jawRight": "jaw moved to the right",
    "mouthClose": "lips closed over a dropped jaw",
    "mouthDimple": "mouth corner pulled inward (dimple)",
    "mouthFrown": "mouth corner pulled down",
    "mouthFunnel": "lips funnelled",
    "mouthLeft": "mouth moved to the left",
    "mouthLowerDown": "lower lip pulled down",
    "mouthPress": "lips pressed",
    "mouthPucker": "lips puckered",
    "mouthRight": "mouth moved to the right",
    "mouthRollLower": "lower lip rolled inward",
    "mouthRollUpper": "upper lip rolled inward",
    "mouthShrugLower": "lower lip pushed up",
    "mouthShrugUpper": "upper lip pushed up",
    "mouthSmile": "mouth corner pulled up (smile)",
    "mouthStretch": "mouth corner pulled outward",
    "mouthUpperUp": "upper lip raised",
    "noseSneer": "nose wrinkled",
}


# What OpenFace and others measure, in the words of the Facial Action Coding System.
_ACTION_WORDS = {
    1: "inner brows raised", 2: "outer brows raised", 4: "brows lowered", 5: "upper lids raised", 6: "cheeks raised",
    7: "lids tightened", 9: "nose wrinkled", 10: "upper lip raised", 12: "mouth corners pulled up (smile)",
    14: "mouth corners pulled inward (dimple)", 15: "mouth corners pulled down", 17: "chin raised",
    20: "lips stretched", 23: "lips tightened", 24: "lips pressed", 25: "lips parted", 26: "jaw dropped",
    27: "mouth stretched open", 28: "lips sucked in", 43: "eyes closed", 45: "blink",
}  # fmt: skip
_FUNCTIONALS = {
    "mean": "mean", "sd": "variation", "low": "low point", "high": "high point", "rise": "rise over the clip",
}  # fmt: skip
_AXES = {"x": "sideways", "y": "up and down", "z": "in depth"}


def feature_words(name: str, points: str = "") -> str:
    """A feature's name in plain words: ``mouthSmileLeft`` is "left mouth corner pulled up (smile)".

    Understood are blendshapes, action units (``AU12_r``), coordinates (``point 61 x``) and summaries over time
    behind any of them (``jawOpen rise``). Other names are split at underscores and capitals.

    Parameters
    ----------
    name : str
    points : str
        Name of the topology that coordinates are of; without it a point is called by its number.

    Examples
    --------
    >>> feature_words("point 54 x mean", "ibug-68"), feature_words("point 54 x")
    ('left mouth corner, sideways, mean', 'point 54, sideways')
    """
    base, _, last = name.rpartition(" ")
    if base and last in _FUNCTIONALS:
        return f"{_one(base, points)}, {_FUNCTIONALS[last]}"
    return _one(name, points)


def _one(name: str, points: str) -> str:
    if name in _BLENDSHAPE_WORDS:
        return _BLENDSHAPE_WORDS[name]
    for side in ("Left", "Right"):
        base = name.removesuffix(side)
        if base != name and base in _BLENDSHAPE_WORDS:
            return f"{side.lower()} {_BLENDSHAPE_WORDS[base]}"
    unit = re.fullmatch(r"AU0*(\d+)(_[rc])?", name)
    if unit and int(unit[1]) in _ACTION_WORDS:
        kind = {"_r": " (strength)", "_c": " (presence)"}.get(unit[2] or "", "")
        return f"AU{unit[1]}, {_ACTION_WORDS[int(unit[1])]}{kind}"
    point = re.fullmatch(r"point (\d+) ([xyz])", name)
    if point:
        return f"{point_words(int(point[1]), points) or f'point {point[1]}'}, {_AXES[point[2]]}"
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.replace("_", " "))
    return spaced if spaced == name else spaced.lower()
