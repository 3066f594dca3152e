"""MediaPipe landmarks in JSON files, in every nesting."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError

COUNTS = (478, 468)
# Read as Python's numbers it takes ten times as much.
_MOST_JSON_BYTES = 300_000_000


def points_of_json(path: Path, lines: bool) -> tuple[np.ndarray, dict[str, Any]]:
    """Points of a file, shape (rows, 478 or 468, 3), with each row's frame and track; ``lines``: a frame per line.

    Raises
    ------
    InputError
        If it is no JSON, or its faces do not have the points of MediaPipe.
    """
    if path.stat().st_size > _MOST_JSON_BYTES:
        raise InputError(
            f"{path} has more than {_MOST_JSON_BYTES / 1e6:g} MB, which is too much as JSON; save it with np.save."
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
        given = [json.loads(line) for line in text.splitlines() if line.strip()] if lines else json.loads(text)
        frames = _frames(given)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not readable JSON ({error}).") from error
    counts = {len(face) for faces in frames for face in faces}
    if not counts or len(counts) > 1 or not counts <= set(COUNTS):
        shown = ", ".join(map(str, sorted(counts)[:5])) or "no"
        raise InputError(
            f"{path} holds faces of {shown} points; expected frames that are lists of 478 or 468 points, each "
            '{"x": ..., "y": ..., "z": ...}.'
        )
    count = counts.pop()
    points, frame, track = [], [], []
    for number, faces in enumerate(frames):
        for own, face in enumerate(faces or [[]]):
            points.append([_point(p) for p in face] if face else [[np.nan] * 3] * count)
            frame.append(number)
            track.append(own)
    return np.array(points, dtype=np.float64), {"frame": frame, "track": track}


def _frames(given: Any) -> list[list[Any]]:
    """Frames of faces of points, out of lists in lists or what MediaPipe's tasks return."""
    if isinstance(given, dict):
        for key in ("frames", "results", "data", "landmarks"):
            if isinstance(given.get(key), list):
                return _frames(given[key])
        return [_faces(given)]
    if not isinstance(given, list):
        raise ValueError("neither a list nor an object")
    if given and _is_point(given[0]):
        return [[given]]
    return [_faces(one) for one in given]


def _faces(frame: Any) -> list[Any]:
    if isinstance(frame, dict):
        keys = (
            "faceLandmarks",
            "face_landmarks",
            "multiFaceLandmarks",
            "multi_face_landmarks",
            "landmarks",
            "landmark",
        )
        frame = next((frame[key] for key in keys if key in frame), None)
        if frame is None:
            raise ValueError("an object without 'landmarks'")
        if isinstance(frame, dict):
            return _faces(frame)
    if not frame:
        return []
    if _is_point(frame[0]):
        return [frame]
    return [face for one in frame for face in _faces(one)]


def _is_point(value: Any) -> bool:
    if isinstance(value, dict):
        return {"x", "y"} <= value.keys()
    return isinstance(value, list) and 2 <= len(value) <= 3 and all(isinstance(v, (int, float)) for v in value)


def _point(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [_float(value.get(axis)) for axis in "xyz"]
    return [_float(v) for v in value] + [float("nan")] * (3 - len(value))


def _float(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else float("nan")
