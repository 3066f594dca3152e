"""OpenFace 2: CSV files of FeatureExtraction, FaceLandmarkVidMulti and FaceLandmarkImg."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.topology import IBUG_68
from mien.data.importers import columns as c
from mien.data.tables.table import FileTable, listed, read_table

_UNIT = re.compile(r"AU\d\d_[rc]")


def read_openface(path: str | Path, *, source: str | None = None, size_px: tuple[int, int] | None = None) -> Faces:
    """Read a CSV file that OpenFace 2 wrote.

    Parameters
    ----------
    path : str or Path
    source : str, optional
        The picture or video the rows belong to. By default what ``NAME_of_details.txt`` beside the file says,
        else the file's name without its suffix.
    size_px : (int, int), optional
        Width and height of the picture. By default from the details file where its camera parameters are
        OpenFace's defaults for some size, else unknown (0).

    Returns
    -------
    Faces
        Topology ``ibug-68``. Rows with ``success`` 0 or with zeros for all points are ``'no face'``; rows whose
        landmarks, time or frame are not numbers are ``'unreadable'`` with the reason.

        - ``frame`` from 0 (OpenFace counts from 1); ``track`` is ``face_id`` (``face`` for pictures).
        - ``landmarks_px``: ``x_*`` and ``y_*``, with depth from ``X_*, Y_*, Z_*`` (``depth_px``), NaN without those.
        - ``pose_deg``: ``pose_R*`` (``pose_deg``). ``gaze_deg``: mean of both gaze vectors, turned into the
          frame of the head. ``presence``: ``confidence``. ``box_px``: box around the 68 points;
          ``roll_deg``: slope of the line through the outer corners of the eyes.
        - ``extra``: action units (``AU12_r`` intensity 0 to 5, ``AU12_c`` presence), gaze vectors and angles,
          ``pose_T*`` in mm.

    Raises
    ------
    InputError
        If the file cannot be read or is not OpenFace's.

    Notes
    -----
    Baltrusaitis et al. (2018), "OpenFace 2.0: facial behavior analysis toolkit", IEEE FG; columns as in the
    project's wiki, page "Output Format".
    """
    table = c.tidied(read_table(Path(path), numbers=True))
    _check(table)
    rows = len(table)
    details = details_of(table.path)
    xy = np.stack([c.numbered(table, "x_", 68), c.numbered(table, "y_", 68)], axis=2)
    required = {"landmarks": xy}
    for name in ("frame", "timestamp"):
        if name in table.columns:
            required[name] = table.numbers(name)[0]
    result: dict[str, Any] = {"box_px": c.box_of(xy), "roll_deg": c.roll_of(xy)}
    depth = np.full((rows, 68), np.nan)
    if c.count_of(table, "Z_") == 68:
        space = np.stack([c.numbered(table, f"{axis}_", 68) for axis in "XYZ"], axis=2)
        required["3-D landmarks"] = space
        depth = depth_px(xy, space)
    result["landmarks_px"] = np.dstack([xy, depth])
    result |= _angles(table)
    if "confidence" in table.columns:
        result["presence"] = table.numbers("confidence")[0]
    success = table.numbers("success")[0] if "success" in table.columns else np.ones(rows)
    columns = {
        "source": np.full(rows, source or details.get("source") or table.path.stem, dtype=object),
        "frame": c.whole(required["frame"] - 1, np.arange(rows)) if "frame" in required else np.zeros(rows, dtype=int),
        "time_s": required.get("timestamp", np.zeros(rows)),
        "track": _tracks(table),
        **c.size_columns(size_px or details.get("size_px"), rows),
        **result,
    }
    return c.assemble(
        IBUG_68, columns, reason=c.reasons(required, rows), no_face=(success == 0) | c.is_empty(xy), extra=_extra(table)
    )


def pose_deg(rotation_rad: np.ndarray) -> np.ndarray:
    """OpenFace's ``pose_Rx, pose_Ry, pose_Rz`` as mien's pitch, yaw and roll.

    Parameters
    ----------
    rotation_rad : ndarray, shape (rows, 3)
        Angles with R = Rx Ry Rz in the camera's frame (x right, y down, z away).

    Returns
    -------
    ndarray, shape (rows, 3)
        Degrees, read from the matrix as ``mien extract`` does: pitch is how far the face points up, yaw how
        far to the person's left, roll the tilt left over. For a turn about one axis these are -Rx (OpenFace
        counts looking down), -Ry (it counts turning to the person's right) and Rz (both clockwise as seen in
        the picture).
    """
    r = rotation_matrices(np.asarray(rotation_rad, dtype=np.float64))
    pitch = np.arcsin(np.clip(r[:, 1, 2], -1, 1))
    yaw = np.arctan2(-r[:, 0, 2], r[:, 2, 2])
    roll = np.arctan2(r[:, 1, 0], r[:, 1, 1])
    return np.degrees(np.stack([pitch, yaw, roll], axis=1))


def depth_px(xy_px: np.ndarray, xyz_mm: np.ndarray) -> np.ndarray:
    """Depth of the points in px: mm from the camera, less their mean, times the face's scale in the picture.

    Parameters
    ----------
    xy_px : ndarray, shape (rows, points, 2)
    xyz_mm : ndarray, shape (rows, points, 3)
        In the camera's frame, z away from the camera.

    Returns
    -------
    ndarray, shape (rows, points)
        Negative toward the camera; the mean over the points is 0. The scale (px per mm) is the least-squares
        slope of the centred picture points on the centred x and y, so no camera parameters are needed.
    """
    flat = xy_px - xy_px.mean(axis=1, keepdims=True)
    space = xyz_mm - xyz_mm.mean(axis=1, keepdims=True)
    below = (space[..., :2] ** 2).sum(axis=(1, 2))
    above = (flat * space[..., :2]).sum(axis=(1, 2))
    scale = np.divide(above, below, out=np.full(len(below), np.nan, dtype=above.dtype), where=below > 0)
    return space[..., 2] * scale[:, None]


def rotation_matrices(rotation_rad: np.ndarray) -> np.ndarray:
    """Rotation matrices Rx Ry Rz of OpenFace's angles, shape (rows, 3, 3); they turn head into camera coordinates."""
    (sx, sy, sz), (cx, cy, cz) = np.sin(rotation_rad).T, np.cos(rotation_rad).T
    return np.stack(
        [
            np.stack([cy * cz, -cy * sz, sy], axis=1),
            np.stack([cx * sz + sx * sy * cz, cx * cz - sx * sy * sz, -sx * cy], axis=1),
            np.stack([sx * sz - cx * sy * cz, sx * cz + cx * sy * sz, cx * cy], axis=1),
        ],
        axis=1,
    )


def _angles(table: FileTable) -> dict[str, np.ndarray]:
    angles = [f"pose_R{axis}" for axis in "xyz"]
    gaze = [f"gaze_{eye}_{axis}" for eye in "01" for axis in "xyz"]
    if not set(angles) <= table.columns.keys():
        return {}
    rotation = c.stacked(table, angles)
    result = {"pose_deg": pose_deg(rotation)}
    if set(gaze) <= table.columns.keys():
        both = c.stacked(table, gaze).reshape(-1, 2, 3).mean(axis=1)
        x, y, z = np.einsum("nij,ni->jn", rotation_matrices(rotation), both)
        result["gaze_deg"] = np.degrees(np.stack([np.arctan2(-y, np.hypot(x, z)), np.arctan2(x, -z)], axis=1))
    return result


def _extra(table: FileTable) -> dict[str, np.ndarray]:
    names = [n for n in table.columns if _UNIT.fullmatch(n) or n.startswith(("gaze_", "pose_T"))]
    return {name: table.numbers(name)[0] for name in names}


def _tracks(table: FileTable) -> np.ndarray:
    name = next((n for n in ("face_id", "face") if n in table.columns), None)
    rows = np.zeros(len(table), dtype=np.int64)
    return rows if name is None else c.whole(table.numbers(name)[0], rows)


def _check(table: FileTable) -> None:
    if c.count_of(table, "x_") < 68 or c.count_of(table, "y_") < 68:
        raise InputError(
            f"{table.path} lacks the columns x_0 to x_67 and y_0 to y_67, so it holds no OpenFace landmarks; run "
            "OpenFace with -2Dfp, or import its action units alone: mien import --features 'AU*'. Its columns: "
            f"{listed(list(table.columns))}."
        )
    if not {"confidence", "success"} & table.columns.keys():
        raise InputError(
            f"{table.path} has neither 'confidence' nor 'success', so OpenFace did not write it. For py-feat use "
            f"read_pyfeat. Its columns: {listed(list(table.columns))}."
        )


def details_of(path: Path) -> dict[str, Any]:
    """What OpenFace's text file beside the table says about its input."""
    beside = path.with_name(f"{path.stem}_of_details.txt")
    if not beside.is_file():
        return {}
    lines = beside.read_text(encoding="utf-8", errors="replace").splitlines()
    said = {k.strip(): v.strip() for k, colon, v in (line.partition(":") for line in lines) if colon}
    result: dict[str, Any] = {}
    if said.get("Input"):
        result["source"] = said["Input"]
    try:
        fx, fy, cx, cy = (float(v) for v in said.get("Camera parameters", "").split(","))
    except ValueError:
        return result
    # Unless told otherwise OpenFace puts the optical centre into the middle and guesses one focal length.
    guess = (500 * (2 * cx / 640) + 500 * (2 * cy / 480)) / 2
    if fx == fy and abs(fx - guess) < 0.01 * guess:
        result["size_px"] = (round(2 * cx), round(2 * cy))
    return result
