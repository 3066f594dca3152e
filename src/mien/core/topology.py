"""The point sets a face can be described by: mirror partners, named regions, correspondences.

Two topologies are first-class: the 478 points of the MediaPipe face landmarker (468 of the mesh and 5 per
iris) and the 68 points of iBUG 300-W, which OpenFace, dlib and py-feat give. "Right" and "left" are those of
the person in the picture. The mirror partners and regions of the 478 points were derived from the canonical
mesh that comes with the landmarker; ``tests/core/test_topology.py`` derives the mirror partners again.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError

MEDIAPIPE_478 = "mediapipe-478"
MEDIAPIPE_468 = "mediapipe-468"
IBUG_68 = "ibug-68"
# Of faces that are known by named numbers only.
NO_POINTS = "no-points"


@dataclass(frozen=True, eq=False)
class Topology:
    """A named set of facial points.

    Attributes
    ----------
    name : str
    mirror : ndarray of int, shape (points,)
        Index of each point's partner on the other half of the face; midline points are their own partner.
    regions : dict of str to ndarray of int
        A partition of all points into named facial regions.
    parent : str
        Whole topology that a subset was taken from; the name itself for whole ones.
    index : ndarray of int, shape (points,)
        Index of each point in the parent.
    symmetric : bool
        Whether every point's mirror partner is there too; where not, such a point is its own partner.
    """

    __repr__ = brief

    name: str
    mirror: np.ndarray
    regions: dict[str, np.ndarray]
    parent: str
    index: np.ndarray
    symmetric: bool = True

    def __len__(self) -> int:
        return len(self.mirror)

    @property
    def region_of(self) -> np.ndarray:
        """Name of each point's region, shape (points,)."""
        names = np.empty(len(self), dtype=object)
        for region, points in self.regions.items():
            names[points] = region
        return names


@cache
def _stored() -> dict:
    return json.loads((files("mien.core") / "topologies.json").read_text(encoding="utf-8"))


@cache
def topology(name: str) -> Topology:
    """The topology of that name: ``mediapipe-478``, ``mediapipe-468``, ``ibug-68``, ``no-points`` or a subset of one.

    A subset is named by what it keeps, ``ibug-68[17-26,36]``, see ``subset_name``.
    """
    if name.endswith("]"):
        return _subset(name)
    if name == MEDIAPIPE_468:
        full = topology(MEDIAPIPE_478)
        regions = {k: v[v < 468] for k, v in full.regions.items()}
        return Topology(name, full.mirror[:468], regions, name, np.arange(468))
    if name == NO_POINTS:
        return Topology(name, np.array([], dtype=int), {}, name, np.array([], dtype=int))
    if name not in (MEDIAPIPE_478, IBUG_68):
        raise InputError(f"There is no topology '{name}'; mien knows {', '.join(_BY_COUNT.values())}.")
    stored = _stored()[name]
    mirror = np.array(stored["mirror"])
    regions = {k: np.array(v) for k, v in stored["regions"].items()}
    return Topology(name, mirror, regions, name, np.arange(len(mirror)))


def subset_name(name: str, points: Iterable[int]) -> str:
    """Name of the topology that keeps some points of another one, in ascending order.

    Raises
    ------
    InputError
        If there are no points, or one is not a point of the topology.
    """
    whole = topology(name)
    kept = sorted({int(point) for point in points})
    if not kept or kept[0] < 0 or kept[-1] >= len(whole):
        raise InputError(f"A subset of {name} keeps points 0 to {len(whole) - 1}, at least one, but got {kept}.")
    if len(kept) == len(whole):
        return name
    kept = [int(point) for point in whole.index[kept]]
    runs: list[list[int]] = []
    for point in kept:
        if runs and point == runs[-1][1] + 1:
            runs[-1][1] = point
        else:
            runs.append([point, point])
    text = ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
    return f"{whole.parent}[{text}]"


def _subset(name: str) -> Topology:
    parent, _, text = name[:-1].partition("[")
    whole = topology(parent)
    kept: list[int] = []
    for run in text.split(","):
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", run)
        if match is None:
            raise InputError(f"'{name}' does not name a subset; write it like {IBUG_68}[17-26,36].")
        kept += range(int(match[1]), int(match[2] or match[1]) + 1)
    if kept != sorted(set(kept)) or kept[-1] >= len(whole):
        raise InputError(f"'{name}': the points of {parent} are 0 to {len(whole) - 1}, each once, in ascending order.")
    index = np.array(kept)
    place = {point: i for i, point in enumerate(kept)}
    partners = [place.get(int(whole.mirror[point])) for point in kept]
    mirror = np.array([i if partner is None else partner for i, partner in enumerate(partners)])
    regions = {k: np.array([place[int(p)] for p in v if int(p) in place], dtype=int) for k, v in whole.regions.items()}
    return Topology(name, mirror, regions, parent, index, None not in partners)


_BY_COUNT = {478: MEDIAPIPE_478, 468: MEDIAPIPE_468, 68: IBUG_68}


def topology_of_count(points: int) -> Topology:
    """The topology with that many points."""
    if points not in _BY_COUNT:
        raise InputError(f"No topology has {points} points; mien knows 478, 468 and 68.")
    return topology(_BY_COUNT[points])


@cache
def ibug_68_in_478() -> np.ndarray:
    """Index among the 478 (or 468) points of the nearest point to each of the 68; shape (68,)."""
    return np.array(_stored()["ibug_68_in_478"])
