"""Places of parts: as in a face, or so that no face arises, not even a mirrored, turned or inverted one."""

from __future__ import annotations

from itertools import combinations

import numpy as np

# A part lies face-like to two others where it is between them, seen along their line (in half distances of the two),
# and off that line (in whole distances).
_BETWEEN, _OFF = 0.85, 0.25
# A mouth counts as below an eye from so much on, in units of the face's radius.
_LEVEL = 0.06
# Gap between boxes, in units of the face's radius.
_GAP = 0.06


def face_places(kinds: tuple[str, ...], rng: np.random.Generator) -> np.ndarray:
    """Centres of parts as in a face, in units of its radius, y down; shape (parts, 2).

    Faces differ in the distance of the eyes, the height of the mouth and a small turn.
    """
    apart, above, below = rng.uniform(0.32, 0.46), rng.uniform(0.18, 0.36), rng.uniform(0.32, 0.52)
    eyes = iter([(-apart, -above), (apart, -above)])
    middle = {"mouth": (0.0, below), "nose": (0.0, rng.uniform(0.04, 0.12))}
    places = np.array([next(eyes) if kind == "eye" else middle[kind] for kind in kinds])
    places += rng.normal(0, 0.015, places.shape)
    angle = np.deg2rad(rng.normal(0, 4))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(places @ turn.T)


def scrambled_places(
    kinds: tuple[str, ...], face: np.ndarray, area: np.ndarray, rng: np.random.Generator, tries: int
) -> np.ndarray:
    """Arrangements of the same parts that are no face, with the face's centroid and spread.

    Parameters
    ----------
    kinds : tuple of str
        Two of ``'eye'``, one ``'mouth'``, perhaps a ``'nose'``.
    face : ndarray, shape (parts, 2)
        From ``face_places``.
    area : ndarray, shape (parts,)
        What each part weighs.
    rng : numpy.random.Generator
    tries : int

    Returns
    -------
    ndarray, shape (arrangements, parts, 2)
        The weighted mean of the centres and their weighted mean distance from it are the face's exactly.
    """
    weight = (area / area.sum())[:, None]
    middle = (weight * face).sum(axis=0)
    spread = mean_distance(face - middle, area)
    places = rng.normal(size=(tries, *face.shape))
    places -= (weight * places).sum(axis=1, keepdims=True)
    places *= (spread / mean_distance(places, area))[:, None, None]
    places += middle
    return np.asarray(places[~is_face_like(kinds, places)])


def mean_distance(places: np.ndarray, area: np.ndarray) -> np.ndarray:
    """Mean distance of parts from the origin, weighted by their area; places (..., parts, 2)."""
    return np.asarray(np.average(np.hypot(places[..., 0], places[..., 1]), axis=-1, weights=area))


def is_face_like(kinds: tuple[str, ...], places: np.ndarray) -> np.ndarray:
    """Which arrangements have something of a face.

    A mouth (or a nose in its place) lies to two other parts as in a face, however the whole is turned or mirrored; or
    the mouth lies below both eyes, or above both as in an inverted face, be it all askew.

    Parameters
    ----------
    kinds : tuple of str
        As in ``scrambled_places``.
    places : ndarray, shape (arrangements, parts, 2)

    Returns
    -------
    ndarray of bool, shape (arrangements,)
    """
    height = places[..., 1]
    eyes = height[:, [k for k, kind in enumerate(kinds) if kind == "eye"]]
    mouth = height[:, kinds.index("mouth")]
    found = (mouth > eyes.max(axis=1) + _LEVEL) | (mouth < eyes.min(axis=1) - _LEVEL)
    for low, kind in enumerate(kinds):
        if kind == "eye":
            continue
        others = [k for k in range(len(kinds)) if k != low and kinds[k] != "mouth"]
        for one, other in combinations(others, 2):
            line = places[:, other] - places[:, one]
            length = np.hypot(*line.T)
            from_middle = places[:, low] - (places[:, one] + places[:, other]) / 2
            along = np.abs((from_middle * line).sum(axis=1)) / length / (length / 2)
            off = np.abs(line[:, 0] * from_middle[:, 1] - line[:, 1] * from_middle[:, 0]) / length / length
            found |= (along < _BETWEEN) & (off > _OFF)
    return np.asarray(found)


def apart(boxes: np.ndarray, gap: float) -> np.ndarray:
    """In which arrangements all boxes lie at least ``gap`` apart, beside or below each other.

    Parameters
    ----------
    boxes : ndarray, shape (arrangements, parts, 4)
    gap : float
    """
    found = np.ones(len(boxes), dtype=bool)
    for one, other in combinations(range(boxes.shape[1]), 2):
        a, b = boxes[:, one], boxes[:, other]
        beside = np.maximum(b[:, :2] - a[:, 2:], a[:, :2] - b[:, 2:])
        found &= beside.max(axis=1) >= gap
    return found


def boxes_at(places: np.ndarray, sizes: np.ndarray, centre: np.ndarray, radius: float) -> np.ndarray:
    """Boxes in whole pixels of parts with these centres (in radii) and sizes (in pixels); shape (..., parts, 4)."""
    corner = np.rint(centre + places * radius - sizes / 2).astype(int)
    return np.concatenate([corner, corner + sizes], axis=-1)


def gap_px(radius: float) -> float:
    """How far boxes have to lie apart."""
    return _GAP * radius
