"""Recordings of brains as streams: volumes of a scanner by parcel or voxel, or a table time x parcel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.brain_space import BrainSpace
from mien.core.errors import InputError
from mien.core.extras import require
from mien.core.numbers import checked_numbers
from mien.core.streams import SAMPLED, Stream
from mien.data.streams.cleaning import cleaned
from mien.data.streams.confounds import SETS
from mien.data.streams.file_runs import paths_of, runs_of
from mien.data.streams.parcel_table import read_parcel_tables
from mien.data.streams.parcels import parcel_space
from mien.data.streams.volumes import Volumes, open_volumes
from mien.data.tables.table import SUFFIXES as TABLES


@checked_numbers
def read_brain(
    files: Any,
    *,
    atlas: Path | str | None = None,
    mask: Path | str | None = None,
    labels: Path | str | None = None,
    resample: bool = False,
    confounds: Any = (),
    confound_columns: Sequence[str] = (),
    scrub_mm: float | None = None,
    detrend: bool = False,
    standardise: bool = False,
    smooth_mm: float | None = None,
    repetition_s: float | None = None,
    run: str | Sequence[str] = (),
    viewer: str | Sequence[str] = "",
    name: str = "brain",
) -> Stream:
    """What a scanner measured as a stream: a row per volume, a column per parcel or voxel.

    Parameters
    ----------
    files : path or sequence of paths
        Volumes (NIfTI; a file of four dimensions per run, or files of three, which together are a run), or tables with
        a row per volume and a column per parcel (CSV, TSV, Parquet, Excel).
    atlas : path, optional
        Labels, a whole number per voxel, on the grid of the volumes: a column is the mean over a label's voxels.
    mask : path or ``'brightness'``, optional
        Without an atlas every voxel in it is a column; with one, only voxels in it count. ``'brightness'``: above 0.3
        of the mean volume's maximum.
    labels : path, optional
        Table of the atlas' labels (``index``, ``name``); for tables of parcels their centres (``name``, ``x``, ``y``,
        ``z`` in mm).
    resample : bool
        Allow an atlas or mask on another grid, brought to that of the volumes by nearest neighbour.
    confounds : path or sequence of paths, optional
        fMRIPrep's tables, one per file, in the same order.
    confound_columns : sequence of str
        What of them is taken out by least squares within each run: names of columns, patterns, or the sets ``motion``,
        ``motion24``, ``tissue``, ``global``, ``acompcor``, ``cosine``.
    scrub_mm : float, optional
        Volumes at which the head moved more than this (framewise displacement) become missing.
    detrend : bool
        Take a straight line out of each run.
    standardise : bool
        Divide by the standard deviation of each run, after its mean was taken off.
    smooth_mm : float, optional
        Full width at half maximum of a Gaussian over the volumes, before parcels are averaged (nilearn).
    repetition_s : float, optional
        Seconds from volume to volume; by default from the header, or the ``time_s`` of a table.
    run : str or sequence of str
        Of each file; by default from its name (``run-01``), else ``'1'``, ``'2'``, ...
    viewer : str or sequence of str
        Of each file; by default from its name (``sub-01``), else none.
    name : str
        Of the stream.

    Returns
    -------
    Stream
        ``time_s`` since the start of the run, when each volume began. A volume of NaN, or one that was left out, is a
        row of NaN.

    Raises
    ------
    InputError
        If a file is none, grids or lengths differ, or the time between volumes is not to be believed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import mien
    >>> table = Path(tempfile.mkdtemp()) / "run-1.csv"
    >>> _ = table.write_text("left,right\\n1,2\\n3,5\\n")
    >>> stream = mien.read_brain(table, repetition_s=2, standardise=True)
    >>> stream.columns, stream.time_s.tolist(), stream.run.tolist()
    (('left', 'right'), [0.0, 2.0], ['run-1', 'run-1'])
    """
    paths = paths_of(files)
    of_confounds = paths_of(confounds)
    chosen = (confound_columns,) if isinstance(confound_columns, str) else tuple(confound_columns)
    if of_confounds and not chosen and scrub_mm is None:
        raise InputError(
            f"confounds: say what of them is taken out (confound_columns: {', '.join(SETS)}, or names of columns), or "
            "from which displacement on volumes are left out (scrub_mm)."
        )
    if (chosen or scrub_mm is not None) and not of_confounds:
        raise InputError("confound_columns and scrub_mm need the tables of confounds, one for each run.")
    settings = {
        "files": [path.name for path in paths], "atlas": str(atlas or ""), "mask": str(mask or ""),
        "confound_columns": list(chosen), "scrub_mm": scrub_mm, "detrend": detrend, "standardise": standardise,
        "smooth_mm": smooth_mm,
    }  # fmt: skip
    of_file, of_viewer = runs_of(paths, run, viewer)
    if all(path.suffix.lower() in TABLES for path in paths):
        if atlas or mask or smooth_mm is not None:
            raise InputError(f"{paths[0]} is a table of parcels; atlas, mask and smoothing are for volumes.")
        raw = read_parcel_tables(paths, of_file, of_viewer, repetition_s, Path(labels) if labels else None, name)
    else:
        if atlas is None and mask is None:
            raise InputError(
                "Say which voxels are read: an atlas of labels (atlas), a mask (mask), or mask='brightness' where "
                "there is none."
            )
        opened = open_volumes(paths, of_file, of_viewer, repetition_s)
        space, said = parcel_space(
            opened, Path(atlas) if atlas else None, mask, Path(labels) if labels else None, resample
        )
        raw = _of_volumes(opened, space, smooth_mm, said, name)
    return cleaned(raw, of_confounds, chosen, scrub_mm, detrend, standardise, settings)


def _of_volumes(
    runs: Sequence[Volumes], space: BrainSpace, smooth_mm: float | None, said: Sequence[str], name: str
) -> Stream:
    """Means of the voxels of each column, volume by volume."""
    notes = [*said, *(note for run in runs for note in run.notes)]
    if smooth_mm is not None:
        notes.append(f"Volumes were smoothed by a Gaussian of {smooth_mm:g} mm (full width at half maximum).")
    parts = [_means(run, space, smooth_mm, notes) for run in runs]
    lengths = [len(part) for part in parts]
    times = [np.arange(len(part)) * run.repetition_s for run, part in zip(runs, parts, strict=True)]
    return Stream(
        name, SAMPLED, np.concatenate(times), tuple(space.names), np.concatenate(parts),
        duration_s=np.repeat([run.repetition_s for run in runs], lengths),
        run=np.repeat(np.array([run.run for run in runs], dtype=object), lengths),
        viewer=np.repeat(np.array([run.viewer for run in runs], dtype=object), lengths),
        space=space, notes=tuple(notes),
    )  # fmt: skip


def _means(run: Volumes, space: BrainSpace, smooth_mm: float | None, notes: list[str]) -> np.ndarray:
    order = np.argsort(space.column, kind="stable")
    voxels = tuple(space.voxels[order].T)
    starts = np.searchsorted(space.column[order], np.arange(len(space)))
    sums, counts = [], []
    for slab in run.slabs():
        if smooth_mm is not None:
            slab = _smoothed(slab, run.affine, smooth_mm)
        inside = slab[voxels].astype(np.float64)
        finite = np.isfinite(inside)
        sums.append(np.add.reduceat(np.where(finite, inside, 0), starts, axis=0))
        counts.append(np.add.reduceat(finite.astype(np.int64), starts, axis=0))
    total, count = np.hstack(sums).T, np.hstack(counts).T
    # Voxels that are never there are outside the field of view; a mean over some of the others only is another one.
    whole = count == np.maximum(count.max(axis=0), 1)
    means = np.where(whole, total / np.maximum(count, 1), np.nan)
    where = f"{run.viewer} {run.run}".strip()
    missing = np.isnan(means).all(axis=1)
    if missing.any():
        notes.append(f"{where}: {missing.sum()} of {len(means)} volumes hold no number and are missing.")
    partly = np.isnan(means[~missing]).any(axis=0)
    if partly.any():
        notes.append(f"{where}: {partly.sum()} columns are missing in some volumes, such as {space.names[partly][0]}.")
    still = np.ptp(means[~missing], axis=0) == 0 if not missing.all() else np.zeros(len(space), dtype=bool)
    if still.any():
        notes.append(f"{where}: {still.sum()} columns never vary, such as {space.names[still][0]}.")
    return means


def _smoothed(slab: np.ndarray, affine: np.ndarray, smooth_mm: float) -> np.ndarray:
    nibabel = require("nibabel", "Smoothing volumes", "brain")
    nilearn = require("nilearn.image", "Smoothing volumes", "brain")
    smoothed = nilearn.smooth_img(nibabel.Nifti1Image(slab, affine), smooth_mm).get_fdata(dtype=np.float32)
    # nilearn reckons with 0 where there is no number.
    result: np.ndarray = np.where(np.isfinite(slab), smoothed, np.nan)
    return result
