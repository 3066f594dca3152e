"""Stimuli: time for each picture, and what tests of low-level differences say where there is nothing.

``python -m benchmarks.object_nets.stimuli`` needs ``objects/`` of the shared data; it writes
``benchmarks/results/stimuli.json``.

Nothing there: the real statistics of pictures of objects, whose sources get one of two categories by chance; the pairs
of made-up pareidolia, which change places by chance; and a set of pairs in which both pictures are scrambled. A set
counts as a false positive where any statistic differs by the corrected test.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import mien
from benchmarks.common import arguments, data_root, is_quick, write
from mien.data.stimuli import read_stimuli
from mien.stimuli.alterations import ALTERATIONS
from mien.stimuli.differences import Difference, differences
from mien.stimuli.matching import MATCHES
from mien.stimuli.pareidolia.result import PareidoliaSet

PICTURES, PAIRS, REPETITIONS, PERMUTATIONS, SOURCES = (4, 6, 2, 99, 12) if is_quick() else (200, 100, 1000, 199, 60)


def speed(objects: mien.Samples, folder: Path) -> dict[str, float]:
    """Milliseconds of processor time for each picture of 192 x 192 pixels, its statistics and its file included."""
    found = {}
    plain = [name for name, row in ALTERATIONS.items() if not row.face]
    for name, settings in [(name, {"make": [name]}) for name in plain] + [
        (name, {"match": [name]}) for name in MATCHES
    ]:
        begin = time.process_time()
        mien.stimuli(objects[:PICTURES], folder / name, n_permutations=99, **settings)
        found[name if "make" in settings else f"matched {name}"] = 1000 * (time.process_time() - begin) / PICTURES
    return found


def by_chance(objects: mien.Samples) -> dict[str, float]:
    """Share of random divisions of objects' sources into two categories with a difference."""
    kept = np.flatnonzero(objects.labels["category"] == "object")
    features = mien.low_level(objects[kept], parts=["statistics"])
    source, rng = objects.subject[kept], np.random.default_rng(0)
    hits = []
    for _ in range(REPETITIONS):
        chosen = rng.choice(np.unique(source.astype(str)), SOURCES, replace=False)
        rows = np.isin(source.astype(str), chosen)
        category = np.where(np.isin(source[rows].astype(str), chosen[: SOURCES // 2]), "one", "other").astype(object)
        hits.append(_any(differences(features.values[rows].astype(float), features.names, category, source[rows],
                                     n_permutations=PERMUTATIONS, seed=int(rng.integers(2**31)))))  # fmt: skip
    return {"false positives": float(np.mean(hits)), "sources": SOURCES, "repetitions": REPETITIONS}


def changed_places(made: PareidoliaSet) -> dict[str, float]:
    """The same where the pictures of each real pair change places by chance."""
    shown = [picture for picture in made.pictures if picture.orientation == "upright"]
    pairs = sorted({picture.pair for picture in shown})
    names = tuple(shown[0].statistics)
    of = {(p.pair, p.category): [p.statistics[name] for name in names] for p in shown}
    kinds = sorted({picture.category for picture in shown})
    both = np.array([[of[pair, kind] for kind in kinds] for pair in pairs])
    rng, hits = np.random.default_rng(1), []
    for _ in range(REPETITIONS):
        turn = rng.integers(2, size=len(pairs))
        values = np.concatenate([both[np.arange(len(pairs)), turn], both[np.arange(len(pairs)), 1 - turn]])
        category = np.repeat(np.array(["one", "other"], dtype=object), len(pairs))
        hits.append(_any(differences(values, names, category, np.array(pairs * 2, dtype=object),
                                     n_permutations=PERMUTATIONS, seed=int(rng.integers(2**31)))))  # fmt: skip
    return {"false positives": float(np.mean(hits)), "pairs": len(pairs), "repetitions": REPETITIONS}


def _any(rows: list[Difference]) -> bool:
    return min(row.p_corrected for row in rows) < 0.05


def _said(made: PareidoliaSet) -> list[dict[str, float | str]]:
    return [
        {"statistic": row.statistic, "one": row.mean_one, "other": row.mean_other, "effect": row.effect,
         "low": row.low, "high": row.high, "p": row.p, "p corrected": row.p_corrected}
        for row in made.differences
    ]  # fmt: skip


def main() -> None:
    """All of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments(parser, data=("objects",))
    objects = read_stimuli(f"objects:{data_root() / 'objects'}")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        found: dict[str, object] = {"ms per picture": speed(objects, folder), "by chance": by_chance(objects)}
        begin = time.process_time()
        made = mien.pareidolia(objects, folder / "pairs", pairs=PAIRS)
        found["s per pair"] = (time.process_time() - begin) / PAIRS
        null = mien.pareidolia(objects, folder / "null", pairs=PAIRS, null=True)
        found |= {"changed places": changed_places(made), "pareidolia": _said(made), "null": _said(null)}
    write("stimuli", found)


if __name__ == "__main__":
    main()
