"""Samples as a pandas DataFrame: its columns are the features and keep their names. Pandas itself is not imported."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.core.errors import InputError


def is_table(values: Any) -> bool:
    """Whether this is a pandas DataFrame."""
    return type(values).__module__.split(".")[0] == "pandas" and hasattr(values, "columns")


def numbers_of_table(table: Any) -> np.ndarray:
    """The values, float32, NaN where one is missing.

    Raises
    ------
    InputError
        If a column holds no numbers.
    """
    odd = [str(name) for name, kind in zip(table.columns, table.dtypes, strict=True) if kind.kind not in "biuf"]
    if odd:
        raise InputError(f"The table's column '{odd[0]}' does not hold numbers; leave it out or turn it into some.")
    found: np.ndarray = table.to_numpy(dtype=np.float32, na_value=np.nan)
    return found


def columns_of_model(table: Any, model: Any) -> Any:
    """The columns that a mien model was fitted on, in its order, where the table calls them so.

    Raises
    ------
    InputError
        If only some of them are there.
    """
    wanted = list(getattr(model, "feature_names", ()))
    missing = [name for name in wanted if name not in table.columns]
    if not wanted or len(missing) == len(wanted):
        return table
    if missing:
        raise InputError(f"The model looks at '{missing[0]}', but the table has no such column.")
    return table[wanted]
