"""Values of nouns with their axes, as xarray has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mien.compare.comparison import Comparison
from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.extras import require
from mien.core.faces import Faces
from mien.core.features import NAMED, PICTURE, SEQUENCE, SERIES
from mien.core.samples import Samples

if TYPE_CHECKING:
    import xarray

# Names of the axes of one sample, by the space of its values.
AXES = {
    NAMED: ("feature",), SEQUENCE: ("step", "point", "coordinate"), PICTURE: ("channel", "y", "x"),
    SERIES: ("step", "channel"),
}  # fmt: skip
_OF_PAIRS = ("difference", "low", "high", "p", "p_corrected")


def array_of(shown: Any) -> xarray.DataArray:
    """Landmarks of faces, ratings of samples, differences of models, values of features or evidence.

    Raises
    ------
    MissingExtra
        Without the extra ``notebooks``.
    InputError
        If samples have no ratings.
    """
    made: Any = require("xarray", "Values with their axes", "notebooks")
    if isinstance(shown, Samples):
        return _typed(_ratings(shown, made))
    if isinstance(shown, Comparison):
        return _typed(_differences(shown, made))
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


def _ratings(samples: Samples, made: Any) -> Any:
    """Samples x ratings; path, person and labels are coordinates of the samples."""
    if not samples.ratings:
        raise InputError("These samples have no ratings, so no numbers with axes; to_pandas has their labels.")
    about = {"path": samples.path, "subject": samples.subject, **samples.labels}
    about |= {} if samples.group is None else {"group": samples.group}
    known = {name: ("sample", _plain(column)) for name, column in about.items() if name not in ("sample", "rating")}
    values = np.stack(list(samples.ratings.values()), axis=1)
    return made.DataArray(values, dims=("sample", "rating"), coords={**known, "rating": list(samples.ratings)},
                          name="ratings")  # fmt: skip


def _differences(found: Comparison, made: Any) -> Any:
    """One model less the other, both ways, with interval and p; NaN between a model and itself."""
    names = [row.model for row in found.models]
    at = {name: place for place, name in enumerate(names)}
    values = np.full((len(names), len(names), len(_OF_PAIRS)), np.nan)
    for row in found.pairs:
        one, other = at[row.one], at[row.other]
        p = (row.p_people, row.p_people_corrected)
        values[one, other] = (row.difference, row.low, row.high, *p)
        values[other, one] = (-row.difference, -row.high, -row.low, *p)
    return made.DataArray(
        values, dims=("one", "other", "number"), coords={"one": names, "other": names, "number": list(_OF_PAIRS)},
        name="difference", attrs={"score": found.score, "people": found.n_people, "samples": found.n_samples},
    )  # fmt: skip


def _plain(column: Any) -> np.ndarray:
    values = np.asarray(column)
    return values.astype(str) if values.dtype == object else values


def _typed(array: Any) -> xarray.DataArray:
    typed: xarray.DataArray = array
    return typed
