"""Where in a brain numbers are: voxels, or parcels of voxels, on the grid of a volume."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError


@dataclass(frozen=True, eq=False)
class BrainSpace:
    """Columns of a brain's numbers in space.

    Attributes
    ----------
    names : ndarray of str, shape (columns,)
        Of parcels; of voxels their indices, ``'12,7,0'``.
    unit : str
        ``'voxel'`` or ``'parcel'``.
    shape : tuple of int
        Of the volume, three numbers; ``(0, 0, 0)`` where no grid is known (a table of parcels).
    affine : ndarray of float64, shape (4, 4)
        From indices of voxels to millimetres, as in NIfTI (right, anterior, superior).
    voxels : ndarray of int64, shape (voxels, 3)
        Indices of the voxels that belong to a column.
    column : ndarray of int64, shape (voxels,)
        Which column each belongs to.
    centres_mm : ndarray of float64, shape (columns, 3)
        Centre of each column; NaN where unknown. By default the mean of its voxels.

    Raises
    ------
    InputError
        If shapes do not match or a voxel lies outside the volume.

    Examples
    --------
    >>> import numpy as np
    >>> from mien.core.brain_space import BrainSpace
    >>> space = BrainSpace(["left", "right"], "parcel", (2, 1, 1), np.eye(4), [[0, 0, 0], [1, 0, 0]], [0, 1])
    >>> space.volume(np.array([0.5, 2.0])).ravel().tolist()
    [0.5, 2.0]
    """

    __repr__ = brief

    names: np.ndarray
    unit: str = "parcel"
    shape: tuple[int, int, int] = (0, 0, 0)
    affine: np.ndarray = field(default_factory=lambda: np.eye(4))
    voxels: np.ndarray = field(default_factory=lambda: np.zeros((0, 3)))
    column: np.ndarray = field(default_factory=lambda: np.zeros(0))
    centres_mm: np.ndarray = field(default_factory=lambda: np.zeros((0, 3)))

    def __post_init__(self) -> None:
        names = np.array([str(name) for name in self.names], dtype=object)
        voxels = np.asarray(self.voxels, dtype=np.int64).reshape(-1, 3)
        column = np.asarray(self.column, dtype=np.int64)
        affine = np.asarray(self.affine, dtype=np.float64)
        if self.unit not in ("voxel", "parcel"):
            raise InputError(f"Brain space: the unit is 'voxel' or 'parcel', but got '{self.unit}'.")
        if affine.shape != (4, 4) or column.shape != (len(voxels),) or len(self.shape) != 3:
            raise InputError(
                f"Brain space: an affine of 4 x 4, three sizes and a column for each of {len(voxels)} voxels are "
                f"needed, but got {affine.shape}, {self.shape} and {column.shape}."
            )
        if len(voxels) and not ((voxels >= 0) & (voxels < np.array(self.shape))).all():
            raise InputError(f"Brain space: a voxel lies outside the volume of {' x '.join(map(str, self.shape))}.")
        if len(column) and (column.min() < 0 or column.max() >= len(names)):
            raise InputError(f"Brain space: a voxel belongs to a column outside the {len(names)} that there are.")
        centres = np.asarray(self.centres_mm, dtype=np.float64)
        if not len(centres):
            centres = _centres(voxels, column, affine, len(names))
        if centres.shape != (len(names), 3):
            raise InputError(f"Brain space: {len(names)} columns need as many centres, but got {centres.shape}.")
        values = {"names": names, "voxels": voxels, "column": column, "affine": affine, "centres_mm": centres}
        for name, value in values.items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "shape", tuple(int(size) for size in self.shape))

    def __len__(self) -> int:
        return len(self.names)

    @property
    def has_grid(self) -> bool:
        """Whether the columns can be drawn as a volume."""
        return bool(len(self.voxels))

    def volume(self, values: np.ndarray) -> np.ndarray:
        """Numbers of the columns as a volume, NaN outside them.

        Parameters
        ----------
        values : ndarray, shape (columns,)

        Returns
        -------
        ndarray of float64, shape ``self.shape``

        Raises
        ------
        InputError
            If there is no grid or a number for each column.
        """
        if not self.has_grid:
            raise InputError("This brain space has no grid: parcels of a table can be drawn only beside their atlas.")
        if np.shape(values) != (len(self),):
            raise InputError(f"Brain space: {len(self)} columns need as many numbers, but got {np.shape(values)}.")
        volume = np.full(self.shape, np.nan)
        volume[tuple(self.voxels.T)] = np.asarray(values, dtype=np.float64)[self.column]
        return volume


def _centres(voxels: np.ndarray, column: np.ndarray, affine: np.ndarray, columns: int) -> np.ndarray:
    if not len(voxels):
        return np.full((columns, 3), np.nan)
    sums = np.zeros((columns, 3))
    np.add.at(sums, column, voxels.astype(np.float64))
    count = np.bincount(column, minlength=columns)[:, None]
    with np.errstate(invalid="ignore"):
        centres: np.ndarray = (sums / np.where(count, count, np.nan)) @ affine[:3, :3].T + affine[:3, 3]
    return centres
