"""How much a workbook would unpack to, before anything is unpacked as a whole."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from mien.core.errors import InputError

# A sheet is read as a rectangle from A1 to its last cell, so one cell far out costs as much as all before it.
MOST_CELLS = 20_000_000
# Of one part of the file, unpacked; a million rows of 20 columns have about 700 MB.
MOST_BYTES = 1_500_000_000
_CHUNK = 1 << 20
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="\$?([A-Z]{1,7})\$?(\d{1,18})"')
_UNNAMED = re.compile(rb"<(?:\w+:)?c(?:>|\s(?![^>]*\br=)[^>]*>)")
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d{1,18})"')
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")


def check_size(path: Path, sheets: list[str]) -> None:
    """Refuse a workbook whose sheets are too large to be read into memory.

    Parameters
    ----------
    path : Path
    sheets : list of str
        Names of the sheets that will be read.

    Raises
    ------
    InputError
        With the sheet and the cell that lies farthest out, or the part of the file that unpacks to too much.
    """
    try:
        with zipfile.ZipFile(path) as book:
            names = set(book.namelist())
            for part in sorted(names & {"xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"}):
                for _ in chunks(path, book, part):
                    pass
            parts = parts_of(path, book)
            known = [(sheet, parts[sheet]) for sheet in sheets if parts.get(sheet) in names]
            if len(known) < len(sheets):
                known = [(name, name) for name in sorted(names) if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name)]
            for sheet, part in known:
                _check_sheet(path, book, sheet, part)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, OSError) as error:
        raise InputError(
            f"{path} is not a readable Excel workbook ({error}). Save it as .xlsx or CSV UTF-8."
        ) from error


def _check_sheet(path: Path, book: zipfile.ZipFile, sheet: str, part: str) -> None:
    rows = columns = 0
    unnamed, last_row, farthest = False, 0, ""
    for text in overlapping(chunks(path, book, part)):
        for letters, digits in set(_CELL.findall(text)):
            row, column = int(digits), column_number(letters)
            if row > rows or column > columns:
                farthest = (letters + digits).decode()
            rows, columns = max(rows, row), max(columns, column)
        unnamed = unnamed or _UNNAMED.search(text) is not None
        last_row = max([last_row, *map(int, _ROW.findall(text))])
    if unnamed and last_row > rows:
        # Cells without an address follow one another, in rows that may have one.
        rows, columns, farthest = last_row, max(columns, 1), f"row {last_row}"
    if rows * columns > MOST_CELLS:
        raise InputError(
            f"{path}: the sheet '{sheet}' reaches to {farthest}, which makes {rows * columns:,} cells "
            f"(mien reads up to {MOST_CELLS:,}). Delete the rows and columns that stand far out, or save the table as "
            "CSV UTF-8 or Parquet."
        )


def chunks(path: Path, book: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A part of the file, piece by piece, by what comes out of it and not by what it claims to be."""
    size = 0
    with book.open(part) as opened:
        while piece := opened.read(_CHUNK):
            size += len(piece)
            if size > MOST_BYTES:
                raise InputError(
                    f"{path} holds more than mien unpacks of a workbook (over {MOST_BYTES / 1e9:g} GB in {part}). Save "
                    "the table as CSV UTF-8 or Parquet."
                )
            yield piece


def overlapping(pieces: Iterator[bytes], most: int = 10_000) -> Iterator[bytes]:
    """Pieces that end between cells, or at least between tags; the rest of each is put before the next."""
    rest = b""
    for piece in pieces:
        text = rest + piece
        end = text.rfind(b"c>", max(0, len(text) - most)) + 2
        end = end if end > 1 else text.rfind(b"<")
        rest = text[end:][:most] if end >= 0 else b""
        yield text[:end] if end >= 0 else text
    yield rest


def parts_of(path: Path, book: zipfile.ZipFile) -> dict[str, str]:
    """Name of each sheet and the part of the file that holds it."""
    from html import unescape

    try:
        index = b"".join(chunks(path, book, "xl/workbook.xml"))
        relations = b"".join(chunks(path, book, "xl/_rels/workbook.xml.rels"))
    except KeyError:
        return {}
    targets = {_attribute(tag, "Id"): _attribute(tag, "Target") for tag in _RELATION.findall(relations)}
    result = {}
    for tag in _SHEET.findall(index):
        target = targets.get(_attribute(tag, r"\w+:id"), "")
        place = target.removeprefix("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
        result[unescape(_attribute(tag, "name"))] = place
    return result


def _attribute(tag: bytes, name: str) -> str:
    result = re.search(rf"\s{name}=(?:\"([^\"]*)\"|'([^']*)')".encode(), tag)
    return (result[1] or result[2] or b"").decode("utf-8", "replace") if result else ""


def column_number(letters: bytes) -> int:
    """Number of a column: A is 1, Z 26, AA 27."""
    value = 0
    for letter in letters:
        value = 26 * value + letter - 64
    return value
