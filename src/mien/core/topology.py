"""The point sets a face can be described by: mirror partners, named regions, correspondences.

Two topologies are first-class: the 478 points of the MediaPipe face landmarker (468 of the mesh and 5 per
iris) and the 68 points of iBUG 300-W, which OpenFace, dlib and py-feat give. "Right" and "left" are those of
the person in the picture. The mirror partners and regions of the 478 points were derived from the canonical
mesh that comes with the landmarker; ``tests/core/test_topology.py`` derives the mirror partners again.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from mien.core.errors import InputError

MEDIAPIPE_478 = "mediapipe-478"
MEDIAPIPE_468 = "mediapipe-468"
IBUG_68 = "ibug-68"


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
    """

    name: str
    mirror: np.ndarray
    regions: dict[str, np.ndarray]

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
    """The topology of that name: ``mediapipe-478``, ``mediapipe-468`` or ``ibug-68``."""
    if name == MEDIAPIPE_468:
        full = topology(MEDIAPIPE_478)
        return Topology(name, full.mirror[:468], {k: v[v < 468] for k, v in full.regions.items()})
    if name not in (MEDIAPIPE_478, IBUG_68):
        raise InputError(f"There is no topology '{name}'; mien knows {', '.join(_BY_COUNT.values())}.")
    stored = _stored()[name]
    return Topology(name, np.array(stored["mirror"]), {k: np.array(v) for k, v in stored["regions"].items()})


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
