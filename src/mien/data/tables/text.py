"""Tables in text files: encodings, separators and quotation marks as spreadsheets and R write them."""

from __future__ import annotations

import codecs
import csv as plain_csv
import re
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from mien.core.errors import InputError
from mien.data.native import native_reader
from mien.data.tables.numerals import MISSING, has_decimal_commas

_DELIMITERS = (",", ";", "\t", "|")
_WIDE_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
# Excel's own first line: which character separates the columns.
_SEPARATOR_LINE = re.compile(rb"\s*\"?sep=(.)\"?[ \t,;]*(\r\n|\n|\r)", re.IGNORECASE)
# Two cells that may be the halves of a number with a decimal comma.
_HALVES = re.compile(r"[+-]?\d+,\d+")
# Rows that tell the shape of a file.
_FIRST_ROWS = 50


@dataclass(frozen=True)
class _Form:
    """How a text file is written: separator, names of the columns, rows before the first one of values."""

    delimiter: str
    header: str
    skipped: int = 0
    names: tuple[str, ...] = ()


def read_text(path: Path, numbers: bool, preamble: bool = False) -> tuple[pa.Table, bool, int]:
    """The table in a text file.

    Parameters
    ----------
    path : Path
    numbers : bool
        Read columns of numbers as such.
    preamble : bool
        Pass over lines above the header that have fewer cells.

    Returns
    -------
    table : pyarrow.Table
    decimal_comma : bool
        Whether numbers may be written with a comma: where columns are separated by semicolons, or where cells cannot
        be read otherwise.
    first_row : int
        What an editor calls the first line of values.

    Raises
    ------
    InputError
        With file and line, for another encoding, quotation marks that are not closed, rows of uneven length.
    """
    data = _as_utf8(path)
    form = _form(data)
    if preamble:
        form = _below_preamble(data, form)
    if b'"' in data:
        _check_quotes(path, data, form)
    table, form = _parsed(path, data, form, numbers)
    decimal_comma = form.delimiter == ";"
    if decimal_comma or (b"," in data if form.delimiter != "," else b'"' in data):
        certain = has_decimal_commas(cell for column in _texts(table) for cell in column)
        decimal_comma = decimal_comma or certain
        if certain and numbers:
            table, form = _parsed(path, data, form, numbers, ",")
    return table, decimal_comma, 2 + (form.skipped if not form.names else form.skipped - 1)


def _as_utf8(path: Path) -> bytes:
    data = path.read_bytes()
    encoding = next((name for mark, name in _WIDE_MARKS if data.startswith(mark)), "")
    if not encoding and data[:200].count(0) > len(data[:200]) / 4:
        # UTF-16 without a mark: every other byte of plain text is zero.
        encoding = "utf-16-le" if data[1:200:2].count(0) > data[:200:2].count(0) else "utf-16-be"
    if not encoding:
        return data
    try:
        return data.decode(encoding).encode("utf-8")
    except UnicodeError as error:
        raise InputError(f"{path} is not readable text ({error}); save it as 'CSV UTF-8'.") from error


def not_utf8(path: Path, data: bytes) -> InputError:
    """The sentence about a file in another encoding, with the first line that shows it."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        start = data.rfind(b"\n", 0, error.start) + 1
        shown = data[start : start + 200].split(b"\n")[0].decode("cp1252", "replace").strip()
        return InputError(
            f"{path} is not UTF-8 text; save it as 'CSV UTF-8' or as Parquet. Line {line} is the first that shows it; "
            f"in Excel's old Western encoding it reads '{shown}'."
        )
    return InputError(f"{path} is not UTF-8 text; save it as 'CSV UTF-8' or as Parquet.")


def _form(data: bytes) -> _Form:
    """The form of a text table; lines with '#' above a header that has other cells are remarks."""
    form = _form_from(data)
    lines = re.split(r"\r\n|\r|\n", data[:1_000_000].decode("utf-8-sig", "replace"))[:_FIRST_ROWS]
    remarks = next((i for i, line in enumerate(lines) if line.strip() and not line.startswith("#")), 0)
    if form.skipped or not any(line.startswith("#") for line in lines[:remarks]):
        return form
    below = _form_from("\n".join(lines[remarks:]).encode())
    # As many cells as the next line has: '#frame,AU12' is a header.
    same = lines[remarks - 1].count(below.delimiter) == lines[remarks].count(below.delimiter)
    return form if same else _Form(below.delimiter, below.header, remarks)


def _form_from(data: bytes) -> _Form:
    said = _SEPARATOR_LINE.match(data.removeprefix(codecs.BOM_UTF8)[:40])
    rest = data.removeprefix(codecs.BOM_UTF8)[said.end() if said else 0 :]
    header = _first_line(rest)
    bare = re.sub(r'"[^"]*"', "", header)
    delimiter = said[1].decode("utf-8", "replace") if said else max(_DELIMITERS, key=bare.count)
    if not said and bare.count(delimiter) == 0 and _is_spaced(rest):
        delimiter = " "
    return _Form(delimiter, header, 1 if said else 0)


def _below_preamble(data: bytes, form: _Form) -> _Form:
    """The form of a table that begins further down, where lines first have as many cells as those that follow."""
    lines = re.split(r"\r\n|\r|\n", data[:1_000_000].decode("utf-8-sig", "replace"))[: 4 * _FIRST_ROWS]
    data_mark = next((i for i, line in enumerate(lines) if line.upper().startswith("#DATA")), -1)
    for start in range(data_mark + 1, len(lines) - 1):
        for delimiter in _DELIMITERS:
            counts = [line.count(delimiter) for line in lines[start : start + 5] if line.strip()]
            # Lines above a header may be padded to its width, as Excel does it.
            filled = sum(bool(cell.strip()) for cell in lines[start].split(delimiter))
            if len(counts) > 1 and counts[0] > 1 and len(set(counts)) == 1 and 2 * filled > counts[0] + 1:
                if not any(line.strip() for line in lines[form.skipped : start]):
                    return form
                return _Form(delimiter, lines[start], start)
    return form


def _first_line(data: bytes) -> str:
    """The first line that is not blank, whatever ends the lines."""
    head = next((line for line in re.split(rb"[\r\n]", data[:10_000_000]) if line.strip()), b"")
    return head.decode("utf-8", "replace")


def _is_spaced(data: bytes) -> bool:
    """Whether columns are separated by spaces, as R's write.table does: rows have as many fields or one more."""
    lines = [line for line in data[:100_000].decode("utf-8", "replace").splitlines() if line.strip()][:_FIRST_ROWS]
    counts = [len(row) for row in plain_csv.reader(lines, delimiter=" ")]
    return (
        len(counts) > 1
        and counts[0] > 1
        and set(counts[1:]) <= {counts[0], counts[0] + 1}
        and len(set(counts[1:])) == 1
    )


def _check_quotes(path: Path, data: bytes, form: _Form) -> None:
    """Refuse quotation marks that are never closed, or closed in the middle of a later row: they swallow rows."""
    text = data.decode("utf-8", "replace")
    between = re.escape(form.delimiter)
    field = re.compile(
        rf'(?:\A\ufeff?|(?<=[{between}\r\n]))"(?P<inside>[^"]*(?:""[^"]*)*)(?P<close>"?)(?P<after>[^{between}\r\n]*)'
    )
    columns = len(next(plain_csv.reader([form.header], delimiter=form.delimiter), []))
    for result in field.finditer(text):
        line = text.count("\n", 0, result.start()) + 1
        lines = re.split(r"\r\n|\r|\n", result["inside"])
        if not result["close"]:
            raise InputError(
                f"{path}: line {line} opens a quotation mark that is never closed, so that all rows behind it would be "
                "one cell. Close it or remove it; a quotation mark within a cell is written twice."
            )
        whole_rows = columns > 2 and any(_between(part, form) >= columns - 1 for part in lines[1:])
        if result["after"].strip() or whole_rows:
            where = "a cell" if len(lines) == 1 else f"line {line + len(lines) - 1}"
            raise InputError(
                f"{path}: line {line} opens a quotation mark that is closed in the middle of {where} "
                f"('{result.group()[-40:].strip()}'). "
                "Close it in its own cell or remove it; a quotation mark within a cell is written twice."
            )


def _between(line: str, form: _Form) -> int:
    """How many characters of a line separate columns; in sentences a space follows a comma."""
    count = line.count(form.delimiter)
    return count if f"{form.delimiter} " in form.header else count - line.count(f"{form.delimiter} ")


def _parsed(path: Path, data: bytes, form: _Form, numbers: bool, decimal: str = ".") -> tuple[pa.Table, _Form]:
    # Wide tables need blocks that hold more than one row.
    read = csv.ReadOptions(
        block_size=max(1 << 20, 8 * len(form.header)),
        use_threads=False,
        skip_rows=form.skipped,
        column_names=list(form.names) or None,
    )
    parse = csv.ParseOptions(delimiter=form.delimiter, newlines_in_values=True)
    convert = csv.ConvertOptions(null_values=list(MISSING), strings_can_be_null=False, decimal_point=decimal)
    try:
        if not numbers:
            with csv.open_csv(native_reader(data), read, parse, convert) as opened:
                convert.column_types = dict.fromkeys(opened.schema.names, pa.string())
        table = csv.read_csv(native_reader(data), read, parse, convert)
        if any(pa.types.is_binary(kind) for kind in table.schema.types):
            # Where types are left to Arrow, a column with one byte that is no UTF-8 comes as bytes.
            raise not_utf8(path, data)
        # Names are decoded when they are asked for.
        return table.rename_columns(table.column_names), form
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        message = first_line(error)
        if "utf" in message.lower():
            raise not_utf8(path, data) from error
        if "conversion error" in message and numbers:
            # Text further down a column that began with numbers: read it all as text.
            return _parsed(path, data, form, False)
        if not form.names and (named := _with_row_names(data, form)):
            return _parsed(path, data, named, numbers, decimal)
        raise InputError(f"{path} is not a readable table ({message}).{_hint(data, form)}") from error


def _counts(data: bytes, form: _Form) -> list[int]:
    """Number of fields of the header and of the first rows."""
    return [len(row) for row in _rows(data, form)]


def _rows(data: bytes, form: _Form) -> list[list[str]]:
    """The header and the first rows, cell by cell."""
    return list(plain_csv.reader(_lines(data, form), delimiter=form.delimiter))


def _lines(data: bytes, form: _Form) -> list[str]:
    """The lines of the header and of the first rows."""
    lines = data[:2_000_000].decode("utf-8-sig", "replace").splitlines()[form.skipped :]
    return [line for line in lines if line.strip()][:_FIRST_ROWS]


def _with_row_names(data: bytes, form: _Form) -> _Form | None:
    """R's write.table: a header without a name for the first column, which holds the names of the rows."""
    counts = _counts(data, form)
    if len(counts) < 2 or set(counts[1:]) != {counts[0] + 1}:
        return None
    names = next(plain_csv.reader([form.header], delimiter=form.delimiter))
    if not any(row[-1].strip() for row in _rows(data, form)[1:]):
        # A separator at the end of every row but the header's.
        return _Form(form.delimiter, form.header, form.skipped + 1, (*names, ""))
    if form.delimiter == "," and _may_be_decimal_commas(data, form):
        return None
    return _Form(form.delimiter, form.header, form.skipped + 1, ("", *names))


def _may_be_decimal_commas(data: bytes, form: _Form) -> bool:
    """Whether rows between commas may have a cell more than the header because numbers are written with a comma."""
    rows = _rows(data, form)[1:]
    pairs = range(1, min(len(row) for row in rows))
    halves = any(all(_HALVES.fullmatch(f"{row[i - 1].strip()},{row[i].strip()}") for row in rows) for i in pairs)
    # Names of rows are all different, and R puts them in quotation marks.
    lines = _lines(data, form)[1:]
    quoted = all(line.startswith('"') for line in lines) and not _lines(data, form)[0].startswith(('""', ","))
    different = len({row[0] for row in rows}) == len(rows)
    return not different or (halves and not (quoted and all(row[0].isdigit() for row in rows)))


def _hint(data: bytes, form: _Form) -> str:
    counts = _counts(data, form)
    remark = next((i for i, line in enumerate(_lines(data, form)[1:], 2) if line.startswith("#")), 0)
    if remark:
        return f" Row {remark + form.skipped} begins with '#': remarks may stand above the header only; remove it."
    if form.delimiter == "," and len(counts) > 1 and all(n > counts[0] for n in counts[1:]):
        names = (
            " Or the first column has no name, as in tables of R with names of rows: write them with row.names = FALSE."
            if set(counts[1:]) == {counts[0] + 1}
            else ""
        )
        return (
            " Rows have more cells than there are names: numbers with a decimal comma look like that where commas also "
            f"separate the columns. Separate the columns by semicolons, or write the numbers with a point.{names}"
        )
    return ""


def _texts(table: pa.Table) -> list[list[str]]:
    return [column.to_pylist() for column in table.columns if pa.types.is_string(column.type)]


def first_line(error: BaseException) -> str:
    """The first line of an error's message."""
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
