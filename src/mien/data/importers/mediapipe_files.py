"""Files of MediaPipe landmarks as people write them: arrays, wide and long tables, JSON."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES
from mien.data.importers import columns as c
from mien.data.importers.mediapipe_json import COUNTS, points_of_json
from mien.data.tables.table import SUFFIXES, FileTable, listed, read_table

_MOST_BYTES = 4_000_000_000
# What damaged arrays and archives end in.
_UNREADABLE = (
    ValueError, OSError, EOFError, MemoryError, KeyError, TypeError, SyntaxError, OverflowError, NotImplementedError,
    TokenError, zipfile.BadZipFile, zlib.error, struct.error,
)  # fmt: skip
# x_0, x0, face_x_0, landmark[0].x, lm0_x: what stands before, the axis, the number.
_AXIS_FIRST = re.compile(r"(?P<before>(?:.*[^a-z])?)(?P<axis>[xyz])[ _.\[(-]*(?P<point>\d+)[\])]?")
_POINT_FIRST = re.compile(r"(?P<before>(?:.*\D)?)(?P<point>\d+)[ _.\])-]*(?P<axis>[xyz])")
# Words for the unit, as in x_px_0, x_0_px and norm_x_0; and what else stands about an axis where rows are points.
_UNIT = re.compile(r"(?:^|[_ .-])(px|pix|pixels?|norm|normali[sz]ed)(?=[_ .-]|$)")
_AXIS_WORDS = re.compile(r"landmarks?|keypoints?|points?|pos(?:ition)?|coord(?:inate)?s?|lm|kp|mp")
_POINT = ("landmark", "landmark_index", "landmark_id", "landmark_idx", "landmark_no", "landmark_nr", "landmark_num",
          "landmark_number", "landmarkid", "landmarkindex", "lm", "lm_id", "lm_idx", "lm_index", "point", "point_id",
          "point_idx", "point_index", "keypoint", "keypoint_id", "keypoint_index", "kp", "index", "idx", "vertex",
          "vertex_id", "id")  # fmt: skip
_FRAME = ("frame", "frame_index", "frame_number", "frame_id", "frame_idx", "frame_num", "frame_no", "frame_nr",
          "frameno", "frameid", "frameindex", "frames")  # fmt: skip
_TRACK = ("face", "face_id", "face_index", "face_idx", "person", "person_id", "track")
_SOURCE = ("source", "file", "filename", "file_name", "video", "image", "path", "clip")
_TIME = ("time_s", "time", "seconds", "timestamp", "timestamp_s", "time_ms", "timestamp_ms")
_SIZE = (
    ("width", "height"),
    ("width_px", "height_px"),
    ("image_width", "image_height"),
    ("frame_width", "frame_height"),
)


@dataclass(frozen=True, eq=False)
class Landmarks:
    """What a file holds: points, shape (rows, 478 or 468, 3), and by name further arguments of ``read_mediapipe``."""

    points: np.ndarray
    facts: dict[str, Any] = field(default_factory=dict)


def read_landmarks(path: Path) -> Landmarks:
    """Landmarks in a ``.npy`` or ``.npz`` file, a table or a JSON file.

    Raises
    ------
    InputError
        If the file cannot be read or does not hold the points of MediaPipe.
    """
    if not path.is_file():
        raise InputError(f"{path} does not exist or is not a file.")
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return _of_table(c.tidied(read_table(path, numbers=True)))
    if suffix in (".json", ".jsonl"):
        return Landmarks(*points_of_json(path, suffix == ".jsonl"))
    return _of_arrays(path)


def _of_arrays(path: Path) -> Landmarks:
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                if sum(part.file_size for part in archive.infolist()) > _MOST_BYTES:
                    raise InputError(f"{path} unpacks to more than {_MOST_BYTES / 1e9:g} GB; save it in parts.")
            with np.load(path, allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
        else:
            arrays = {"landmarks": np.load(path, allow_pickle=False)}
    except InputError:
        raise
    except _UNREADABLE as error:
        why = "it holds Python objects" if "pickle" in str(error) else str(error)
        raise InputError(
            f"{path} is not a readable .npy file of numbers ({why}). Landmarks come as an array (rows, 478 or 468, 3) "
            "saved with np.save, as a table or as JSON."
        ) from error
    name = "landmarks" if "landmarks" in arrays else next(iter(arrays)) if len(arrays) == 1 else ""
    if not name:
        raise InputError(f"{path} holds several arrays ({listed(list(arrays))}); call that of the points 'landmarks'.")
    known = ("frame", "time_s", "track", "blendshapes", "size_px", "source")
    return Landmarks(arrays[name], {key: arrays[key] for key in known if key in arrays})


def _of_table(table: FileTable) -> Landmarks:
    names = {name.lower().strip(): name for name in reversed(table.columns)}
    wide = _groups(names)
    if wide:
        points, rows, track = _wide(table, wide)
        facts = _facts(table, names, rows)
        if track is not None:
            facts = {"frame": _frames_of_rows(rows, facts.get("source", [])), **facts, "track": track}
        return Landmarks(points, facts)
    axes = _axes(table, names)
    if {"x", "y"} <= axes.keys() and (index := _first(names, _POINT)):
        return _long(table, names, index, axes)
    numbered = {int(match["point"]) for name in names if (match := _axis_and_point(name))}
    given = f"Its columns number {len(numbered)} points, where 478 or 468 have to be. " if numbered else ""
    raise InputError(
        f"{table.path} holds no landmarks of MediaPipe: a wide table has columns such as x_0, y_0, z_0 to x_477, a "
        f"long one a row per point with the columns frame, landmark, x, y, z. {given}Its columns: "
        f"{listed(list(table.columns))}."
    )


def _frames_of_rows(rows: np.ndarray, sources: list[str]) -> list[int]:
    """Each row of the table is a frame of its source, with all its faces."""
    frames: dict[str, dict[int, int]] = {}
    result = []
    for row, source in zip(rows.tolist(), sources or [""] * len(rows), strict=True):
        own = frames.setdefault(source, {})
        result.append(own.setdefault(row, len(own)))
    return result


def _axis_and_point(lower: str) -> re.Match[str] | None:
    """Axis and number in a column's name, without the unit."""
    name = _UNIT.sub("", lower)
    return _AXIS_FIRST.fullmatch(name) or _POINT_FIRST.fullmatch(name)


def _axes(table: FileTable, names: dict[str, str]) -> dict[str, str]:
    """Columns of x, y and z of tables with a row per point; those called so, else the only ones."""
    found: dict[str, list[str]] = {}
    for lower, name in reversed(names.items()):
        rest = re.sub(r"[^a-z]", "", _AXIS_WORDS.sub("", _UNIT.sub("", lower)))
        if rest in ("x", "y", "z") and not re.search(r"\d", lower):
            found.setdefault(rest, []).append(name)
    for axis, given in sorted(found.items()):
        if axis in names:
            found[axis] = [names[axis]]
        elif len(given) > 1:
            raise InputError(
                f"{table.path} has several columns of {axis} ({listed(given)}); keep those of one set of landmarks."
            )
    return {axis: given[0] for axis, given in found.items()}


def _first(names: dict[str, str], candidates: tuple[str, ...]) -> str:
    return next((names[name] for name in candidates if name in names), "")


def _groups(names: dict[str, str]) -> list[dict[tuple[str, int], str]]:
    """Columns by axis and point, for each face of a row, where all points of MediaPipe are there."""
    result: dict[str, dict[tuple[str, int], str]] = {}
    for lower, name in names.items():
        match = _axis_and_point(lower)
        if match:
            # Points in pixels and the same as shares are two sets.
            before = match["before"] + "".join(_UNIT.findall(lower))
            result.setdefault(before, {})[match["axis"], int(match["point"])] = name
    whole = {before: group for before, group in result.items() if _count(group)}
    kinds = {re.sub(r"\d+", "", before) for before in whole}
    if len(kinds) > 1:
        raise InputError(
            f"The table holds several sets of landmarks ({listed(sorted(whole))}); keep the columns of one of them."
        )
    return [whole[before] for before in sorted(whole, key=lambda text: [int(n) for n in re.findall(r"\d+", text)])]


def _count(group: dict[tuple[str, int], str]) -> int:
    """Number of points of a group of columns; 0 where they are not those of MediaPipe."""
    for first in (0, 1):
        for count in COUNTS:
            wanted = {(axis, point + first) for axis in "xy" for point in range(count)}
            points = {point for axis, point in group if axis == "x"}
            if wanted <= group.keys() and points == set(range(first, count + first)):
                return count
    return 0


def _wide(
    table: FileTable, groups: list[dict[tuple[str, int], str]]
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Points, the row of the table that each set comes from, and where rows hold several faces which of them it is."""
    faces = []
    for group in groups:
        first = min(point for _, point in group)
        axes = []
        for axis in "xyz":
            columns = [group.get((axis, point + first)) for point in range(_count(group))]
            known = all(columns)
            axes.append(c.stacked(table, columns) if known else np.full((len(table), len(columns)), np.nan))  # type: ignore[arg-type]
        faces.append(np.stack(axes, axis=2))
    rows = np.arange(len(table))
    if len(faces) == 1:
        return faces[0], rows, None
    kept = [rows] + [rows[~c.is_empty(points)] for points in faces[1:]]
    order = np.argsort(np.concatenate(kept), kind="stable")
    track = np.concatenate([np.full(len(own), i) for i, own in enumerate(kept)])
    points = np.concatenate([face[own] for face, own in zip(faces, kept, strict=True)])
    return points[order], np.concatenate(kept)[order], track[order]


def _long(table: FileTable, names: dict[str, str], index: str, axes: dict[str, str]) -> Landmarks:
    use = np.ones(len(table), dtype=bool)
    if "type" in names and table.columns[names["type"]].dtype == object:
        # MediaPipe Holistic: rows of hands and body beside those of the face.
        use = table.columns[names["type"]] == "face"
    point = table.numbers(index)[0]
    if not np.isfinite(point[use]).all():
        row = int(np.flatnonzero(use & ~np.isfinite(point))[0])
        raise InputError(f"{table.path}: row {row + table.first_row} has no number in the column '{index}'.")
    if not use.any():
        raise InputError(f"{table.path} holds no rows of a face.")
    point = point.astype(np.int64)
    first, count = int(point[use].min()), int(point[use].max()) + 1
    if first == 1 and count - 1 in COUNTS:
        point, count = point - 1, count - 1
    if count not in COUNTS:
        raise InputError(
            f"{table.path}: the column '{index}' counts points up to {count - 1}; MediaPipe's faces have 478 or 468, "
            "from 0."
        )
    keys = []
    for candidates in (_SOURCE, _FRAME, _TRACK):
        name = _first(names, candidates)
        column = table.columns[name] if name and name != index else np.zeros(len(table))
        keys.append(
            np.unique(column[use].astype(str) if column.dtype == object else column[use], return_inverse=True)[1]
        )
    if not _first(names, _FRAME):
        keys[1] = np.cumsum(point[use] == 0)
    rows = np.flatnonzero(use)
    _, start, own = np.unique(np.stack(keys), axis=1, return_index=True, return_inverse=True)
    own = own.reshape(-1)
    pairs = own * count + point[use]
    if len(np.unique(pairs)) < len(pairs):
        seen, repeats = np.unique(pairs, return_counts=True)
        row = int(rows[np.flatnonzero(pairs == seen[repeats > 1][0])[1]])
        raise InputError(
            f"{table.path}: row {row + table.first_row} gives a point of a frame a second time. Several faces of a "
            "frame need a column 'face', several videos a column 'source'."
        )
    points = np.full((len(start), count, 3), np.nan)
    for number, axis in enumerate("xyz"):
        if axis in axes:
            points[own, point[use], number] = c.stacked(table, [axes[axis]])[use, 0]
    facts = _facts(table, names, rows[start])
    if track := _first(names, _TRACK):
        facts["track"] = _codes(table, track, rows[start])
    return Landmarks(points, facts)


def _facts(table: FileTable, names: dict[str, str], rows: np.ndarray) -> dict[str, Any]:
    """What the other columns say about these rows."""
    facts: dict[str, Any] = {}
    if name := _first(names, _FRAME):
        frame = table.numbers(name)[0][rows]
        if not np.isfinite(frame).all():
            raise InputError(
                f"{table.path}: row {int(rows[~np.isfinite(frame)][0]) + table.first_row} has no number in the column "
                f"'{name}'."
            )
        facts["frame"] = frame
    if name := _first(names, _TIME):
        facts["time_s"] = c.seconds(name, table.numbers(name)[0][rows])
    if (name := _first(names, _SOURCE)) and table.columns[name].dtype == object:
        facts["source"] = [str(value) for value in table.columns[name][rows]]
    for pair in _SIZE:
        if set(pair) <= names.keys():
            facts["size_px"] = c.stacked(table, [names[one] for one in pair])[rows]
    lower = [name.lower() for name in BLENDSHAPES]
    if set(lower[1:]) <= names.keys():
        known = c.stacked(table, [names[name] for name in lower[1:]])[rows]
        neutral = c.stacked(table, [names[lower[0]]])[rows] if lower[0] in names else np.full((len(rows), 1), np.nan)
        facts["blendshapes"] = np.hstack([neutral, known])
    if (name := _first(names, _TRACK)) and "track" not in facts:
        facts["track"] = _codes(table, name, rows)
    return facts


def _codes(table: FileTable, name: str, rows: np.ndarray) -> np.ndarray:
    """Numbers of faces; names of people are numbered in the order of the alphabet."""
    values, bad = table.numbers(name)
    if bad.any() or not np.isfinite(values[rows]).all():
        values = np.unique(table.columns[name].astype(str), return_inverse=True)[1]
    return values[rows].astype(np.int64)
