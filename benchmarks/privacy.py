"""How much a mean over few people betrays who is in it, to somebody who has another picture of each of them.

``python -m benchmarks.privacy [FACES [EVIDENCE ...]]``

``FACES``     folder that ``mien extract`` wrote for London's neutral and smiling pictures
``EVIDENCE``  optional: one folder with evidence about pictures of people with two labels each

Means over 1 to 20 people are taken of their pictures of one label (level crops, 48 x 48 pixels, or maps of evidence)
and compared with everybody's picture of the other label. Printed are the share of draws in which the best match is a
member (with what chance gives) and the area under the ROC curve of "is a member" (chance 0.5). Needs
MIEN_DATA; a minute.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, data_root
from mien.data.samples import read_samples
from mien.data.shards import read_faces
from mien.explain.store import load_evidence
from mien.faces.extract import extract
from mien.features import compute
from mien.report.draw.pictures import per_pixel

PEOPLE, DRAWS, SIDE = (1, 2, 3, 4, 6, 8, 12, 16, 20), 400, 48


def betrayed(one: np.ndarray, other: np.ndarray) -> list[tuple[int, float, float, float]]:
    """People in the mean, share of draws whose best match is a member, chance of that, area under the ROC curve.

    Parameters
    ----------
    one, other : ndarray, shape (people, pixels)
        What is averaged, and what the members are looked for with; the mean of everybody is known, too.
    """
    random, everybody, rows = np.random.default_rng(0), np.arange(len(one)), []
    probes = _standard(other - other.mean(axis=0))
    for count in (count for count in PEOPLE if count < len(one)):
        best, area = [], []
        for _ in range(DRAWS):
            members = random.choice(everybody, count, replace=False)
            alike = probes @ _standard(one[members].mean(axis=0) - one.mean(axis=0))
            strangers = alike[np.setdiff1d(everybody, members)]
            best.append(alike.argmax() in members)
            area.append((alike[members][:, None] > strangers).mean())
        rows.append((count, float(np.mean(best)), count / len(one), float(np.mean(area))))
    return rows


def _standard(values: np.ndarray) -> np.ndarray:
    values = values - values.mean(axis=-1, keepdims=True)
    return values / np.linalg.norm(values, axis=-1, keepdims=True)


def by_person(maps: np.ndarray, subject: np.ndarray, label: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Maps of the two labels, one row per person who has both; each (people, pixels)."""
    small = np.stack([cv2.resize(one, (SIDE, SIDE), interpolation=cv2.INTER_AREA).ravel() for one in maps])
    parts = []
    for name in sorted(set(label)):
        rows = {person: i for i, person in enumerate(subject) if label[i] == name}
        parts.append((small, rows))
    people = sorted(set(parts[0][1]) & set(parts[1][1]))
    first, second = (np.array([values[rows[person]] for person in people]) for values, rows in parts)
    return first, second


def show(what: str, rows: list[tuple[int, float, float, float]]) -> None:
    """Print one table."""
    print(f"\n| people in the mean of {what} | best match is a member | chance | AUC |\n| ---: | ---: | ---: | ---: |")
    for count, best, chance, area in rows:
        print(f"| {count} | {best:.2f} | {chance:.2f} | {area:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("faces", type=Path, nargs="?", help="an extraction of London; made without it")
    parser.add_argument("evidence", type=Path, nargs="*")
    given = arguments(parser, data=("london",))
    samples = read_samples("london")
    with tempfile.TemporaryDirectory() as scratch:
        if given.faces is None:
            extract([data_root() / "london" / part for part in ("neutral", "smiling")], scratch)
        faces = read_faces(given.faces or scratch)
    crops = compute({"name": "crop"}, samples, faces).values.mean(axis=1)
    show("pictures", betrayed(*by_person(crops, samples.subject, samples.labels["expression"])))
    for folder in given.evidence:
        found = load_evidence(folder)
        maps = per_pixel(found.values, amount=True)
        show(f"{found.method} maps", betrayed(*by_person(maps, found.subject, found.label)))


if __name__ == "__main__":
    main()
