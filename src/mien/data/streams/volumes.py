"""Volumes of a scanner on disk: their grid and clock, checked, and their numbers, a few volumes at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.extras import require

SUFFIXES = (".nii", ".nii.gz", ".img", ".hdr", ".mgz", ".mgh")
# So many numbers are in memory at once, whatever the length of a run.
SLAB = 1 << 23
# Affines that differ by less are the same: what float32 and a header's rotation lose.
SAME_MM = 1e-2
# A scanner's time between volumes; what lies outside is in another unit than the header says.
_SHORTEST_S, _LONGEST_S = 0.05, 60.0
_IN_SECONDS = {"sec": 1.0, "msec": 1e-3, "usec": 1e-6}


@dataclass(frozen=True, eq=False)
class Volumes:
    """The volumes of one run, in one file of four dimensions or in many of three.

    Attributes
    ----------
    run, viewer : str
    images : tuple of nibabel image
        Not read yet.
    shape : tuple of int
        Of one volume.
    affine : ndarray, shape (4, 4)
    repetition_s : float
        Seconds from one volume to the next.
    notes : tuple of str
    """

    run: str
    viewer: str
    images: tuple[Any, ...]
    shape: tuple[int, int, int]
    affine: np.ndarray
    repetition_s: float
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The first file."""
        return str(self.images[0].get_filename())

    def __len__(self) -> int:
        return int(self.images[0].shape[3]) if len(self.images[0].shape) > 3 else len(self.images)

    def slabs(self) -> Iterator[np.ndarray]:
        """The numbers, in order, as arrays of float32, shape (x, y, z, some volumes)."""
        some = max(1, SLAB // int(np.prod(self.shape)))
        for start in range(0, len(self), some):
            yield self._slab(start, min(start + some, len(self)))

    def _slab(self, start: int, stop: int) -> np.ndarray:
        try:
            if len(self.images[0].shape) > 3:
                return np.asarray(self.images[0].dataobj[..., start:stop], dtype=np.float32)
            each = [np.asarray(image.dataobj, dtype=np.float32) for image in self.images[start:stop]]
            return np.stack([volume.reshape(self.shape) for volume in each], axis=-1)
        except (OSError, EOFError, ValueError) as error:
            raise InputError(
                f"{self.name}: the volumes from {start + 1} to {stop} cannot be read ({error}); the file may be cut "
                "off. Copy it again from where it came."
            ) from error


def open_volumes(
    files: Sequence[Path], runs: Sequence[str], viewers: Sequence[str], repetition_s: float | None
) -> list[Volumes]:
    """Files of volumes as runs; nothing but headers is read.

    Parameters
    ----------
    files : sequence of Path
        NIfTI or another format that nibabel reads: four dimensions (a run each), or three (those of one run and viewer
        together are its volumes, in the order given).
    runs, viewers : sequence of str
        Of each file.
    repetition_s : float or None
        By default from the headers, whose unit is checked.

    Raises
    ------
    InputError
        If a file is none, grids differ, or the time between volumes is missing or not to be believed.
    """
    opened = [_opened(path) for path in files]
    grouped: dict[tuple[str, str], list[int]] = {}
    for place, key in enumerate(zip(runs, viewers, strict=True)):
        grouped.setdefault(key, []).append(place)
    result = []
    for (run, viewer), places in grouped.items():
        images = tuple(opened[place] for place in places)
        if len(images) > 1 and any(len(image.shape) > 3 for image in images):
            raise InputError(
                f"{files[places[0]]} and {files[places[1]]} are both called run '{run}'; give each run a name of its "
                "own (runs)."
            )
        seconds, notes = _repetition(images[0], files[places[0]], repetition_s)
        affine = np.asarray(images[0].affine, dtype=np.float64)
        result.append(Volumes(run, viewer, images, images[0].shape[:3], affine, seconds, notes))
    first = result[0]
    for image in opened:
        if not same_grid(image, first.shape, first.affine):
            raise InputError(
                f"{image.get_filename()} is on another grid ({grid_words(image.shape[:3], image.affine)}) than "
                f"{first.name} ({grid_words(first.shape, first.affine)}). Runs of one stream share a grid: resample "
                "them to one space first, or read them as streams of their own."
            )
    if len({volumes.repetition_s for volumes in result}) > 1:
        other = next(volumes for volumes in result if volumes.repetition_s != first.repetition_s)
        raise InputError(
            f"{other.name} has a volume every {other.repetition_s:g} s, but {first.name} every {first.repetition_s:g} "
            "s. Read them as streams of their own, or give the time that is right (repetition_s)."
        )
    return result


def opened_volume(path: Path, what: str) -> Any:
    """An image of one volume, such as an atlas.

    Raises
    ------
    InputError
        If it is none or has more dimensions.
    """
    image = _opened(path)
    if len(image.shape) > 3 and image.shape[3] > 1:
        raise InputError(
            f"{path}: {what} is one volume, but this file has {image.shape[3]}. A probabilistic atlas is made into one "
            "of labels first (the label that is likeliest at each voxel)."
        )
    return image


def same_grid(image: Any, shape: Sequence[int], affine: np.ndarray) -> bool:
    """Whether an image has these voxels at these places."""
    same_shape = tuple(image.shape[:3]) == tuple(shape)
    return same_shape and bool(np.allclose(image.affine, affine, rtol=0, atol=SAME_MM))


def grid_words(shape: Sequence[int], affine: np.ndarray) -> str:
    """A grid in words: sizes in voxels and millimetres, and where the first voxel is."""
    sizes = np.sqrt((np.asarray(affine)[:3, :3] ** 2).sum(axis=0))
    origin = ", ".join(f"{value:.4g}" for value in np.asarray(affine)[:3, 3])
    edges = " x ".join(f"{size:.3g}" for size in sizes)
    return f"{' x '.join(map(str, shape))} voxels of {edges} mm, the first at ({origin}) mm"


def entity(path: Path, name: str) -> str:
    """What a BIDS file name says of ``'run'`` or ``'sub'``, in full (``'run-01'``); ``''`` where it says nothing."""
    part = re.search(rf"(?:^|_)({name}-[A-Za-z0-9]+)(?=_|\.|$)", path.name)
    return part.group(1) if part else ""


def _opened(path: Path) -> Any:
    nibabel = require("nibabel", "Reading volumes of a scanner", "brain")
    if not path.is_file():
        raise InputError(f"{path} does not exist or is not a file.")
    try:
        # An open file goes on where it was read last; gzip could only begin again.
        image = nibabel.load(path, keep_file_open=True) if _nifti(path) else nibabel.load(path)
    except (nibabel.filebasedimages.ImageFileError, OSError, EOFError, ValueError) as error:
        raise InputError(
            f"{path} cannot be read as a volume ({error}); expected one of {', '.join(SUFFIXES)}, or a table time x "
            "parcel (.csv, .tsv, .parquet)."
        ) from error
    if not hasattr(image, "affine") or len(image.shape) not in (3, 4) or image.affine is None:
        raise InputError(
            f"{path} has the shape {image.shape} and no grid of voxels (surfaces and CIFTI have none). Volumes of "
            "three or four dimensions are read; of surfaces make a table time x parcel."
        )
    return image


def _nifti(path: Path) -> bool:
    return path.name.lower().endswith((".nii", ".nii.gz"))


def _repetition(image: Any, path: Path, given: float | None) -> tuple[float, tuple[str, ...]]:
    """Seconds from volume to volume and what has to be said of them."""
    try:
        unit = image.header.get_xyzt_units()[1]
    except (AttributeError, KeyError):
        unit = "unknown"
    zooms = image.header.get_zooms()
    raw = float(zooms[3]) if len(zooms) > 3 else 0.0
    believed = unit in _IN_SECONDS and _SHORTEST_S <= raw * _IN_SECONDS[unit] <= _LONGEST_S
    said = raw * _IN_SECONDS[unit] if believed else float("nan")
    if given is not None:
        if believed and abs(said - given) > 1e-3 * given:
            return given, (f"{path.name}: its header says a volume every {said:g} s; {given:g} s was given and used.",)
        return given, ()
    if believed:
        return round(said, 6), ()
    what = f"{raw:g} without a unit" if unit == "unknown" else f"{raw:g} {unit}"
    guess = f" (perhaps {raw / 1000:g}, if these are milliseconds)" if _SHORTEST_S <= raw / 1000 <= _LONGEST_S else ""
    raise InputError(
        f"{path}: the header's time between volumes is {what if raw else '0'}, which is not to be believed. Give it in "
        f"seconds: repetition_s{guess}."
    )
