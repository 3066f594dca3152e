"""Reading CSV, TSV, Excel and Parquet tables into columns, with errors that name file, row and column."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

from mien.core.errors import InputError
from mien.data import workbooks

SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", workbooks.SUFFIX)
# How tables of R, pandas, Excel and C++ programs write "no value".
MISSING = (
    "", "NA", "N/A", "n/a", "NaN", "nan", "-nan", "nan(ind)", "-nan(ind)", "-1.#IND", "1.#QNAN", "null", "NULL", "None",
)  # fmt: skip
_NOT_UTF8 = "{} is not UTF-8 text; save it as 'CSV UTF-8' or as Parquet."
_COMMA = re.compile(r"[+-]?\d+,\d+")
_DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True, eq=False)
class Table:
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
    """

    path: Path
    columns: dict[str, np.ndarray]
    decimal_comma: bool = False
    first_row: int = 2

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def need(self, name: str, purpose: str, also_called: Sequence[str] = ()) -> np.ndarray:
        """The column called ``name``.

        Raises
        ------
        InputError
            With the file, the columns there are, and the one that may have been meant.
        """
        if name in self.columns:
            return self.columns[name]
        lower = {c.lower(): c for c in self.columns}
        close = [lower[n] for n in (name, *also_called) if n in lower]
        close += [lower[n] for n in get_close_matches(name, lower, n=1, cutoff=0.6)]
        hint = f" Perhaps '{close[0]}' is meant: rename it to '{name}'." if close else ""
        raise InputError(
            f"{self.path} has no column '{name}' ({purpose}).{hint} Its columns: {listed(list(self.columns))}."
        )

    def numbers(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """A column as float64, shape (rows,), and the mask of rows whose text is neither number nor missing."""
        column = self.columns[name]
        if column.dtype != object:
            return column.astype(np.float64), np.zeros(len(column), dtype=bool)
        pairs = [self._number(text) for text in column]
        return np.array([v for v, _ in pairs], dtype=np.float64), np.array([bad for _, bad in pairs], dtype=bool)

    def needs_decimal_comma(self, name: str) -> bool:
        """Whether most texts of a column are numbers with a comma, which this file is not known to write so."""
        column = self.columns[name]
        if column.dtype != object or self.decimal_comma:
            return False
        texts = [text.strip() for text in column if text.strip() not in MISSING]
        return 2 * sum(bool(_COMMA.fullmatch(text)) for text in texts) > len(texts)

    def _number(self, text: str) -> tuple[float, bool]:
        text = text.strip()
        if text in MISSING:
            return float("nan"), False
        try:
            value = float(text.replace(",", ".") if self.decimal_comma else text)
        except ValueError:
            return float("nan"), True
        # Python reads '1_000' and 'inf' as numbers; in a table they are slips.
        bad = "_" in text or math.isinf(value)
        return float("nan") if bad else value, bad


def read_table(path: Path, *, numbers: bool = False, sheet: str = "", without: Collection[str] = ()) -> Table:
    """Read a table whose first row holds the names of the columns.

    Parameters
    ----------
    path : Path
        ``.csv``, ``.tsv`` or ``.txt`` (UTF-8, with or without byte-order mark; separated by comma, semicolon
        or tab, which the header shows), ``.parquet`` or ``.xlsx``.
    numbers : bool
        Read columns of numbers as float64 at once, which is much faster for wide tables. Otherwise every
        column comes as text, exactly as written.
    sheet : str
        Of a workbook; by default the first one that holds anything.
    without : collection of str
        Columns of a workbook that are not read.

    Raises
    ------
    InputError
        If the file is missing, empty, has no rows, is not UTF-8, has rows of uneven length or two columns
        of one name.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path} does not exist or is not a file.")
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path} is not a table mien reads; expected one of {', '.join(SUFFIXES)}.")
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty; expected a table with a header row.")
    kind, delimiter, first_row = path.suffix.lower(), "", 1
    if kind == workbooks.SUFFIX:
        table, first_row = workbooks.read_sheet(path, sheet, without)
    elif kind == ".parquet":
        table = _read_parquet(path)
    else:
        table, delimiter = _read_text(path, numbers)
        first_row = 2
    names = [str(name).strip() for name in table.column_names]
    twice = sorted({n for n in names if names.count(n) > 1}) if len(set(names)) < len(names) else []
    if twice:
        if not twice[0]:
            raise InputError(
                f"{path}: the first row that holds anything has to name the columns, but two of its cells are empty. "
                "Remove titles above it."
            )
        raise InputError(f"{path} has more than one column '{twice[0]}'; rename or remove one.")
    if table.num_rows == 0:
        raise InputError(f"{path} has a header but no rows.")
    columns = {name: _column(column, numbers) for name, column in zip(names, table.columns, strict=True)}
    return Table(path, columns, delimiter == ";", first_row)


def _read_parquet(path: Path) -> pa.Table:
    try:
        return parquet.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path} is not a readable Parquet file ({_first_line(error)}).") from error


def _read_text(path: Path, numbers: bool) -> tuple[pa.Table, str]:
    head = _header(path)
    delimiter = max(_DELIMITERS, key=head.count)
    # Wide tables need blocks that hold more than one row.
    read = csv.ReadOptions(block_size=max(1 << 20, 8 * len(head)), use_threads=False)
    parse = csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    convert = csv.ConvertOptions(null_values=list(MISSING), strings_can_be_null=False)
    try:
        if not numbers:
            with csv.open_csv(path, read, parse, convert) as opened:
                convert.column_types = dict.fromkeys(opened.schema.names, pa.string())
        return csv.read_csv(path, read, parse, convert), delimiter
    except (pa.ArrowException, OSError) as error:
        message = _first_line(error)
        if "conversion error" in message and numbers:
            # Text further down a column that began with numbers: read it all as text.
            return _read_text(path, False)
        if "UTF" in message:
            raise InputError(_NOT_UTF8.format(path)) from error
        raise InputError(f"{path} is not a readable table ({message}).") from error


def _header(path: Path) -> str:
    """The first line that is not blank, whatever ends the lines."""
    head = b""
    with path.open("rb") as file:
        while not head.strip() and (line := file.readline(10_000_000)):
            head = next((part for part in line.split(b"\r") if part.strip()), b"")
    try:
        return head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(_NOT_UTF8.format(path)) from error


def _column(column: pa.ChunkedArray, numbers: bool) -> np.ndarray:
    kind = column.type
    if numbers and (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_null(kind)):
        return column.cast(pa.float64()).to_numpy().astype(np.float64)
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


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
