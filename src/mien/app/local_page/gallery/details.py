"""One frame's faces with everything that was measured, and what a video shows over time, as the page draws them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from mien.app.local_page.gallery.index import FaceIndex
from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES, COLUMNS, EXCLUDED, OK, Faces
from mien.core.topology import MEDIAPIPE_478
from mien.data.canonical import canonical_mesh
from mien.data.reviewed import obeyed
from mien.data.shard_parts import read_columns
from mien.data.shards import read_shard

# Measures of a face beside its blendshapes: title, column, part, unit.
MEASURES: tuple[tuple[str, str, int | None, str], ...] = (
    ("pitch of the head (+ up)", "pose_deg", 0, "°"),
    ("yaw of the head (+ to the person's left)", "pose_deg", 1, "°"),
    ("roll of the head (+ clockwise)", "pose_deg", 2, "°"),
    ("gaze, up and down, relative to the head (proxy)", "gaze_deg", 0, "°"),
    ("gaze, to the person's left (proxy)", "gaze_deg", 1, "°"),
    ("opening of the right eye (height / width)", "eye_opening", 0, ""),
    ("opening of the left eye (height / width)", "eye_opening", 1, ""),
    ("presence (probability of a face)", "presence", None, ""),
    ("score of the detector (0 to 1)", "score", None, ""),
    ("sharpness", "sharpness", None, "grey levels"),
)
# Of one video, for a curve.
MOST_FRAMES = 200_000


@lru_cache(maxsize=4)
def _source(path: Path, changed_ns: int, source: str) -> Faces:
    faces = read_shard(path, review=False)
    mine = faces.source == source
    return faces if mine.all() else faces[mine]


def _faces(index: FaceIndex, source: str) -> tuple[Faces, dict[str, np.ndarray]]:
    """A source's rows as extracted, and how the review changes what is said of them."""
    path = index.shard(source)
    faces = _source(path, path.stat().st_mtime_ns, source)
    said = {name: getattr(faces, name) for name in ("source", "frame", "track", "status", "reason", "quality")}
    return faces, obeyed(said, index.review())


def faces_of_frame(index: FaceIndex, source: str, frame: int) -> dict[str, Any]:
    """Every face of one frame, also excluded ones: as extracted, with the status that it has now.

    Raises
    ------
    InputError
        If nothing is known of the source.
    """
    faces, now = _faces(index, source)
    rows = np.flatnonzero(faces.frame == frame)
    shown = [int(row) for row in rows if now["status"][row] in (OK, EXCLUDED)]
    said = next(iter(rows), None)
    return {
        "source": source, "frame": frame, "topology": faces.topology,
        "time_s": float(faces.time_s[said]) if said is not None else None,
        "status": str(now["status"][said]) if said is not None else "not looked at",
        "reason": str(now["reason"][said]) if said is not None else "This frame was not looked at.",
        "width": int(max(faces.width_px[rows], default=0)), "height": int(max(faces.height_px[rows], default=0)),
        "faces": [_face(faces, now, row) for row in shown], "numbering": index.review().numbering(source),
    }  # fmt: skip


def _face(faces: Faces, now: Mapping[str, np.ndarray], row: int) -> dict[str, Any]:
    points = faces.landmarks_px[row, :, :2]
    strengths = faces.blendshapes[row]
    order = np.argsort(-np.nan_to_num(strengths, nan=-1.0), kind="stable")
    return {
        "track": int(now["track"][row]), "status": str(now["status"][row]), "reason": str(now["reason"][row]),
        "quality": str(now["quality"][row]), "box": _rounded(faces.box_px[row], 1),
        "points": _rounded(points.reshape(-1), 1), "iris": _rounded(faces.iris_px[row].reshape(-1), 1),
        "blendshapes": [
            [BLENDSHAPES[at], round(float(strengths[at]), 3)] for at in order if np.isfinite(strengths[at])
        ],
        "measures": [
            [title, round(float(value), 3), unit]
            for title, column, part, unit in MEASURES
            if np.isfinite(value := getattr(faces, column)[row] if part is None else getattr(faces, column)[row, part])
        ],
        "extra": [
            [name, round(float(column[row]), 3)]
            for name, column in faces.extra.items()
            if column.dtype.kind == "f" and np.isfinite(column[row])
        ],
    }  # fmt: skip


def points_between(index: FaceIndex, source: str, first: int, count: int) -> bytes:
    """What is drawn over the frames of a film that plays, for a browser to read as it lies.

    Parameters
    ----------
    index : FaceIndex
    source : str
    first, count : int
        Of the frames that were looked at, in their order from 0 on, as ``time_line`` has them.

    Returns
    -------
    bytes
        float32, little-endian: the length of a row; then one row per face, also of excluded ones: place of its frame,
        track, 1 if excluded, box (x, y, width, height), irises (x, y, twice), points (x, y each); px of the frame, NaN
        where nothing was measured.

    Raises
    ------
    InputError
        If nothing is known of the source.
    """
    faces, now = _faces(index, source)
    frames = np.unique(faces.frame)[max(0, first) : max(0, first) + max(0, count)]
    rows = np.flatnonzero(np.isin(faces.frame, frames) & np.isin(now["status"], (OK, EXCLUDED)))
    place = max(0, first) + np.searchsorted(frames, faces.frame[rows])
    points = faces.landmarks_px[rows, :, :2]
    parts = (
        place[:, None], now["track"][rows, None], (now["status"][rows] == EXCLUDED)[:, None], faces.box_px[rows],
        faces.iris_px[rows].reshape(-1, 4), points.reshape(len(rows), 2 * points.shape[1]),
    )  # fmt: skip
    table = np.concatenate([np.asarray(part, dtype="<f4") for part in parts], axis=1)
    return np.float32(table.shape[1]).astype("<f4").tobytes() + table.tobytes()


def _rounded(values: np.ndarray, digits: int) -> list[float | None]:
    return [round(float(value), digits) if np.isfinite(value) else None for value in values]


@lru_cache(maxsize=1)
def mesh_edges() -> list[list[int]]:
    """Edges of the mesh of the 478 points, each once."""
    triangles = canonical_mesh().triangles
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    found: list[list[int]] = np.unique(np.sort(pairs, axis=1), axis=0).tolist()
    return found


def edges_of(topology: str) -> list[list[int]]:
    """Edges to draw between points; none where no mesh is known."""
    return mesh_edges() if topology == MEDIAPIPE_478 else []


def measure_names() -> list[str]:
    """What a curve can be drawn of."""
    return [title for title, *_ in MEASURES] + [name for name in BLENDSHAPES if not name.startswith("_")]


def time_line(index: FaceIndex, source: str) -> dict[str, Any]:
    """A video's frames with their times, where each track is seen, and what stands out.

    Returns
    -------
    dict
        ``frames`` and ``times_s`` of all frames that were looked at; ``tracks`` with ``spans`` of places in these;
        ``without`` (no face), ``excluded`` and ``marked``, as spans as well.
    """
    raw, now = _columns(index, source, ())
    frames, first, place = np.unique(raw["frame"], return_index=True, return_inverse=True)
    if len(frames) > MOST_FRAMES:
        raise InputError(f"'{source}' has more than {MOST_FRAMES} frames, which the page does not draw.")
    ok = now["status"] == OK

    def spans(mask: np.ndarray) -> list[list[int]]:
        return _spans(np.unique(place[mask]))

    some = np.zeros(len(frames), dtype=bool)
    some[place[ok | (now["status"] == EXCLUDED)]] = True
    marked = np.array(["marked" in str(remarks).split() for remarks in now["quality"]], dtype=bool)
    tracks = [int(track) for track in np.unique(now["track"][ok])]
    return {
        "frames": frames.tolist(), "times_s": np.round(raw["time_s"][first], 4).tolist(),
        "tracks": [{"track": track, "spans": spans(ok & (now["track"] == track))} for track in tracks],
        "without": _spans(np.flatnonzero(~some)), "excluded": spans(now["status"] == EXCLUDED), "marked": spans(marked),
    }  # fmt: skip


def curve(index: FaceIndex, source: str, measure: str, track: int) -> list[float | None]:
    """A measure of one track in every frame that was looked at; None where it is not known.

    Raises
    ------
    InputError
        For an unknown measure.
    """
    known = {title: (column, part) for title, column, part, _ in MEASURES}
    if measure in known:
        column, part = known[measure]
    elif measure in BLENDSHAPES:
        column, part = "blendshapes", BLENDSHAPES.index(measure)
    else:
        raise InputError(f"There is no measure '{measure}'.")
    raw, now = _columns(index, source, (column,))
    frames, place = np.unique(raw["frame"], return_inverse=True)
    values = raw[column] if part is None or COLUMNS[column].shape == () else raw[column][:, part]
    mine = (now["status"] == OK) & (now["track"] == track)
    found = np.full(len(frames), np.nan)
    found[place[mine]] = values[mine]
    return _rounded(found, 4)


def _columns(
    index: FaceIndex, source: str, further: tuple[str, ...]
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    said = ("source", "frame", "track", "status", "reason", "quality")
    raw = read_columns(index.shard(source), [*said, "time_s", *further], check=False, review=False)
    mine = raw["source"] == source
    raw = {name: column[mine] for name, column in raw.items()}
    return raw, obeyed({name: raw[name] for name in said}, index.review())


def _spans(places: np.ndarray) -> list[list[int]]:
    """First and last of each unbroken run."""
    if not len(places):
        return []
    breaks = np.flatnonzero(np.diff(places) > 1)
    starts, ends = np.concatenate([[0], breaks + 1]), np.concatenate([breaks, [len(places) - 1]])
    return [[int(places[a]), int(places[b])] for a, b in zip(starts, ends, strict=True)]
