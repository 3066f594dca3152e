"""Plain words for what evidence points at."""

from __future__ import annotations

import re

# Base names of the 52 blendshapes; "Left" and "Right" are added below.
_BLENDSHAPE_WORDS = {
    "_neutral": "no expression",
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


def feature_words(name: str) -> str:
    """A feature's name in plain words: ``mouthSmileLeft`` is "left mouth corner pulled up (smile)".

    Names that are not blendshapes are split at underscores and capitals. Prefixes and suffixes joined by ``:``
    or ``.`` (such as ``blendshape:jawOpen`` or ``jawOpen.mean``) are kept as words.
    """
    parts = [_one(part) for part in re.split(r"[:./]", name) if part]
    return ", ".join(part for part in parts if part.lower() not in ("blendshape", "blendshapes")) or name


def _one(name: str) -> str:
    if name in _BLENDSHAPE_WORDS:
        return _BLENDSHAPE_WORDS[name]
    for side in ("Left", "Right"):
        base = name.removesuffix(side)
        if base != name and base in _BLENDSHAPE_WORDS:
            return f"{side.lower()} {_BLENDSHAPE_WORDS[base]}"
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.replace("_", " "))
    return spaced if spaced == name else spaced.lower()


def percent(share: float) -> str:
    """A share as whole per cent, with "under 1 %" for small ones."""
    return "under 1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"


def listed(parts: list[str]) -> str:
    """``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""
