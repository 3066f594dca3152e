"""BUHMAP: clips of facial expressions and head gestures, as landmarks that OpenFace 2 measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.core.topology import IBUG_68
from mien.data.importers.columns import box_of, roll_of
from mien.data.importers.openface import depth_px, pose_deg
from mien.data.sets.catalogue import part
from mien.data.tables.table import read_table


def buhmap(folder: Path) -> Samples:
    """BUHMAP as OpenFace 2 features: 440 clips, 11 subjects, 8 facial expressions and head gestures.

    Label ``label``. The clips' landmarks come from ``buhmap_faces``; there are no pictures.
    """
    table = read_table(part(folder, "clips.csv", "buhmap"))
    return Samples(
        path=table.need("clip", "id of each clip"),
        subject=table.need("subject", "who is shown"),
        labels={"label": table.need("label", "class of the clip")},
        name="BUHMAP (OpenFace 2 features)",
        licence="MIT (the features; the terms of the videos were not seen)",
        credit="Porta-Lorenzo, M. et al. (2022), Sensors 22(10) 3839, (c) 2022 Manuel Porta Lorenzo; "
        "BUHMAP database, Bogazici University.",
    )


def buhmap_faces(folder: Path) -> Faces:
    """OpenFace 2 landmarks of all frames of BUHMAP: topology ``ibug-68``, one row per frame.

    ``landmarks_px`` holds the 2-D points, with depth from the 3-D points (``importers.openface.depth_px``;
    the file stores mm in half precision, so depth has steps of about half a pixel); ``presence`` is
    OpenFace's confidence; action units are in ``extra`` (``_r`` intensity 0 to 5, ``_c`` presence).
    The size of the pictures is unknown (0).
    """
    table = read_table(part(folder, "clips.csv", "buhmap"))
    clip = table.need("clip", "id of each clip")
    for name in ("start", "n_frames"):
        table.need(name, "where the clip's frames are in frames.npz")
    start, length = (table.numbers(name)[0].astype(int) for name in ("start", "n_frames"))
    with np.load(part(folder, "frames.npz", "buhmap"), allow_pickle=False) as stored:
        absent = {"xy", "xyz", "pose", "au", "au_names", "timestamp", "confidence"} - set(stored.files)
        if absent:
            raise InputError(f"{folder / 'frames.npz'} has no array '{min(absent)}'.")
        frames = {name: stored[name] for name in stored.files}
    if (start + length).max() > len(frames["xy"]):
        raise InputError(f"{folder}: clips.csv counts {(start + length).max()} frames, frames.npz {len(frames['xy'])}.")
    rows = np.concatenate([np.arange(s, s + n) for s, n in zip(start, length, strict=True)])
    xy = frames["xy"][rows].astype(np.float32)
    z = depth_px(xy, frames["xyz"][rows].astype(np.float32))
    units = frames["au"][rows].astype(np.float32)
    return Faces.build(
        len(rows),
        topology=IBUG_68,
        extra={str(name): units[:, i] for i, name in enumerate(frames["au_names"])},
        source=np.repeat(clip, length),
        frame=np.concatenate([np.arange(n) for n in length]),
        time_s=frames["timestamp"][rows],
        track=np.zeros(len(rows), dtype=np.int64),
        presence=frames["confidence"][rows],
        box_px=box_of(xy),
        landmarks_px=np.concatenate([xy, z[..., None]], axis=2),
        pose_deg=pose_deg(frames["pose"][rows, 3:]),
        roll_deg=roll_of(xy),
    )
