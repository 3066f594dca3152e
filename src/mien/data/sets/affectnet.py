"""AffectNet: pictures from the web with expressions, valence and arousal, as tables or as arrays."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.data.sets.finding import PICTURES, Entry, Finding

CODES = ("neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt", "none", "uncertain",
         "no face")  # fmt: skip
# What nobody called an expression.
_NO_EXPRESSION = ("none", "uncertain", "no face")
_PATH, _CODE, _RATINGS = "subDirectory_filePath", "expression", ("valence", "arousal")
# Of tables without a header: the columns' places.
_COLUMNS = (_PATH, "face_x", "face_y", "face_width", "face_height", "facial_landmarks", _CODE, *_RATINGS)
_TABLES = {"training.csv": "train", "validation.csv": "validation"}
_EXPRESSION, _OTHERS = "_exp.npy", {"valence": "_val.npy", "arousal": "_aro.npy"}


def affectnet(folder: Path) -> Samples:
    """AffectNet; ratings ``valence`` and ``arousal`` from -1 to 1.

    Raises
    ------
    InputError
        If there are neither tables nor arrays of labels, or no pictures for them.
    """
    finding = Finding("affectnet", folder)
    tables, arrays = finding.named(*_TABLES), [path for path in finding.files if path.lower().endswith(_EXPRESSION)]
    entries = list(_of_tables(finding, tables) if tables else _of_arrays(finding, arrays))
    return finding.samples(entries)


def _of_tables(finding: Finding, tables: list[str]) -> Iterator[Entry]:
    # The last two parts of a path, as '1/abc.jpg', name a picture.
    pictures = {"/".join(path.split("/")[-2:]).casefold(): path for path in finding.ending(PICTURES)}
    taken: set[str] = set()
    for table in tables:
        part = _TABLES[table.rpartition("/")[2].casefold()]
        for line, row in _rows(finding.folder / table):
            path = pictures.get("/".join(row[_PATH].replace("\\", "/").split("/")[-2:]).casefold(), "")
            if not path:
                finding.pass_over("rows without a picture", f"{row[_PATH]} ({table}, line {line})")
            elif path in taken:
                finding.pass_over("rows whose picture another row has", f"{row[_PATH]} ({table}, line {line})")
            else:
                taken.add(path)
                yield from _entry(finding, path, row[_CODE], [row[name] for name in _RATINGS], part)


def _of_arrays(finding: Finding, arrays: list[str]) -> Iterator[Entry]:
    pictures = {path.rpartition(".")[0].casefold(): path for path in finding.ending(PICTURES)}
    for array in arrays:
        stem = array[: -len(_EXPRESSION)]
        above, _, name = stem.rpartition("/")
        images = f"{above.rpartition('/')[0]}/images/{name}".lstrip("/").casefold()
        path = pictures.get(images) or pictures.get(stem.casefold())
        if not path:
            finding.pass_over("labels without a picture", array)
            continue
        numbers = [_stored(finding.folder / (stem + ending)) for ending in _OTHERS.values()]
        part = next((p for p in ("train", "val", "test") if p in above.casefold()), "")
        yield from _entry(
            finding, path, _stored(finding.folder / array), numbers, {"val": "validation"}.get(part, part)
        )


def _entry(finding: Finding, path: str, code: str, numbers: list[str], part: str) -> Iterator[Entry]:
    value = _number(code)
    word = CODES[int(value)] if 0 <= value < len(CODES) and value == int(value) else ""
    if not word:
        finding.pass_over(f"pictures whose label is no number from 0 to {len(CODES) - 1}", path)
    elif word in _NO_EXPRESSION:
        finding.pass_over(f"pictures labelled '{word}'", path)
    else:
        # -2 stands for none.
        ratings = {name: v for name, v in zip(_RATINGS, map(_number, numbers), strict=True) if -1 <= v <= 1}
        yield Entry(path, word, more={"part": part}, numbers=ratings)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Lines of a table and their number; the table of validation may have no header."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header: list[str] = []
            for line, cells in enumerate(csv.reader(file), start=1):
                if not header:
                    header = [cell.strip() for cell in cells] if _PATH in cells else list(_COLUMNS)
                    if _PATH in cells:
                        _check(path, header)
                        continue
                if len(cells) >= len(header):
                    yield line, dict(zip(header, cells, strict=False))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} cannot be read ({error}).") from error


def _check(path: Path, header: list[str]) -> None:
    absent = [name for name in (_CODE, *_RATINGS) if name not in header]
    if absent:
        raise InputError(f"{path} has no column '{absent[0]}'. Its columns: {', '.join(header)}.")


def _stored(path: Path) -> str:
    """The one value of an array, as text; ``''`` where there is none."""
    try:
        array = np.load(path, allow_pickle=False)
        return str(array.item()) if array.size == 1 else ""
    except (OSError, ValueError, EOFError):
        return ""


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan
