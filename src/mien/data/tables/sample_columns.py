"""Columns of a table of samples: how they are called, which cells mean "no answer", which hold numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from mien.core.errors import InputError
from mien.data.tables.numerals import certain_mark, is_comma_number, looks_measured, number, unsure_marks
from mien.data.tables.table import FileTable

# What says which sample a row is, so that no code for "no answer" stands there.
IDENTITY = ("path", "clip", "item", "stimulus", "subject", "rater", "group")
# From this share of numbers on, a column that is read as classes looks like one of numbers.
_LIKE_NUMBERS = 0.2


def renamed(table: FileTable, columns: Mapping[str, str] | None) -> FileTable:
    """The table with some columns under the names that mien knows.

    Raises
    ------
    InputError
        If the table has no such column, or one of the new name already, or one column is to have two names.
    """
    if not columns:
        return table
    meant: dict[str, str] = {}
    for ours, theirs in columns.items():
        table.need(theirs, f"named as '{ours}'")
        if theirs in meant:
            raise InputError(
                f"{table.path}: the column '{theirs}' is named as '{meant[theirs]}' and as '{ours}'; it can be one of "
                "the two."
            )
        meant[theirs] = ours
        if ours in table.columns and ours != theirs and ours not in columns.values():
            raise InputError(
                f"{table.path}: '{theirs}' is to be taken as '{ours}', but there is a column '{ours}' as well. Rename "
                "or remove one of the two."
            )
    return replace(table, columns={meant.get(name, name): values for name, values in table.columns.items()})


def codes_of(missing: Sequence[str | float] | str | float) -> tuple[str, ...]:
    """Codes for "no answer" as texts: from several, one, or a text with commas.

    Raises
    ------
    InputError
        If one is neither a text nor a number.
    """
    given = missing.split(",") if isinstance(missing, str) else missing
    listed_codes = [given] if isinstance(given, (int, float)) else list(given)
    odd = [code for code in listed_codes if not isinstance(code, (str, int, float)) or isinstance(code, bool)]
    if odd:
        raise InputError(f"missing: codes for 'no answer' are numbers or texts, such as 999 or -9, not {odd[0]!r}.")
    return tuple(text for text in (str(code).strip() for code in listed_codes) if text)


def without_answers(table: FileTable, missing: Sequence[str]) -> FileTable:
    """The table in which cells that hold a code for "no answer" are empty; notes say how many, and where none does.

    Parameters
    ----------
    table : FileTable
        Of texts.
    missing : sequence of str
        Codes: a number stands for every way to write it (``-9``, ``-9.0``), a text for itself.
    """
    if not missing:
        return table
    values = {code: number(code, table.decimal_comma) for code in missing}
    counts = dict.fromkeys(missing, 0)
    known: dict[str, str] = {}

    def code_in(cell: str) -> str:
        if cell not in known:
            value, _ = number(cell, table.decimal_comma)
            fits = (c for c, (v, no_number) in values.items() if cell.strip() == c or (not no_number and v == value))
            known[cell] = next(fits, "")
        return known[cell]

    columns = dict(table.columns)
    for name in (name for name in columns if name not in IDENTITY):
        codes = [code_in(cell) for cell in columns[name]]
        if any(codes):
            pairs = zip(codes, columns[name], strict=True)
            columns[name] = np.array(["" if code else cell for code, cell in pairs], dtype=object)
            for code in filter(None, codes):
                counts[code] += 1
    counted = ", ".join(f"{code} in {count} cell{'' if count == 1 else 's'}" for code, count in counts.items())
    note = f"Taken for 'no answer', as asked: {counted}."
    return replace(table, columns=columns, notes=(*table.notes, note))


def as_numbers(table: FileTable, name: str) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """A column as numbers, or None where it holds classes, and what has to be said of that.

    Raises
    ------
    InputError
        If most cells are numbers and some are not, or marks could stand between thousands.
    """
    values, bad = table.numbers(name)
    result = int(np.isfinite(values).sum())
    if result > bad.sum():
        if bad.any():
            raise _odd_cells(table, name, bad)
        if undecided := table.undecided_notation(name):
            raise InputError(undecided)
        return values, tuple(note for note in (table.two_notations(name), table.unsure_notation(name)) if note)
    if table.needs_decimal_comma(name):
        cells = [text.strip() for text in table.columns[name] if "," in text]
        if unsure_marks(cells) and not any(certain_mark(cell) for cell in cells):
            decimal, whole = cells[0].replace(",", "."), cells[0].replace(",", "")
            raise InputError(
                f"{table.path}: the column '{name}' writes numbers with a comma before three digits, such as "
                f"'{cells[0]}', which may be {decimal} or {whole}: the comma may stand before decimals or between "
                f"thousands. Write '{decimal}' or '{whole}', whichever is meant, and the others alike."
            )
        step = (
            "Write them with a point."
            if table.path.suffix.lower() == ".xlsx"
            else "Write them with a point, or separate the columns by semicolons."
        )
        raise InputError(f"{table.path}: the column '{name}' writes numbers with a comma. {step}")
    return None, _not_numbers(table, name, result, bad)


def _odd_cells(table: FileTable, name: str, bad: np.ndarray) -> InputError:
    """The sentence about a column of numbers in which some cells are none."""
    row = int(np.flatnonzero(bad)[0])
    texts = list(dict.fromkeys(str(text).strip() for text in table.columns[name][bad]))
    if all(is_comma_number(text) for text in texts) or unsure_marks(texts) == {"."}:
        mark = "point" if "." in texts[0] else "comma"
        return InputError(
            f"{table.path}: the column '{name}' writes some numbers with a {mark}, such as '{texts[0]}' in row "
            f"{row + table.first_row} ({int(bad.sum())} such rows), which may stand before decimals or between "
            "thousands. Write all numbers in one notation and without separators."
        )
    code = (
        f" If '{texts[0]}' means 'no answer': --missing '{texts[0]}' (missing=['{texts[0]}'])."
        if len(texts) == 1
        else ""
    )
    return InputError(
        f"{table.path}: the column '{name}' holds numbers, but row {row + table.first_row} says "
        f"'{table.columns[name][row]}' ({int(bad.sum())} such rows). Write a number or leave the cell empty; "
        f"if these are classes, read the column as labels (labels=['{name}']).{code}"
    )


def _not_numbers(table: FileTable, name: str, n_numbers: int, bad: np.ndarray) -> tuple[str, ...]:
    """A note where a column of classes looks like one of numbers."""
    cells = table.columns[name]
    wrong = np.flatnonzero(bad)
    measured = [row for row in wrong if looks_measured(cells[row])]
    known = n_numbers + len(wrong)
    if not known or (n_numbers + len(measured)) / known < _LIKE_NUMBERS:
        return ()
    row = int((measured or wrong)[0])
    return (
        f"'{name}' is read as classes, not as numbers: {len(wrong)} of {known} cells are no plain numbers, such as "
        f"'{cells[row]}' in row {row + table.first_row}.",
    )
