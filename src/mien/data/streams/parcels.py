"""Which voxels of a volume are columns of a stream: parcels of a label atlas, voxels of a mask, or bright voxels."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.brain_space import BrainSpace
from mien.core.errors import InputError
from mien.core.extras import require
from mien.data.streams.volumes import Volumes, grid_words, opened_volume, same_grid
from mien.data.tables.table import FileTable, read_table

BRIGHTNESS = "brightness"
# What is brighter than this share of the mean picture's brightest voxel is brain, where nothing better is known.
BRIGHT = 0.3
_INDEX, _NAME = ("index", "label", "id", "value"), ("name", "label_name", "region", "parcel")


def parcel_space(
    runs: Sequence[Volumes], atlas: Path | None, mask: Path | str | None, labels: Path | None, resample: bool
) -> tuple[BrainSpace, tuple[str, ...]]:
    """The columns of volumes, and what has to be said of them.

    Parameters
    ----------
    runs : sequence of Volumes
    atlas : Path or None
        A volume of whole numbers; 0 is no parcel. Without it, each voxel is a column.
    mask : Path, ``'brightness'`` or None
        Only voxels that are not 0 there, or brighter than ``BRIGHT`` of the mean volume's maximum.
    labels : Path or None
        Table with the columns ``index`` and ``name`` of the atlas.
    resample : bool
        Whether an atlas or mask on another grid is brought to that of the volumes (nearest neighbour).

    Raises
    ------
    InputError
        If a grid is another one, an atlas is none of labels, or nothing is left.
    """
    shape, affine = runs[0].shape, runs[0].affine
    notes: list[str] = []
    inside = np.ones(shape, dtype=bool)
    if mask == BRIGHTNESS:
        inside = _bright(runs)
        notes.append(
            f"No mask: the {inside.sum()} voxels above {BRIGHT:g} of the mean volume's maximum count as brain."
        )
    elif mask is not None:
        volume = _on_grid(Path(mask), "a mask", shape, affine, resample, notes)
        inside = np.isfinite(volume) & (volume != 0)
    if atlas is None:
        voxels = np.argwhere(inside)
        if not len(voxels):
            raise InputError(f"{mask}: no voxel lies in the mask.")
        names = [",".join(map(str, voxel)) for voxel in voxels.tolist()]
        return BrainSpace(np.array(names), "voxel", shape, affine, voxels, np.arange(len(voxels))), tuple(notes)
    volume = _on_grid(atlas, "an atlas", shape, affine, resample, notes)
    volume = np.where(np.isfinite(volume), volume, 0)
    if (volume != np.round(volume)).any() or (volume < 0).any():
        odd = volume[(volume != np.round(volume)) | (volume < 0)][0]
        raise InputError(
            f"{atlas}: an atlas holds a whole number from 0 for each voxel, but this one holds {odd:g}. If it is a map "
            "of probabilities or another one, make labels of it first; a mask is given as mask."
        )
    voxels = np.argwhere(inside & (volume > 0))
    if not len(voxels):
        raise InputError(f"{atlas}: no voxel has a label inside the volumes and the mask.")
    of_voxel = volume[tuple(voxels.T)].astype(np.int64)
    numbers, column = np.unique(of_voxel, return_inverse=True)
    lost = np.setdiff1d(np.unique(volume[volume > 0]).astype(np.int64), numbers)
    names = _names(numbers, lost, labels, notes)
    return BrainSpace(np.array(names), "parcel", shape, affine, voxels, column), tuple(notes)


def label_table(path: Path) -> tuple[FileTable, str, str]:
    """A table of labels and its columns of indices and names.

    Raises
    ------
    InputError
        If it has no such columns.
    """
    table = read_table(path)
    names = {name.lower(): name for name in table.columns}
    index = next((names[name] for name in _INDEX if name in names), "index")
    name = next((names[name] for name in (*_NAME, "label") if name in names and names[name] != index), "name")
    return table, index, name


def _few(numbers: Collection[int]) -> str:
    """``1 to 6`` or ``3``."""
    return f"{min(numbers)} to {max(numbers)}" if len(numbers) > 1 else str(next(iter(numbers), "none"))


def _names(numbers: np.ndarray, lost: np.ndarray, labels: Path | None, notes: list[str]) -> list[str]:
    """Names of the labels that are there."""
    called: dict[int, str] = {}
    if labels is not None:
        table, index, name = label_table(labels)
        table.need(index, "the number of each label in the atlas")
        values, bad = table.numbers(index)
        for row, text in enumerate(table.need(name, "what each label is called")):
            if bad[row] or values[row] != np.round(values[row]):
                cell = table.columns[index][row]
                raise InputError(f"{labels}, row {row + table.first_row}: '{cell}' is no whole number of a label.")
            number = int(values[row])
            if called.setdefault(number, str(text)) != str(text):
                raise InputError(
                    f"{labels}, row {row + table.first_row}: label {number} is called '{text}', but above it is "
                    f"'{called[number]}'. A label has one name."
                )
        there = {int(number) for number in (*numbers, *lost)}
        if not there & set(called):
            raise InputError(
                f"{labels} names labels {_few(called)}, but the atlas holds {_few(there)}: none is the same. It "
                "belongs to another atlas, or counts its labels otherwise."
            )
        if beyond := [number for number in called if number not in there and number != 0]:
            notes.append(
                f"{len(beyond)} labels that {labels.name} names are not in the atlas, such as '{called[beyond[0]]}' "
                f"({beyond[0]})."
            )
        if unnamed := [int(number) for number in numbers if not called.get(int(number))]:
            notes.append(f"{len(unnamed)} labels of the atlas have no name in {labels.name}, such as {unnamed[0]}.")
    if len(lost):
        notes.append(f"{len(lost)} labels of the atlas have no voxel left, such as {called.get(lost[0], lost[0])}.")
    names = [called.get(int(number)) or f"parcel {number}" for number in numbers]
    # Left and right may be called the same.
    return [f"{name} ({n})" if names.count(name) > 1 else name for name, n in zip(names, numbers, strict=True)]


def _on_grid(
    path: Path, what: str, shape: tuple[int, int, int], affine: np.ndarray, resample: bool, notes: list[str]
) -> np.ndarray:
    """A volume on the grid asked for."""
    image = opened_volume(path, what)
    if not same_grid(image, shape, affine):
        own, asked = grid_words(image.shape[:3], image.affine), grid_words(shape, affine)
        if not resample:
            raise InputError(
                f"{path} is on another grid than the volumes: it has {own}; they have {asked}. Bring it to their grid "
                "and space, or, where both are in one space and only the voxels differ, allow it to be resampled "
                "(resample)."
            )
        before = _kinds(image)
        image = _resampled(image, shape, affine)
        lost = np.setdiff1d(before, _kinds(image))
        if image is None or len(lost) == len(before):
            raise InputError(
                f"{path} does not lie where the volumes do: it has {own}; they have {asked}. Nothing of it is left "
                "on their grid; bring it to their space first (register it)."
            )
        notes.append(f"{path.name} was resampled by nearest neighbour from {own} to {asked}.")
        if len(lost):
            notes.append(
                f"{len(lost)} of {len(before)} labels of {path.name} have no voxel on the grid of the volumes, such as "
                f"{lost[0]:g}: they lie beside it, or are smaller than its voxels."
            )
    volume: np.ndarray = np.asarray(image.dataobj, dtype=np.float64).reshape(shape)
    return volume


def _kinds(image: Any) -> np.ndarray:
    """Values above 0 in a volume; none without one."""
    values = np.zeros(0) if image is None else np.unique(np.asarray(image.dataobj, dtype=np.float64))
    return np.asarray(values[values > 0])


def _resampled(image: Any, shape: tuple[int, int, int], affine: np.ndarray) -> Any:
    """The volume on that grid; None where they have no place in common."""
    nilearn = require("nilearn.image", "Resampling an atlas", "brain")
    # Nothing in common is an error of nilearn's own kind, which is a ValueError.
    try:
        return nilearn.resample_img(
            image, target_affine=affine, target_shape=shape, interpolation="nearest", force_resample=True,
            copy_header=True,
        )  # fmt: skip
    except ValueError:
        return None


def _bright(runs: Sequence[Volumes]) -> np.ndarray:
    """Voxels that are bright in the mean of the runs' means."""
    mean = np.zeros(runs[0].shape)
    for run in runs:
        total, count = np.zeros(run.shape), 0
        for slab in run.slabs():
            whole = np.isfinite(slab).all(axis=(0, 1, 2))
            total += slab[..., whole].sum(axis=-1, dtype=np.float64)
            count += int(whole.sum())
        mean += total / max(count, 1) / len(runs)
    if not mean.max() > 0:
        raise InputError(
            f"{runs[0].name}: no voxel of the mean volume is above 0 (volumes with a missing value do not count), so "
            "brightness does not show the brain; give a mask."
        )
    bright: np.ndarray = mean > BRIGHT * mean.max()
    return bright
