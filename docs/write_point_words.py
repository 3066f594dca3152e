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
_IRIS = ("iris, middle", "iris, inner side", "iris, upper edge", "iris, outer side", "iris, lower edge")
# Rows of the mesh around mouth and right eye; of the lips from the right corner to the middle, of the lids from the
# outer corner to the inner one.
_LIPS = {
    "upper lip, outer edge": (61, 185, 40, 39, 37, 0),
    "upper lip, second row": (76, 184, 74, 73, 72, 11),
    "upper lip, third row": (62, 183, 42, 41, 38, 12),
    "upper lip, inner edge": (78, 191, 80, 81, 82, 13),
    "lower lip, inner edge": (78, 95, 88, 178, 87, 14),
    "lower lip, third row": (62, 96, 89, 179, 86, 15),
    "lower lip, second row": (76, 77, 90, 180, 85, 16),
    "lower lip, outer edge": (61, 146, 91, 181, 84, 17),
}
# From its outer end; those of the upper row have names that everybody uses.
_LOWER_BROW = (46, 53, 52, 65, 55)
_LIDS = {
    "right upper lid, edge": (33, 246, 161, 160, 159, 158, 157, 173, 133),
    "right lower lid, edge": (33, 7, 163, 144, 145, 153, 154, 155, 133),
    "right upper lid, second row": (130, 247, 30, 29, 27, 28, 56, 190, 243),
    "right lower lid, second row": (130, 25, 110, 24, 23, 22, 26, 112, 243),
    "right upper lid, third row": (226, 113, 225, 224, 223, 222, 221, 189, 244),
    "right lower lid, third row": (226, 31, 228, 229, 230, 231, 232, 233, 244),
}


def words() -> list[str]:
    """One phrase for each point; mirror partners have the same one but for the side."""
    face, at = topology("mediapipe-478"), canonical_mesh().vertices_cm
    found: dict[int, str] = {}
    for known, point in enumerate(ibug_68_in_478()):
        if IBUG_WORDS.get(known):
            found.setdefault(int(point), IBUG_WORDS[known])
    for point, phrase in _rows():
        found.setdefault(point, phrase)
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
            total = len(several)
            for number, point in enumerate(sorted(several, key=lambda p: (-at[p, 1], abs(at[p, 0]))), 1):
                found[point] = f"{place}, {_nth(number)} of {total} from above" if total > 1 else place
    for point, partner in enumerate(face.mirror[:468].tolist()):
        if point not in found:
            found[point] = _swapped(found[partner])
    for point in range(468, 478):
        side = "right" if point in face.regions["right eye"] else "left"
        number = (point - 468) % 5
        # Both irises have their points in one order as seen, so that the sides of the face see them turned.
        found[point] = f"{side} {_IRIS[4 - number if side == 'left' and number in (1, 3) else number]}"
    return [found[point] for point in range(478)]


def _rows() -> list[tuple[int, str]]:
    """What points on the rows around mouth and right eye are called; the left ones are their mirror partners."""
    found = []
    for row, points in _LIPS.items():
        name = row.partition(", ")[2]
        found.append((points[0], f"right mouth corner, {name}"))
        found += [(p, f"{row}, {_nth(n)} from the right corner") for n, p in enumerate(points[1:-1], 1)]
        found.append((points[-1], f"{row}, middle"))
    for row, points in _LIDS.items():
        name = row.partition(", ")[2]
        found += [(points[0], f"right eye, outer corner, {name}"), (points[-1], f"right eye, inner corner, {name}")]
        found += [(p, f"{row}, {_nth(n)} from the outer corner") for n, p in enumerate(points[1:-1], 1)]
    found += [(p, f"right brow, lower row, {_nth(n)} from the outer end") for n, p in enumerate(_LOWER_BROW, 1)]
    return found


def _nth(number: int) -> str:
    """``'2nd'``."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


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
