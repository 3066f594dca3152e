"""Arrays of facial points of many clips or pictures, with a table of which clip is which."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.topology import IBUG_68, topology_of_count
from mien.data.importers import columns as c
from mien.data.importers.mediapipe_files import read_landmarks
from mien.data.tables.table import read_table

# Outer corners of the eyes, corners of the mouth.
_UPRIGHT = {68: ((36, 45), (48, 54)), 468: ((33, 263), (61, 291)), 478: ((33, 263), (61, 291))}


def read_points(
    path: str | Path, *, who: str | Path | None = None, fps: float | None = None, source: str | None = None
) -> Faces:
    """Read points that another program stored for several clips or pictures.

    Parameters
    ----------
    path : str or Path
        ``.npy``, or ``.npz`` with one array: (clips, frames, points, 2 or 3), or (pictures, points, 2 or 3), of 68
        (iBUG), 468 or 478 points (MediaPipe); x to the right, y downward, in px or any other unit that is the same for
        both. NaN or zeros throughout where there is no face.
    who : str or Path, optional
        Table with a row per clip, in the order of the array; its column ``clip`` or ``path`` names them. Without it
        they are called ``NAME/0``, ``NAME/1`` ...
    fps : float, optional
        Frames per second, for the times of the frames.
    source : str, optional
        NAME, by default the file's without its ending.

    Returns
    -------
    Faces
        Depth is NaN where there are two coordinates.

    Raises
    ------
    InputError
        If shapes do not fit, rows and clips differ in number, or faces stand on their heads (y upward).
    """
    path = Path(path)
    array = np.asarray(read_landmarks(path).points)
    if array.dtype.kind not in "fiu" or array.ndim not in (3, 4) or array.shape[-1] not in (2, 3):
        raise InputError(
            f"{path}: points have the shape (clips, frames, points, 2 or 3) or (pictures, points, 2 or 3), but the "
            f"array has {array.shape} of {array.dtype}."
        )
    array = array[:, None] if array.ndim == 3 else array
    clips, frames, count, axes = array.shape
    kind = topology_of_count(count).name
    names = _names(who, clips, f"{source or path.stem}/")
    points = np.full((clips * frames, count, 3), np.nan)
    points[..., :axes] = c.sane(array.reshape(-1, count, axes).astype(np.float64))
    no_face = c.is_empty(points)
    points[no_face] = np.nan
    (right, left), corners = _UPRIGHT[count]
    middle = points[~no_face][:, [right, left], 1].mean(1) - points[~no_face][:, list(corners), 1].mean(1)
    if len(middle) and (middle > 0).mean() > 0.9:
        raise InputError(f"{path}: the eyes lie below the mouth. y has to run downward, as in pictures: turn its sign.")
    number = np.tile(np.arange(frames), clips)
    columns = {
        "source": np.repeat(names, frames),
        "frame": number,
        "time_s": number / fps if fps else np.zeros(len(number)),
        "track": np.zeros(len(number), dtype=np.int64),
        "box_px": c.box_of(points),
        "roll_deg": c.roll_of(points),
        "landmarks_px": points,
    }
    required = points if axes == 3 and kind != IBUG_68 else points[..., :2]
    return c.assemble(kind, columns, reason=c.reasons({"landmarks": required}, len(points)), no_face=no_face)


def _names(who: str | Path | None, clips: int, before: str) -> np.ndarray:
    if who is None:
        return np.array([f"{before}{number}" for number in range(clips)], dtype=object)
    table = read_table(Path(who))
    names = table.need("path" if "path" in table.columns else "clip", "which clip each row of the array is")
    if len(names) != clips:
        raise InputError(f"{who} has {len(names)} rows, but the array holds {clips} clips; one row each is needed.")
    if len(set(names)) < clips:
        raise InputError(f"{who} names a clip twice; every row needs a name of its own.")
    return np.asarray(names, dtype=object)
