"""Small cells: combinations of what is known of people, such as age, sex and site, that few of them share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Columns by which somebody who knows a person could find them, whatever they are called in which language.
QUASI = (
    "age", "sex", "gender", "site", "centre", "center", "ethnicity", "race", "nationality", "country", "region",
    "language", "education", "occupation", "profession", "marital", "handedness", "income", "religion", "group",
    "alter", "geschlecht", "zip", "zipcode", "zip_code", "postcode", "postal_code", "plz", "city", "town", "village",
    "wohnort", "beruf",
)  # fmt: skip
OTHER = "other"
# Widths of bands: the first with which there are few enough; ages of adults come in tens.
_STEPS = [width * 10.0**power for power in range(300) for width in (2, 5, 10)]
_MOST_BANDS = 8
# Numbers with more values than that are coarsened into bands.
_MOST_VALUES = 10


@dataclass(frozen=True)
class Cell:
    """A combination that few people share.

    Attributes
    ----------
    values : dict of str to str
        By column.
    people : int
    """

    values: dict[str, str]
    people: int


def small_cells(columns: dict[str, np.ndarray], k: int) -> list[Cell]:
    """Combinations that fewer than ``k`` people share, the smallest first.

    Parameters
    ----------
    columns : dict of str to ndarray of str, each of shape (people,)
    k : int
    """
    if not columns:
        return []
    counted = Counter(zip(*columns.values(), strict=True))
    found = [Cell(dict(zip(columns, values, strict=True)), people) for values, people in counted.items() if people < k]
    return sorted(found, key=lambda cell: (cell.people, list(cell.values.values())))


def extremes(name: str, column: np.ndarray, k: int) -> list[str]:
    """The smallest and the largest number of a column, where fewer than ``k`` people have it."""
    numbers = as_numbers(column)
    if numbers is None or not np.isfinite(numbers).any():
        return []
    ends = {"smallest": np.nanmin(numbers), "largest": np.nanmax(numbers)}
    counted = {which: int((numbers == value).sum()) for which, value in ends.items()}
    return [f"{name}: {n} with the {which} value ({ends[which]:g})" for which, n in counted.items() if n < k]


def as_numbers(column: np.ndarray) -> np.ndarray | None:
    """A column of texts as numbers, NaN where nothing stands; None if others stand there."""
    try:
        return np.array([float(value) if value not in ("", "nan") else np.nan for value in column])
    except ValueError:
        return None


def coarse(column: np.ndarray, k: int) -> dict[str, str]:
    """Coarser values of a column: numbers in bands, rare categories as one; each is that of ``k`` people, if it can be.

    Parameters
    ----------
    column : ndarray of str, shape (people,)
    k : int

    Returns
    -------
    dict of str to str
        New values by the old ones; what is not known stays so.
    """
    numbers = as_numbers(column)
    if numbers is not None and np.isfinite(numbers).any() and len(set(column)) > _MOST_VALUES:
        return _bands(column, numbers, k)
    counted = Counter(value for value in column if value)
    rare = [value for value, people in counted.items() if people < k]
    # Too few even together: what they are is not said.
    name = OTHER if sum(counted[value] for value in rare) >= k else ""
    return {value: name if value in rare else value for value in {*counted, ""}}


def _bands(column: np.ndarray, numbers: np.ndarray, k: int) -> dict[str, str]:
    known = np.isfinite(numbers)
    step = next(step for step in _STEPS if np.ptp(numbers[known]) <= _MOST_BANDS * step)
    low = np.floor(numbers[known] / step) * step
    starts, people = np.unique(low, return_counts=True)
    merged: list[list[float]] = []  # start, end, people
    for start, count in zip(starts, people, strict=True):
        if merged and merged[-1][2] < k:
            merged[-1][1:] = [start + step, merged[-1][2] + count]
        else:
            merged.append([start, start + step, count])
    if len(merged) > 1 and merged[-1][2] < k:
        _, end, count = merged.pop()
        merged[-1][1:] = [end, merged[-1][2] + count]
    names = {start: _band(merged, place) for place, (start, _, _) in enumerate(merged)}
    band_of = [max((start for start in names if start <= value), default=merged[0][0]) for value in numbers[known]]
    result = {str(text): names[start] for text, start in zip(column[known], band_of, strict=True)}
    return {**result, **{str(text): "" for text in column[~known]}}


def _band(bands: Sequence[Sequence[float]], place: int) -> str:
    start, end, _ = bands[place]
    if len(bands) == 1:
        return "any"
    if place == 0:
        return f"below {end:g}"
    # Whole numbers: 20-29, not 20-30.
    return f"{start:g} and more" if place == len(bands) - 1 else f"{start:g}-{end - 1:g}"
