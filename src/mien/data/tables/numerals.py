"""Numbers as tables write them: with a point or a comma, in groups of three, or not at all."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

# How tables of R, pandas, Excel (in English and German) and C++ programs write "no value".
MISSING = (
    "", "NA", "N/A", "n/a", "NaN", "nan", "-nan", "nan(ind)", "-nan(ind)", "-1.#IND", "1.#QNAN", "null", "NULL", "None",
    "<NA>", "#NA", "#N/A", "#NV",
)  # fmt: skip
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
# A comma that cannot stand between groups of three: '0,5', '1,25', '1234,567'.
_CERTAIN_COMMA = re.compile(r"[+-]?(\d*,(\d{1,2}|\d{4,})|(0\d*)?,\d+|\d{4,},\d+)([eE][+-]?\d+)?")
_CERTAIN_POINT = re.compile(r"[+-]?(\d*\.(\d{1,2}|\d{4,})|(0\d*)?\.\d+|\d{4,}\.\d+)([eE][+-]?\d+)?")
# Exactly three digits behind a mark, and before it one to three that do not begin with 0: decimals or thousands.
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_LONG_WHOLE = re.compile(r"[+-]?[1-9]\d{3,}")
# Numbers as people note them: '~5', '< 0.1', '12 %', '5 cm', '3.5*', '4?'.
_MEASURED = re.compile(r"(?:[~<>=≈≤≥]{1,2}|ca\.)? ?[+-]?\d+([.,]\d+)?( ?[%‰°*?†€$£]+| [A-Za-zµ]{1,3}\.?)?")
# Groups of three before a point (or, in tables with decimal commas, before a comma).
_GROUPS = {
    ".": re.compile(r"[+-]?[1-9]\d{0,2}((?P<mark>[,' \u00a0\u202f\u2019])\d{3})(?:(?P=mark)\d{3})*(\.\d+)?"),
    ",": re.compile(r"[+-]?[1-9]\d{0,2}((?P<mark>[.' \u00a0\u202f\u2019])\d{3})(?:(?P=mark)\d{3})*(,\d+)?"),
}


def number(text: str, decimal_comma: bool, thousands: bool = False) -> tuple[float, bool]:
    """A cell as a number (NaN where it is missing), and whether it is neither a number nor missing.

    Thousands may be separated where that is certain: ``1,234,567``, ``1,234.5``, in tables with decimal commas
    ``1.234,5``. ``1,234`` alone (or ``1.234`` in a table with decimal commas) could mean two numbers and is none,
    unless ``thousands`` says that the table leaves no doubt.
    """
    # Word processors and some exports write a minus sign of their own.
    text = text.strip().replace("\u2212", "-")
    if text in MISSING:
        return float("nan"), False
    mark, other = (",", ".") if decimal_comma else (".", ",")
    plain = text.replace(",", ".") if decimal_comma and "." not in text else text
    if decimal_comma and (grouped := _GROUPS[","].fullmatch(text)) and grouped["mark"] == "." and "," not in text:
        # One group: 1.234 could be 1234 or a number with a point.
        return (float(text.replace(".", "")), False) if text.count(".") > 1 or thousands else (float("nan"), True)
    if not _NUMBER.fullmatch(plain):
        grouped = _GROUPS[mark].fullmatch(text)
        uncertain = grouped is None or (grouped["mark"] == other and mark not in text and text.count(other) == 1)
        if grouped is None or uncertain:
            return float("nan"), True
        plain = text.replace(grouped["mark"], "").replace(",", ".")
    value = float(plain)
    return (float("nan"), True) if math.isinf(value) else (value, False)


def is_comma_number(text: str) -> bool:
    """Whether a cell is a number with one comma in it."""
    return bool(_COMMA.fullmatch(text))


def certain_mark(text: str) -> str:
    """The decimal mark of a cell, ``','`` or ``'.'``, where no other one can be meant; '' else (``1.234``, ``7``)."""
    text = text.strip()
    if "," in text and _CERTAIN_COMMA.fullmatch(text):
        return ","
    if "." in text and _CERTAIN_POINT.fullmatch(text):
        return "."
    if _EITHER.fullmatch(text):
        return ""
    grouped = ((mark, groups.fullmatch(text)) for mark, groups in _GROUPS.items())
    return next((mark for mark, found in grouped if found and (found["mark"] in _GROUPS or mark in text)), "")


def column_marks(cells: Iterable[str]) -> frozenset[str]:
    """The decimal marks that some cells show for certain."""
    return frozenset(mark for cell in cells if (mark := certain_mark(cell)))


def unsure_marks(cells: Iterable[str]) -> frozenset[str]:
    """The marks of cells such as ``1.234``, which may stand before decimals or between thousands."""
    return frozenset("," if "," in cell else "." for cell in cells if _EITHER.fullmatch(cell.strip()))


def has_long_whole(cells: Iterable[str]) -> bool:
    """Whether a whole number of four digits or more is written without groups."""
    return any(_LONG_WHOLE.fullmatch(cell.strip()) for cell in cells)


def looks_measured(text: str) -> bool:
    """Whether a cell is a number with a unit or a sign such as '~', '<' or '%' about it."""
    return bool(_MEASURED.fullmatch(text.strip()))


def has_decimal_commas(cells: Iterable[str]) -> bool:
    """Whether some cells can only be numbers with a decimal comma, and none can only be one with a decimal point."""
    commas = False
    for cell in cells:
        mark = certain_mark(cell)
        if mark == ".":
            return False
        commas = commas or mark == ","
    return commas
