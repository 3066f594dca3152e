"""Faces of a study as a stream: whether there is one, how many, and what the largest one does, frame by frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES, OK, Faces
from mien.core.streams import SAMPLED, Stream
from mien.data.shards import shard_paths
from mien.data.study_faces import read_without_points
from mien.features.streams.frame_times import frame_times

_COLUMNS = ("box_px", "blendshapes", "pose_deg")
PRESENT, COUNT = "face present", "faces"
NAMES = (PRESENT, COUNT, *BLENDSHAPES, "pitch", "yaw", "roll")
_UNITS = ("1", "1", *("1" for _ in BLENDSHAPES), "degrees", "degrees", "degrees")


def faces_stream(study: Path, *, name: str, run: str = "", times: Path | None = None) -> Stream:
    """Faces that ``mien extract`` wrote, a row for each frame that was looked at.

    Parameters
    ----------
    study : Path
    name : str
        Of the stream.
    run : str
        Of a video that is one run; by default its times are on the clock of the stimulus. With several videos each is
        a run of its own, called like its source.
    times : Path, optional
        For pictures: a table with ``path`` and ``time_s``, and ``run`` where there are runs, for each frame.

    Returns
    -------
    Stream
        ``face present`` and ``faces`` (how many) in every frame; blendshapes and head pose are those of the largest
        face, and missing where there is none.

    Raises
    ------
    InputError
        If there are no faces, or a frame has no time.
    """
    folder = study if study.name == "faces" else study / "faces"
    paths = shard_paths(folder) if folder.is_dir() else []
    if not paths:
        raise InputError(f"{study} holds no faces; run 'mien extract' on the film or its frames first.")
    parts = [_frames(read_without_points(path, _COLUMNS, ())) for path in paths]
    source = np.concatenate([part[0] for part in parts])
    time_s, values = (np.concatenate([part[i] for part in parts]) for i in (1, 2))
    if times is not None:
        time_s, of_run = frame_times(times, source.tolist())
    else:
        several = len(set(source)) > 1
        of_run = source if several and not run else np.full(len(source), run, dtype=object)
    order = np.lexsort((time_s, of_run.astype(str)))
    return Stream(
        name, SAMPLED, time_s[order], NAMES, values[order], run=of_run[order], units=_UNITS,
        settings={"faces": "of the largest face in each frame"}, source=study.name,
    )  # fmt: skip


def _frames(faces: Faces) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Source, time and values of every frame of one shard."""
    # One shard may hold several pictures.
    _, picture = np.unique(faces.source.astype(str), return_inverse=True)
    key = picture * (int(faces.frame.max(initial=0)) + 1) + faces.frame
    frame, first, of = np.unique(key, return_index=True, return_inverse=True)
    ok = faces.status == OK
    count = np.bincount(of[ok], minlength=len(frame)).astype(np.float64)
    values = np.full((len(frame), len(NAMES)), np.nan)
    values[:, 0], values[:, 1] = count > 0, count
    area = np.where(ok, faces.box_px[:, 2] * faces.box_px[:, 3], -1.0)
    # The last row of each frame after sorting by size is its largest face.
    order = np.lexsort((area, of))
    largest = order[np.searchsorted(of[order], np.arange(len(frame)), side="right") - 1]
    seen = ok[largest]
    shown = np.concatenate([faces.blendshapes, faces.pose_deg], axis=1).astype(np.float64)
    values[seen, 2:] = shown[largest[seen]]
    return faces.source[first], faces.time_s[first].astype(np.float64), values
