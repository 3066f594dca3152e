"""Samples as a pandas DataFrame: its columns are the features and keep their names. Pandas itself is not imported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.features import NAMED, Features
from mien.explain.estimators import fitted_columns

_OTHER_TABLES = ("polars", "pyarrow", "dask", "modin", "cudf")


def is_table(values: Any) -> bool:
    """Whether this is a pandas DataFrame.

    Raises
    ------
    InputError
        If it is a table of another package, whose columns would lose their names.
    """
    package = type(values).__module__.split(".")[0]
    if package in _OTHER_TABLES and (hasattr(values, "columns") or hasattr(values, "column_names")):
        raise InputError(
            f"Tables are pandas DataFrames, but got a {type(values).__name__} of {package}: give its columns with "
            "their names as table.to_pandas()."
        )
    return package == "pandas" and hasattr(values, "columns")


def has_names(samples: Any) -> bool:
    """Whether the values' columns have names that came with them."""
    return is_table(samples) or (isinstance(samples, Features) and samples.space == NAMED)


def numbers_of_table(table: Any) -> np.ndarray:
    """The values, float32, NaN where one is missing.

    Raises
    ------
    InputError
        If a column holds no numbers, or two have the same name.
    """
    twice = [name for name, count in Counter(str(name) for name in table.columns).items() if count > 1]
    if twice:
        raise InputError(f"The table has several columns called '{twice[0]}': give each a name of its own.")
    odd = [str(name) for name, kind in zip(table.columns, table.dtypes, strict=True) if kind.kind not in "biuf"]
    if odd:
        raise InputError(f"The table's column '{odd[0]}' does not hold numbers; leave it out or turn it into some.")
    found: np.ndarray = table.to_numpy(dtype=np.float32, na_value=np.nan)
    return found


def columns_of_model(samples: Any, model: Any) -> tuple[Any, list[str]]:
    """The columns that a model was fitted on, in its order, whatever their order in a table or in named features.

    Parameters
    ----------
    samples : DataFrame, Features or array
        Arrays have no names and stay as they are.
    model : object
        What the user gave; see ``fitted_columns``.

    Returns
    -------
    samples
        With the model's columns alone.
    list of str
        What has to be said: columns that were left out.

    Raises
    ------
    InputError
        If some of the model's columns, or all, are not there, or two have the same name.
    """
    if not has_names(samples):
        return samples, []
    table, known = is_table(samples), fitted_columns(model)
    names = list(samples.columns) if table else list(samples.names)
    if len(known) != 1 or not all(isinstance(name, str) for name in names):
        return samples, []
    places = _places(next(iter(known)), names)
    left_out = [name for place, name in enumerate(names) if place not in places]
    notes = []
    if left_out:
        listed = ", ".join(f"'{name}'" for name in left_out[:5]) + (", ..." if len(left_out) > 5 else "")
        notes = [f"The model was not fitted on {listed}, so the evidence is without: {len(names)} columns were given."]
    if table:
        return samples.iloc[:, places], notes
    named = tuple(names[place] for place in places)
    return replace(samples, values=samples.values[:, places], names=named), notes


def _places(wanted: Sequence[str], names: Sequence[str]) -> list[int]:
    """Where each of the model's columns is among these."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError(f"The table has several columns called '{twice[0]}': give each a name of its own.")
    place = {name: i for i, name in enumerate(names)}
    # LightGBM writes spaces in names as underscores.
    for i, name in enumerate(names):
        place.setdefault(name.replace(" ", "_"), i)
    missing = [name for name in wanted if name not in place]
    if len(missing) == len(wanted):
        raise InputError(
            f"The model was fitted on columns such as '{wanted[0]}', and none of them is there (but '{names[0]}'): "
            "call them as the model does, or give an array, such as table.to_numpy(), to take them in their order."
        )
    if missing:
        close = get_close_matches(missing[0], names, n=1)
        hint = f" Is it '{close[0]}'?" if close else ""
        raise InputError(f"The model uses '{missing[0]}', but the table has no such column.{hint}")
    return [place[name] for name in wanted]
