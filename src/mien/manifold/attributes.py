"""Which attributes are tested along a map: numbers that were given, or columns of what was mapped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.numbers import as_text
from mien.core.words import did_you_mean
from mien.manifold.rows import Points

# Of more classes each would be a test of few samples.
MOST_CLASSES = 20
Tested = tuple[dict[str, np.ndarray], dict[str, tuple[str, ...]]]


def tested_attributes(
    given: Any,
    points: Points,
    beside: Mapping[str, np.ndarray] | None = None,
    labels: Mapping[str, np.ndarray] | None = None,
) -> Tested:
    """Attributes of the rows that are kept, and the columns of the map that each is made of.

    Parameters
    ----------
    given : dict, DataFrame or sequence, or None
        As ``embed`` takes it. A dict's value is numbers, or a column's name, or a tuple of two.
    points : Points
    beside : mapping of str to ndarray, optional
        Numbers per row that are known by a name although they are no columns of the map.
    labels : mapping of str to ndarray, optional
        Classes per row: such a name stands for one attribute per class, ``NAME = CLASS``, which is 1 for samples of the
        class and 0 for others; of two classes for the second.

    Raises
    ------
    InputError
        If an attribute is no row of numbers, has another length than the rows, or is no column.
    """
    if given is None:
        return {}, {}
    if hasattr(given, "to_dict") and hasattr(given, "columns"):
        given = {str(name): given[name].to_numpy() for name in given.columns}
    if not isinstance(given, dict):
        beside, given = _with_classes(beside or {}, labels or {}, points.names, given)
        known = dict.fromkeys([*points.names, *beside])
        given = {
            " - ".join(pair): _named(pair, points.names, beside) for pair in _pairs(given, known, (labels or {}).keys())
        }
    values: dict[str, np.ndarray] = {}
    out: dict[str, tuple[str, ...]] = {}
    for name, value in given.items():
        pair = () if isinstance(value, list) else _pair(value)
        values[str(name)] = _of_columns(pair, points) if pair else _of_numbers(str(name), value, points)
        out[str(name)] = pair
    return values, out


def _with_classes(
    beside: Mapping[str, np.ndarray], labels: Mapping[str, np.ndarray], columns: Sequence[str], given: Any
) -> tuple[dict[str, np.ndarray], Any]:
    """The numbers beside the map with those of the classes of every label that is asked for, and what is asked for."""
    if not labels:
        return dict(beside), given
    numbers, wanted = dict(beside), []
    for name in list(given) if isinstance(given, Iterable) and not isinstance(given, str) else [given]:
        if not isinstance(name, str) or name in columns or name in beside or name not in labels:
            wanted.append(name)
            continue
        column = labels[name].astype(str)
        classes = sorted(set(column) - {""})
        if not 2 <= len(classes) <= MOST_CLASSES:
            raise InputError(
                f"'{name}' has {len(classes)} classes; along a map 2 to {MOST_CLASSES} are tested, one by one."
            )
        for one in classes[1:] if len(classes) == 2 else classes:
            numbers[f"{name} = {one}"] = np.where(column == "", np.nan, column == one)
            wanted.append(f"{name} = {one}")
    return numbers, wanted


def _pairs(given: Any, known: Iterable[str], labels: Iterable[str]) -> list[tuple[str, ...]]:
    """One or two of the known names for each; a name with '>' in it comes before a difference."""
    wanted: Sequence[Any] = list(given) if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    pairs = [_pair(entry) for entry in wanted]
    if not all(pairs):
        what = as_text(wanted[pairs.index(())])
        what = f"{type(given).__name__} with {what} in it" if isinstance(given, Iterable) else what
        raise InputError(
            "attributes are names of columns, pairs of names, or numbers with their names, such as {'age': ages}, but "
            f"got {what}."
        )
    known = list(known)
    pairs = [
        pair if len(pair) == 2 or pair[0] in known else tuple(part.strip() for part in pair[0].split(">", 1))
        for pair in pairs
    ]
    for pair in pairs:
        _refuse_unknown(pair, [*labels, *known])
    return pairs


def _refuse_unknown(names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            more = f" and {len(known) - 30} more" if len(known) > 30 else ""
            there = ", ".join(known[:30]) or "none (an array without names)"
            raise InputError(
                f"There is no column '{name}' to test.{did_you_mean(name, known)} The columns are: {there}{more}."
            )


def _named(pair: tuple[str, ...], columns: tuple[str, ...], beside: Mapping[str, np.ndarray]) -> Any:
    """The names where they are columns of the map, so that the map of their test is made without them; else numbers."""
    if all(name in columns for name in pair):
        return pair
    other = next((name for name in pair if name not in beside), None)
    if other is not None:
        raise InputError(f"'{other}' is a column of the map and the other one of the pair is not; test each by itself.")
    return beside[pair[0]] if len(pair) == 1 else beside[pair[0]] - beside[pair[1]]


def _pair(value: Any) -> tuple[str, ...]:
    """One or two names of columns; empty where it is something else."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, (tuple, list)) and 1 <= len(value) <= 2 and all(isinstance(name, str) for name in value):
        return tuple(value)
    return ()


def _of_numbers(name: str, given: Any, points: Points) -> np.ndarray:
    try:
        array = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(_no_numbers(name, given)) from error
    if array.ndim != 1:
        raise InputError(f"The attribute '{name}' has one number per row, but got an array of shape {array.shape}.")
    if len(array) != points.given:
        many = f"{len(array)} value{'' if len(array) == 1 else 's'}"
        raise InputError(f"The attribute '{name}' has {many} for {points.given} rows.")
    return array[points.kept]


def _no_numbers(name: str, given: Any) -> str:
    try:
        texts = sorted({v for v in given if isinstance(v, str)})
    except TypeError:
        texts = []
    if len(texts) == 2:
        return (
            f"The attribute '{name}' has to be numbers, but holds the texts '{texts[0]}' and '{texts[1]}'; code two "
            f"classes as 0 and 1, such as [float(v == '{texts[1]}') for v in values]."
        )
    what = f"holds the text '{texts[0]}'" if texts else f"got {type(given).__name__}"
    more = "; give one attribute of 0 and 1 for each class" if len(texts) > 2 else ""
    return f"The attribute '{name}' has to be numbers, one per row, but {what}{more}."


def _of_columns(pair: tuple[str, ...], points: Points) -> np.ndarray:
    _refuse_unknown(pair, points.names)
    if len(set(pair)) >= points.values.shape[1]:
        raise InputError(f"Without {' - '.join(pair)} no column is left to map, so it cannot be tested along the map.")
    columns = [points.values[:, points.names.index(name)] for name in pair]
    return columns[0] if len(pair) == 1 else columns[0] - columns[1]
