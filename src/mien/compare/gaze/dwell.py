"""How long viewers look at eyes, nose, mouth, the rest of a face and elsewhere, and how much evidence lies there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from mien.atlas.crop_regions import crop_regions, region_names
from mien.compare.gaze.looked import Looked
from mien.compare.gaze.maps import GivenMaps, map_of, matched
from mien.compare.gaze.stretches import Stretches, over_both
from mien.core.fixations import Fixations

EYES, NOSE, MOUTH, REST, OUTSIDE = "eyes", "nose", "mouth", "rest of the face", "outside"
PARTS = (EYES, NOSE, MOUTH, REST, OUTSIDE)
VIEWERS = "viewers"
_PART_OF = {"right eye": EYES, "left eye": EYES, "nose": NOSE, "mouth": MOUTH}


@dataclass(frozen=True)
class DwellRow:
    """How much of looking, or of a map, falls on a part of the face.

    Attributes
    ----------
    who : str
        ``'viewers'``, or the name of a map (its amount, whatever the sign).
    part : str
        ``'eyes'``, ``'nose'``, ``'mouth'``, ``'rest of the face'`` or ``'outside'``.
    share, low, high : float
        Mean over viewers and pictures (of a map over pictures; of a film over stretches of time), 95 % interval.
    area : float
        Share of the picture that the part covers: what an even spread would give.
    pictures, viewers : int
        ``viewers`` is 0 for a map.
    """

    who: str
    part: str
    share: float
    low: float
    high: float
    area: float
    pictures: int
    viewers: int


def part_map(points_px: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Part of each pixel of a picture, as numbers in ``PARTS``, shape (height, width).

    Parameters
    ----------
    points_px : ndarray, shape (faces, points, 2 or 3)
        Landmarks of all faces in pixels of the picture; where faces overlap, the last counts.
    size : (int, int)
        Width and height of the picture.
    """
    result = np.full((size[1], size[0]), PARTS.index(OUTSIDE), dtype=np.int8)
    for points in points_px:
        names = region_names(len(points))
        number = np.array([PARTS.index(_PART_OF.get(name, REST)) for name in names], dtype=np.int8)
        regions = crop_regions(points, (size[1], size[0]))
        result[regions > 0] = number[regions[regions > 0]]
    return result


def dwell_rows(
    fixations: Fixations,
    looked: Sequence[Looked],
    used: Sequence[int],
    viewers: Sequence[str],
    points: Mapping[int, np.ndarray],
    maps: Sequence[GivenMaps],
    in_time: Callable[[list[int]], Stretches] | None = None,
) -> tuple[list[DwellRow], bool]:
    """Shares of viewers and maps on parts of faces, and whether viewers' are of time (else of fixations).

    Parameters
    ----------
    fixations : Fixations
        Those that count.
    looked, used
        As in ``mien.compare.gaze.table.scored``.
    viewers : sequence of str
        Names of all.
    points : mapping of int to ndarray, shape (faces, points, 2 or 3)
        Landmarks of the pictures' faces, where they are known.
    maps : sequence of GivenMaps
    in_time : callable (numbers of frames) -> Stretches, optional
        Of a film.
    """
    known = [number for number in used if number in points]
    if not known:
        return [], True
    timed = bool(np.isfinite(fixations.duration_s).all())
    weight = fixations.duration_s if timed else np.ones(len(fixations))
    people = {name: i for i, name in enumerate(viewers)}
    rows = {name: np.flatnonzero(fixations.picture == name) for name in (looked[number].name for number in known)}
    loads = [matched(given, [looked[number].name for number in known]) for given in maps]
    seen = np.full((len(PARTS), len(known), len(viewers)), np.nan)
    of_maps = np.full((len(maps), len(PARTS), len(known)), np.nan)
    area = np.zeros((len(PARTS), len(known)))
    for place, number in enumerate(known):
        one = looked[number]
        parts = part_map(points[number], (one.grid.width, one.grid.height))
        area[:, place] = np.bincount(parts.ravel(), minlength=len(PARTS)) / parts.size
        own = rows[one.name]
        at = parts[fixations.y_px[own].astype(int), fixations.x_px[own].astype(int)]
        who = np.array([people[str(name)] for name in fixations.viewer[own]], dtype=np.int64)
        total = np.zeros((len(PARTS), len(viewers)))
        np.add.at(total, (at, who), weight[own])
        spent = total.sum(0)
        seen[:, place] = np.where(spent > 0, total / np.where(spent > 0, spent, 1.0), np.nan)
        for i, load in enumerate(loads):
            of_maps[i, :, place] = _amounts(load.get(one.name), parts)
    stretches = None if in_time is None else in_time(known)
    result = [_row(VIEWERS, part, seen[i], area[i], stretches, viewers=True) for i, part in enumerate(PARTS)]
    for given, shares in zip(maps, of_maps, strict=True):
        if np.isfinite(shares).any():
            result += [_row(given.name, part, shares[i][:, None], area[i], stretches) for i, part in enumerate(PARTS)]
    return result, timed


def _amounts(load: Callable[[], np.ndarray | str] | None, parts: np.ndarray) -> np.ndarray:
    """Share of the absolute map in each part; NaN where there is no map."""
    found = map_of(load, (parts.shape[1], parts.shape[0]))
    if isinstance(found, str):
        return np.full(len(PARTS), np.nan)
    amount = np.abs(found)
    if amount.shape != parts.shape:
        amount = cv2.resize(amount, (parts.shape[1], parts.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.bincount(parts.ravel(), amount.ravel(), len(PARTS)) / amount.sum()


def _row(
    who: str, part: str, shares: np.ndarray, area: np.ndarray, stretches: Stretches | None, viewers: bool = False
) -> DwellRow:  # fmt: skip
    mean = over_both(shares if stretches is None else stretches.means(shares), stretches)
    known = np.isfinite(shares).any(axis=1)
    return DwellRow(
        who, part, mean.value, max(mean.low, 0.0), min(mean.high, 1.0), float(area[known].mean()), mean.stimuli,
        mean.people if viewers else 0,
    )  # fmt: skip
