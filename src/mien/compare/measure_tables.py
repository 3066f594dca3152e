"""Tables of measures as ``compare`` takes them: evidence, files, data frames and arrays; split by a column."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.atlas.tables import ATLAS, evidence_table, vocabularies
from mien.compare.group_names import group_names
from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.people.words import SUBJECT
from mien.core.words import did_you_mean
from mien.data.importers.measured import measured
from mien.data.tables.table import FileTable, listed, read_table


@dataclass(frozen=True, eq=False)
class MeasureTable:
    """One row per sample, one column per measure.

    Attributes
    ----------
    values : ndarray of float64, shape (samples, measures)
    names : tuple of str, or None
        None where the columns have none.
    subjects : sequence of str, or None
        Who is in each sample; None where nothing says so.
    of_evidence : bool
    regions : str
        Of evidence: by which regions it is described, see ``mien.atlas.tables``.
    notes : tuple of str
    """

    values: np.ndarray
    names: tuple[str, ...] | None
    subjects: Any
    of_evidence: bool = False
    regions: str = ""
    notes: tuple[str, ...] = ()

    def rows(self, chosen: np.ndarray) -> MeasureTable:
        """Some of the samples."""
        subjects = None if self.subjects is None else np.asarray(self.subjects, dtype=object)[chosen]
        return replace(self, values=self.values[chosen], subjects=subjects)


def tables_of(a: Any, b: Any, measure: str, labels: tuple[str, str]) -> tuple[MeasureTable, MeasureTable, list[str]]:
    """Two sets as tables, evidence by the regions that both have; and what has to be said of these."""
    both = [given for given in (a, b) if isinstance(given, Evidence)]
    known = [vocabularies(one) for one in both]
    shared = [name for name in known[0] if all(name in others for others in known)] if known else [""]
    regions = shared[0] if shared else ""
    one, other = (table_of(given, measure, label, regions) for given, label in zip((a, b), labels, strict=True))
    notes = []
    if len(both) == 2 and one.names and other.names and one.names != other.names:
        # What lies outside the face is known of pictures only.
        kept = [name for name in one.names if name in other.names]
        one, other = (_only(table, kept) for table in (one, other)) if kept and regions == ATLAS else (one, other)
    if regions != ATLAS and any(ATLAS in names for names in known):
        notes.append(
            "One of the two sets knows only the coarser regions of the landmarks, so both are compared by these; if an "
            "earlier version explained it, explain it again for the regions of the canonical face."
        )
    return one, other, notes


def _only(table: MeasureTable, names: list[str]) -> MeasureTable:
    assert table.names is not None
    return replace(table, values=table.values[:, [table.names.index(name) for name in names]], names=tuple(names))


def table_of(given: Any, measure: str, label: str, regions: str = "") -> MeasureTable:
    """One set as a table.

    Raises
    ------
    InputError
        If it is no table of finite numbers, or a file without a column 'subject'.
    """
    if isinstance(given, MeasureTable):
        return given
    if isinstance(given, (str, Path)):
        return _of_file(read_table(Path(given)))
    if isinstance(given, Evidence):
        values, names = evidence_table(given, measure, regions)
        return MeasureTable(values, names, given.subject, of_evidence=True, regions=regions)
    if hasattr(given, "columns") and hasattr(given, "to_numpy"):
        return MeasureTable(_numbers(given.to_numpy(), label), tuple(str(name) for name in given.columns), None)
    return MeasureTable(_numbers(given, label), None, None)


def split_by(
    given: Any, by: str, subjects: Any, labels: Any
) -> tuple[MeasureTable, MeasureTable, tuple[str, str], tuple[str, ...]]:
    """The two groups that a column of one table names.

    Parameters
    ----------
    given : str, Path or DataFrame
    by : str
        Name of the column.
    subjects : sequence of str, optional
        Who is in each row of a DataFrame; by default its column ``subject``, if it has one.
    labels : (str, str), optional
        Which two groups, where the column names more; by default both, in alphabetical order.

    Returns
    -------
    one, other : MeasureTable
    labels : (str, str)
    notes : tuple of str
        What was left out, and spellings of groups.

    Raises
    ------
    InputError
        If there is no such column, or it does not name the two groups.
    """
    if isinstance(given, (str, Path)) and Path(given).is_file():
        file = read_table(Path(given))
        name = _column(by, file.columns, given)
        column = file.columns[name]
        table = _of_file(replace(file, columns={key: value for key, value in file.columns.items() if key != name}))
    elif hasattr(given, "columns") and hasattr(given, "drop"):
        name = _column(by, {str(key): None for key in given.columns}, "The table")
        who = next((key for key in given.columns if str(key).lower() == SUBJECT and key != name), None)
        column = given[name].to_numpy()
        rest = given.drop(columns=[key for key in (name, who) if key is not None])
        table = table_of(rest, "", "The table")
        table = replace(table, subjects=given[who].to_numpy() if subjects is None and who is not None else subjects)
    else:
        raise InputError(
            f"A column names the groups of one table, but '{given}' is none; give a CSV, Excel or Parquet file."
        )
    group, notes = group_names(column, name)
    groups = tuple(sorted({str(one) for one in group if one}))
    chosen = groups if labels is None else tuple(str(label).strip() for label in labels)
    if len(chosen) != 2 or not {*chosen} <= {*groups}:
        raise InputError(
            f"The column '{name}' names {len(groups)} groups: {listed([*groups])}. "
            f"{'Two' if labels is None else 'Two of these'} are compared; choose them with labels (--labels a,b)."
        )
    sides = [group == label for label in chosen]
    rest_of, empty = int((~sides[0] & ~sides[1] & (group != "")).sum()), int((group == "").sum())
    parts = [f"{rest_of} of other groups"] if rest_of else []
    parts += [f"{empty} without a value"] if empty else []
    if parts:
        notes += (f"Rows that are in neither group by '{name}': {' and '.join(parts)}.",)
    return table.rows(sides[0]), table.rows(sides[1]), (chosen[0], chosen[1]), notes


def _column(by: str, columns: Any, source: Any) -> str:
    name = next((key for key in columns if key.lower() == by.strip().lower()), None)
    if name is None:
        raise InputError(f"{source} has no column '{by}'.{did_you_mean(by, columns)} It has: {listed([*columns])}.")
    return str(name)


def _of_file(table: FileTable) -> MeasureTable:
    """The columns of numbers of a table, with its column of subjects."""
    path = table.path
    who = next((name for name in table.columns if name.lower() == SUBJECT), None)
    if who is None:
        raise InputError(
            f"{path} has no column '{SUBJECT}', which says who is shown in each row; it has: "
            f"{listed([*table.columns])}."
        )
    found = measured(table, [name for name in table.columns if name != who])
    if not found.values:
        raise InputError(f"{path} has no column of numbers to compare.")
    values = np.stack(list(found.values.values()), axis=1)
    return MeasureTable(values, tuple(found.values), table.columns[who], notes=tuple(found.notes.values()))


def chosen_measures(
    table: MeasureTable, names: tuple[str, ...] | None, label: str
) -> tuple[np.ndarray, tuple[str, ...]]:
    """The columns that are asked for, where columns have names; else the given names."""
    count = table.values.shape[1]
    if table.names is not None and names is not None:
        unknown = [name for name in names if name not in table.names]
        if unknown:
            raise InputError(f"'{label}' has no measure '{unknown[0]}'; it has: {listed([*table.names])}.")
        return table.values[:, [table.names.index(name) for name in names]], names
    columns = table.names or names or tuple(f"measure {i + 1}" for i in range(count))
    if len(columns) != count or len({*columns}) < count:
        raise InputError(f"'{label}' has {count} measures, but {len(set(columns))} different names.")
    return table.values, columns


def _numbers(values: Any, label: str) -> np.ndarray:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"'{label}' holds something that is no number ({error}); give its columns of numbers."
        ) from error
    if array.ndim != 2:
        raise InputError(f"'{label}' needs the shape (samples, measures), but has {array.shape}.")
    if np.isinf(array).any():
        raise InputError(f"'{label}' holds infinite values; what is missing is NaN.")
    return array
