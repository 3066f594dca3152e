"""Write what each of the 478 points is called in plain words: ``python docs/write_point_words.py``.

The words come from the regions of the topology, the canonical mesh and the points whose names everybody uses; they are
stored, so that reports say the same on machines without the mesh.
"""

import json
from collections import defaultdict
from pathlib import Path

import numpy as np

from mien.atlas.point_words import IBUG_WORDS
from mien.core.topology import ibug_68_in_478, topology
from mien.data.canonical import canonical_mesh

TARGET = Path(__file__).parents[1] / "src/mien/atlas/point_words.json"
_IRIS = ("iris, middle", "iris, side (1)", "iris, upper edge", "iris, side (2)", "iris, lower edge")


def words() -> list[str]:
    """One phrase for each point; mirror partners have the same one but for the side."""
    face, at = topology("mediapipe-478"), canonical_mesh().vertices_cm
    found: dict[int, str] = {}
    for known, point in enumerate(ibug_68_in_478()):
        if IBUG_WORDS.get(known):
            found.setdefault(int(point), IBUG_WORDS[known])
    # The person's left is where x is larger, as in the landmark's own regions.
    left = 1.0 if at[face.regions["left eye"][face.regions["left eye"] < 468], 0].mean() > 0 else -1.0
    for region, points in face.regions.items():
        if region.startswith("left "):
            continue
        own = points[points < 468]
        across, up = left * at[own, 0], at[own, 1]
        same = defaultdict(list)
        for point, x, y in zip(own.tolist(), across, up, strict=True):
            if point not in found and (region.startswith("right ") or x <= 1e-6):
                same[_place(region, x, y, across, up)].append(point)
        for place, several in same.items():
            first = 2 if place in found.values() else 1
            for number, point in enumerate(sorted(several, key=lambda p: (-at[p, 1], abs(at[p, 0]))), first):
                found[point] = f"{place} ({number})" if len(several) > 1 or first > 1 else place
    for point, partner in enumerate(face.mirror[:468].tolist()):
        if point not in found:
            found[point] = _swapped(found[partner])
    for point in range(468, 478):
        side = "right" if point in face.regions["right eye"] else "left"
        number = (point - 468) % 5
        # Both irises have their points in one order as seen, so that the sides of the face see them turned.
        found[point] = f"{side} {_IRIS[4 - number if side == 'left' and number in (1, 3) else number]}"
    return [found[point] for point in range(478)]


def _place(region: str, x: float, y: float, across: np.ndarray, up: np.ndarray) -> str:
    """A third of the region's height and, beside the midline, of its width."""
    low, high = np.quantile(up, [1 / 3, 2 / 3])
    height = "upper" if y > high else "lower" if y < low else "middle"
    if region.startswith("right "):
        near, far = np.quantile(np.abs(across), [1 / 3, 2 / 3])
        width = "inner" if abs(x) < near else "outer" if abs(x) > far else ""
    else:
        width = "right" if x < -1e-6 else ""
    parts = [part for part in (height, width) if part and not (part == "middle" and width)]
    return f"{region}, {' '.join(parts)} part" if width != "right" else f"{region}, {height} part on the right"


def _swapped(phrase: str) -> str:
    return phrase.replace("right", "left")


if __name__ == "__main__":
    TARGET.write_text(json.dumps(words(), indent=0) + "\n", encoding="utf-8")
