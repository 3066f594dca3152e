"""Cells of a table of participants: answers that were written as words, and columns that hold one value or none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from mien.cohort.problems import TableProblem
from mien.core.errors import InputError
from mien.core.patterns import chosen
from mien.core.samples import Samples
from mien.data.tables.sample_columns import IDENTITY, as_numbers
from mien.data.tables.table import MISSING, FileTable

AS_TEXT, NO_NUMBERS = "answers as text", "columns that cannot be read as numbers"
ONE_VALUE, NO_ANSWERS = "one value only", "no answers"
AGES = "ages that cannot be"
# What tables call the age, in years; the oldest person whose age is proven became 122.
_AGE, _OLDEST, _BIRTH_YEARS = ("age", "alter"), 122, (1850, 2100)
# '2 - sometimes', '2 = sometimes', '2: sometimes', '(2) sometimes', '2) sometimes', '2 sometimes'
_CODED = re.compile(r"\(?\s*([+-]?\d+)\s*[\)\]]?\s*(?:[-=:.\u2013\u2014]\s*|\s)\s*([^\W\d].*)")
_SERIES = re.compile(r"(.*?[^\d])0*(\d+)")
# Say which row it is, not what is known of somebody.
IDENTIFYING = ("session", "site")
# So many numbered columns are the items of a questionnaire.
_ITEMS = 3
# Rows of a column that are named one by one where their answers were read all the same.
_NAMED = 100


def item_columns(names: Sequence[str], patterns: Sequence[str], table: str) -> list[str]:
    """Columns of items: those that the patterns name, else those that are numbered with one beginning (``phq9_1`` ...).

    Raises
    ------
    InputError
        If a pattern fits no column.
    """
    if patterns:
        return chosen(list(names), list(patterns), table)
    series: dict[str, list[str]] = {}
    for name in names:
        if match := _SERIES.fullmatch(name):
            series.setdefault(match[1], []).append(name)
    return [name for found in series.values() if len(found) >= _ITEMS for name in found]


def numbers_of_words(
    table: FileTable, items: Sequence[str], labels: Sequence[str], rows: np.ndarray, subjects: np.ndarray
) -> tuple[FileTable, list[TableProblem]]:
    """The table in which answers with a number in front are that number and other words among numbers are empty.

    Parameters
    ----------
    table : FileTable
        Of texts.
    items : sequence of str
        Columns that have to hold numbers.
    labels : sequence of str
        Columns that do not.
    rows : ndarray of int, shape (rows,)
    subjects : ndarray of str, shape (rows,)
        What people call each row, and who is in it.
    """
    columns, skipped = dict(table.columns), dict(table.skipped)
    problems: list[TableProblem] = []
    for name in (n for n in table.columns if n not in (*IDENTITY, *labels)):
        cells, codes = _decoded(columns[name])
        there = replace(table, columns={**columns, name: cells})
        values, bad = there.numbers(name)
        known = int(np.isfinite(values).sum())
        # A column of words alone is one of classes, unless it is an item.
        if name not in items and not known > bad.sum():
            continue
        for place in np.flatnonzero(bad):
            said = str(table.columns[name][place]).strip()
            problems.append(
                TableProblem(
                    AS_TEXT, table.path.name, int(rows[place]), name, str(subjects[place]),
                    f"A number was expected, but the cell says '{said}'; it counts as empty.",
                    "Write the number of the answer.",
                )
            )  # fmt: skip
        read = [place for place, cell in enumerate(table.columns[name]) if str(cell).strip() in codes]
        for worded in read[:_NAMED]:
            said = str(table.columns[name][worded]).strip()
            problems.append(
                TableProblem(
                    AS_TEXT, table.path.name, int(rows[worded]), name, str(subjects[worded]),
                    f"'{said}' was read as {codes[said]}, the number in front of the words.",
                    "If that is not meant, write the number alone.",
                )
            )  # fmt: skip
        if len(read) > _NAMED:
            problems.append(
                TableProblem(
                    AS_TEXT, table.path.name, 0, name, "",
                    f"So were {len(read) - _NAMED} more cells of this column, {len(read)} in all.",
                    "If that is not meant, write the numbers alone.",
                )
            )  # fmt: skip
        columns[name] = np.where(bad, "", cells).astype(object)
        there = replace(table, columns=columns)
        try:
            numbers, _ = as_numbers(there, name)
        except InputError as error:
            problems.append(_unreadable(table, name, str(error)))
            skipped[name] = str(error)
            del columns[name]
            continue
        if numbers is None and name in items:
            # Nothing is left of it: a column of classes without a class would be taken for one.
            columns[name] = np.full(len(table), "", dtype=object)
    return replace(table, columns=columns, skipped=skipped), problems


def possible_ages(table: FileTable, rows: np.ndarray, subjects: np.ndarray) -> tuple[FileTable, list[TableProblem]]:
    """The table in which ages that nobody has are empty; an age of 0, which may be a code as well, is told and stays.

    Parameters
    ----------
    table : FileTable
        Of texts, whose words are no longer among numbers.
    rows : ndarray of int, shape (rows,)
    subjects : ndarray of str, shape (rows,)
        What people call each row, and who is in it.
    """
    columns, problems = dict(table.columns), []
    for name in (name for name in table.columns if name.casefold() in _AGE):
        values, bad = table.numbers(name)
        if bad.any():
            continue
        wrong = (values < 0) | (values > _OLDEST)
        for place in np.flatnonzero(wrong | (values == 0)):
            age = float(values[place])
            if _BIRTH_YEARS[0] <= age <= _BIRTH_YEARS[1]:
                said = f"{age:g} is no age but looks like a year of birth", "Write the age in years."
            elif age < 0:
                said = f"{age:g} is no age", f"If it is a code for 'no answer': --missing {age:g}; else write the age."
            else:
                said = f"Nobody is {age:g} years old", "Write the age in years, or leave the cell empty."
            sentence, step = f"{said[0]}; it counts as empty.", said[1]
            if not wrong[place]:
                sentence = "An age of 0 years is a baby's, or a code for 'no answer'; it counts as 0."
                step = "If it is a code, empty the cell."
            problems.append(
                TableProblem(AGES, table.path.name, int(rows[place]), name, str(subjects[place]), sentence, step)
            )
        columns[name] = np.where(wrong, "", columns[name]).astype(object)
    return replace(table, columns=columns), problems


def _decoded(cells: np.ndarray) -> tuple[np.ndarray, dict[str, str]]:
    """Cells such as ``'2 - sometimes'`` as ``'2'``, where each word has one number and each number one word."""
    matches = {str(cell).strip(): _CODED.fullmatch(str(cell).strip()) for cell in dict.fromkeys(cells)}
    codes = {text: match[1] for text, match in matches.items() if match}
    words = {match[2].casefold(): match[1] for match in matches.values() if match}
    pairs = {(match[1], match[2].casefold()) for match in matches.values() if match}
    if not codes or len(pairs) != len(words) or len({number for number, _ in pairs}) != len(pairs):
        return cells, {}
    return np.array([codes.get(str(cell).strip(), cell) for cell in cells], dtype=object), codes


def _unreadable(table: FileTable, name: str, why: str) -> TableProblem:
    said = why.removeprefix(f"{table.path}: ")
    return TableProblem(NO_NUMBERS, table.path.name, 0, name, "", said, "Until then the column is left out.")


def value_problems(samples: Samples, items: Sequence[str], row: np.ndarray, table: str) -> Iterator[TableProblem]:
    """Columns with one value or none, and rows in which all items are missing."""
    there = [name for name in items if name in samples.ratings or name in samples.labels]
    many = len(samples) > 1
    for name, values in samples.ratings.items():
        known = values[np.isfinite(values)]
        if not len(known):
            yield _empty(name, table)
        elif many and len(known) > 1 and (known == known[0]).all():
            yield _constant(name, f"{known[0]:g}", table)
    for name, texts in samples.labels.items():
        # Which session and which site may be one for all.
        if name in IDENTIFYING:
            continue
        classes = {text for text in texts if text}
        if not classes:
            yield _empty(name, table)
        elif many and len(classes) == 1:
            yield _constant(name, next(iter(classes)), table)
    answers = [samples.ratings[name] for name in there if name in samples.ratings]
    if answers and len(there) > 1:
        for place in np.flatnonzero(~np.isfinite(np.stack(answers, axis=1)).any(axis=1)):
            yield TableProblem(
                NO_ANSWERS, table, int(row[place]), "", str(samples.subject[place]),
                f"All {len(there)} items are missing.",
                "Without answers the session has no score; it stays in what needs none.",
            )  # fmt: skip


def _empty(name: str, table: str) -> TableProblem:
    return TableProblem(NO_ANSWERS, table, 0, name, "", "No row has a value.", "Fill the column in, or leave it out.")


def _constant(name: str, value: str, table: str) -> TableProblem:
    return TableProblem(
        ONE_VALUE, table, 0, name, "", f"All rows with a value say '{value}'.",
        "One value alone can be neither predicted nor compared; check whether rows of others are missing.",
    )  # fmt: skip


def is_blank(cells: np.ndarray) -> np.ndarray:
    """Which cells say nothing."""
    return np.array([str(cell).strip() in MISSING for cell in cells], dtype=bool)
