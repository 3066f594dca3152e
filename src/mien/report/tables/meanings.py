"""What a column is: its unit by its name, its meaning by the docstring of the result that it stands in."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np

from mien.report.tables.usual import OF_CLASS, USUAL

# Names end with their unit.
_ENDINGS = {
    "_s": "s", "_ms": "ms", "_us": "µs", "_px": "px", "_deg": "degrees", "_mm": "mm", "_hz": "Hz", "_mb": "MB",
    "_g": "g", "_seconds": "s",
}  # fmt: skip
TEXT, COUNT, TRUTH, NUMBER = "text", "count", "true or false", "no unit"
PROPORTION, PROBABILITY, LIKE_SCORE = "proportion", "probability", "as the score or measure of the row"
OF_RATING = "unit of the rating"
# Numbers whose names say more than their type.
_UNITS = {
    **dict.fromkeys(("p", "q"), PROBABILITY),
    **dict.fromkeys(
        ("share", "expected", "consistency", "accuracy", "confidence", "from", "to", "hits", "false_alarms", "jaccard",
         "draws_low", "draws_high", "beaten", "all_accuracy", "held_out_accuracy", "dice", "dice_shuffled"),
        PROPORTION,
    ),
    **dict.fromkeys(
        ("value", "low", "high", "chance", "difference", "difference_low", "difference_high", "gain", "gain_low",
         "gain_high", "random", "inverse", "centre", "held_out", "within", "mean", "mean_a", "mean_b", "gap", "gap_low",
         "gap_high", "shuffled", "above_shuffled"),
        LIKE_SCORE,
    ),
    **dict.fromkeys(("fold", "row", "profile", "k", "seed", "step"), NUMBER),
    **dict.fromkeys(("effect", "g", "d_prime", "d_held_out", "d_chosen"), "standard deviations"),
    "signed": "unit of the explained output",
}  # fmt: skip
_UNITS_OF_CLASS = {
    "Share": {"low": PROPORTION, "shuffled": PROPORTION},
    "PersonScore": dict.fromkeys(("low", "high", "always"), PROPORTION),
    "Reduction": {**dict.fromkeys(("low", "high", "chance", "difference"), PROPORTION), "always": COUNT},
}  # fmt: skip
# By the type that a field of a result is written with.
_OF_TYPE = {"str": TEXT, "int": COUNT, "bool": TRUTH, "float": NUMBER}
_ENTRY = re.compile(r"^(\w+(?:, \w+)*) : (.*)$")


@lru_cache
def attributes(kind: type) -> dict[str, str]:
    """Attributes of a class as its docstring describes them, each in one line; its type where it says no more."""
    # What a dataclass writes by itself is no description.
    text = inspect.cleandoc(kind.__doc__ or "") if "__doc__" in vars(kind) else ""
    found: dict[str, str] = {}
    _, _, section = text.partition("Attributes\n----------\n")
    names: list[str] = []
    lines: list[str] = []
    for line in [*section.splitlines(), "end : ''"]:
        entry = _ENTRY.match(line)
        if entry is None and line.startswith((" ", "\t")) and names:
            lines.append(line.strip())
        elif entry is not None or not line.strip():
            words = _plain(" ".join(lines))
            found |= {name: words for name in names if words}
            names, lines = (entry[1].split(", "), []) if entry is not None else ([], [])
    return found


def meaning(kind: type | None, name: str, field: str = "") -> str:
    """What a column means; ``''`` where nothing says so.

    Parameters
    ----------
    kind : type, optional
        Class of the result, or of the row, that it stands in.
    name : str
        Of the column.
    field : str
        Of the class, where the column has another name; by default ``name``.
    """
    field = field or name
    described = attributes(kind) if kind is not None else {}
    own = described.get(field, "")
    if kind is not None and name in (of_class := OF_CLASS.get(kind.__name__, {})):
        return of_class[name]
    usual = _bound(name) or USUAL.get(field, "")
    # Several columns that one sentence describes: first what this one is.
    if own and sum(words == own for words in described.values()) > 1:
        return f"{usual or f'{_in_words(name)}.'} {own}"
    return own or usual


def unit(name: str, kind: type | None = None, field: str = "") -> str:
    """The unit of a column: by its name, or else by the type of the field; ``''`` where neither says it.

    Parameters
    ----------
    name, kind, field
        As in ``meaning``.
    """
    if kind is not None and name in (of_class := _UNITS_OF_CLASS.get(kind.__name__, {})):
        return of_class[name]
    last = name if name in _UNITS else ""
    typed = _type(kind, field or name)
    if typed in ("str", "bool"):
        return _OF_TYPE[typed]
    if ending := next((unit for ending, unit in _ENDINGS.items() if name.endswith(ending)), ""):
        return ending
    if name.startswith("p_") or name.endswith(("_p", "_p_corrected")):
        return PROBABILITY
    if name.endswith(("_low", "_high")) and not last:
        return unit(name.rpartition("_")[0], kind) or _OF_TYPE.get(typed, "")
    return _UNITS[last] if last and typed != "int" else _OF_TYPE.get(typed, "")


def unit_of_cells(cells: Iterable[Any]) -> str:
    """What a column holds, by what is in it: text, true or false, counts, numbers without a unit."""
    kinds = {
        TRUTH if isinstance(one, bool | np.bool_) else COUNT if isinstance(one, int | np.integer)
        else NUMBER if isinstance(one, float | np.floating) else TEXT
        for one in cells if one is not None
    }  # fmt: skip
    return TEXT if not kinds or TEXT in kinds else NUMBER if NUMBER in kinds else kinds.pop()


def _type(kind: type | None, name: str) -> str:
    """The type of a field as it is written, without 'or none'."""
    found = "" if kind is None else getattr(kind, "__annotations__", {}).get(name, "")
    return str(getattr(found, "__name__", found)).removesuffix(" | None")


def _bound(name: str) -> str:
    for ending, words in (("low", "Lower"), ("high", "Upper")):
        if name == ending:
            return f"{words} bound of the 95 % interval; missing where it is withheld."
        if name.endswith(f"_{ending}"):
            return f"{words} bound of the 95 % interval of '{name.removesuffix(f'_{ending}')}'."
    return ""


def _in_words(name: str) -> str:
    words = name.replace("_", " ")
    return words[0].upper() + words[1:]


def _plain(words: str) -> str:
    """Docstring marks taken away; in a CSV file a number that is not known is an empty cell."""
    words = words.replace("``''``", "empty").replace("``'", "'").replace("'``", "'").replace("``", "").strip()
    return re.sub(r"\bNaN\b", "missing", re.sub(r"^NaN\b", "Missing", words))
