"""FER2013: 48 x 48 grey pictures from the web, as a table of pixels or in folders."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import numpy as np
from PIL import Image

from mien.core.errors import InputError
from mien.core.files import half_written
from mien.core.output import check_folder
from mien.core.samples import Samples
from mien.data.sets.by_names import fer2013_folders
from mien.data.sets.finding import Entry, Finding

CODES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
TABLES = ("fer2013.csv", "icml_face_data.csv", "train.csv")
SIDE = 48
# Where the table's pictures are written, below the set's folder.
WRITTEN = "mien_pictures"
_PARTS = {"training": "train", "publictest": "public test", "privatetest": "private test"}


def fer2013(folder: Path) -> Samples:
    """FER2013; the pictures of a table are written beside it once.

    Raises
    ------
    InputError
        If there is neither a table nor folders of expressions, the table lacks a column, or its pictures cannot be
        written.
    """
    finding = Finding("fer2013", folder)
    tables = finding.named(*TABLES)
    if not tables:
        return fer2013_folders(folder)
    # The table of the whole set before that of the competition's training part.
    table = min(tables, key=lambda path: (TABLES.index(path.rpartition("/")[2].casefold()), path.count("/")))
    entries = list(_entries(finding, table, (folder / table).parent / WRITTEN))
    note = f"FER2013: the pictures of {table} are PNG files in {WRITTEN} beside it, of {SIDE} x {SIDE} pixels."
    return finding.samples(entries, (note,))


def _entries(finding: Finding, table: str, place: Path) -> Iterator[Entry]:
    below, writable = Path(table).parent / WRITTEN, False
    for line, row in _rows(finding.folder / table):
        if not (row["emotion"].isdigit() and int(row["emotion"]) < len(CODES)):
            finding.pass_over(f"rows whose emotion is no number from 0 to {len(CODES) - 1}", f"line {line}")
            continue
        pixels = _pixels(row["pixels"])
        if pixels is None:
            finding.pass_over(f"rows without {SIDE * SIDE} pixels from 0 to 255", f"line {line}")
            continue
        # What a picture holds is in its name, so that a table which was changed does not meet another one's pictures.
        name = f"{Path(table).stem}_{line:05d}_{zlib.crc32(pixels.tobytes()):08x}.png"
        if not (place / name).is_file():
            if not writable:
                check_folder(place)
                place.mkdir(parents=True, exist_ok=True)
                writable = True
            with half_written(place, ".png") as temporary:
                Image.fromarray(pixels).save(temporary)
                temporary.replace(place / name)
        usage = row.get("usage", "").lower()
        yield Entry((below / name).as_posix(), CODES[int(row["emotion"])], more={"part": _PARTS.get(usage, usage)})


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Lines of the table by the columns' names in small letters, and their number in the file."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, delimiter=_delimiter(file))
            header = [cell.strip().lower() for cell in next(lines, [])]
            absent = [name for name in ("emotion", "pixels") if name not in header]
            if absent:
                raise InputError(f"{path} has no column '{absent[0]}'. Its columns: {', '.join(header) or 'none'}.")
            for line, cells in enumerate(lines, start=2):
                yield line, dict(zip(header, (cell.strip() for cell in cells + [""] * len(header)), strict=False))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} cannot be read ({error}).") from error


def _delimiter(file: TextIO) -> str:
    """What parts the columns of the header: spreadsheets save with semicolons or tabs, too."""
    header = file.readline()
    file.seek(0)
    return max(",;\t", key=header.count)


def _pixels(text: str) -> np.ndarray | None:
    """Grey values, shape (48, 48); None where there are not as many, or others."""
    try:
        values = np.array(text.split(), dtype=np.int64)
    except (ValueError, OverflowError):
        return None
    if values.size != SIDE * SIDE or values.min() < 0 or values.max() > 255:
        return None
    return values.reshape(SIDE, SIDE).astype(np.uint8)
