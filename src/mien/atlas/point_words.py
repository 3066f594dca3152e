"""What facial points are called: "left mouth corner" and not "point 291"."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from mien.core.topology import IBUG_68, MEDIAPIPE_468, MEDIAPIPE_478, topology

# Of the 68 points of iBUG 300-W; the person's right comes first.
IBUG_WORDS: dict[int, str] = {
    **{i: f"right jaw line, {n} from the ear" for i, n in enumerate(("first", "second", "third", "fourth", "fifth",
                                                                     "sixth", "seventh", "eighth"))},
    8: "tip of the chin",
    **{16 - i: f"left jaw line, {n} from the ear" for i, n in enumerate(("first", "second", "third", "fourth", "fifth",
                                                                         "sixth", "seventh", "eighth"))},
    17: "right brow, outer end", 18: "right brow, outer part", 19: "right brow, middle", 20: "right brow, inner part",
    21: "right brow, inner end", 22: "left brow, inner end", 23: "left brow, inner part", 24: "left brow, middle",
    25: "left brow, outer part", 26: "left brow, outer end", 27: "bridge of the nose, top",
    28: "bridge of the nose, upper part", 29: "bridge of the nose, lower part", 30: "tip of the nose",
    31: "right nostril, outer edge", 32: "right nostril, inner edge", 33: "base of the nose",
    34: "left nostril, inner edge", 35: "left nostril, outer edge", 36: "right eye, outer corner",
    37: "right upper lid, outer part", 38: "right upper lid, inner part", 39: "right eye, inner corner",
    40: "right lower lid, inner part", 41: "right lower lid, outer part", 42: "left eye, inner corner",
    43: "left upper lid, inner part", 44: "left upper lid, outer part", 45: "left eye, outer corner",
    46: "left lower lid, outer part", 47: "left lower lid, inner part", 48: "right mouth corner",
    49: "upper lip, outer edge, right part", 50: "upper lip, right peak", 51: "upper lip, middle of the outer edge",
    52: "upper lip, left peak", 53: "upper lip, outer edge, left part", 54: "left mouth corner",
    55: "lower lip, outer edge, far left part", 56: "lower lip, outer edge, left part",
    57: "lower lip, middle of the outer edge", 58: "lower lip, outer edge, right part",
    59: "lower lip, outer edge, far right part", 60: "right mouth corner, inner edge",
    61: "upper lip, inner edge, right part", 62: "upper lip, middle of the inner edge",
    63: "upper lip, inner edge, left part", 64: "left mouth corner, inner edge", 65: "lower lip, inner edge, left part",
    66: "lower lip, middle of the inner edge", 67: "lower lip, inner edge, right part",
}  # fmt: skip


@cache
def point_words(point: int, points: str) -> str:
    """A point in plain words.

    Parameters
    ----------
    point : int
        Its number.
    points : str
        Name of its topology, whole or a subset; ``''`` where it is not known.

    Returns
    -------
    str
        Different for every point of a topology; ``''`` where there is no such point, or its topology is not known.

    Examples
    --------
    >>> point_words(54, "ibug-68"), point_words(291, "mediapipe-478"), point_words(0, "ibug-68[54]")
    ('left mouth corner', 'left mouth corner', 'left mouth corner')
    >>> point_words(68, "ibug-68"), point_words(3, "")
    ('', '')
    """
    if not points:
        return ""
    known = topology(points)
    if not 0 <= point < len(known):
        return ""
    index = int(known.index[point])
    if known.parent == IBUG_68:
        return IBUG_WORDS[index]
    return _mesh_words()[index] if known.parent in (MEDIAPIPE_478, MEDIAPIPE_468) else ""


@cache
def _mesh_words() -> list[str]:
    """Of the 478 points; written by ``docs/write_point_words.py``."""
    found: list[str] = json.loads(files("mien.atlas").joinpath("point_words.json").read_text(encoding="utf-8"))
    return found
