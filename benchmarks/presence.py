"""How many faces, and things that are none, pass which ``min_presence``: ``python -m benchmarks.presence [--every 1]``

Collages, portraits and drawn objects, extracted once with the default; what a higher limit leaves is counted from the
column ``presence``. ``--every 10`` takes every tenth picture of each kind.
"""

import argparse
import csv
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, data_root, write
from mien.data.shards import read_faces
from mien.faces.extract import extract

LIMITS = (0.5, 0.7, 0.8, 0.9, 0.99, 0.995, 0.999)
KINDS = {"drawn-face": "drawn faces", "animal": "animals", "animal-face": "animals"}
ENDINGS = {".jpg", ".jpeg", ".png"}


def pictures() -> dict[str, list[Path]]:
    """Files of each kind."""
    root, found = data_root(), {}
    found["collages"] = sorted((root / "detection").glob("*.jpg"))
    found["portraits"] = sorted(
        p for name in ("london", "pexels", "webmorph") for p in (root / name).rglob("*") if p.suffix.lower() in ENDINGS
    )
    with (root / "objects/labels.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            kind = KINDS.get(row["category"], "objects, food, vehicles")
            found.setdefault(kind, []).append(root / "objects" / row["path"])
    return found


def main() -> None:
    """Count and keep in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1)
    every = arguments(parser, data=("detection", "london", "pexels", "webmorph", "objects"), every=8).every
    rows: dict[str, dict[str, int]] = {}
    for kind, files in pictures().items():
        with tempfile.TemporaryDirectory() as scratch:
            extract(files[::every], scratch)
            faces = read_faces(scratch)
        presence = faces.presence[faces.ok]
        rows[kind] = {"pictures": len(files[::every]), **{f"{v:g}": int(np.sum(presence >= v)) for v in LIMITS}}
        print(kind, rows[kind], flush=True)
    write("presence", {"every": every, "faces": rows})


if __name__ == "__main__":
    main()
