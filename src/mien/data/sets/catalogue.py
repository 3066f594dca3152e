"""Readers of known data sets, with their licences and credit lines."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.core.topology import IBUG_68
from mien.data.importers.columns import box_of, roll_of
from mien.data.importers.openface import depth_px, pose_deg
from mien.data.sets.us_adult_faces import us_adult_faces
from mien.data.tables.table import read_table

# Where each set lies below the data folder.
FOLDERS = {
    "london": "london",
    "omi": "noncommercial/omi",
    "buhmap": "buhmap",
    "us-adult-faces": "us-adult-faces",
    "synthetic": "synthetic",
}


def data_root() -> Path:
    """Folder of the data sets: ``MIEN_DATA``, by default ``../shared/data`` beside the checkout or work folder."""
    given = os.environ.get("MIEN_DATA")
    if given:
        return Path(given).expanduser()
    beside = [base.parent / "shared" / "data" for base in (Path(__file__).resolve().parents[3], Path.cwd())]
    return next((path for path in beside if path.is_dir()), beside[-1])


def london(folder: Path) -> Samples:
    """Face Research Lab London Set: 102 adults, neutral and smiling.

    Label ``expression``; rating ``attractiveness`` (mean impression of 2,513 raters, 1 to 7, of the neutral
    picture).
    """
    table = read_table(_part(folder, "labels.csv", "london"))
    path = table.need("file", "the picture of each row")
    subject = table.need("subject", "who is shown")
    expression = table.need("expression", "neutral or smiling")
    table.need("attractiveness_mean", "mean rating")
    return Samples(
        path=path,
        subject=subject,
        labels={"expression": expression},
        # The file repeats a person's rating beside the smiling picture, which nobody rated.
        ratings={"attractiveness": np.where(expression == "neutral", table.numbers("attractiveness_mean")[0], np.nan)},
        root=folder.resolve(),
        name="Face Research Lab London Set",
        licence="CC BY 4.0",
        credit="DeBruine, L. & Jones, B. (2017), Face Research Lab London Set (v5), figshare, "
        "doi 10.6084/m9.figshare.5047666.v5; pictures resized to 512x512.",
    )


def omi(folder: Path) -> Samples:
    """One Million Impressions: 1,004 synthetic faces (nobody real) with 18 mean impressions, 0 to 100."""
    table = read_table(_part(folder, "attribute_means_core.csv", "omi"))
    stimulus = table.need("stimulus", "number of each face")
    ratings = {name: table.numbers(name)[0] for name in table.columns if name != "stimulus"}
    return Samples(
        path=np.array([f"images/{s}.jpg" for s in stimulus], dtype=object),
        subject=stimulus,
        ratings=ratings,
        root=folder.resolve(),
        name="One Million Impressions (OMI)",
        licence="CC BY-NC-SA 4.0 (non-commercial)",
        credit="Peterson, J. C. et al. (2022), Deep models of superficial face judgments, PNAS 119(17) e2115228119.",
        synthetic=True,
    )


def buhmap(folder: Path) -> Samples:
    """BUHMAP as OpenFace 2 features: 440 clips, 11 subjects, 8 facial expressions and head gestures.

    Label ``label``. The clips' landmarks come from ``buhmap_faces``; there are no pictures.
    """
    table = read_table(_part(folder, "clips.csv", "buhmap"))
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
    table = read_table(_part(folder, "clips.csv", "buhmap"))
    clip = table.need("clip", "id of each clip")
    for name in ("start", "n_frames"):
        table.need(name, "where the clip's frames are in frames.npz")
    start, length = (table.numbers(name)[0].astype(int) for name in ("start", "n_frames"))
    with np.load(_part(folder, "frames.npz", "buhmap"), allow_pickle=False) as stored:
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


READERS: dict[str, Callable[[Path], Samples]] = {
    "london": london,
    "omi": omi,
    "buhmap": buhmap,
    "us-adult-faces": us_adult_faces,
}


def _part(folder: Path, name: str, dataset: str) -> Path:
    path = folder / name
    if not path.is_file():
        where = "does not exist" if not folder.is_dir() else f"has no {name}"
        raise InputError(
            f"The data set '{dataset}' is not here: {folder} {where}. Set MIEN_DATA to the folder of the data sets, "
            f"or give the place as '{dataset}:PATH'."
        )
    return path
