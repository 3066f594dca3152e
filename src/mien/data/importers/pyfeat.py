"""py-feat: CSV files of a Fex table."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES, Faces
from mien.core.topology import IBUG_68, MEDIAPIPE_478
from mien.core.track import Tracker
from mien.data.importers import columns as c
from mien.data.tables.table import FileTable, listed, read_table

_BOX = ("FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight")
_PLACED = {*_BOX, "FaceScore", "FrameHeight", "FrameWidth", "frame", "input", "approx_time", "Identity", *BLENDSHAPES}


def read_pyfeat(
    path: str | Path, *, topology: str | None = None, source: str | None = None, fps: float | None = None
) -> Faces:
    """Read a CSV file that py-feat wrote from a Fex table.

    Parameters
    ----------
    path : str or Path
    topology : {'mediapipe-478', 'ibug-68'}, optional
        Which landmarks to take where the file has both; by default the 478.
    source : str, optional
        The picture or video; by default the column ``input``, else the file's name without its suffix.
    fps : float, optional
        Frames per second, for the times of a video's frames: py-feat writes them in whole seconds only.

    Returns
    -------
    Faces
        - ``landmarks_px`` from ``x_0 ... x_67`` and ``y_*`` (68 points, no depth: NaN), or from ``x_*, y_*, z_*``
          or ``mesh_x_*, mesh_y_*, mesh_z_*`` (478 points). Their depth comes as a share of the face box and is
          multiplied by its width.
        - ``box_px``, ``score``, ``blendshapes``, size of the picture, where the file has them.
        - ``track`` from the column ``Identity`` (py-feat 0.6 and newer), in order of first appearance. Without it, or
          where two faces of a frame share one, faces are followed from frame to frame by place and size: the rows of
          a frame are ordered by py-feat's score, not by person.
        - ``extra``: every other column of numbers under its own name: action units, ``Pitch``, ``Roll``,
          ``Yaw``, scores of apparent expressions. Columns of identity embeddings are not read.

        Rows without any landmarks are ``'no face'``; rows with some missing are ``'unreadable'``.
        ``pose_deg`` stays NaN: unit, sign and even the order of py-feat's angles differ between its pose
        models and versions (its issue 248), and the file does not say which wrote it.

    Raises
    ------
    InputError
        If the file cannot be read or holds no landmarks of py-feat.

    Notes
    -----
    Cheong et al. (2023), "Py-Feat: Python facial expression analysis toolbox", Affective Science 4, 781-796.
    """
    table = read_table(Path(path), numbers=True)
    rows = len(table)
    kind, prefix = _which(table, topology)
    count = 478 if kind == MEDIAPIPE_478 else 68
    box = c.stacked(table, list(_BOX)) if set(_BOX) <= table.columns.keys() else np.full((rows, 4), np.nan)
    xy = np.stack([c.numbered(table, f"{prefix}{axis}_", count) for axis in "xy"], axis=2)
    required = {"landmarks": xy}
    z = np.full((rows, count), np.nan)
    if kind == MEDIAPIPE_478:
        required["depth of the landmarks"] = c.numbered(table, f"{prefix}z_", count)
        z = _depth_px(required["depth of the landmarks"], box[:, 2])
    sources = _sources(table, source)
    frame = table.numbers("frame")[0] if "frame" in table.columns else np.arange(rows, dtype=float)
    required["frame"] = frame
    # py-feat numbers the pictures of one call through; here each is frame 0 of its own source.
    names = list(dict.fromkeys(sources))
    if len(names) > 1 and all(len(set(frame[sources == name])) == 1 for name in names):
        frame = frame * 0
    numbers = c.whole(frame, np.arange(rows))
    result = {"landmarks_px": np.dstack([xy, z]), "box_px": np.where(np.isnan(box), c.box_of(xy), box)}
    result["roll_deg"] = c.roll_of(xy)
    if "FaceScore" in table.columns:
        result["score"] = table.numbers("FaceScore")[0]
    if set(BLENDSHAPES[1:]) <= table.columns.keys():
        neutral = c.stacked(table, ["_neutral"]) if "_neutral" in table.columns else np.full((rows, 1), np.nan)
        result["blendshapes"] = np.hstack([neutral, c.stacked(table, list(BLENDSHAPES[1:]))])
    columns = {
        "source": sources,
        "frame": numbers,
        "time_s": np.zeros(rows) if fps is None else numbers / fps,
        "track": _tracks(sources, numbers, result["box_px"], _identities(table), fps or 25.0),
        **_sizes(table),
        **result,
    }
    return c.assemble(
        kind, columns, reason=c.reasons(required, rows), no_face=np.isnan(xy).all(axis=(1, 2)), extra=_extra(table)
    )


def _which(table: FileTable, wanted: str | None) -> tuple[str, str]:
    there: dict[str, str] = {}
    if all(c.count_of(table, f"mesh_{axis}_") == 478 for axis in "xyz"):
        there[MEDIAPIPE_478] = "mesh_"
    if all(c.count_of(table, f"{axis}_") == 478 for axis in "xyz"):
        there[MEDIAPIPE_478] = ""
    elif all(c.count_of(table, f"{axis}_") == 68 for axis in "xy"):
        there[IBUG_68] = ""
    if not there:
        raise InputError(
            f"{table.path} lacks the columns x_0 to x_67 and y_0 to y_67 (or 478 points), so it holds no landmarks "
            f"of py-feat. Its columns: {listed(list(table.columns))}."
        )
    if not {"FaceScore", "FaceRectX"} & table.columns.keys():
        raise InputError(
            f"{table.path} has neither 'FaceRectX' nor 'FaceScore', so py-feat did not write it. For OpenFace use "
            f"read_openface. Its columns: {listed(list(table.columns))}."
        )
    kind = wanted or next(iter(there))
    if kind not in there:
        raise InputError(f"{table.path} has no landmarks of topology '{kind}', only {', '.join(there)}.")
    return kind, there[kind]


def _depth_px(z: np.ndarray, width: np.ndarray) -> np.ndarray:
    # Depth in px of a face more than 10 px wide cannot stay below 2 throughout.
    known = np.abs(z[np.isfinite(z)])
    is_share = len(known) > 0 and known.max() < 2
    return z * width[:, None] if is_share else z


def _sources(table: FileTable, source: str | None) -> np.ndarray:
    if source is None and "input" in table.columns:
        return np.array([str(v) for v in table.columns["input"]], dtype=object)
    return np.full(len(table), source or table.path.stem, dtype=object)


def _extra(table: FileTable) -> dict[str, np.ndarray]:
    skipped = ("Identity_", "x_", "y_", "z_", "mesh_x_", "mesh_y_", "mesh_z_")
    names = [n for n in table.columns if n and n not in _PLACED and not n.startswith(skipped)]
    values = {name: table.numbers(name) for name in names}
    return {name: numbers for name, (numbers, bad) in values.items() if not bad.any()}


def _sizes(table: FileTable) -> dict[str, np.ndarray]:
    zeros = np.zeros(len(table), dtype=np.int64)
    pairs = (("width_px", "FrameWidth"), ("height_px", "FrameHeight"))
    return {ours: c.whole(table.numbers(name)[0], zeros) if name in table.columns else zeros for ours, name in pairs}


def _identities(table: FileTable) -> np.ndarray:
    """What the column ``Identity`` says of each row; ``''`` where it says nothing."""
    if "Identity" not in table.columns:
        return np.full(len(table), "", dtype=object)
    texts = (str(value).strip() for value in table.columns["Identity"])
    return np.array([text if text.lower() not in ("nan", "none", "na") else "" for text in texts], dtype=object)


def _tracks(
    sources: np.ndarray, frame: np.ndarray, box_px: np.ndarray, identity: np.ndarray, rate: float
) -> np.ndarray:
    """Number of the person of each row, from 0 in each source."""
    result = np.empty(len(sources), dtype=np.int64)
    for name in dict.fromkeys(sources):
        rows = np.flatnonzero(sources == name)
        has_box = np.isfinite(box_px[rows]).all(axis=1)
        pairs = set(zip(frame[rows], identity[rows], strict=True))
        if (identity[rows][has_box] != "").all() and len(pairs) == len(rows):
            numbers = {person: number for number, person in enumerate(dict.fromkeys(identity[rows]))}
            result[rows] = [numbers[person] for person in identity[rows]]
        else:
            result[rows] = _followed(frame[rows], box_px[rows], has_box, rate)
    return result


def _followed(frame: np.ndarray, box_px: np.ndarray, has_box: np.ndarray, rate: float) -> np.ndarray:
    tracker, result = Tracker(), np.zeros(len(frame), dtype=np.int64)
    for number in np.unique(frame[has_box]):
        rows = np.flatnonzero(has_box & (frame == number))
        result[rows] = tracker.update(number / rate, box_px[rows])
    return result
