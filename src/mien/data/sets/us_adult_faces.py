"""10k US Adult Faces (Bainbridge, Isola, Blank & Oliva): its sheets as tables, memorability as one more rating."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.data.media.pictures import SUFFIXES
from mien.data.tables import workbooks
from mien.data.tables.missing_codes import without_codes
from mien.data.tables.ratings import SingleRatings
from mien.data.tables.table import FileTable, listed, read_table

MEMORABILITY = "memorability"
SHEETS = ("memorability.csv", "attributes.csv")
# As the database is given out: the workbook of each, and the sheet that holds one row per picture.
WORKBOOKS = ("memorability-scores.xlsx", "psychology-attributes.xlsx")
MEANS = "Final Values"
# What the attributes' workbook holds about raters: questions that check their attention, and who they are.
ABOUT_RATERS = ("Image #", "catch", "catchAns", "subID", "subage", "submale", "subrace")
_FILE = ("filename", "file", "image", "imagename", "imagefile", "picture", "photo", "path")


def us_adult_faces(folder: Path) -> Samples:
    """Faces with memorability and perceived attributes.

    Parameters
    ----------
    folder : Path
        Holds, in any sub-folders, the pictures and the database's workbooks as they are given out,
        ``memorability-scores.xlsx`` and ``psychology-attributes.xlsx``; or these as CSV, ``memorability.csv`` (picture,
        hit rate, false-alarm rate) and ``attributes.csv`` (picture, then a column of mean ratings per attribute). One
        of the two is enough. The order of columns plays no part, their names have to say what they hold.

    Returns
    -------
    Samples
        Ratings: ``memorability`` (hit rate minus false-alarm rate), ``hit rate``, ``false-alarm rate`` and all
        attributes; NaN where one sheet does not name a picture. Every picture is taken to show another person.

    Raises
    ------
    InputError
        If both sheets are missing, it is not clear what a column holds, a rate is no share, or a picture is not there.
    """
    places = [_sheet(folder, number) for number in range(len(SHEETS))]
    if not any(places):
        raise InputError(_absent(folder))
    tables = [place if place is None else _read(place) for place in places]
    columns: dict[str, dict[str, float]] = {}
    names: dict[str, None] = {}
    notes: list[str] = []
    for table, read in zip(tables, (_memorability, _attributes), strict=True):
        if table is None:
            continue
        pictures = _pictures_of(table)
        names |= dict.fromkeys(pictures)
        for rating, values in read(table).items():
            if rating in columns:
                raise InputError(f"{table.path}: '{rating}' is in both sheets; rename the column in one of them.")
            known, said = without_codes(rating, values, np.arange(len(table)) + table.first_row)
            notes += said
            columns[rating] = dict(zip(pictures, known.tolist(), strict=True))
    paths = _places(folder, list(names))
    return Samples(
        path=np.array(paths, dtype=object),
        subject=np.array([Path(name).stem for name in names], dtype=object),
        ratings={
            rating: np.array([held.get(name, np.nan) for name in names], dtype=np.float64)
            for rating, held in columns.items()
        },
        root=folder.resolve(),
        name="10k US Adult Faces",
        licence="as agreed with its authors; for research, not to be passed on",
        credit="Bainbridge, W. A., Isola, P. & Oliva, A. (2013), The intrinsic memorability of face photographs, "
        "Journal of Experimental Psychology: General 142(4), 1323-1334.",
        notes=tuple(notes),
    )


def us_adult_faces_ratings(folder: Path) -> SingleRatings:
    """Every rater's ratings of the attributes, from the first sheet of ``psychology-attributes.xlsx``.

    Each row of that sheet holds what two people said, one about half of the attributes and one about the other half,
    so who rated is not known.

    Raises
    ------
    InputError
        If the workbook or its columns are missing.
    """
    place = next(iter(sorted(folder.rglob(WORKBOOKS[1]))), None)
    if place is None:
        raise InputError(f"{folder} has no {WORKBOOKS[1]}, whose first sheet holds the single ratings.")
    table = read_table(place, numbers=True, sheet=workbooks.sheet_names(place)[0], without=ABOUT_RATERS)
    key = _file_column(table)
    names = table.columns[key].astype(str)
    distinct, number = np.unique(names, return_inverse=True)
    item = np.array(_places(folder, [str(name) for name in distinct]), dtype=object)[number]
    result = {name: values for name, values in _attributes(table).items() if name != key}
    attribute = np.repeat(np.array(list(result), dtype=object), len(item))
    single = SingleRatings(np.tile(item, len(result)), attribute, np.concatenate(list(result.values())))
    single = single.without_codes(np.tile(np.arange(len(table)) + table.first_row, len(result)))
    return single[np.isfinite(single.value)]


def _sheet(folder: Path, number: int) -> Path | None:
    """The CSV that somebody wrote, else the workbook as it is given out."""
    written = folder / SHEETS[number]
    return written if written.is_file() else next(iter(sorted(folder.rglob(WORKBOOKS[number]))), None)


def _read(place: Path) -> FileTable:
    """A sheet with a row per picture."""
    book = place.suffix == workbooks.SUFFIX
    named = book and MEANS in workbooks.sheet_names(place)
    return read_table(place, sheet=MEANS if named else "", without=ABOUT_RATERS)


def _absent(folder: Path) -> str:
    where = "does not exist" if not folder.is_dir() else f"has neither {' nor '.join(WORKBOOKS)}"
    return (
        f"The data set 'us-adult-faces' is not here: {folder} {where}. It is given out by its authors on request; put "
        f"its folders there as they come, or its sheets as CSV, {' and '.join(SHEETS)}."
    )


def _memorability(table: FileTable) -> dict[str, np.ndarray]:
    hit = _rate(table, "hit rate", lambda name: ("hit" in name and "rate" in name) or name == "hr")
    false = _rate(
        table,
        "false-alarm rate",
        lambda name: ("false" in name and "alarm" in name and "rate" in name) or name in ("far", "fa", "farate"),
    )
    return {MEMORABILITY: hit - false, "hit rate": hit, "false-alarm rate": false}


def _rate(table: FileTable, what: str, means: object) -> np.ndarray:
    assert callable(means)
    result = [name for name in table.columns if means(_plain(name))]
    if len(result) != 1:
        said = f"several columns could be the {what} ({listed(result)})" if result else f"no column is called {what}"
        raise InputError(
            f"{table.path}: {said}. Memorability is hit rate minus false-alarm rate; name these columns so and others "
            f"differently. The columns are: {listed(list(table.columns))}."
        )
    values = _numbers(table, result[0])
    known = values[np.isfinite(values)]
    if len(known) and not (known.min() >= 0 and known.max() <= 1):
        raise InputError(
            f"{table.path}: '{result[0]}' goes from {known.min():g} to {known.max():g}, but a rate is a share from 0 "
            "to 1. Divide per cents by 100, or name the column that holds the rate."
        )
    return values


def _attributes(table: FileTable) -> dict[str, np.ndarray]:
    key = _file_column(table)
    result = {}
    for name in table.columns:
        values, wrong = table.numbers(name)
        if name == key or wrong.mean() > 0.5 or not np.isfinite(values).any():
            continue
        result[name.strip()] = _numbers(table, name)
    if not result:
        raise InputError(
            f"{table.path} has no column of numbers, so no attribute; its columns are: {listed(list(table.columns))}."
        )
    return result


def _numbers(table: FileTable, name: str) -> np.ndarray:
    values, wrong = table.numbers(name)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        text = table.columns[name][row]
        raise InputError(f"{table.path}, row {row + table.first_row}: '{name}' says '{text}', which is no number.")
    return values


def _file_column(table: FileTable) -> str:
    known = {name: _plain(name) for name in table.columns}
    # "Image #" counts pictures, it does not name them.
    result = [name for name, plain in known.items() if plain in _FILE and _names_pictures(table.columns[name])]
    if not result:
        raise InputError(
            f"{table.path}: no column could name the pictures; call one 'filename'. The columns are: "
            f"{listed(list(table.columns))}."
        )
    return min(result, key=lambda name: _FILE.index(known[name]))


def _names_pictures(column: np.ndarray) -> bool:
    return any(Path(str(text).strip()).suffix.lower() in SUFFIXES for text in column)


def _pictures_of(table: FileTable) -> list[str]:
    names = [str(name).strip() for name in table.columns[_file_column(table)]]
    seen: set[str] = set()
    for row, name in enumerate(names):
        if not name or name in seen:
            what = f"names '{name}' again" if name else "names no picture"
            raise InputError(f"{table.path}: row {row + table.first_row} {what}; keep one row per picture.")
        seen.add(name)
    return names


def _places(folder: Path, names: list[str]) -> list[str]:
    """Place of each picture below the folder, wherever it lies."""
    held: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES:
            held.setdefault(path.name, path.relative_to(folder).as_posix())
    absent = [name for name in names if Path(name).name not in held]
    if absent:
        raise InputError(
            f"{folder} holds {len(held)} pictures, but {len(absent)} that the sheets name are not among them, such as "
            f"'{absent[0]}'. Put the pictures below this folder."
        )
    return [held[Path(name).name] for name in names]


def _plain(name: str) -> str:
    """Small letters and digits only."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
