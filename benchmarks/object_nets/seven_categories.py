"""Pictures of the seven categories of the brain slice: drawn objects by name, faces from London (photos) or drawn ones.

    python -m benchmarks.object_nets.seven_categories FOLDER

writes ``seven.csv`` (faces are photos) and ``seven-drawn.csv`` (faces are drawn as everything else is).
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from pathlib import Path

import mien
from benchmarks.common import arguments

# Names of pictures in the set 'objects'.
OBJECTS = {
    "house": ("house", "house with garden", "houses", "derelict house"),
    "cat": ("cat", "cat face", "black cat"),
    "bottle": ("baby bottle", "bottle with popping cork", "lotion bottle"),
    "scissors": ("scissors",),
    "shoe": ("ballet shoes", "flat shoe", "high-heeled shoe", "man’s shoe", "running shoe", "hiking boot",
             "woman’s boot", "woman’s sandal"),
    "chair": ("chair", "seat", "couch and lamp"),
}  # fmt: skip
N_FACES = 12


def rows(drawn: bool) -> list[tuple[str, str, str]]:
    """Path, category and source of every picture."""
    objects = mien.read_samples("objects")
    files = objects.files()
    found = []
    for category, names in OBJECTS.items():
        for name, file, source in zip(objects.labels["name"], files, objects.subject, strict=True):
            if name in names:
                found.append((str(file), category, f"object {source}"))
    if drawn:
        faces = [i for i, kind in enumerate(objects.labels["category"]) if kind == "drawn face"]
        step = max(len(faces) // N_FACES, 1)
        found += [(str(files[i]), "face", f"drawn {objects.subject[i]}") for i in faces[::step][:N_FACES]]
    else:
        london = mien.read_samples("london")
        neutral = [i for i, shown in enumerate(london.labels["expression"]) if shown == "neutral"]
        people = neutral[:: max(len(neutral) // N_FACES, 1)][:N_FACES]
        found += [(str(london.files()[i]), "face", f"person {london.subject[i]}") for i in people]
    return found


def write(folder: Path) -> list[Path]:
    """Both tables."""
    paths = []
    for name, drawn in (("seven", False), ("seven-drawn", True)):
        folder.mkdir(parents=True, exist_ok=True)
        paths.append(folder / f"{name}.csv")
        with paths[-1].open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("path", "category", "source"), *rows(drawn)])
    return paths


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path())
    given = arguments(parser, data=("objects", "london"))
    with tempfile.TemporaryDirectory() as scratch:
        for path in write(Path(scratch) if given.quick else given.folder):
            print(path)
