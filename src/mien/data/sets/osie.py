"""OSIE (Xu et al. 2014): where 15 viewers looked on 700 pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mien.core.fixations import Fixations
from mien.core.samples import Samples
from mien.data.sets.catalogue import part
from mien.data.tables.fixations import fixations_of
from mien.data.tables.packed import read_packed_table
from mien.data.tables.table import read_table

SIZE_PX = (800, 600)
# Assumed: the files do not say it.
PIXELS_PER_DEGREE = 24.0
LICENCE = "MIT; the photos themselves belong to their owners"
CREDIT = (
    "Xu, Jiang, Wang, Kankanhalli & Zhao (2014), Predicting human gaze beyond pixels, Journal of Vision 14(1):28; "
    "(c) 2014 NUS VIP."
)
NAME = "OSIE (Xu et al. 2014)"


def osie(folder: Path) -> Samples:
    """The 700 pictures by name, each a source of its own; label ``shows_face`` says whether a detector sees a face."""
    names = sorted(osie_fixations(folder).sizes)
    table = read_table(part(folder, "images_with_faces.csv", "osie"))
    faces = set(table.need("image", "the pictures in which a face was detected"))
    shown = np.array(["yes" if name in faces else "no" for name in names], dtype=object)
    return Samples(
        path=np.array(names, dtype=object), subject=np.array(names, dtype=object), labels={"shows_face": shown},
        root=folder.resolve(), name=NAME, licence=LICENCE, credit=CREDIT, things=True,
    )  # fmt: skip


def osie_fixations(folder: Path) -> Fixations:
    """98,321 fixations of 15 viewers, each of whom looked at every picture for three seconds."""
    table = read_packed_table(part(folder, "fixations.csv.gz", "osie"), numbers=True)
    columns = {"picture": "image", "viewer": "subject", "x": "x", "y": "y", "duration": "duration_ms"}
    return fixations_of(
        table, columns=columns, sizes=SIZE_PX, pixels_per_degree=PIXELS_PER_DEGREE, name=NAME, licence=LICENCE,
        credit=CREDIT, notes=(f"{PIXELS_PER_DEGREE:g} pixels per degree are assumed; the set's files do not say it.",),
    )  # fmt: skip
