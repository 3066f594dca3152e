"""Fixations of viewers: OSIE's ceiling and centre prior, chance, planted gaze. ``python -m benchmarks.gaze [--quick]``.

Three tables. ``osie``: the fixations alone, over all pictures and those with faces, every metric, with the time that it
takes. ``null``: studies of 30 pictures of OSIE with its 15 viewers and two maps of smooth noise; the share in which
one map differs from the other with p <= .05. ``planted``: made-up viewers who look at one place of each picture more
often than elsewhere, a map of that place and one of another; the share of studies in which the right map wins (p
corrected <= .05) over the decoy, and over the centre prior.
"""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import mien
from benchmarks.common import arguments, write
from mien.compare.gaze.baselines import CENTRE, OTHERS, random_map
from mien.compare.gaze.looked import looked_at
from mien.compare.gaze.metrics import METRICS, distribution, scores
from mien.core.fixations import Fixations
from mien.stats.crossed import crossed_mean

PICTURES, VIEWERS = 30, 15


def osie(most: int) -> dict[str, dict]:
    """Scores of centre prior, other pictures' fixations and other viewers."""
    every, samples = mien.read_fixations("osie:"), mien.read_samples("osie:")
    faces = set(samples.path[samples.labels["shows_face"] == "yes"])
    result = {}
    for name, chosen in (("all", sorted(every.sizes)), ("with faces", sorted(faces))):
        used = chosen[:most]
        part = replace(every[np.isin(every.picture, used)], sizes={n: every.sizes[n] for n in used})
        start = time.process_time()
        found = mien.gaze(part)
        result[name] = {
            "pictures": len(used), "cpu_s": time.process_time() - start,
            **{
                row: {m: [found.row(row, m).score, found.row(row, m).low, found.row(row, m).high] for m in METRICS}
                for row in (CENTRE, OTHERS, "other viewers")
            },
            "NSS by so many other viewers": {str(k): float(values[0]) for k, values in found.curve.items()},
        }  # fmt: skip
    return result


def null(studies: int) -> dict[str, float]:
    """Share of studies in which two maps of noise differ, by metric."""
    every = mien.read_fixations("osie:")
    names = sorted(every.sizes)
    pictures, _ = looked_at(every, names, cells=32, sigma_px=[24.0] * len(names))
    rng = np.random.default_rng(0)
    hits = np.zeros(len(METRICS))
    for _ in range(studies):
        table = np.full((len(METRICS), PICTURES, VIEWERS), np.nan)
        for row, number in enumerate(rng.choice(len(pictures), PICTURES, replace=False)):
            one = pictures[number]
            maps = np.stack([random_map(one.grid, 48.0, rng) for _ in range(2)])
            even = np.ones(len(one.grid))
            both = scores(maps, one.at, distribution(one.smooth), even, even, 0.05)
            table[:, row, one.viewers] = both[:, 0] - both[:, 1]
        hits += [crossed_mean(one).p <= 0.05 for one in table]
    return dict(zip(METRICS, (hits / studies).tolist(), strict=True))


def planted(studies: int, drawn: float) -> dict[str, float]:
    """Share of studies in which the right map wins."""
    rng, over = np.random.default_rng(1), np.zeros(2)
    names = [f"{i}.png" for i in range(PICTURES)]
    y, x = np.mgrid[:60, :80] + 0.5
    picture = np.repeat(np.arange(PICTURES), VIEWERS * 6)
    viewer = np.tile(np.repeat(np.arange(VIEWERS), 6), PICTURES)
    for _ in range(studies):
        right, decoy = rng.uniform([8, 8], [72, 52], (2, PICTURES, 2))
        to_place = rng.random((len(picture), 1)) < drawn
        at = np.where(to_place, right[picture], [40.0, 30.0]) + rng.normal(0, 8, (len(picture), 2))
        at = np.clip(at, 0, [79.9, 59.9])
        looked = Fixations(
            np.array(names)[picture], [f"v{v}" for v in viewer], at[:, 0], at[:, 1],
            sizes=dict.fromkeys(names, (80, 60)), pixels_per_degree=3.0,
        )  # fmt: skip
        maps = {
            name: {p: np.exp(-((x - px) ** 2 + (y - py) ** 2) / 128) for p, (px, py) in zip(names, where, strict=True)}
            for name, where in (("right", right), ("decoy", decoy))
        }
        found = mien.gaze(looked, maps=maps, cells=32)
        for i, other in enumerate(("decoy", CENTRE)):
            [row] = [r for r in found.contrasts if (r.metric, r.map, r.other) == ("NSS", "right", other)]
            over[i] += row.low > 0 and row.p_corrected <= 0.05
    return {"over the decoy": float(over[0] / studies), "over the centre prior": float(over[1] / studies)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=1000)
    asked = arguments(parser, data=("osie",), studies=10)
    studies = asked.studies
    start = time.process_time()
    parts = {
        "osie": lambda: osie(6 if asked.quick else 700),
        "null": lambda: {"studies": studies, **null(studies)},
        "planted": lambda: {
            f"{100 * drawn:.0f} % of fixations": {"studies": studies // 10, **planted(studies // 10, drawn)}
            for drawn in (0.5, 0.7)
        },
    }
    found = {}
    for name, part in parts.items():
        found[name] = part()
        print(name)
        for row, values in found[name].items():
            print(f"  {row}: {values}", flush=True)
    print(f"{time.process_time() - start:.0f} s of one core")
    if not asked.quick:
        write("gaze", found)
