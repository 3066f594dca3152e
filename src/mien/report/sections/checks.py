"""The report's section on evidence against planted truth, as ``checks.json`` holds it."""

from __future__ import annotations

from typing import Any

from mien.core.results import MISFIT, number

_NUMBERS = ("evidence", "random", "random_low", "random_high", "inverse")


def section(found: dict[str, Any]) -> dict[str, Any]:
    """Rows that are whole; empty if there are none."""
    rows = found.get("rows")
    whole = [row for given in (rows if isinstance(rows, list) else []) if (row := _row(given))]
    return {"title": str(found.get("title", "")), "note": str(found.get("note", "")), "rows": whole} if whole else {}


def _row(found: Any) -> dict[str, Any]:
    try:
        values = {name: number(found[name]) for name in _NUMBERS}
        row = {"label": str(found["label"]), "acting": found.get("acting", ""), **values}
    except MISFIT:
        return {}
    return row if all(value == value for value in values.values()) else {}
