"""The check at the end: nothing of the original names, paths and dates is left anywhere in a copy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from mien.cohort.release.names import OF_FILES, OF_PEOPLE, Names, has_address, has_date, is_path, of_people
from mien.cohort.release.tables import as_texts
from mien.data.native import native_file
from mien.data.parquet import read_parquet

# Beginnings of pictures and films, wherever they stand.
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"\x00\x00\x00\x18ftyp", b"\x00\x00\x00\x20ftyp", b"%PDF")
_MEDIA = (".jpg", ".jpeg", ".png", ".mp4", ".avi", ".mov", ".webm", ".html", ".svg", ".pdf", ".safetensors")


def leaks(folder: Path, names: Names) -> list[str]:
    """What of a study is left in its copy, one sentence each.

    Parameters
    ----------
    folder : Path
        The copy.
    names : Names
        With the old names.
    """
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        where = path.relative_to(folder).as_posix()
        found += [f"{where}: {reason}" for reason in leaks_of(path, where, names)]
    return found


def leaks_of(path: Path, where: str, names: Names) -> list[str]:
    """The same of one file, which is called ``where`` in the copy."""
    found = [f"its name holds {what}" for what in _told(where, names)]
    with path.open("rb") as file:
        start = file.read(32)
    if path.suffix.lower() in _MEDIA or start.startswith(_PICTURES):
        return [*found, "it is a picture, a film, a page or arrays"]
    if path.suffix == ".parquet":
        return [*found, *_leaks_of_table(path, names)]
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return [*found, *_leaks_of_json(json.loads(text), names)]
    return [*found, *(f"a line holds {what}" for line in text.splitlines() for what in _told(line, names))]


def _leaks_of_table(path: Path, names: Names) -> Iterator[str]:
    with native_file(path) as file:
        table = read_parquet(file)
    if table.schema.metadata:
        yield "its metadata are those of the study"
    for name in table.column_names:
        yield from (f"the column '{name}' holds {what}" for what in _told(name, names))
        if pa.types.is_nested(table[name].type) or "landmarks" in name:
            yield f"the column '{name}' holds arrays"
        elif not pa.types.is_floating(table[name].type):
            for text in set(as_texts(table[name])):
                yield from (f"the column '{name}' holds {what}" for what in _told(text, names))
                if name.casefold() in OF_PEOPLE | OF_FILES and (text in names.people or text in names.files):
                    yield f"the column '{name}' holds an original name"


def _leaks_of_json(value: Any, names: Names, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from (f"a key holds {what}" for what in _told(name, names))
            if of_people(key) and name in names.people:
                yield f"a key below '{key}' is an original name"
            yield from _leaks_of_json(inner, names, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaks_of_json(inner, names, key)
    elif isinstance(value, str):
        yield from (f"'{key}' holds {what}" for what in _told(value, names))
        if of_people(key) and value in names.people:
            yield f"'{key}' holds an original name"
    if key == "landmarks_px":
        yield "it holds points of faces"


def _told(text: str, names: Names) -> Iterator[str]:
    """What a text holds; the names themselves are not repeated."""
    if names.found_in(text):
        yield "an original name of a person or file"
    if is_path(text):
        yield "a path"
    if has_date(text):
        yield "a date or time of day"
    if has_address(text):
        yield "an e-mail address"
