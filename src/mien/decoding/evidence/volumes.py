"""Maps as NIfTI volumes on the grid that their brain was read on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mien.core.brain_space import BrainSpace
from mien.core.extras import require
from mien.decoding.evidence.maps import BrainMap

VOLUMES = "volumes"


def write_volumes(maps: Sequence[BrainMap], space: BrainSpace, folder: Path) -> list[str]:
    """One ``volumes/TARGET_METHOD_MEASURE.nii.gz`` per map: the mean over units, NaN outside the columns.

    Returns
    -------
    list of str
        Names of the files below ``folder``, in the order of the maps.
    """
    nibabel = require("nibabel", "Maps as volumes", "brain")
    (folder / VOLUMES).mkdir(exist_ok=True)
    names: list[str] = []
    for found in maps:
        name = f"{VOLUMES}/{_safe(found.target)}_{_safe(found.method)}_{found.measure}.nii.gz"
        # Targets that differ by what a file name cannot hold.
        name = name if name not in names else name.replace(".nii.gz", f"_{len(names)}.nii.gz")
        image = nibabel.Nifti1Image(space.volume(found.mean).astype(np.float32), space.affine)
        image.header.set_xyzt_units("mm")
        image.header["descrip"] = f"mien {found.measure} of {found.target}".encode("ascii", "replace")[:79]
        nibabel.save(image, folder / name)
        names.append(name)
    return names


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", name).strip("-") or "map"
