"""What a brain's numbers go with that is not the brain: head motion, tissue, drifts; as fMRIPrep writes them."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.data.tables.numerals import MISSING
from mien.data.tables.table import FileTable, listed, read_table

_SIX = tuple(f"{kind}_{axis}" for kind in ("trans", "rot") for axis in "xyz")
# Names of columns of fMRIPrep that go together, as patterns.
SETS: dict[str, tuple[str, ...]] = {
    "motion": _SIX,
    "motion24": tuple(
        f"{name}{tail}" for name in _SIX for tail in ("", "_derivative1", "_power2", "_derivative1_power2")
    ),
    "tissue": ("csf", "white_matter"),
    "global": ("global_signal",),
    "acompcor": tuple(f"a_comp_cor_{i:02d}" for i in range(6)),
    "cosine": ("cosine*",),
}  # fmt: skip
DISPLACEMENT = "framewise_displacement"
_UNSTEADY = "non_steady_state_outlier*"


@dataclass(frozen=True, eq=False)
class Confounds:
    """What is taken out of one run.

    Attributes
    ----------
    values : ndarray of float64, shape (volumes, chosen)
    names : tuple of str
    left_out : ndarray of bool, shape (volumes,)
        Volumes that count as missing: the head moved, or the scanner was not in its steady state yet.
    """

    values: np.ndarray
    names: tuple[str, ...]
    left_out: np.ndarray


def read_confounds(path: Path, volumes: int, chosen: Sequence[str], scrub_mm: float | None) -> Confounds:
    """One run's table of confounds.

    Parameters
    ----------
    path : Path
        fMRIPrep's ``*_desc-confounds_timeseries.tsv`` or another table with a row per volume.
    volumes : int
        In the run.
    chosen : sequence of str
        Names of ``SETS``, of columns, or patterns of them (``'a_comp_cor_0*'``).
    scrub_mm : float or None
        Volumes whose framewise displacement (Power et al. 2012) is above this are left out.

    Raises
    ------
    InputError
        If the rows are not those of the run, a column is not there, or a cell is no number. In the first row ``n/a`` is
        usual (of differences): the second row's value stands there, as nilearn does it.
    """
    table = read_table(path)
    if len(table) != volumes:
        raise InputError(
            f"{path} has {len(table)} rows, but the run has {volumes} volumes. Give the confounds of this run, one "
            "file for each in the order of the runs; if volumes were cut off at the start, cut the same rows off here."
        )
    names = _named(table, chosen)
    values = np.column_stack([_numbers(table, name) for name in names]) if names else np.zeros((volumes, 0))
    left_out = np.zeros(volumes, dtype=bool)
    for name in fnmatch.filter(table.columns, _UNSTEADY):
        left_out |= _numbers(table, name) > 0
    if scrub_mm is not None:
        table.need(DISPLACEMENT, "how far the head moved since the volume before, in mm")
        left_out |= _numbers(table, DISPLACEMENT, 0.0) > scrub_mm
    return Confounds(values, tuple(names), left_out)


def without(values: np.ndarray, confounds: np.ndarray, trend: bool) -> np.ndarray:
    """What is left of each column of a run after its mean, a straight line and confounds, by least squares at once.

    Parameters
    ----------
    values : ndarray of float64, shape (volumes, columns)
        NaN where missing; what is missing has no part in the fit and stays missing.
    confounds : ndarray of float64, shape (volumes, confounds)
    trend : bool
        Whether the straight line is among them.

    Raises
    ------
    InputError
        If there are not more volumes than confounds.

    Notes
    -----
    All at once, as one after the other brings back what was taken out before (Lindquist et al. 2019).
    """
    line = np.linspace(-1, 1, len(values))[:, None] if trend else np.zeros((len(values), 0))
    design = np.hstack([line, confounds])
    left = np.full_like(values, np.nan)
    masks, kind = np.unique(np.isfinite(values), axis=1, return_inverse=True)
    for i, rows in enumerate(masks.T):
        if not rows.any():
            continue
        if rows.sum() <= design.shape[1] + 1:
            raise InputError(
                f"{rows.sum()} volumes that are not missing are too few to take {design.shape[1]} confounds out of "
                "them. Choose fewer, or leave fewer volumes out."
            )
        columns = np.flatnonzero(kind.ravel() == i)
        here = values[np.ix_(rows, columns)]
        here = here - here.mean(axis=0)
        basis = _basis(design[rows])
        left[np.ix_(rows, columns)] = here - basis @ (basis.T @ here)
    return left


def _basis(design: np.ndarray) -> np.ndarray:
    """Orthonormal columns that span the same as those of the design without their means."""
    centred = design - design.mean(axis=0)
    scale = np.sqrt((centred**2).sum(axis=0))
    # A column that never varies, such as a drift slower than what is left of the run, explains nothing.
    used = scale > 1e-12 * np.maximum(np.abs(design).max(axis=0), 1e-300)
    left, sizes, _ = np.linalg.svd(centred[:, used] / scale[used], full_matrices=False)
    basis: np.ndarray = left[:, sizes > 1e-9]
    return basis


def _named(table: FileTable, chosen: Sequence[str]) -> list[str]:
    names: list[str] = []
    for asked in chosen:
        for pattern in SETS.get(asked, (asked,)):
            fitting = [pattern] if pattern in table.columns else fnmatch.filter(table.columns, pattern)
            if not fitting:
                where = f", of the set '{asked}'" if asked in SETS else f" (and '{asked}' is no set: {', '.join(SETS)})"
                raise InputError(
                    f"{table.path} has no column '{pattern}'{where}. Its columns: {listed(list(table.columns))}."
                )
            names += [name for name in fitting if name not in names]
    return names


def _numbers(table: FileTable, name: str, first: float | None = None) -> np.ndarray:
    """A column without anything missing but in its first row, where ``first`` or the second row's value stands."""
    values, bad = table.numbers(name)
    if len(values) > 1 and not np.isfinite(values[0]) and not bad[0]:
        values = values.copy()
        values[0] = values[1] if first is None else first
    wrong = bad | ~np.isfinite(values)
    if wrong.any():
        row = int(np.argmax(wrong))
        cell = str(table.columns[name][row]).strip()
        what = "is empty" if cell in MISSING else f"holds '{cell}', which is no number"
        raise InputError(
            f"{table.path}, row {row + table.first_row}: '{name}' {what}; of confounds only the first row may be n/a."
        )
    return values
