"""Face landmarks of MediaPipe: arrays, and files that hold them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES, Faces
from mien.core.topology import topology_of_count
from mien.data.importers import columns as c
from mien.data.importers.mediapipe_files import read_landmarks


def read_mediapipe(
    landmarks: Any,
    *,
    size_px: Any = None,
    source: str | Sequence[str] = "",
    frame: Any = None,
    time_s: Any = None,
    track: Any = None,
    blendshapes: Any = None,
    normalised: bool = True,
) -> Faces:
    """Landmarks of MediaPipe's face mesh or face landmarker.

    Parameters
    ----------
    landmarks : array_like, shape (rows, 478 or 468, 3), or path
        One face per row: x as a share of the width, y of the height, z (negative toward the camera; NaN where unknown)
        of the width, as MediaPipe gives them. A row of NaN or zeros throughout is a frame without a face. Files are

        - ``.npy`` with such an array, ``.npz`` with one called ``landmarks`` (and others named like the arguments
          below);
        - tables with a row per frame (columns such as ``x_0, y_0, z_0``; ``z`` may be missing) or a row per point
          (``frame, landmark, x, y, z``), with columns such as ``source``, ``face``, ``time_s``, ``width``, ``height``
          and MediaPipe's blendshapes where they are known;
        - JSON: frames that are lists of points or of faces, or the results of the face landmarker.
    size_px : (int, int), or array_like of shape (rows, 2), optional
        Width and height of the picture; needed for shares unless the file says it.
    source : str or sequence of str
        The picture or video, one for all rows or one per row. What the file says comes first.
    frame : array_like of int, shape (rows,), optional
        By default each source's rows are numbered from 0.
    time_s : array_like, shape (rows,), optional
    track : array_like of int, shape (rows,), optional
        Which person; 0 by default.
    blendshapes : array_like, shape (rows, 52), optional
        In MediaPipe's order.
    normalised : bool
        False where the landmarks are in px already (z too; depths below 2 throughout are shares of the width all the
        same).

    Returns
    -------
    Faces
        Topology ``mediapipe-478`` or ``mediapipe-468``. Rows with some values missing are ``'unreadable'``.

    Raises
    ------
    InputError
        If shapes do not fit, normalised landmarks lie so far outside the picture that they must be px, or a file holds
        none.
    """
    if isinstance(landmarks, (str, Path)):
        stored = read_landmarks(Path(landmarks))
        given = {"size_px": size_px, "frame": frame, "time_s": time_s, "track": track, "blendshapes": blendshapes}
        known = {key: value for key, value in given.items() if value is not None}
        return read_mediapipe(stored.points, **{"source": source, **stored.facts, **known}, normalised=normalised)
    points = _points(landmarks)
    rows = len(points)
    topology = topology_of_count(points.shape[1])
    size = c.size_columns(size_px, rows)
    points = c.sane(points)
    no_face = c.is_empty(points)
    points[no_face] = np.nan
    if normalised and size_px is None:
        raise InputError("MediaPipe landmarks are shares of the picture: give size_px=(width, height).")
    largest = np.nanmedian(np.abs(points[..., :2])) if np.isfinite(points).any() else np.nan
    if normalised:
        # Faces reach beyond the picture, but their middle does not by more than its whole size.
        if largest > 2:
            raise InputError("The landmarks are not shares from 0 to 1; if they are px, say pixels=True (--pixels).")
        points = points * np.stack([size["width_px"], size["height_px"], size["width_px"]], axis=1)[:, None, :]
    elif largest <= 2:
        raise InputError("The landmarks are shares from 0 to 1 and no px: leave pixels=True (--pixels) out.")
    else:
        points[..., 2] = _depth_px(points[..., 2], size["width_px"])
    sources = _sources(source, rows)
    optional: dict[str, Any] = {}
    if blendshapes is not None:
        optional["blendshapes"] = _of_shape("blendshapes", blendshapes, (rows, len(BLENDSHAPES)))
    times = np.zeros(rows) if time_s is None else _of_shape("time_s", time_s, (rows,))
    zeros = np.zeros(rows, dtype=np.int64)
    # Some programs keep no depth at all.
    required = points if np.isfinite(points[..., 2]).any() else points[..., :2]
    columns = {
        "source": sources,
        "frame": _running(sources) if frame is None else _of_shape("frame", frame, (rows,)).astype(np.int64),
        "time_s": times,
        "track": zeros if track is None else _of_shape("track", track, (rows,)).astype(np.int64),
        "box_px": c.box_of(points),
        "roll_deg": c.roll_of(points),
        "landmarks_px": points,
        **optional,
        **size,
    }
    return c.assemble(
        topology.name, columns, reason=c.reasons({"landmarks": required, "time_s": times}, rows), no_face=no_face
    )


def _points(landmarks: Any) -> np.ndarray:
    try:
        points = np.array(landmarks, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"MediaPipe landmarks must be an array of numbers ({error}).") from error
    if points.ndim != 3 or points.shape[2] != 3:
        raise InputError(f"MediaPipe landmarks must have shape (rows, 478 or 468, 3), but have {points.shape}.")
    return points


def _depth_px(z: np.ndarray, width_px: np.ndarray) -> np.ndarray:
    """Depth in px; people who turn x and y into px often leave it as it was, a share of the width."""
    known = np.abs(z[np.isfinite(z)])
    if not len(known) or known.max() >= 2:
        return z
    return z * np.where(width_px > 0, width_px, np.nan)[:, None]


def _of_shape(name: str, values: Any, shape: tuple[int, ...]) -> np.ndarray:
    array = np.asarray(values, dtype=np.float64)
    if array.shape != shape:
        raise InputError(f"'{name}' must have shape {shape}, one entry per row of landmarks, but has {array.shape}.")
    return array


def _sources(source: str | Sequence[str], rows: int) -> np.ndarray:
    if isinstance(source, (str, Path)):
        return np.full(rows, str(source), dtype=object)
    names = np.array([str(s) for s in source], dtype=object)
    if len(names) != rows:
        raise InputError(f"{rows} rows of landmarks, but {len(names)} sources; give one for all, or one per row.")
    return names


def _running(sources: np.ndarray) -> np.ndarray:
    """Number of each row among those of its source, from 0."""
    seen: dict[str, int] = {}
    result = np.empty(len(sources), dtype=np.int64)
    for row, name in enumerate(sources):
        result[row] = seen.get(name, 0)
        seen[name] = result[row] + 1
    return result
