"""Who took part: a table of participants checked against the recordings of a study, with every problem as a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mien.cohort.flow import Flow
from mien.cohort.participant_cells import is_blank, item_columns, numbers_of_words, possible_ages, value_problems
from mien.cohort.participants_file import Participants
from mien.cohort.problems import TableProblem
from mien.cohort.recordings import (
    REPEATED,
    SHARED,
    recording_problems,
    recordings_of,
    shared_and_repeated,
)
from mien.core.errors import InputError
from mien.core.faces import OK
from mien.core.people.alike import alike_people
from mien.core.people.keys import person_key
from mien.core.people.unknown import is_own
from mien.core.samples import Samples
from mien.data.samples import samples_from_table
from mien.data.tables.sample_columns import codes_of, renamed, without_answers
from mien.data.tables.table import FileTable, read_table

SPELLINGS, ALIKE = "spellings of one person", "names that may be one person"
UNKNOWN, SITES, EMPTY = "person not known", "person at several sites", "empty rows"
# Columns that say what a row is, whether they are written as numbers or not.
_LABELS = ("session", "site", "sex", "gender")
_SESSION, _SITE = "session", "site"


def participants(
    table: str | Path,
    study: str | Path | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    missing: Sequence[str | float] | str | float = (),
    labels: Sequence[str] = (),
    items: Sequence[str] = (),
    output: str | Path | None = None,
) -> Participants:
    """Read a table of participants, match its rows to the recordings of a study, and say what is wrong with each row.

    Parameters
    ----------
    table : str or Path
        ``.csv``, ``.tsv``, ``.xlsx`` or ``.parquet`` with one row per session and the columns ``subject``, ``path``
        (the video, another tool's output, or a recording of the study by its name) and, where there are any,
        ``session``, ``site``, ``sex``, ``age``, items of questionnaires and others.
    study : str or Path, optional
        The study that holds the faces; by default ``output``, if it holds any. Without faces a video that lies where
        its row says is enough.
    columns : mapping of str to str, optional
        What the table calls these: ``{"subject": "Code", "path": "Video"}``.
    missing : sequence of numbers or str
        Codes that the table writes for "no answer", such as -9.
    labels : sequence of str
        Further columns that are classes although they hold numbers.
    items : sequence of str
        Columns that have to hold numbers, as names or patterns such as ``'phq9_*'``. By default those that are numbered
        with one beginning.
    output : str or Path, optional
        A study's folder, which gets ``participants/``.

    Returns
    -------
    Participants
        Every row of the table; ``.kept`` are the samples with a usable recording.

    Raises
    ------
    InputError
        If the table cannot be read at all: it is empty, in another encoding, or has no column ``subject`` or ``path``.

    Examples
    --------
    >>> import mien
    >>> from pathlib import Path
    >>> rows = "subject,path,phq_1,phq_2,phq_3", "007,a.mp4,0,1,2", "7,b.mp4,2 - often,1,never"
    >>> _ = Path("who.csv").write_text("\\n".join(rows))
    >>> for problem in mien.participants("who.csv").problems[:1]:
    ...     print(problem.kind, problem.row, problem.column)
    answers as text 3 phq_1
    """
    path = Path(table)
    read = without_answers(renamed(read_table(path), columns), codes_of(missing))
    key = "path" if "path" in read.columns else "clip"
    if key not in read.columns or "subject" not in read.columns:
        # Says which column may be meant.
        samples_from_table(read, labels=labels)
    read, rows, problems = _without_empty_rows(read)
    written = read.columns["subject"]
    at_items = item_columns([n for n in read.columns if n not in ("subject", "path", "clip")], tuple(items), path.name)
    fixed = [name for name in (*_LABELS, *labels) if name in read.columns]
    read, more = numbers_of_words(read, at_items, fixed, rows, written)
    problems += more
    read, more = possible_ages(read, rows, written)
    problems += more
    samples = _samples(read, key, rows, fixed, at_items)
    named = read.columns[key]
    paths = ["" if blank else str(name).strip() for name, blank in zip(named, is_blank(named), strict=True)]
    files = [path.absolute().parent / p for p in paths]
    place = _with_faces(study, output)
    found = recordings_of(paths, files, place)
    sessions = samples.labels.get(_SESSION, np.full(len(samples), "", dtype=object))
    twice, more = shared_and_repeated(found.source, found.status, samples.subject, sessions, rows, path.name)
    status = np.where(twice == "", found.status, twice).astype(object)
    samples = replace(samples, path=found.source)
    flow = _flow(samples, status)
    problems += [
        *_of_people(samples, written, rows, path.name),
        *more,
        *recording_problems(found, twice == "", rows, written, path.name),
        *value_problems(samples, at_items, rows, path.name),
    ]
    result = Participants(samples, rows, status, tuple(problems), flow, str(path), tuple(at_items))
    if output is not None:
        result.write(output)
    return result


def _with_faces(study: str | Path | None, output: str | Path | None) -> Path | None:
    """The folder whose faces are looked for, if any.

    Raises
    ------
    InputError
        If it was named and is not there.
    """
    if study is not None:
        if not Path(study).is_dir():
            raise InputError(f"{study} does not exist; give the folder that 'mien extract' wrote.")
        return Path(study)
    return Path(output) if output is not None and (Path(output) / "faces").is_dir() else None


def _without_empty_rows(table: FileTable) -> tuple[FileTable, np.ndarray, list[TableProblem]]:
    """The rows that hold anything, what people call them, and the others as problems."""
    rows = np.arange(len(table)) + table.first_row
    blank = np.all([is_blank(column) for column in table.columns.values()], axis=0)
    kept = replace(table, columns={name: column[~blank] for name, column in table.columns.items()})
    said = "The row is empty; it was passed over.", "Remove it."
    return kept, rows[~blank], [TableProblem(EMPTY, table.path.name, int(row), "", "", *said) for row in rows[blank]]


def _samples(table: FileTable, key: str, rows: np.ndarray, labels: Sequence[str], items: Sequence[str]) -> Samples:
    """Samples of all rows, whatever recordings they name; items without an answer are ratings all the same."""
    columns = {name: cells for name, cells in table.columns.items() if name != key}
    columns["path"] = np.array([f"row {row}" for row in rows], dtype=object)
    samples = samples_from_table(replace(table, columns=columns), labels=labels)
    empty = [name for name in items if name in samples.labels and not (samples.labels[name] != "").any()]
    none = np.full(len(samples), np.nan)
    return replace(
        samples,
        labels={name: values for name, values in samples.labels.items() if name not in empty},
        ratings={**samples.ratings, **dict.fromkeys(empty, none)},
    )


def _flow(samples: Samples, status: np.ndarray) -> Flow:
    """From the table to the sessions with a usable recording."""
    of_rows = np.isin(status, [REPEATED, SHARED])
    flow, left = Flow.of(samples).without(samples, np.where(of_rows, status, ""), "Table checked")
    status = status[~of_rows]
    return flow.without(left, np.where(status == OK, "", status), "Recordings")[0]


def _of_people(samples: Samples, written: np.ndarray, rows: np.ndarray, table: str) -> Iterator[TableProblem]:
    """Names that were joined, that may be one, that say nobody; people at several sites."""
    first: dict[str, int] = {}
    spelled: dict[str, dict[str, int]] = {}
    for place, (person, name) in enumerate(zip(samples.subject, written, strict=True)):
        first.setdefault(str(person), place)
        if is_own(person):
            yield TableProblem(
                UNKNOWN, table, int(rows[place]), "subject", str(name),
                "The row does not say who took part; it counts as a person of its own.",
                "Write the person's code: somebody who is in another row, too, would be in training and test.",
            )  # fmt: skip
        else:
            spelled.setdefault(person_key(str(name)), {}).setdefault(str(name).strip(), place)
    for names in (found for found in spelled.values() if len(found) > 1):
        one, *others = names
        for other in others:
            yield TableProblem(
                SPELLINGS, table, int(rows[names[other]]), "subject", other,
                f"'{other}' and '{one}' in row {rows[names[one]]} count as one person: they differ in case, leading "
                "zeros or marks alone.",
                "If they are two people, give them codes that differ in more; else spell the code alike.",
            )  # fmt: skip
    for group in alike_people(first):
        for name in group[1:]:
            yield TableProblem(
                ALIKE, table, int(rows[first[name]]), "subject", name,
                f"'{name}' and '{group[0]}' in row {rows[first[group[0]]]} may be one person, but count as two.",
                "If they are one, spell the code alike: else one person would be in training and test.",
            )  # fmt: skip
    sites = samples.labels.get(_SITE)
    at: dict[str, dict[str, int]] = {}
    for place, person in enumerate(samples.subject if sites is not None else ()):
        if sites is not None and sites[place]:
            at.setdefault(str(person), {}).setdefault(str(sites[place]), place)
    for person, places in at.items():
        if len(places) > 1:
            one, *others = places
            yield TableProblem(
                SITES, table, int(rows[places[others[0]]]), "site", person,
                f"'{person}' is at site '{others[0]}', but at '{one}' in row {rows[places[one]]}.",
                "If these are two people, give them two codes; if one moved, folds by site keep the person together.",
            )  # fmt: skip


def load_participants(folder: str | Path) -> Participants:
    """Read the participants of a study.

    Parameters
    ----------
    folder : str or Path
        A study in which ``mien participants`` wrote, or its ``participants/``.

    Returns
    -------
    Participants

    Raises
    ------
    InputError
        If there are none or they were edited.
    """
    return Participants.read(folder)
