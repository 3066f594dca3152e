"""Samples from tables, folders and known data sets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.data import datasets
from mien.data.class_folders import read_class_folder
from mien.data.missing_codes import without_codes
from mien.data.rating_tables import holds_single_ratings, mean_ratings
from mien.data.shards import read_faces
from mien.data.tables import MISSING, SUFFIXES, Table, read_table

_ALSO_CALLED = {
    "path": ("file", "filename", "file_name", "filepath", "image", "picture", "video", "stimulus"),
    "subject": ("participant", "person", "subject_id", "participant_id", "subj", "sub", "identity", "actor", "id"),
}
_TABLE_NAMES = ("samples.csv", "samples.parquet", "samples.xlsx")


def read_samples(
    spec: str | Path,
    *,
    labels: Sequence[str] = (),
    subject_pattern: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> Samples:
    """Read what is to be studied.

    Parameters
    ----------
    spec : str or Path
        One of

        - a table (``.csv``, ``.tsv``, ``.parquet``, ``.xlsx``) with the columns ``path`` (picture or video, relative to
          the table's folder) or ``clip`` (id of a clip whose landmarks come ready-made), ``subject`` (who is
          shown), optionally ``group``, and any others: columns of text become labels, columns of numbers
          ratings. Empty cells and ``NA`` are unknown; each row of an unknown subject is a person of its own, which a
          note says;
        - a folder that holds ``samples.csv``, ``samples.parquet`` or ``samples.xlsx``;
        - a folder with one sub-folder of pictures or videos per class; the column is called ``label``. Sub-folders
          such as ``train`` and ``test`` are no classes: those below them are;
        - ``london``, ``omi``, ``buhmap``, ``us-adult-faces`` or ``synthetic``: a known data set in the folder
          ``MIEN_DATA``, or with ``:PATH`` behind the name one elsewhere.
    labels : sequence of str
        Columns of a table that are classes although they hold numbers, such as 0 and 1.
    subject_pattern : str, optional
        For a folder per class: a regular expression that finds the subject in a file's path below the
        folder; its group ``subject``, else its first group, else the whole match counts. Without it the subject is
        read from files' names where all are those of a known set (KDEF, RaFD, CK+ and others); names that look as if
        several files showed one person are refused, and else a note says that every file counts as another person.
    columns : mapping of str to str, optional
        What a table calls ``path``, ``subject``, ``clip``, ``group`` and others: ``{"path": "Bild", "subject": "Vp"}``.

    Returns
    -------
    Samples

    Raises
    ------
    InputError
        With file, column and next step, for missing columns, repeated paths, rows without a path, text
        among the numbers of a column, empty files.
    """
    name, path = _parse(spec)
    if columns and (name in datasets.READERS or (path.is_dir() and _table_in(path) is None)):
        raise InputError(f"columns name those of a table, but {spec} is none; leave them out.")
    if name in datasets.READERS:
        return datasets.READERS[name](path)
    if path.is_dir():
        table = _table_in(path)
        if table is not None:
            samples = samples_from_table(renamed(read_table(table), columns), labels=labels)
            return replace(samples, name="synthetic" if name else path.name, synthetic=bool(name))
        if name:
            raise InputError(f"{path} has no samples.csv, so it is no folder of synthetic samples.")
        return read_class_folder(path, subject_pattern)
    if not path.exists():
        raise InputError(_no_such(spec, path))
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path} is neither a folder nor a table of samples ({', '.join(SUFFIXES)}).")
    return samples_from_table(renamed(read_table(path), columns), labels=labels)


def read_ready_faces(spec: str | Path) -> Faces | None:
    """Landmarks that come with the samples, or None where they have to be extracted from pictures.

    Parameters
    ----------
    spec : str or Path
        As for ``read_samples``. ``buhmap`` brings OpenFace landmarks; ``samples.csv`` or the folder it lies in
        (such as a synthetic cohort) brings those of the folder ``faces`` beside it.

    Returns
    -------
    Faces or None
        Its sources are the samples' paths.
    """
    name, path = _parse(spec)
    if name == "buhmap":
        return datasets.buhmap_faces(path)
    if name in datasets.READERS:
        return None
    if path.name in _TABLE_NAMES:
        path = path.parent
    if not path.is_dir() or _table_in(path) is None or not (path / "faces").is_dir():
        return None
    return read_faces(path / "faces")


def samples_from_table(table: Table, *, labels: Sequence[str] = ()) -> Samples:
    """Samples of a table; see ``read_samples`` for its columns."""
    notes, about = _notes_of_columns(table), {}
    if holds_single_ratings(table):
        table, more = mean_ratings(table)
        notes += more
    key = "path" if "path" in table.columns or "clip" not in table.columns else "clip"
    path = table.need(key, "the picture or video of each row; 'clip' for ready-made landmarks", _ALSO_CALLED["path"])
    subject = table.need("subject", "who is shown; folds never split a subject", _ALSO_CALLED["subject"])
    for asked in labels:
        table.need(asked, "asked for as labels")
    _no_gaps(table, key, path)
    subject = np.array(["" if v.strip() in MISSING else v for v in subject], dtype=object)
    _no_repeats(table, key, path)
    # Rows of means over raters are not those of the file.
    rows = None if notes else np.arange(len(table)) + table.first_row
    texts: dict[str, np.ndarray] = {}
    numbers: dict[str, np.ndarray] = {}
    for name, column in table.columns.items():
        if name in ("path", "clip", "subject", "group") or not name:
            continue
        values = None if name in labels else _ratings(table, name)
        if values is None:
            texts[name] = np.array(["" if v.strip() in MISSING else v.strip() for v in column], dtype=object)
        else:
            numbers[name], said = without_codes(name, values, rows)
            # Those about single ratings begin with the rating's name, too.
            about[name] = (*(note for note in notes if note.startswith(f"'{name}' ")), *said)
            notes += said
    group = table.columns.get("group")
    return Samples(
        path=path,
        subject=subject,
        labels=texts,
        ratings=numbers,
        group=group if group is not None and (group != "").any() else None,
        root=table.path.resolve().parent if key == "path" else None,
        name=table.path.stem,
        notes=notes,
        column_notes=about,
    )


def renamed(table: Table, columns: Mapping[str, str] | None) -> Table:
    """The table with some columns under the names that mien knows.

    Raises
    ------
    InputError
        If the table has no such column, or one of the new name already.
    """
    if not columns:
        return table
    for ours, theirs in columns.items():
        table.need(theirs, f"named as '{ours}'")
        if ours in table.columns and ours != theirs and ours not in columns.values():
            raise InputError(
                f"{table.path}: '{theirs}' is to be taken as '{ours}', but there is a column '{ours}' as well. Rename "
                "or remove one of the two."
            )
    names = {theirs: ours for ours, theirs in columns.items()}
    return replace(table, columns={names.get(name, name): values for name, values in table.columns.items()})


def _notes_of_columns(table: Table) -> tuple[str, ...]:
    """Which columns are neither numbers nor text."""
    if not table.skipped:
        return ()
    columns = ", ".join(f"'{name}' ({kind})" for name, kind in table.skipped.items())
    return (f"Columns left out, because they hold neither numbers nor text: {columns}.",)


def _ratings(table: Table, name: str) -> np.ndarray | None:
    """The column as numbers, or None where it holds text."""
    values, bad = table.numbers(name)
    found = int(np.isfinite(values).sum())
    if found <= bad.sum():
        if table.needs_decimal_comma(name):
            raise InputError(
                f"{table.path}: the column '{name}' writes numbers with a comma. Write them with a point, or separate "
                "the columns by semicolons."
            )
        return None
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise InputError(
            f"{table.path}: the column '{name}' holds numbers, but row {row + table.first_row} says "
            f"'{table.columns[name][row]}' ({int(bad.sum())} such rows). Write a number or leave the cell empty; "
            f"if these are classes, read the column as labels (labels=['{name}'])."
        )
    return values


def _no_gaps(table: Table, name: str, column: np.ndarray) -> None:
    empty = np.flatnonzero([v.strip() in MISSING for v in column])
    if len(empty):
        raise InputError(
            f"{table.path}: row {empty[0] + table.first_row} has no '{name}' ({len(empty)} such rows); "
            "every row needs one."
        )


def _no_repeats(table: Table, name: str, column: np.ndarray) -> None:
    first: dict[str, int] = {}
    for row, value in enumerate(column):
        if value in first:
            raise InputError(
                f"{table.path}: rows {first[value] + table.first_row} and {row + table.first_row} both have the {name} "
                f"'{value}'. "
                "Keep one row per picture or clip; put what differs into columns of its own. If these are single "
                "ratings, call the column of who rated 'rater'."
            )
        first[value] = row


def _table_in(folder: Path) -> Path | None:
    return next((folder / name for name in _TABLE_NAMES if (folder / name).is_file()), None)


def _parse(spec: str | Path) -> tuple[str, Path]:
    """Name of the known data set ('' for none) and the path."""
    text = str(spec)
    if not text.strip():
        raise InputError("The samples are named by an empty text; give a table, a folder or a data set.")
    name, colon, rest = text.partition(":")
    if name in datasets.FOLDERS and not isinstance(spec, Path):
        if colon and rest:
            return name, Path(rest).expanduser()
        return name, datasets.data_root() / datasets.FOLDERS[name]
    return "", Path(text).expanduser()


def _no_such(spec: str | Path, path: Path) -> str:
    prefix = re.split(r"[:/\\]", str(spec))[0]
    known = get_close_matches(prefix, datasets.FOLDERS, n=1)
    beside = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    close = get_close_matches(path.name, beside, n=1)
    hint = f" Did you mean '{path.parent / close[0]}'?" if close else f" Did you mean '{known[0]}'?" if known else ""
    return (
        f"There are no samples at {path}.{hint} Give a table, a folder with one sub-folder per class, or one of "
        f"{', '.join(datasets.FOLDERS)} (with ':PATH' where it is not in the folder MIEN_DATA)."
    )
