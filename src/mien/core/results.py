"""What the classes of results share when they are read from JSON: numbers, and parts that say which one is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")
# What reading a file that was edited or damaged can raise.
MISFIT = (KeyError, TypeError, ValueError, AttributeError, IndexError)


def number(value: Any) -> float:
    """A number out of a JSON file, whose None is not a number.

    Raises
    ------
    TypeError
        If it is something else.
    """
    if value is None:
        return float("nan")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is not a number")
    return float(value)


def numbers(values: Any) -> np.ndarray:
    """A list of numbers, None for those that are missing."""
    if not isinstance(values, list):
        raise TypeError(f"{values!r} is not a list of numbers")
    return np.array([number(value) for value in values], dtype=np.float64)


def each(read: Callable[[Any], T]) -> Callable[[Mapping[str, Any]], dict[str, T]]:
    """A reader of an object with any names, from the reader of what stands at each."""
    return lambda found: {name: read(value) for name, value in found.items()}


def part(found: Mapping[str, Any], name: str, read: Callable[[Any], T], default: T | None = None) -> T:
    """One part of a file.

    Parameters
    ----------
    found : mapping
    name : str
    read : callable
        From what the file holds to the value.
    default : optional
        Instead of a part that is missing, as in files of earlier versions; without it the part has to be there.

    Raises
    ------
    ValueError
        If it is not laid out as it has to be; the message is its name in quotes.
    """
    value = found.get(name)
    if value is None and default is not None:
        return default
    try:
        return read(value)
    except MISFIT as error:
        raise ValueError(f"'{name}'") from error
