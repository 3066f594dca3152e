"""Formulas of a workbook whose results nobody has computed yet: programs write them, Excel fills them in."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from mien.data.tables.workbook_size import chunks, column_number, overlapping, parts_of

_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b(?P<cell>[^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)(?P<rest>.*?)</(?:\w+:)?c>",
    re.DOTALL,
)
_ADDRESS = re.compile(rb'\br="\$?([A-Z]{1,7})\$?(\d{1,18})"')
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>/]*>([^<]+)<")
_TO_COMPUTE = re.compile(rb'<(?:\w+:)?calcPr\b[^>]*\bfullCalcOnLoad="(?:1|true)"')


def uncomputed(path: Path, sheet: str) -> dict[int, list[str]]:
    """Cells of a sheet with a formula but without its result, by the number of their column (from 0).

    Libraries that write workbooks (openpyxl) leave results out, or write 0 (XlsxWriter) and tell Excel to compute
    everything when it opens the file; Excel takes that order away when it saves. So a 0 under that order is no result.
    """
    result: dict[int, list[str]] = {}
    with zipfile.ZipFile(path) as book:
        part = parts_of(path, book).get(sheet, "")
        if part not in book.namelist():
            return {}
        to_compute = _TO_COMPUTE.search(b"".join(chunks(path, book, "xl/workbook.xml"))) is not None
        for text in overlapping(chunks(path, book, part)):
            if b"f" not in text:
                continue
            for cell in _FORMULA.finditer(text):
                address, value = _ADDRESS.search(cell["cell"]), _VALUE.search(cell["rest"])
                if address and (value is None or (to_compute and value[1].strip() == b"0")):
                    letters, digits = address.groups()
                    result.setdefault(column_number(letters) - 1, []).append((letters + digits).decode())
    return result
