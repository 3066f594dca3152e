"""Sheets of Excel workbooks as columns of text or numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa

from mien.core.errors import InputError
from mien.data.tables.workbook_formulas import uncomputed
from mien.data.tables.workbook_size import check_size

SUFFIX = ".xlsx"
# Compound files of Microsoft: encrypted workbooks, and .xls.
_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"
# So many rows of a sheet may be titles above its header.
_TITLES = 6
_UNREADABLE = "{} is not a readable Excel workbook ({}). Save it as .xlsx or CSV UTF-8."


def sheet_names(path: Path) -> list[str]:
    """Names of a workbook's sheets, in their order."""
    with _opened(path) as book:
        return list(book.sheet_names)


@dataclass(frozen=True)
class Sheet:
    """What was read of one sheet.

    Attributes
    ----------
    table : pyarrow.Table
        Columns of numbers where all cells are numbers or empty, else of text.
    first_row : int
        What Excel calls the first row below the header.
    name : str
        Of the sheet; '' where the workbook has no other that is seen.
    unread : dict of str to str
        Columns that are no part of the table, because formulas in them have no results, with a sentence.
    notes : tuple of str
        Which sheet was read, and which were not, where several hold rows.
    """

    table: pa.Table
    first_row: int
    name: str = ""
    unread: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_sheet(
    path: Path, sheet: str = "", without: Collection[str] = (), having: Sequence[Collection[str]] = ()
) -> Sheet:
    """One sheet of a workbook.

    Parameters
    ----------
    path : Path
    sheet : str
        Its name; by default the one visible sheet that holds such a table.
    without : collection of str
        Columns that are not read.
    having : sequence of collections of str
        Where no sheet is named: of each of these the sheet's header has to hold one name, whatever its capitals, if any
        sheet does.

    Raises
    ------
    InputError
        If the file is no workbook, is protected by a password, has no such sheet, or one too large for the
        memory; and if no sheet is named and several hold such a table.
    """
    with _opened(path) as book:
        from python_calamine import SheetTypeEnum, SheetVisibleEnum

        names = list(book.sheet_names)
        seen = [
            s.name
            for s in book.sheets_metadata
            if s.visible == SheetVisibleEnum.Visible and s.typ == SheetTypeEnum.WorkSheet
        ]
        if sheet and sheet not in names:
            raise InputError(f"{path} has no sheet '{sheet}'; its sheets: {', '.join(map(repr, names))}.")
        filled: dict[str, tuple[list[list[Any]], int]] = {}
        for name in [sheet] if sheet else seen:
            check_size(path, [name])
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            first = next((i for i, row in enumerate(rows) if any(cell != "" for cell in row)), None)
            if first is not None:
                filled[name] = rows, first
    if not filled:
        raise InputError(f"{path}: the {f'sheet {sheet!r}' if sheet else 'workbook'} is empty; expected a header row.")
    chosen = next((name for name, (rows, first) in filled.items() if _has(rows[first], having)), next(iter(filled)))
    rows, first = filled[chosen]
    others = {name: sheet[first:] for name, (sheet, first) in filled.items() if name != chosen}
    _refuse_like(path, chosen, rows[first:], others, having)
    notes: tuple[str, ...] = ()
    if unread_sheets := [f"'{name}' ({_filled(sheet)} rows)" for name, sheet in others.items()]:
        notes = (
            f"Read from the sheet '{chosen}' of {path.name}; not read, as their columns are others: "
            f"{', '.join(unread_sheets)}.",
        )
    table, unread = _columns(rows[first], rows[first + 1 :], without, uncomputed(path, chosen))
    return Sheet(table, first + 2, chosen if len(seen) > 1 else "", unread, notes)


def _refuse_like(
    path: Path,
    chosen: str,
    rows: list[list[Any]],
    others: dict[str, list[list[Any]]],
    having: Sequence[Collection[str]],
) -> None:
    """Refuse a workbook of whose sheets several hold such a table: sessions, conditions or people in one each."""
    like = [chosen, *(name for name, sheet in others.items() if _is_like(rows, sheet, having))]
    if len(like) > 1:
        shown = ", ".join(f"'{name}' ({_filled(others.get(name, rows))})" for name in like[:8])
        more = f" and {len(like) - 8} more" if len(like) > 8 else ""
        raise InputError(
            f"{path.name} has {len(like)} sheets with rows of such a table (with headers: {shown}{more}). One is read, "
            "and rows must not be lost: put them into one sheet (what tells the sheets apart, such as sessions, into a "
            "column of its own), or hide the sheets that are not meant in Excel, or save the one that is meant as CSV "
            "UTF-8."
        )


def _is_like(rows: list[list[Any]], sheet: list[list[Any]], having: Sequence[Collection[str]]) -> bool:
    """Whether a sheet has rows below a header, maybe with a title above it, that holds most names of another's.

    Or rows without a header that go on where another sheet ends.
    """
    names = _names(rows[0])
    for row in sheet[:_TITLES]:
        theirs = _names(row)
        if 2 * len(names & theirs) > max(len(names), len(theirs)) or (having and _has(row, having)):
            return _filled(sheet) > 1
    return len(rows[0]) == len(sheet[0]) > 1 and any(
        _recurs([row[i] for row in rows[1:]], [row[i] for row in sheet]) for i in range(len(rows[0]))
    )


def _recurs(column: list[Any], other: list[Any]) -> bool:
    """Whether most cells of a column are texts of another."""
    known = {cell for cell in column if isinstance(cell, str)} - {""}
    cells = [cell for cell in other if cell != ""]
    return 2 * sum(cell in known for cell in cells) > len(cells)


def _names(header: list[Any]) -> set[str]:
    return {_text(cell).strip().lower() for cell in header} - {""}


def _filled(rows: list[list[Any]]) -> int:
    """Number of rows that hold anything."""
    return sum(any(cell != "" for cell in row) for row in rows)


def _has(header: list[Any], having: Sequence[Collection[str]]) -> bool:
    """Whether a header holds a name of each collection."""
    lower = _names(header)
    return all(any(name.lower() in lower for name in names) for names in having)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """A workbook whose errors, panics of the reader among them, are sentences."""
    from python_calamine import CalamineError, CalamineWorkbook

    _check_kind(path)
    # Without sheets: what is read with the workbook itself, names and texts.
    check_size(path, [])
    try:
        with CalamineWorkbook.from_path(path) as book:
            yield book
    except InputError:
        raise
    except (CalamineError, OSError, ValueError) as error:
        raise InputError(_UNREADABLE.format(path, error)) from error
    except BaseException as error:
        # Where the reader gives up on damaged files, it raises what is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise InputError(_UNREADABLE.format(path, "it is damaged")) from error


def _check_kind(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(4) == _OLD_OR_LOCKED:
            raise InputError(
                f"{path} is protected by a password or of an old Excel. Save it anew as .xlsx without one."
            )


def _columns(
    header: list[Any], rows: list[list[Any]], without: Collection[str], formulas: dict[int, list[str]]
) -> tuple[pa.Table, dict[str, str]]:
    """The columns, and those whose formulas have no results, with a sentence."""
    while rows and all(cell == "" for cell in rows[-1]):
        rows.pop()
    columns: list[tuple[str, pa.Array]] = []
    unread: dict[str, str] = {}
    for number, name in enumerate(_text(cell).strip() for cell in header):
        cells = [row[number] for row in rows]
        if name in without or (not name and all(cell == "" for cell in cells)):
            continue
        if number in formulas:
            unread[name or f"column {number + 1}"] = _not_computed(formulas[number])
            continue
        numeric = all(cell == "" or (isinstance(cell, (int, float)) and not isinstance(cell, bool)) for cell in cells)
        values = [None if cell == "" else float(cell) if numeric else _text(cell) for cell in cells]
        columns.append((name, pa.array(values, pa.float64() if numeric else pa.string())))
    return pa.Table.from_arrays([array for _, array in columns], names=[name for name, _ in columns]), unread


def _not_computed(cells: list[str]) -> str:
    where = cells[0] if len(cells) == 1 else f"{cells[0]} to {cells[-1]} ({len(cells)} cells)"
    return (
        f"{where}: formulas without their results, as programs write them. Open the workbook in Excel or LibreOffice, "
        "save it there, and run this again."
    )


def _text(cell: Any) -> str:
    """A cell as people would write it: 7, not 7.0."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, (datetime, date, time)):
        return cell.isoformat()
    return str(cell)
