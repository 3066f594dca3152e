"""Reading CSV, TSV, Excel and Parquet tables into columns, with errors that name file, row and column."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from mien.core.errors import ColumnError, InputError
from mien.data.tables import parquet as parquet_tables
from mien.data.tables import text as text_tables
from mien.data.tables import workbooks
from mien.data.tables.numerals import MISSING as MISSING
from mien.data.tables.numerals import (
    certain_mark,
    column_marks,
    has_long_whole,
    is_comma_number,
    number,
    unsure_marks,
)

SUFFIXES = (".csv", ".tsv", ".txt", parquet_tables.SUFFIX, workbooks.SUFFIX)
# Whole numbers up to here are exact as float64.
_EXACT = 2**53


@dataclass(frozen=True, eq=False)
class FileTable:
    """Columns of a file.

    Attributes
    ----------
    path : Path
    columns : dict of str to ndarray, each of shape (rows,)
        As text (object arrays of str), or as float64 where the file says so and numbers were asked for.
    decimal_comma : bool
        Whether numbers may be written with a comma, as in files that separate columns by semicolons.
    first_row : int
        What people call the first row: 2 in a text file, where the header is row 1.
    skipped : dict of str to str
        Columns that cannot be used, and why, in a sentence.
    notes : tuple of str
        What has to be known of how the file was read, in sentences.
    sheet : str
        Of a workbook with several sheets: the one that was read.
    """

    path: Path
    columns: dict[str, np.ndarray]
    decimal_comma: bool = False
    first_row: int = 2
    skipped: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    sheet: str = ""

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def need(self, name: str, purpose: str, also_called: Sequence[str] = (), option: str = "") -> np.ndarray:
        """The column called ``name``; ``option`` is what says on the command line that another one is meant.

        Raises
        ------
        InputError
            With the file, the columns there are, and the one that may have been meant.
        """
        if name in self.columns:
            return self.columns[name]
        if name in self.skipped:
            raise InputError(f"{self.path}: the column '{name}' ({purpose}) cannot be used. {self.skipped[name]}")
        close = self.close_to(name, also_called)
        said = f", or say so: {option}" if option else ""
        hint = f" Perhaps '{close}' is meant: rename it to '{name}'{said}." if close else self._below(name)
        where = f"{self.path} (sheet '{self.sheet}')" if self.sheet else f"{self.path}"
        unread = "".join(f" The column '{n}' cannot be used. {why}" for n, why in self.skipped.items())
        raise ColumnError(
            f"{where} has no column '{name}' ({purpose}).{hint} Its columns: {listed(list(self.columns))}.{unread}",
            option,
        )

    def close_to(self, name: str, also_called: Sequence[str] = ()) -> str:
        """The column that is probably meant by a name that none has; '' for none."""
        lower = {c.lower(): c for c in self.columns}
        close = [lower[n] for n in (name, *also_called) if n in lower]
        close += [lower[n] for n in get_close_matches(name, lower, n=1, cutoff=0.6)]
        return close[0] if close else ""

    def _below(self, name: str) -> str:
        """A hint if the name stands in one of the first rows: titles or merged cells are above the header."""
        for row in range(min(5, len(self))):
            if any(str(column[row]).strip() == name for column in self.columns.values()):
                return f" It stands in row {row + self.first_row}: remove the rows above it."
        return ""

    def numbers(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """A column as float64, shape (rows,), and the mask of rows whose text is neither number nor missing."""
        column = self.columns[name]
        if column.dtype != object:
            return column.astype(np.float64), np.zeros(len(column), dtype=bool)
        reading = self._reading(name)
        pairs = [number(text, *reading) for text in column]
        values = np.array([v for v, _ in pairs], dtype=np.float64)
        bad = np.array([bad for _, bad in pairs], dtype=bool)
        if bad.any() and np.isfinite(values).any():
            for row in np.flatnonzero(bad):
                # What can only be a decimal comma is one, also where the file writes points.
                if certain_mark(column[row]) == ",":
                    values[row], bad[row] = number(column[row], True)
        return values, bad

    @cached_property
    def _marks(self) -> frozenset[str]:
        """The decimal marks that the table shows for certain."""
        return frozenset().union(*(column_marks(column) for column in self.columns.values() if column.dtype == object))

    def _reading(self, name: str) -> tuple[bool, bool]:
        """Whether a column of texts is read with decimal commas, and whether single points in it part thousands.

        What the column itself leaves open the other columns decide: a table has one notation.
        """
        column = self.columns[name]
        own, unsure = column_marks(column), unsure_marks(column)
        if own == {"."}:
            return False, False
        if own or unsure != {"."} or not self.decimal_comma:
            return self.decimal_comma, False
        thousands = self._marks == {","} and not has_long_whole(column)
        return thousands, thousands

    def _unsure_mark(self, name: str) -> str:
        """The mark of a column whose marked numbers may all stand for two each (``1.234``); '' else."""
        column = self.columns[name]
        if column.dtype != object or not self.decimal_comma or column_marks(column):
            return ""
        unsure = unsure_marks(column)
        if len(unsure) != 1 or has_long_whole(column):
            return ""
        (mark,) = unsure
        # Commas before decimals are the usual notation of tables whose columns are separated by semicolons.
        shown = self._marks or {","}
        return "" if shown == {mark} or (mark == "," and shown != {"."}) else mark

    def undecided_notation(self, name: str) -> str:
        """A sentence where nothing says which of two numbers the cells of a column are (``1.100``); '' else."""
        mark = self._unsure_mark(name)
        if not mark or self._reading(name)[1]:
            return ""
        rows = [row for row, text in enumerate(self.columns[name]) if unsure_marks([text])]
        cell = self.columns[name][rows[0]].strip()
        decimal, whole = f"{float(cell.replace(',', '.')):g}", cell.replace(mark, "")
        written = decimal if self._marks == {"."} else decimal.replace(".", ",")
        return (
            f"{self.path}: the column '{name}' writes numbers with a {'point' if mark == '.' else 'comma'} before "
            f"three digits, such as '{cell}' in row {rows[0] + self.first_row} ({len(rows)} such rows), which may be "
            f"{decimal} or {whole}: the mark may stand before decimals or between thousands. Write '{written}' "
            f"or '{whole}', whichever is meant, and the others alike."
        )

    def unsure_notation(self, name: str) -> str:
        """A sentence where the other columns decided what all marked numbers of a column are (``1.234``); '' else."""
        if not self._unsure_mark(name) or not self._reading(name)[1]:
            return ""
        cell = next(text.strip() for text in self.columns[name] if unsure_marks([text]))
        return (
            f"'{name}' writes its numbers with a point before three digits, such as '{cell}', which was read as "
            f"{number(cell, *self._reading(name))[0]:g}, as the other columns write decimals with a comma. If the "
            "point stands before decimals, write it as in the other columns."
        )

    def two_notations(self, name: str) -> str:
        """A sentence where a column writes some numbers with a decimal comma and others without; '' else."""
        column = self.columns[name]
        if column.dtype != object:
            return ""
        marks = [certain_mark(text) for text in column]
        if "," not in marks or (self.decimal_comma and "." not in marks):
            return ""
        comma = marks.index(",")
        other = marks.index(".") if "." in marks else next(i for i, mark in enumerate(marks) if not mark)
        examples = " and ".join(f"'{column[row].strip()}' in row {row + self.first_row}" for row in (other, comma))
        return (
            f"'{name}' writes numbers in two notations, such as {examples} ({marks.count(',')} with a comma); the "
            "comma was read as a decimal mark. Write all of them with a point."
        )

    def needs_decimal_comma(self, name: str) -> bool:
        """Whether most texts of a column are numbers with a comma, which this file is not known to write so."""
        column = self.columns[name]
        if column.dtype != object or self.decimal_comma:
            return False
        texts = [text.strip() for text in column if text.strip() not in MISSING]
        return 2 * sum(is_comma_number(text) for text in texts) > len(texts)


def read_table(
    path: Path,
    *,
    numbers: bool = False,
    sheet: str = "",
    without: Collection[str] = (),
    having: Sequence[Collection[str]] = (),
    preamble: bool = False,
) -> FileTable:
    """Read a table whose first row holds the names of the columns.

    Parameters
    ----------
    path : Path
        ``.csv``, ``.tsv`` or ``.txt`` (UTF-8, or UTF-16; separated by comma, semicolon, tab, ``|`` or, as R does it,
        spaces, which the header or Excel's line ``sep=;`` shows), ``.parquet`` or ``.xlsx``. Columns without a name
        and without values and empty rows at the end are no part of the table.
    numbers : bool
        Read columns of numbers as float64 at once, which is much faster for wide tables. Otherwise every
        column comes as text, exactly as written.
    sheet : str
        Of a workbook; by default the first one that holds anything.
    without : collection of str
        Columns of a workbook that are not read.
    having : sequence of collections of str
        Of a workbook without ``sheet``: of each of these the header has to hold one name, if any sheet's does.
    preamble : bool
        Pass over lines above the header of a text file that have fewer cells, as measuring programs write them.

    Raises
    ------
    InputError
        If the file is missing, empty, has no rows, is in another encoding, has rows of uneven length, a quotation
        mark that swallows rows, two columns of one name, or more cells than fit into memory.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path} does not exist or is not a file.")
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path} is not a table mien reads; expected one of {', '.join(SUFFIXES)}.")
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty; expected a table with a header row.")
    kind, comma, first_row = path.suffix.lower(), False, 1
    skipped: dict[str, str] = {}
    notes: tuple[str, ...] = ()
    of_sheet = ""
    if kind == workbooks.SUFFIX:
        read = workbooks.read_sheet(path, sheet, without, having)
        table, first_row, skipped, notes, of_sheet = read.table, read.first_row, read.unread, read.notes, read.name
    elif kind == parquet_tables.SUFFIX:
        table, skipped = parquet_tables.read_parquet(path)
    else:
        table, comma, first_row = text_tables.read_text(path, numbers, preamble)
    names, columns = _named([str(name).strip() for name in table.column_names], table.columns, numbers)
    twice = sorted({n for n in names if names.count(n) > 1}) if len(set(names)) < len(names) else []
    if twice:
        if not twice[0]:
            raise InputError(
                f"{path}: the first row that holds anything has to name the columns, but two of its cells are empty. "
                "Remove titles above it."
            )
        raise InputError(f"{path} has more than one column '{twice[0]}'; rename or remove one.")
    rows, above = _rows(columns), _second_header(columns)
    if above:
        first_row += above
        notes += (
            f"Two rows below the header of {path.name}, Qualtrics' questions and numbers of import, were left out.",
        )
    if rows <= above:
        raise InputError(f"{path} has a header but no rows.")
    kept = {n: c[above:rows] for n, c in zip(names, columns, strict=True)}
    return FileTable(path, kept, comma, first_row, skipped, notes, of_sheet)


def _second_header(columns: list[np.ndarray]) -> int:
    """How many rows below the header are none of data: Qualtrics writes the questions there, and its own numbers."""
    second = [str(column[1]) for column in columns if column.dtype == object and len(column) > 1]
    return 2 if any(cell.startswith('{"ImportId"') for cell in second) else 0


def _named(names: list[str], given: list[pa.ChunkedArray], numbers: bool) -> tuple[list[str], list[np.ndarray]]:
    """Names and values of the columns, without those that have neither."""
    columns = [_column(column, numbers) for column in given]
    kept = [i for i, name in enumerate(names) if name or not _blank(columns[i]).all()]
    return [names[i] for i in kept], [columns[i] for i in kept]


def _rows(columns: list[np.ndarray]) -> int:
    """Number of rows up to the last one that holds anything."""
    rows = max((len(column) for column in columns), default=0)
    while rows and all(_blank(column[rows - 1 : rows]).all() for column in columns):
        rows -= 1
    return rows


def _blank(column: np.ndarray) -> np.ndarray:
    if column.dtype != object:
        return np.isnan(column)
    return np.array([not str(value).strip() for value in column], dtype=bool)


def _column(column: pa.ChunkedArray, numbers: bool) -> np.ndarray:
    kind = column.type
    if numbers and (pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind)):
        return column.cast(pa.float64(), safe=False).to_numpy().astype(np.float64)
    if numbers and pa.types.is_integer(kind):
        values = column.cast(pa.float64(), safe=False).to_numpy().astype(np.float64)
        # Longer whole numbers are names of something, and stay as they are.
        if not (np.abs(values) > _EXACT).any():
            return values
    return np.array(["" if v is None or v != v else _text(v) for v in column.to_pylist()], dtype=object)


def _text(value: object) -> str:
    # Excel knows no whole numbers: a subject called 7 comes as 7.0.
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value).strip()  # type: ignore[call-overload]


def listed(names: list[str], limit: int = 12) -> str:
    """Names in quotation marks, the first of many."""
    if not names:
        return "none"
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(f"'{n}'" for n in names[:limit]) + more
