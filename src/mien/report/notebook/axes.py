"""Values of nouns with their axes, as xarray has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mien.core.evidence import Evidence
from mien.core.extras import require
from mien.core.faces import Faces
from mien.core.features import NAMED, PICTURE, SEQUENCE, SERIES

if TYPE_CHECKING:
    import xarray

# Names of the axes of one sample, by the space of its values.
AXES = {
    NAMED: ("feature",), SEQUENCE: ("step", "point", "coordinate"), PICTURE: ("channel", "y", "x"),
    SERIES: ("step", "channel"),
}  # fmt: skip


def array_of(shown: Any) -> xarray.DataArray:
    """Landmarks of faces, values of features or evidence.

    Raises
    ------
    MissingExtra
        Without the extra ``notebooks``.
    """
    made: Any = require("xarray", "Values with their axes", "notebooks")
    if isinstance(shown, Faces):
        rows = {
            name: ("row", _plain(getattr(shown, name))) for name in ("source", "frame", "track", "time_s", "status")
        }
        array = made.DataArray(
            shown.landmarks_px, dims=("row", "point", "axis"), coords={**rows, "axis": ["x", "y", "z"]},
            name="landmarks", attrs={"unit": "px", "topology": shown.topology},
        )  # fmt: skip
        return _typed(array)
    columns = ("sample", "subject", "label", "output", "gap", "status") if isinstance(shown, Evidence) else ("status",)
    length = len(shown.values)
    given = {name: getattr(shown, name) for name in columns}
    known: dict[str, Any] = {
        f"{name}_id" if name == "sample" else name: ("sample", _plain(column))
        for name, column in given.items()
        if column is not None and np.shape(column) == (length,)
    }
    axes = AXES[shown.space]
    last = axes[0] if shown.space == PICTURE else axes[-1]
    if len(shown.names) == shown.values.shape[1 + axes.index(last)]:
        known[last] = list(shown.names)
    facts: dict[str, Any] = {"space": shown.space}
    if isinstance(shown, Evidence):
        facts |= {"method": shown.method, "target": str(shown.target)}
    return _typed(made.DataArray(shown.values, dims=("sample", *axes), coords=known, attrs=facts))


def _plain(column: Any) -> np.ndarray:
    values = np.asarray(column)
    return values.astype(str) if values.dtype == object else values


def _typed(array: Any) -> xarray.DataArray:
    typed: xarray.DataArray = array
    return typed
