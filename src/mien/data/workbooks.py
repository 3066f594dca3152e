"""Sheets of Excel workbooks as columns of text or numbers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa

from mien.core.errors import InputError

SUFFIX = ".xlsx"
# Compound files of Microsoft: encrypted workbooks, and .xls.
_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"
_UNREADABLE = "{} is not a readable Excel workbook ({}). Save it as .xlsx or CSV UTF-8."


def sheet_names(path: Path) -> list[str]:
    """Names of a workbook's sheets, in their order."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(path) as book:
            return list(book.sheet_names)
    except CalamineError as error:
        raise InputError(_UNREADABLE.format(path, error)) from error


def read_sheet(path: Path, sheet: str = "", without: Collection[str] = ()) -> tuple[pa.Table, int]:
    """One sheet of a workbook.

    Parameters
    ----------
    path : Path
    sheet : str
        Its name; by default the first visible sheet that holds anything.
    without : collection of str
        Columns that are not read.

    Returns
    -------
    table : pyarrow.Table
        Columns of numbers where all cells are numbers or empty, else of text.
    first_row : int
        What Excel calls the first row below the header.

    Raises
    ------
    InputError
        If the file is no workbook, is protected by a password, or has no such sheet.
    """
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    _check_kind(path)
    try:
        with CalamineWorkbook.from_path(path) as book:
            names = list(book.sheet_names)
            seen = [s.name for s in book.sheets_metadata if s.visible == SheetVisibleEnum.Visible]
            if sheet and sheet not in names:
                raise InputError(f"{path} has no sheet '{sheet}'; its sheets: {', '.join(map(repr, names))}.")
            for name in [sheet] if sheet else seen:
                rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                first = next((i for i, row in enumerate(rows) if any(cell != "" for cell in row)), None)
                if first is not None:
                    return _columns(rows[first], rows[first + 1 :], without), first + 2
    except CalamineError as error:
        raise InputError(_UNREADABLE.format(path, error)) from error
    raise InputError(f"{path}: the {f'sheet {sheet!r}' if sheet else 'workbook'} is empty; expected a header row.")


def _check_kind(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(4) == _OLD_OR_LOCKED:
            raise InputError(
                f"{path} is protected by a password or of an old Excel. Save it anew as .xlsx without one."
            )


def _columns(header: list[Any], rows: list[list[Any]], without: Collection[str]) -> pa.Table:
    while rows and all(cell == "" for cell in rows[-1]):
        rows.pop()
    names = [_text(cell).strip() for cell in header]
    columns: list[tuple[str, pa.Array]] = []
    for number, name in enumerate(names):
        cells = [row[number] for row in rows]
        if name in without or (not name and all(cell == "" for cell in cells)):
            continue
        numeric = all(cell == "" or (isinstance(cell, (int, float)) and not isinstance(cell, bool)) for cell in cells)
        values = [None if cell == "" else float(cell) if numeric else _text(cell) for cell in cells]
        columns.append((name, pa.array(values, pa.float64() if numeric else pa.string())))
    return pa.Table.from_arrays([array for _, array in columns], names=[name for name, _ in columns])


def _text(cell: Any) -> str:
    """A cell as people would write it: 7, not 7.0."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, (datetime, date, time)):
        return cell.isoformat()
    return str(cell)
