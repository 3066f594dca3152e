"""Move points of a face, or set measures of it, and compute what the model sees anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from mien.app.local_page.why.asked import AskedModel, number
from mien.atlas.words import feature_words
from mien.core.errors import InputError, MienError
from mien.core.faces import Faces
from mien.core.features import NAMED, Features
from mien.core.topology import MEDIAPIPE_478
from mien.features.expression import FIRST_FRAMES

MOST_MOVES = 500


def checked_points(given: Any, count: int) -> dict[int, tuple[float, float]]:
    """By number of a point, how far it is moved: x and y in inter-ocular distances.

    Raises
    ------
    InputError
    """
    try:
        moves = {int(point): (float(shift[0]), float(shift[1])) for point, shift in dict(given).items()}
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise InputError("A moved point is its number with two numbers: how far to the right and down.") from error
    if len(moves) > MOST_MOVES or not all(0 <= point < count for point in moves):
        raise InputError(f"Up to {MOST_MOVES} points can be moved, of {count}.")
    if not all(np.isfinite(shift).all() and max(map(abs, shift)) <= 2 for shift in moves.values()):
        raise InputError("Points are moved by up to two distances between the eyes.")
    return moves


def checked_settings(given: Any, names: tuple[str, ...]) -> dict[int, float]:
    """By number of a feature, the value that it is set to.

    Raises
    ------
    InputError
    """
    try:
        found = {str(name): float(value) for name, value in dict(given).items()}
    except (TypeError, ValueError) as error:
        raise InputError("A feature is set to a number.") from error
    odd = next((name for name, value in found.items() if name not in names or not np.isfinite(value)), None)
    if odd is not None:
        raise InputError(f"The model has no feature '{odd}', or it was set to no number.")
    return {names.index(name): value for name, value in found.items()}


def eye_distance(points: np.ndarray, iris: np.ndarray) -> float:
    """Distance of the eyes in pixels; of the points' spread where the irises are not known."""
    apart = float(np.hypot(*(iris[1] - iris[0])))
    return apart if np.isfinite(apart) and apart > 0 else float(np.ptp(points[:, 0])) * 0.45


def still_frames(recipe: Mapping[str, Any]) -> int:
    """First frames of a clip that movement is measured from; points are moved in those after them."""
    if recipe.get("name") == "displacement" and recipe.get("reference", "first") == "first":
        return int(recipe.get("reference_frames", FIRST_FRAMES))
    return FIRST_FRAMES if recipe.get("relative_to") == "first" else 0


def moved_faces(faces: Faces, rows: np.ndarray, moves: Mapping[int, tuple[float, float]], still: int = 0) -> Faces:
    """Faces with points of some rows moved, and blendshapes read anew from them.

    Parameters
    ----------
    faces : Faces
    rows : ndarray of int
        Of one sample, in the order of time.
    moves : mapping of int to (float, float)
        Inter-ocular distances, to the right and down.
    still : int
        First of the rows that stay.
    """
    chosen = rows[still:] if len(rows) > still else rows
    points = faces.landmarks_px.copy()
    for row in chosen:
        unit = eye_distance(points[row], faces.iris_px[row])
        for point, shift in moves.items():
            points[row, point, :2] += np.float32(unit) * np.array(shift, dtype=np.float32)
    blendshapes = faces.blendshapes
    reader = _blendshapes() if faces.topology == MEDIAPIPE_478 else None
    if reader is not None and np.isfinite(blendshapes[chosen]).any():
        # What the network reads anew differs from what it read by the move alone.
        before, after = reader(faces.landmarks_px[chosen]), reader(points[chosen])
        blendshapes = blendshapes.copy()
        blendshapes[chosen] = np.clip(blendshapes[chosen] + after - before, 0, 1)
    return replace(faces, landmarks_px=points, blendshapes=blendshapes)


@cache
def _blendshapes() -> Any:
    from mien.faces.mesh import Blendshapes

    try:
        return Blendshapes()
    except MienError:
        return None


def moved_features(
    asked: AskedModel, row: int, moves: Mapping[int, tuple[float, float]], settings: Mapping[int, float]
) -> Features:
    """Features of a face whose points were moved and whose measures were set.

    Raises
    ------
    InputError
        If the model looks at pixels, or what it looks at cannot be computed any more.
    """
    if asked.of_pixels:
        raise InputError(
            "This model looks at pixels; points that are moved change nothing for it. Cover a part instead."
        )
    found = asked.features(row)
    if moves:
        choice = asked.choices[row]
        needed = np.concatenate([asked.choices[i].rows for i in asked.beside(row)])
        part = asked.faces[needed]
        where = np.flatnonzero(np.isin(needed, choice.rows))
        found = asked.computed(row, moved_faces(part, where, moves, still_frames(found.recipe)))
        if not found.ok[0]:
            raise InputError(f"With these points moved, nothing can be measured any more: {found.status[0]}.")
    if settings:
        if found.space != NAMED:
            raise InputError("This model looks at points alone; move them.")
        values = found.values.copy()
        for number, value in settings.items():
            values[0, number] = value
        found = replace(found, values=values)
    return found


def measures(asked: AskedModel, row: int) -> list[dict[str, Any]]:
    """Features of a face that can be set, those first that change the answer most between the ends of what was seen.

    Raises
    ------
    InputError
        If the model looks at no named features.
    """
    values, found = asked.input(row), asked.features(row)
    if found.space != NAMED:
        raise InputError("This model looks at no measures that could be set.")
    low, high = asked.usual.min(axis=0), asked.usual.max(axis=0)
    count = values.shape[1]
    ends = np.repeat(values, 2 * count, axis=0)
    each = np.arange(count)
    ends[each, each], ends[count + each, each] = low, high
    said = np.nan_to_num(asked.predict(ends))
    effect = np.abs(said[:count] - said[count:]).max(axis=1)
    return [
        {
            "name": found.names[i],
            "words": feature_words(found.names[i], found.topology),
            "low": number(min(low[i], values[0, i])),
            "high": number(max(high[i], values[0, i])),
            "value": number(values[0, i]),
        }
        for i in np.argsort(-effect, kind="stable")
        if low[i] < high[i] and np.isfinite(values[0, i])
    ]
