"""Tables of single ratings: one row per rating, or one row per rater and picture; and their means."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.data.tables.missing_codes import without_codes
from mien.data.tables.packed import read_packed_table
from mien.data.tables.table import MISSING, FileTable, listed

RATER, ATTRIBUTE, RATING, KIND = "rater", "attribute", "rating", "rating_type"
ITEMS = ("path", "item", "stimulus", "clip")
# Of KIND: what counts, and ratings that somebody gave again or that were filled in.
COUNTED, UNCOUNTED = "normal", ("repeat", "fill-in")


@dataclass(frozen=True, eq=False)
class SingleRatings:
    """One row per rating.

    Attributes
    ----------
    item : ndarray of str, shape (ratings,)
        Path or id of what was rated, as in ``Samples.path``.
    attribute : ndarray of str, shape (ratings,)
    value : ndarray of float64, shape (ratings,)
    rater : ndarray of str, shape (ratings,), or None
        None where it was not recorded.
    notes : tuple of str
        About codes for "no answer" and slips among the ratings.
    """

    item: np.ndarray
    attribute: np.ndarray
    value: np.ndarray
    rater: np.ndarray | None = None
    notes: tuple[str, ...] = ()

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names of what was rated."""
        return tuple(sorted(set(self.attribute)))

    def __getitem__(self, rows: np.ndarray) -> SingleRatings:
        """Some of the ratings."""
        rater = None if self.rater is None else self.rater[rows]
        return SingleRatings(self.item[rows], self.attribute[rows], self.value[rows], rater, self.notes)

    def without_codes(self, rows: np.ndarray) -> SingleRatings:
        """Codes for "no answer" as NaN, with notes that name these ``rows``; see ``mien.data.tables.missing_codes``."""
        value, notes = self.value.copy(), list(self.notes)
        for attribute in dict.fromkeys(self.attribute):
            here = self.attribute == attribute
            value[here], said = without_codes(str(attribute), value[here], rows[here])
            notes += said
        return SingleRatings(self.item, self.attribute, value, self.rater, tuple(notes))

    def of(self, attribute: str) -> SingleRatings:
        """The ratings of one attribute.

        Raises
        ------
        InputError
            If there are none.
        """
        rows = self.attribute == attribute
        if not rows.any():
            raise InputError(f"There are no single ratings of '{attribute}'; there are: {', '.join(self.attributes)}.")
        return self[rows]


def read_ratings(path: Path) -> SingleRatings:
    """Single ratings of a table, packed with gzip or not; see ``single_ratings``.

    Raises
    ------
    InputError
        If the file is not there or is damaged, a column is missing, or a rating is no number.
    """
    return single_ratings(read_packed_table(path))


def holds_single_ratings(table: FileTable) -> bool:
    """Whether a table says who rated, or has a row per rating."""
    return RATER in table.columns or {ATTRIBUTE, RATING} <= set(table.columns)


def single_ratings(table: FileTable) -> SingleRatings:
    """Single ratings of a table.

    Parameters
    ----------
    table : FileTable
        Either one row per rating: the columns ``path`` (or ``item`` or ``stimulus``), ``attribute``, ``rating``, and
        ``rater`` where it is known; or one row per rater and picture: ``path``, ``rater`` and a column of numbers per
        attribute. In the second form columns that say the same in all rows of a picture, or in all rows of a rater,
        are no ratings, where most rows are such repetitions. Of a column ``rating_type`` the rows ``normal`` count,
        not ``repeat`` and ``fill-in``. Codes for "no answer" far outside the scale (999, -9 ...) are no ratings, which
        a note says. Several ratings of one attribute of one picture by one rater are their mean.

    Raises
    ------
    InputError
        If a column is missing, a rating is no number or of an unknown type, or a row names no attribute.
    """
    name = next((name for name in ITEMS if name in table.columns), ITEMS[0])
    item = table.need(name, "what was rated", ("picture", "file", "face"))
    rater = table.columns.get(RATER)
    if RATER in table.columns and not {ATTRIBUTE, RATING} & set(table.columns):
        result = _of_wide(table, item, table.columns[RATER])
    else:
        attribute = table.need(ATTRIBUTE, "what was judged", ("scale", "trait"))
        table.need(RATING, "the rating", ("value", "score"))
        note = table.unsure_notation(RATING)
        result = SingleRatings(item, attribute, _values(table, RATING), rater, (note,) if note else ())
        nameless = np.flatnonzero(np.isin(attribute.astype(str), MISSING) & np.isfinite(result.value))
        if len(nameless):
            raise InputError(f"{table.path}: row {nameless[0] + table.first_row} has a rating but no '{ATTRIBUTE}'.")
    rows = np.arange(len(table)) + table.first_row
    result = result.without_codes(np.tile(rows, len(result.value) // len(table)))
    kept = np.isfinite(result.value)
    if KIND in table.columns:
        kept &= np.tile(_counted(table), len(kept) // len(table))
    return _once(result[kept])


def _counted(table: FileTable) -> np.ndarray:
    """Mask of rows whose rating counts by its type."""
    kinds = table.columns[KIND]
    unknown = np.flatnonzero(~np.isin(kinds.astype(str), (COUNTED, *UNCOUNTED)))
    if len(unknown):
        row = int(unknown[0])
        raise InputError(
            f"{table.path}: row {row + table.first_row} has the {KIND} '{kinds[row]}'; known are '{COUNTED}', which "
            f"counts, and {' and '.join(map(repr, UNCOUNTED))}, which do not. Rename the column if it is another one."
        )
    return kinds == COUNTED


def _once(single: SingleRatings) -> SingleRatings:
    """One rating per rater, attribute and picture: the mean of several; those of unknown raters stay as they are."""
    if single.rater is None or not len(single.value):
        return single
    unknown = np.isin(single.rater.astype(str), MISSING)
    codes = [
        np.unique(column.astype(str), return_inverse=True)[1]
        for column in (single.item, single.attribute, single.rater)
    ]
    codes.append(np.where(unknown, np.arange(len(unknown)), -1))
    _, first, group = np.unique(np.stack(codes, axis=1), axis=0, return_index=True, return_inverse=True)
    if len(first) == len(group):
        return single
    value = np.bincount(group.ravel(), weights=single.value) / np.bincount(group.ravel())
    order = np.argsort(first)
    once = single[first[order]]
    return SingleRatings(once.item, once.attribute, value[order], once.rater, once.notes)


def mean_ratings(table: FileTable) -> tuple[FileTable, tuple[str, ...]]:
    """A table of single ratings as one with a row per picture, in the order of first mention, and what was read.

    Columns that say the same in all rows of a picture are kept, as text; all others but the ratings are left out.
    Ratings become their mean over raters, NaN where nobody rated. The sentence says which columns were taken.

    Raises
    ------
    InputError
        As ``single_ratings``; and where rows of one picture name different subjects.
    """
    single = single_ratings(table)
    name = next((name for name in ITEMS if name in table.columns), ITEMS[0])
    item = table.columns[name]
    first, group = _groups(item)
    wide = RATING not in table.columns
    taken = {name, RATER, ATTRIBUTE, RATING, KIND, *(single.attributes if wide else ())}
    kept = {c: column[first] for c, column in table.columns.items() if c not in taken and _same(column, group)}
    if "subject" in table.columns:
        kept["subject"] = _subjects(table, item, group)
    place = {path: number for number, path in enumerate(item[first])}
    rows = np.array([place[path] for path in single.item], dtype=np.intp)
    means = {}
    for attribute in dict.fromkeys(single.attribute):
        chosen = single.attribute == attribute
        count = np.bincount(rows[chosen], minlength=len(first))
        total = np.bincount(rows[chosen], weights=single.value[chosen], minlength=len(first))
        means[str(attribute)] = np.divide(total, count, out=np.full(len(first), np.nan), where=count > 0)
        if attribute in kept or attribute in (name, "subject", "group"):
            raise InputError(
                f"{table.path}: there is an attribute '{attribute}' and a column of that name; rename one."
            )
    key = "clip" if name == "clip" else "path"
    sentence = f"Means of {len(single.value)} single ratings{_by(single)}; taken as ratings: {listed(list(means))}."
    left = [c for c in table.columns if c and c not in (*taken, *kept)]
    sentence += f" Not read: {listed(left)}." if left else ""
    return FileTable(table.path, {key: item[first], **kept, **means}, table.decimal_comma, table.first_row), (
        sentence,
        *single.notes,
    )


def _by(single: SingleRatings) -> str:
    return "" if single.rater is None else f" by {len(set(single.rater))} raters"


def _of_wide(table: FileTable, item: np.ndarray, rater: np.ndarray) -> SingleRatings:
    """Ratings of a table with a row per rater and picture, one attribute after the other."""
    groups = [_groups(column)[1] for column in (item, rater)]
    known = {"subject", "group", RATER, KIND, *ITEMS}
    named = []
    for name in table.columns:
        if name in known or not name or any(_property(table.columns[name], group) for group in groups):
            continue
        values, wrong = table.numbers(name)
        if np.isfinite(values).sum() > wrong.sum():
            named.append(name)
    if not named:
        raise InputError(
            f"{table.path} has a column '{RATER}' but no column of numbers that could be ratings. Give a column per "
            f"attribute, or '{ATTRIBUTE}' and '{RATING}'."
        )
    return SingleRatings(
        np.tile(item, len(named)),
        np.repeat(np.array(named, dtype=object), len(item)),
        np.concatenate([_values(table, name) for name in named]),
        np.tile(rater, len(named)),
        tuple(note for name in named if (note := table.unsure_notation(name))),
    )


def _values(table: FileTable, name: str) -> np.ndarray:
    if undecided := table.undecided_notation(name):
        raise InputError(undecided)
    value, wrong = table.numbers(name)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        text = table.columns[name][row]
        raise InputError(f"{table.path.name}, row {row + table.first_row}: the {name} '{text}' is no number.")
    return value


def _groups(column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row of first mention of each value, in that order, and the number of the value of each row."""
    _, first, group = np.unique(column.astype(str), return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return first[order], rank[group]


def _property(column: np.ndarray, group: np.ndarray) -> bool:
    """Whether a column belongs to each group as a whole; told only where most rows repeat a group."""
    return 2 * (len(group) - len(np.unique(group))) >= len(group) and _same(column, group)


def _subjects(table: FileTable, item: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Who is shown in each picture, by the first row that says it; ``''`` where none does."""
    said: dict[int, str] = {}
    for row, value in enumerate(table.columns["subject"]):
        name = str(value).strip()
        if name not in MISSING and said.setdefault(int(group[row]), name) != name:
            raise InputError(
                f"{table.path}: row {row + table.first_row} names another subject for '{item[row]}' than the rows "
                "before. 'subject' is who is shown in the picture; who rated is called 'rater'."
            )
    return np.array([said.get(number, "") for number in range(group.max() + 1)], dtype=object)


def _same(column: np.ndarray, group: np.ndarray) -> bool:
    """Whether a column says the same in all rows of each group; gaps aside."""
    texts = np.array([str(v).strip() for v in column])
    first = np.full(group.max() + 1, -1)
    first[group[::-1]] = np.arange(len(group))[::-1]
    return bool(((texts == texts[first[group]]) | np.isin(texts, MISSING)).all())
