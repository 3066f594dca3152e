"""RAF-DB: pictures from the web with basic expressions."""

from __future__ import annotations

import re
from pathlib import Path

from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.data.sets.finding import PICTURES, Entry, Finding

CODES = {"1": "surprise", "2": "fear", "3": "disgust", "4": "happiness", "5": "sadness", "6": "anger", "7": "neutral"}
_LIST = ("list_patition_label.txt", "list_partition_label.txt")
_NAME = re.compile(r"(?P<picture>(?P<part>train|test)_\d+)(?P<aligned>_aligned)?", re.IGNORECASE)


def raf_db(folder: Path) -> Samples:
    """RAF-DB from its list of labels, or from folders that are named by the codes.

    Raises
    ------
    InputError
        If there are no pictures with labels, or the list cannot be read.
    """
    finding = Finding("raf-db", folder)
    lists = finding.named(*_LIST)
    listed = _labels(finding, lists[0]) if lists else {}
    places: dict[str, str] = {}
    words: dict[str, str] = {}
    # Aligned pictures first: each shows one face, and the face that was labelled.
    for path in sorted(finding.ending(PICTURES), key=lambda p: (not _is_aligned(p), p.count("/"), p)):
        match = _NAME.fullmatch(Path(path).stem)
        if match is None:
            finding.pass_over("pictures that are not named as 'train_00001.jpg'", path)
            continue
        picture = match["picture"].lower()
        word = listed.get(picture, "") if lists else CODES.get(path.split("/")[-2] if "/" in path else "", "")
        if not word:
            finding.pass_over("pictures without a label", path)
        elif picture not in places:
            places[picture], words[picture] = path, word
    for picture in sorted(listed.keys() - places.keys()):
        finding.pass_over("labels without a picture", picture)
    aligned = sum(map(_is_aligned, places.values()))
    note = f"RAF-DB: {aligned} of {len(places)} pictures are the aligned ones (100 x 100 pixels), the others originals."
    return finding.samples(
        (Entry(path, words[picture], more={"part": picture.split("_")[0]}) for picture, path in places.items()), (note,)
    )


def _is_aligned(path: str) -> bool:
    return Path(path).stem.lower().endswith("_aligned")


def _labels(finding: Finding, path: str) -> dict[str, str]:
    """The set's word for each picture."""
    words = {}
    try:
        lines = (finding.folder / path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{finding.folder / path} cannot be read ({error}).") from error
    for number, line in enumerate(lines, start=1):
        cells = line.split()
        if len(cells) == 2 and cells[1] in CODES:
            words[Path(cells[0]).stem.lower()] = CODES[cells[1]]
        elif cells:
            finding.pass_over("lines of the list that are no picture and number from 1 to 7", f"line {number}")
    return words
