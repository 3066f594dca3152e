"""Maps as NIfTI volumes on the grid that their brain was read on."""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence

import numpy as np

from mien.core.brain_space import BrainSpace
from mien.core.extras import require
from mien.decoding.evidence.maps import BrainMap


def volumes(maps: Sequence[BrainMap], space: BrainSpace) -> dict[str, bytes]:
    """``TARGET_METHOD_MEASURE.nii.gz`` of each map, in their order: the mean over units, NaN outside the columns."""
    nibabel = require("nibabel", "Maps as volumes", "brain")
    files: dict[str, bytes] = {}
    for found in maps:
        # Targets may differ by what a file name cannot hold.
        name = map_name(found) if f"{map_name(found)}.nii.gz" not in files else f"{map_name(found)}_{len(files)}"
        image = nibabel.Nifti1Image(space.volume(found.mean).astype(np.float32), space.affine)
        image.header.set_xyzt_units("mm")
        image.header["descrip"] = f"mien {found.measure} of {found.target}".encode("ascii", "replace")[:79]
        files[f"{name}.nii.gz"] = gzip.compress(image.to_bytes(), mtime=0)
    return files


def map_name(found: BrainMap) -> str:
    """What files of a map are called, without an ending."""
    return f"{_safe(found.target)}_{_safe(found.method)}_{found.measure}"


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", name).strip("-") or "map"
