"""Samples from tables, folders and known data sets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.core.switch import settle
from mien.core.words import did_you_mean
from mien.data.layout.class_folders import read_class_folder
from mien.data.sets.catalogue import SETS, DataSet, set_of
from mien.data.shards import read_faces
from mien.data.tables.missing_codes import without_codes
from mien.data.tables.ratings import holds_single_ratings, mean_ratings
from mien.data.tables.repeats import repeated_rows
from mien.data.tables.sample_columns import as_numbers, codes_of, renamed, without_answers
from mien.data.tables.table import MISSING, SUFFIXES, FileTable, read_table
from mien.data.vocabulary import in_common_words, words_of

_ALSO_CALLED = {
    "path": ("file", "filename", "file_name", "filepath", "image", "picture", "video", "stimulus"),
    "subject": ("participant", "person", "subject_id", "participant_id", "subj", "sub", "identity", "actor", "id"),
}
# Of pictures of things: what each shows, and the kind of thing.
SOURCE, CATEGORY = "source", "category"
# What programs write for no value, but people for "none of these".
_NONE = "None"
_TABLE_NAMES = ("samples.csv", "samples.parquet", "samples.xlsx")


def read_samples(
    spec: str | Path,
    *,
    labels: Sequence[str] = (),
    subject_pattern: str | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Sequence[str | float] | str | float = (),
    same: Mapping[str, str] | str | Path = "",
) -> Samples:
    """Read what is to be studied.

    Parameters
    ----------
    spec : str or Path
        One of

        - a table (``.csv``, ``.tsv``, ``.parquet``, ``.xlsx``) with the columns ``path`` (picture or video, relative to
          the table's folder) or ``clip`` (id of a clip whose landmarks come ready-made), ``subject`` (who is
          shown) or, of pictures of things, ``source`` (which thing or person), optionally ``group``, and any others:
          columns of text become labels, columns of numbers ratings. Empty cells and ``NA`` are unknown; each row of an
          unknown subject is a person of its own, and rows without a path are left out, both of which a note says;
        - a folder that holds ``samples.csv``, ``samples.parquet`` or ``samples.xlsx``;
        - a folder with one sub-folder of pictures or videos per class; the column is called ``label``. Sub-folders
          such as ``train`` and ``test`` are no classes: those below them are;
        - ``london``, ``ck+`` and others that ``mien.datasets()`` lists: a known data set in the folder ``MIEN_DATA``,
          or with ``:PATH`` behind the name one elsewhere.
    labels : sequence of str
        Columns of a table that are classes although they hold numbers, such as 0 and 1.
    subject_pattern : str, optional
        For a folder per class: a regular expression that finds the subject in a file's path below the
        folder; its group ``subject``, else its first group, else the whole match counts. Without it the subject is
        read from files' names where all are those of a known set (KDEF, RaFD, CK+ and others); names that look as if
        several files showed one person are refused, and else a note says that every file counts as another person.
    columns : mapping of str to str, optional
        What a table calls ``path``, ``subject``, ``clip``, ``group`` and others: ``{"path": "Bild", "subject": "Vp"}``.
    missing : sequence of numbers or str
        Codes that a table writes for "no answer", such as 999 and -9: these cells count as empty.
    same : mapping, str or Path, optional
        Labels in one vocabulary: ``{"smiling": "happiness"}`` or ``'smiling=happiness'``; or a file, a table with the
        columns ``set``, ``label`` and ``common`` or TOML with a table for each set, in which every label of a set has
        to be named. ``''`` leaves a label out. The column ``own_`` + name keeps what was there. Data sets that are read
        by name have common words from the start, in ``label``; theirs are in ``own_label``.

    Returns
    -------
    Samples

    Raises
    ------
    InputError
        With file, column and next step, for missing columns, repeated paths, no row with a path, text among the
        numbers of a column, empty files, labels without a common word.

    Examples
    --------
    >>> import mien
    >>> from pathlib import Path
    >>> _ = Path("samples.csv").write_text("Bild,Vp,expression,warm\\na.jpg,ann,smile,5\\nb.jpg,ben,neutral,999\\n")
    >>> samples = mien.read_samples("samples.csv", columns={"path": "Bild", "subject": "Vp"}, missing=999)
    >>> samples.subject.tolist(), samples.labels["expression"].tolist(), samples.ratings["warm"].tolist()
    (['ann', 'ben'], ['smile', 'neutral'], [5.0, nan])
    """
    known, path = _parse(spec)
    words = words_of(same) if same else None
    samples = _as_written(spec, known, path, labels, subject_pattern, columns, missing)
    return samples if words is None else in_common_words(samples, words, set_names(spec))


def set_names(spec: str | Path) -> tuple[str, ...]:
    """What samples are called in a file of words (``same``): the data set's name, or the table's without its ending.

    A table called as ``samples.csv`` has that of its folder, too, which goes before.

    Examples
    --------
    >>> set_names("adults/samples.csv"), set_names("adults.csv"), set_names("london")
    (('samples', 'adults'), ('adults',), ('london',))
    """
    known, path = _parse(spec)
    if known:
        return (known.name,)
    if path.name in _TABLE_NAMES:
        path = path.parent
    elif not path.is_dir():
        return (path.stem,)
    elif table_in(path) is None:
        return (path.absolute().name,)
    return "samples", path.absolute().name


def _as_written(
    spec: str | Path,
    known: DataSet | None,
    path: Path,
    labels: Sequence[str],
    subject_pattern: str | None,
    columns: Mapping[str, str] | None,
    missing: Sequence[str | float] | str | float,
) -> Samples:
    """Samples with the labels that they have; see ``read_samples``."""
    name = known.name if known else ""
    settle(path if path.is_dir() else path.parent)
    codes = codes_of(missing)
    no_table = bool(known and known.home) or (path.is_dir() and table_in(path) is None)
    for given, words in ((columns, "columns name those"), (codes, "missing names codes")):
        if given and no_table:
            raise InputError(
                f"{words} of a table, but {spec} is none; leave {'them' if given is columns else 'it'} out."
            )
    if known and known.home:
        return replace(known.run(path), read_from=f"{name}:{path.absolute()}")
    table = table_in(path) if path.is_dir() else path
    if table is None and name:
        raise InputError(f"{path} has no samples.csv, so it is no folder of synthetic samples.")
    if table is None:
        return read_class_folder(path, subject_pattern)
    if not table.exists():
        raise InputError(_no_such(spec, path))
    if table.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path} is neither a folder nor a table of samples ({', '.join(SUFFIXES)}).")
    read = renamed(read_table(table, having=_needed(columns)), columns)
    samples = samples_from_table(without_answers(read, codes), labels=labels)
    samples = replace(samples, read_from=f"{name}:{path.absolute()}" if name else str(path.absolute()))
    return replace(samples, name="synthetic" if name else path.name, synthetic=bool(name)) if path.is_dir() else samples


def given_samples(
    samples: Any,
    *,
    labels: Sequence[str] = (),
    subject_pattern: str | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Sequence[str | float] | str | float = (),
    same: Mapping[str, str] | str | Path = "",
) -> Any:
    """Samples as a verb was given them, read from their table where something was said of that.

    Parameters
    ----------
    samples : str, Path, Samples or anything else
    labels, subject_pattern, columns, missing, same
        As in ``read_samples``.

    Raises
    ------
    InputError
        As ``read_samples``; and where something is said of a table, but the samples were read already.
    """
    said: dict[str, Any] = {
        "labels": labels,
        "subject_pattern": subject_pattern,
        "columns": columns,
        "missing": missing,
        "same": same,
    }
    asked = {name: value for name, value in said.items() if value not in (None, (), [], {}, "")}
    if not asked:
        return samples
    if not isinstance(samples, (str, Path)):
        raise InputError(
            f"{', '.join(asked)}: how a table is read is said where it is read, but these samples are no table's name. "
            f"Give {next(iter(asked))} to read_samples."
        )
    return read_samples(samples, **asked)


def _needed(columns: Mapping[str, str] | None) -> tuple[tuple[str, ...], ...]:
    """Names of which a sheet of samples has one each, as the table writes them."""
    theirs = dict(columns or {})
    keys = ("path", "clip", *_ALSO_CALLED["path"])
    who = ("subject", SOURCE, *_ALSO_CALLED["subject"])
    return tuple((*names, *(theirs[n] for n in names if n in theirs)) for names in (keys, who))


def faces_of(samples: Samples, faces: Faces | str | Path | None = None) -> Faces | None:
    """The samples' faces: those given, or read from the folder given, or those that lie ready beside the samples.

    Returns
    -------
    Faces or None
        None where none are given and none lie ready; see ``read_ready_faces``.
    """
    if faces is not None:
        return faces if isinstance(faces, Faces) else read_faces(Path(faces))
    return read_ready_faces(samples.read_from) if samples.read_from else None


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
    known, path = _parse(spec)
    if known and known.home:
        return known.code_at(known.faces)(path) if known.faces else None
    if path.name in _TABLE_NAMES:
        path = path.parent
    settle(path)
    if not path.is_dir() or table_in(path) is None or not (path / "faces").is_dir():
        return None
    return read_faces(path / "faces")


def samples_from_table(table: FileTable, *, labels: Sequence[str] = ()) -> Samples:
    """Samples of a table; see ``read_samples`` for its columns."""
    notes = _notes_of_columns(table)
    about: dict[str, tuple[str, ...]] = {}
    unread = dict(table.skipped)
    averaged = holds_single_ratings(table)
    if averaged:
        table, more = mean_ratings(table)
        notes += more
    key, path, subject = _who_and_what(table)
    things = _names_things(table)
    # Categories may be numbered.
    labels = (*labels, CATEGORY) if things and CATEGORY in table.columns else labels
    for asked in labels:
        table.need(asked, "asked for as labels")
    there = np.array([v.strip() not in MISSING for v in path], dtype=bool)
    notes += _without(table, key, there)
    # Means over raters are one row per picture already.
    again, repeated = (np.zeros(len(path), dtype=bool), ()) if averaged else repeated_rows(table)
    notes += repeated
    there &= ~again
    subject = np.array(["" if v.strip() in MISSING else v for v in subject], dtype=object)
    _no_repeats(table, key, path, there)
    # Rows of means over raters are not those of the file.
    rows = None if averaged else np.arange(len(table)) + table.first_row
    texts: dict[str, np.ndarray] = {}
    numbers: dict[str, np.ndarray] = {}
    for name, column in table.columns.items():
        if name in ("path", "clip", "subject", "group") or not name or (things and name == SOURCE):
            continue
        values, said = (None, ()) if name in labels else as_numbers(table, name)
        notes += said
        if values is None:
            texts[name] = np.array(["" if v.strip() in MISSING else v.strip() for v in column], dtype=object)
            if nones := sum(v.strip() == _NONE for v in column):
                about[name] = (
                    f"In the column '{name}', '{_NONE}' ({nones} rows) counts as an empty cell; if it is a class or a "
                    "group, give it another name.",
                )
                notes += about[name]
        else:
            numbers[name], said = without_codes(name, values, rows)
            # Those about single ratings begin with the rating's name, too.
            about[name] = (*(note for note in notes if note.startswith(f"'{name}' ")), *said)
            notes += said
    group = table.columns.get("group")
    samples = Samples(
        path=path,
        subject=subject,
        labels=texts,
        ratings=numbers,
        group=group if group is not None and (group != "").any() else None,
        root=table.path.resolve().parent if key == "path" else None,
        name=table.path.stem,
        notes=notes,
        unread=unread,
        column_notes=about,
        things=things,
    )
    return samples if there.all() else samples[there]


def _names_things(table: FileTable) -> bool:
    """Whether a table says what is shown in a column of sources, and in none of people."""
    return SOURCE in table.columns and "subject" not in table.columns


def _who_and_what(table: FileTable) -> tuple[str, np.ndarray, np.ndarray]:
    """``'path'`` or ``'clip'``, that column, and the one of subjects."""
    lower = {name.lower() for name in table.columns}
    clips = "path" not in table.columns and ("clip" in table.columns or ("clip" in lower and "path" not in lower))
    key = "clip" if clips else "path"
    who = SOURCE if _names_things(table) else "subject"
    missing = [role for role in (key, who) if role not in table.columns]
    meant = {role: table.close_to(role, _ALSO_CALLED.get(role, ())) for role in missing}
    option = "--columns " + ",".join(f"{role}={name}" for role, name in meant.items() if name)
    what = "the picture or video of each row; 'clip' for ready-made landmarks"
    path = table.need(key, what, _ALSO_CALLED.get(key, ()), option)
    subject = table.need(who, "who is shown; all rows of a person are in one fold", _ALSO_CALLED.get(who, ()), option)
    return key, path, subject


def _notes_of_columns(table: FileTable) -> tuple[str, ...]:
    """Which columns cannot be used, and what was found when the file was read."""
    left_out = tuple(f"The column '{name}' was left out. {why}" for name, why in table.skipped.items())
    return (*table.notes, *left_out)


def _without(table: FileTable, name: str, there: np.ndarray) -> tuple[str, ...]:
    """A sentence about the rows that name no recording, which are left out."""
    rows = [str(row + table.first_row) for row in np.flatnonzero(~there)]
    if not rows:
        return ()
    if len(rows) == len(there):
        raise InputError(f"{table.path}: row {rows[0]} has no '{name}' ({len(rows)} such rows), nor has any other row.")
    if len(rows) == 1:
        return (f"One row has no '{name}' and is left out: row {rows[0]}.",)
    more = f" and {len(rows) - 5} others" if len(rows) > 5 else ""
    return (f"{len(rows)} rows have no '{name}' and are left out: rows {', '.join(rows[:5])}{more}.",)


def _no_repeats(table: FileTable, name: str, column: np.ndarray, there: np.ndarray) -> None:
    first: dict[str, int] = {}
    for row in np.flatnonzero(there).tolist():
        value = column[row]
        if value in first:
            raise InputError(
                f"{table.path}: rows {first[value] + table.first_row} and {row + table.first_row} both have the {name} "
                f"'{value}'. "
                "Keep one row per picture or clip; put what differs into columns of its own. If these are single "
                "ratings, call the column of who rated 'rater'."
            )
        first[value] = row


def table_in(folder: Path) -> Path | None:
    """The table of samples that a folder holds, if any."""
    return next((folder / name for name in _TABLE_NAMES if (folder / name).is_file()), None)


def _parse(spec: str | Path) -> tuple[DataSet | None, Path]:
    """The known data set (None for none) and the path."""
    if not isinstance(spec, str | Path):
        raise InputError(
            f"Samples are a table, a folder, a data set's name or Samples, but got a {type(spec).__name__}; give its "
            "samples (and its faces, where it has some) instead."
        )
    if not str(spec).strip():
        raise InputError("The samples are named by an empty text; give a table, a folder or a data set.")
    known, place = set_of(spec)
    return known, known.place(place) if known else Path(place).expanduser()


def _no_such(spec: str | Path, path: Path) -> str:
    # A path with folders is none of a data set's names.
    prefix, colon, _ = str(spec).partition(":")
    named = colon or not re.search(r"[/\\]", prefix)
    beside = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    close = get_close_matches(path.name, beside, n=1, cutoff=0.7)
    known = did_you_mean(prefix, SETS, cutoff=0.7) if named else ""
    hint = f" Did you mean '{path.parent / close[0]}'?" if close else known
    return (
        f"There are no samples at {path}.{hint} Give a table, a folder with one sub-folder per class, or one of "
        f"{', '.join(SETS)} (with ':PATH' where it is not in the folder MIEN_DATA)."
    )
