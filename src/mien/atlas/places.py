"""Where on a face a named feature is: the points that a blendshape, action unit, distance or coordinate is about."""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from mien.core.topology import Topology, topology

# Action unit -> regions, after the muscles of the Facial Action Coding System (Ekman, Friesen & Hager 2002).
_ACTION_UNITS = {
    1: "brow", 2: "brow", 4: "brow", 5: "eye", 6: "cheek", 7: "eye", 9: "nose", 10: "mouth", 12: "mouth", 14: "mouth",
    15: "mouth", 17: "chin", 20: "mouth", 23: "mouth", 24: "mouth", 25: "mouth", 26: "chin", 27: "chin", 28: "mouth",
    43: "eye", 45: "eye",
}  # fmt: skip
# What moves is named first: "nose to upper lip" is about the lip.
_KEYWORDS = (
    ("mouth", "mouth"), ("lip", "mouth"), ("brow", "brow"), ("eye", "eye"), ("cheek", "cheek"), ("jaw", "jaw"),
    ("chin", "chin"), ("nose", "nose"), ("forehead", "forehead"), ("temple", "temple"),
)  # fmt: skip
_MIDLINE = ("mouth", "nose", "chin", "forehead")


@cache
def feature_points(name: str, points: str) -> tuple[int, ...]:
    """Points of a topology that a feature is about.

    Parameters
    ----------
    name : str
        Such as ``'mouthSmileLeft'``, ``'AU12_r mean'``, ``'right eye opening'`` or ``'point 61 x'``.
    points : str
        Name of the topology.

    Returns
    -------
    tuple of int
        Empty where the feature is not about a place on the face.
    """
    known = topology(points)
    coordinate = re.match(r"point (\d+)\b", name)
    if coordinate:
        index = int(coordinate[1])
        return (index,) if index < len(known) else ()
    unit = re.match(r"AU0*(\d+)", name)
    if unit:
        return _of_part(_ACTION_UNITS.get(int(unit[1]), ""), name, known)
    lowered = name.lower()
    part = next((region for word, region in _KEYWORDS if word in lowered), "")
    return _of_part(part, name, known)


@cache
def share_inside(name: str, region: str, points: str) -> float:
    """The share of a feature's points that lie in a region, 0 to 1; 0 where it is not about a place on the face.

    Parameters
    ----------
    name, points
        As for ``feature_points``.
    region : str
        Of the topology.
    """
    where, inside = feature_points(name, points), _points_of(region, points)
    return sum(point in inside for point in where) / max(len(where), 1)


@cache
def _points_of(region: str, points: str) -> frozenset[int]:
    return frozenset(topology(points).regions[region].tolist())


def _of_part(part: str, name: str, known: Topology) -> tuple[int, ...]:
    """Points of a part, on one side if the name says which."""
    if not part:
        return ()
    # The jaw moves as one; blendshapes jawLeft and jawRight name a direction, not a side.
    if part == "jaw" and not name.lower().startswith(("right ", "left ")):
        wanted = ["chin", "right jaw", "left jaw"]
    elif part in _MIDLINE:
        wanted = [part]
    else:
        sides = [side for side in ("right", "left") if re.search(rf"(^{side} )|({side.title()}\b)", name)]
        wanted = [f"{side} {part}" for side in sides or ("right", "left")]
    result = [known.regions[region] for region in wanted if region in known.regions]
    return tuple(int(i) for region in result for i in region)


def on_points(values: np.ndarray, names: tuple[str, ...], points: str) -> np.ndarray:
    """Values of features spread evenly over the points they are about; shape (points,).

    Features without a place are left out.
    """
    result = np.zeros(len(topology(points)))
    for value, name in zip(values, names, strict=True):
        where = feature_points(name, points)
        if where:
            result[list(where)] += value / len(where)
    return result
