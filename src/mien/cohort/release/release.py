"""``release``: a copy of a study without faces, names, files and dates, checked before it is there."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from secrets import token_hex
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from mien.cohort.release.cells import QUASI, Cell, coarse, extremes, small_cells
from mien.cohort.release.check import leaks, leaks_of
from mien.cohort.release.kinds import why_left_out
from mien.cohort.release.names import Names
from mien.cohort.release.read import PARTICIPANTS, given_table, names_of, people_of, table_of
from mien.cohort.release.result import KeptFile, LeftOut, Release
from mien.cohort.release.tables import released
from mien.cohort.release.texts import GONE, Cleaner
from mien.core.errors import InputError
from mien.core.files import atomic_path, read_json, sha256_of, write_json, write_text
from mien.core.numbers import checked_numbers
from mien.core.words import did_you_mean
from mien.data.measures import BLOCKS, CODEBOOK

# The time of every file of a copy: 1 January 1980, which is nobody's.
_NO_TIME = 315_532_800
# What facts call the hashes of files beside them, and which files these are.
_HASH, _HASHED = "_sha256", (".parquet", ".csv", ".safetensors")
NO_TABLE = (
    "The study holds no table of participants, so small cells were not looked for. If age, sex or site are passed on "
    "beside the copy, name their table (samples)."
)


@checked_numbers
def release(
    study: str | Path,
    output: str | Path,
    *,
    samples: str | Path = "",
    smallest_cell: int = 5,
    quasi: Sequence[str] = (),
    coarsen: bool = False,
    keep_text: Sequence[str] = (),
) -> Release:
    """Write a copy of a study that can be passed on: measures, scores, evaluations and comparisons.

    Faces, media, pictures, maps, evidence about faces, weights, pages, file names and paths stay. People and recordings
    get new names, random and kept nowhere, the same in all tables; rows stand in the order of these. Dates, times of
    day and columns of free text are left out. Before the copy appears it is searched for every original name, path
    and date. Read docs/privacy.md for what that does not protect from.

    Parameters
    ----------
    study : str or Path
        Study folder.
    output : str or Path
        The copy's folder, which must not be there, not in the study and not around it.
    samples : str or Path
        A table of participants to be in the copy, if the study holds none.
    smallest_cell : int
        Combinations of age, sex, site and the like that fewer people share are named in the manifest.
    quasi : sequence of str
        Columns of the table of participants that count; by default those with usual names (``'age'``, ``'sex'``,
        ``'site'`` and others).
    coarsen : bool
        Make these columns coarser: numbers in bands (ages of adults: ten years), categories of fewer people than that
        ``'other'``.
    keep_text : sequence of str
        Columns of free text to be kept; original names in them are replaced.

    Returns
    -------
    Release
        Also in the copy's ``manifest.json``.

    Raises
    ------
    InputError
        If there is nothing to release, the output cannot be the copy's folder, or an original name, path or date would
        be in the copy.

    Examples
    --------
    >>> import mien
    >>> from mien.core.files import write_json, write_text
    >>> write_json("study/comparison/comparison.json", {"accuracy": 0.8, "people": ["ann", "bob"]})
    >>> write_text("who.csv", "subject,age,born\\nann,31,2001-02-03\\nbob,32,2002-03-04\\n")
    >>> found = mien.release("study", "copy", samples="who.csv")
    >>> found.people, [file.file for file in found.kept]
    (2, ['comparison/comparison.json', 'participants/participants.parquet'])
    """
    source, target = Path(study), Path(output)
    _check_folders(source, target)
    files = sorted(path for path in source.rglob("*") if path.is_file() and not path.is_symlink())
    table = table_of(source / PARTICIPANTS) if (source / PARTICIPANTS).is_file() else None
    if samples:
        table = given_table(samples)
    names = names_of(source, table)
    known = people_of(table) if table is not None else None
    columns = _quasi(known[1] if known else {}, quasi)
    coarser = {name: coarse(column, smallest_cell) for name, column in columns.items()} if coarsen else {}
    target.parent.mkdir(parents=True, exist_ok=True)
    # As private as the files in it: a folder for temporary files would be the user's own whatever was asked.
    half = target.parent / f".part-{token_hex(8)}"
    half.mkdir()
    try:
        kept, left_out = [], Counter[tuple[str, str]]()
        blocks: dict[PurePosixPath, list[pa.Table]] = {}
        copies: dict[Path, Path] = {}
        for path in files:
            name = PurePosixPath(path.relative_to(source).as_posix())
            why, done = why_left_out(name), None
            if not why and fnmatch(name.name, BLOCKS):
                # Which block a recording is in depends on its name.
                blocks.setdefault(name.with_name(BLOCKS.replace("*", "0")), []).append(table_of(path))
                continue
            if not why and not (samples and name == PARTICIPANTS):
                done, why = _written(path, name, half, names, coarser, frozenset(keep_text))
            kept += [done] if done else []
            copies |= {path: half / done.file} if done else {}
            left_out[_called(name, names), why] += 0 if done or not why else 1
        for name, tables in blocks.items():
            joined = pa.concat_tables(tables, promote_options="default")
            kept.append(_write_table(joined, name, half, names, coarser, frozenset(keep_text)))
        if samples and table is not None:
            kept.append(_write_table(table, PARTICIPANTS, half, names, coarser, frozenset(keep_text)))
        _renew_hashes(copies)
        if not kept:
            raise InputError(f"{source} holds nothing that can be passed on: no measures, scores or comparisons.")
        result = Release(
            target, len(set(names.people.values())), names.recordings, smallest_cell, tuple(columns),
            tuple(_cells(columns, coarser, smallest_cell)), tuple(_extremes(columns, coarser, smallest_cell)), coarsen,
            tuple(sorted(kept, key=lambda file: file.file)),
            tuple(LeftOut(what, files, why) for (what, why), files in sorted(left_out.items()) if files),
            () if known else (NO_TABLE,),
        )  # fmt: skip
        result.write(half)
        if found := leaks(half, names):
            raise InputError(f"No copy was written, because it would not be free of names: {'; '.join(found[:5])}.")
        _without_times(half)
        half.rename(target)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise
    return result


def _check_folders(study: Path, output: Path) -> None:
    if not study.is_dir():
        raise InputError(f"{study} is not a folder; give the study's.")
    here, there = study.resolve(), output.resolve()
    if there.is_relative_to(here) or here.is_relative_to(there):
        raise InputError(f"The copy cannot lie in the study or around it; name another folder than {output}.")
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise InputError(
            f"{output} is there already; a copy gets new names, so it is never added to. Name a new folder."
        )


def _quasi(columns: dict[str, np.ndarray], asked: Sequence[str]) -> dict[str, np.ndarray]:
    """The columns by which people could be found."""
    for name in asked:
        if name.casefold() not in columns:
            raise InputError(f"There is no column '{name}' among the participants.{did_you_mean(name, list(columns))}")
    wanted = [name.casefold() for name in asked] or [name for name in columns if name in QUASI]
    return {name: columns[name] for name in wanted}


def _coarsened(columns: dict[str, np.ndarray], coarser: dict[str, dict[str, str]]) -> dict[str, np.ndarray]:
    return {
        name: np.array([coarser.get(name, {}).get(text, text) for text in column], dtype=object)
        for name, column in columns.items()
    }


def _cells(columns: dict[str, np.ndarray], coarser: dict[str, dict[str, str]], k: int) -> list[Cell]:
    return small_cells(_coarsened(columns, coarser), k)


def _extremes(columns: dict[str, np.ndarray], coarser: dict[str, dict[str, str]], k: int) -> list[str]:
    return [line for name, column in _coarsened(columns, coarser).items() for line in extremes(name, column, k)]


def _written(
    path: Path, name: PurePosixPath, copy: Path, names: Names, coarser: dict[str, dict[str, str]], text: frozenset[str]
) -> tuple[KeptFile | None, str]:
    """Write one file into the copy, or say why not."""
    target = copy / names.within(name.as_posix())
    try:
        if name.suffix == ".json":
            cleaner = Cleaner(names, coarser)
            value = cleaner.clean(read_json(path))
            if value is GONE or value in ({}, []):
                return None, "nothing of it can be passed on"
            write_json(target, value)
            keys = {names.within(key) for key in cleaner.left_out if key}
            kept = KeptFile(target.relative_to(copy).as_posix(), keys_left_out=tuple(sorted(keys)))
        elif name.name == CODEBOOK:
            write_text(target, path.read_text(encoding="utf-8"))
            kept = KeptFile(target.relative_to(copy).as_posix())
        else:
            kept = _write_table(table_of(path), name, copy, names, coarser, text)
    except (InputError, UnicodeDecodeError):
        return None, "it cannot be read"
    if found := leaks_of(target, kept.file, names):
        target.unlink()
        return None, f"after names were replaced, {found[0]}"
    return kept, ""


def _write_table(
    table: pa.Table,
    name: PurePosixPath,
    copy: Path,
    names: Names,
    coarser: dict[str, dict[str, str]],
    text: frozenset[str],
) -> KeptFile:
    found = released(table, names, coarser, text)
    target = copy / names.within(name.as_posix())
    with atomic_path(target) as temporary, temporary.open("wb") as file:
        if target.suffix == ".csv":
            pa.csv.write_csv(found.table, file)
        else:
            pq.write_table(found.table, file, compression="zstd", store_schema=False)
    left_out = {names.within(column): why for column, why in found.left_out.items()}
    return KeptFile(target.relative_to(copy).as_posix(), left_out)


def _renew_hashes(copies: dict[Path, Path]) -> None:
    """Facts name the files beside them as they are in the copy: old hashes fit nothing, and tell the originals."""
    for path, copy in copies.items():
        facts: Any = read_json(copy) if path.suffix == ".json" else None
        named = [key for key in facts if key.endswith(_HASH)] if isinstance(facts, dict) else []
        if not named:
            continue
        beside = {sha256_of(file): copies.get(file) for file in path.parent.iterdir() if file.suffix in _HASHED}
        found = {key: beside.get(facts[key]) for key in named}
        rest = {key: value for key, value in facts.items() if key not in (*named, "checksum")}
        write_json(copy, rest | {key: sha256_of(file) for key, file in found.items() if file})


def _called(file: PurePosixPath, names: Names) -> str:
    """A file that is left out, without its name where that could be a person's."""
    if len(file.parts) == 1:
        return names.within(file.name) if not names.found_in(file.name) else f"*{file.suffix}"
    return f"{names.within(file.parts[0])}/*{file.suffix}"


def _without_times(folder: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        os.utime(path, (_NO_TIME, _NO_TIME))
