"""Gaze during films without effect, with planted gaze, and crossed means with few units.

``python -m benchmarks.film.gaze_null [--quick] [--part films|planted|command|tables|pictures]``. ``films``: two maps of
smooth noise, gaze that follows a made-up scene for seconds (and viewers with places of their own); share with p <= .05,
which is what intervals miss 0 by. ``planted``: some fixations fall on the highest place of one map: share in which it
wins, and whose interval holds the mean over all such films. ``command``: the first through ``mien.gaze``. ``tables``:
the same test on tables of pictures and viewers of known variances; the highest share over what varies. ``pictures``:
OSIE's fixations and two maps of noise per picture.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import mien
from benchmarks.common import arguments, write
from mien.compare.gaze.baselines import random_map
from mien.compare.gaze.film import Frames
from mien.compare.gaze.looked import looked_at
from mien.compare.gaze.metrics import nss
from mien.compare.gaze.stretches import over_both, stretches_of
from mien.stats.crossed import crossed_mean

WIDTH, HEIGHT, CELL = 320, 180, 10
SIZE = (HEIGHT // CELL, WIDTH // CELL)
BLOCKS, VIEWERS, PICTURES, BLOCK_S = (6, 12, 24, 60), (3, 5, 15), (8, 20, 100), 30.0
CARRY, SMOOTH_S = 0.9, 8


def scene(seconds: int, rng: np.random.Generator) -> np.ndarray:
    """Where the scene draws viewers, in standard deviations, shape (seconds, 2): half is left after seven seconds."""
    at = rng.normal(size=(seconds, 2))
    for second in range(1, seconds):
        at[second] = CARRY * at[second - 1] + np.sqrt(1 - CARRY**2) * at[second]
    return at


def noise_map(seconds: int, rng: np.random.Generator) -> np.ndarray:
    """Noise that is smooth over place and time, standardised in each frame, shape (seconds, rows, columns)."""
    edge = 3 * SMOOTH_S
    drawn = rng.normal(size=(seconds + 2 * edge, *SIZE)).astype(np.float32)
    values = gaussian_filter(drawn, (SMOOTH_S, 3, 3), truncate=3)[edge:-edge]
    values -= values.mean((1, 2), keepdims=True)
    return np.asarray(values / values.std((1, 2), keepdims=True))


def differences(
    seconds: int, viewers: int, rng: np.random.Generator, own: float = 0.0, planted: float = 0.0
) -> np.ndarray:  # fmt: skip
    """NSS of one map less that of another, of two fixations a second, shape (seconds, viewers)."""
    one, other = noise_map(seconds, rng), noise_map(seconds, rng)
    best = np.stack(np.unravel_index(one.reshape(seconds, -1).argmax(1), SIZE), 1)
    draws, places = scene(seconds, rng), own * rng.normal(size=(viewers, 2))
    middle, spread, noise = np.array(SIZE) / 2, np.array([2.0, 4.0]), np.array([2.0, 3.0])
    at, result = np.arange(seconds)[:, None], np.zeros((seconds, viewers))
    for _ in range(2):
        place = middle + (spread * draws)[:, None] + places + noise * rng.normal(size=(seconds, viewers, 2))
        place = np.where(rng.random((seconds, viewers, 1)) < planted, best[:, None], place)
        row, column = np.clip(place.astype(int), 0, np.array(SIZE) - 1).transpose(2, 0, 1)
        result += (one[at, row, column] - other[at, row, column]) / 2
    return result


def frames_of_seconds(seconds: int) -> Frames:
    """A frame every second of one run."""
    at = np.arange(seconds, dtype=np.float64)
    return Frames(np.array([f"{s}.png" for s in range(seconds)]), np.full(seconds, "1", object), at, at + 1)


def films(studies: int, planted: float = 0.0) -> dict[str, dict[str, float]]:
    """By blocks and viewers."""
    result = {}
    for blocks in BLOCKS:
        seconds = int(blocks * BLOCK_S)
        stretches = stretches_of(frames_of_seconds(seconds), list(range(seconds)), BLOCK_S)
        for own in (0.0,) if planted else (0.0, 4.0):
            rng = np.random.default_rng(blocks)
            many = [
                stretches.means(differences(seconds, max(VIEWERS), rng, own, planted))
                for _ in range(max(studies * 6 // max(blocks, 12), 3))
            ]
            for viewers in VIEWERS:
                found = [over_both(values[:, :viewers], stretches) for values in many]
                true = float(np.mean([one.value for one in found])) if planted else 0.0
                name = f"{blocks} blocks, {viewers} viewers" + (", places of their own" if own else "")
                result[name] = {
                    "films": len(found), "p <= .05": float(np.mean([one.p <= 0.05 for one in found])),
                    "interval holds the value": float(np.mean([one.low <= true <= one.high for one in found])),
                    **({"wins": float(np.mean([one.low > 0 for one in found]))} if planted else {}),
                }  # fmt: skip
                print(name, result[name], flush=True)
    return result


def command(studies: int, seconds: int = 360, viewers: int = 5) -> dict[str, float]:
    """The same through files and the whole command."""
    p = []
    for seed in range(studies):
        rng = np.random.default_rng(seed)
        with tempfile.TemporaryDirectory() as place:
            folder, draws = Path(place), scene(seconds, rng)
            rows = [f"{second}.png,{second},1" for second in range(seconds)]
            (folder / "frames.csv").write_text("\n".join(["path,time_s,run", *rows]) + "\n")
            looked = ["run,viewer,onset_s,duration_s,x_px,y_px"]
            for viewer in range(viewers):
                for half in range(2 * seconds):
                    x = WIDTH / 2 + 40 * draws[half // 2, 1] + 30 * rng.normal()
                    y = HEIGHT / 2 + 20 * draws[half // 2, 0] + 20 * rng.normal()
                    if 0 <= x < WIDTH and 0 <= y < HEIGHT:
                        looked.append(f"1,v{viewer},{half / 2 + 0.05:.3f},0.4,{x:.1f},{y:.1f}")
            (folder / "fix.csv").write_text("\n".join(looked) + "\n")
            maps = {
                name: {f"{second}.png": one for second, one in enumerate(noise_map(seconds, rng) + 10.0)}
                for name in "ab"
            }
            found = mien.gaze(
                folder / "fix.csv", film=folder / "frames.csv", maps=maps, picture_size=(WIDTH, HEIGHT),
                pixels_per_degree=WIDTH / 20, cells=SIZE[1],
            )  # fmt: skip
        p += [test.p for test in found.contrasts if test.metric == "NSS" and {test.map, test.other} == {"a", "b"}]
    return {
        "films": studies,
        "blocks": seconds // 30,
        "viewers": viewers,
        "p <= .05": float(np.mean(np.array(p) <= 0.05)),
    }


def tables(studies: int) -> dict[str, dict[str, float]]:
    """Highest share of p <= .05 over what varies: pictures, viewers, both alike, cells."""
    rng, result = np.random.default_rng(3), {}
    for pictures in PICTURES:
        for viewers in VIEWERS:
            alike = np.array([np.sqrt(pictures), np.sqrt(viewers)]) / np.sqrt(max(pictures, viewers))
            shares = {}
            for of_pictures, of_viewers, of_cells in (
                (0, 0, 1),
                (1, 0, 1),
                (0, 1, 1),
                (1, 1, 1),
                (*alike, 0.5),
                (*alike, 0.05),
            ):
                drawn = of_pictures * rng.normal(size=(studies, pictures, 1))
                drawn = drawn + of_viewers * rng.normal(size=(studies, 1, viewers))
                drawn += of_cells * rng.normal(size=(studies, pictures, viewers))
                share = float(np.mean([crossed_mean(one).p <= 0.05 for one in drawn]))
                shares[f"{of_pictures:.2g}, {of_viewers:.2g}, {of_cells:.2g}"] = share
            result[f"{pictures} pictures, {viewers} viewers"] = {
                "tables of each": studies, "highest": max(shares.values()), **shares
            }  # fmt: skip
            print(f"{pictures} pictures, {viewers} viewers", shares, flush=True)
    return result


def osie(studies: int) -> dict[str, float]:
    """Two maps of noise for each picture of OSIE, by NSS."""
    every, rng = mien.read_fixations("osie:"), np.random.default_rng(4)
    names = sorted(every.sizes)
    pictures, _ = looked_at(every, names, cells=32, sigma_px=[24.0] * len(names))
    hits: dict[str, list[bool]] = {}
    for _ in range(studies):
        table = np.full((max(PICTURES), max(VIEWERS)), np.nan)
        for row, number in enumerate(rng.choice(len(pictures), len(table), replace=False)):
            one = pictures[number]
            first, second = nss(np.stack([random_map(one.grid, 48.0, rng) for _ in range(2)]), one.at)
            table[row, one.viewers] = first - second
        who = rng.permutation(max(VIEWERS))
        for many in PICTURES:
            for viewers in VIEWERS:
                p = crossed_mean(table[:many, who[:viewers]]).p
                hits.setdefault(f"{many} pictures, {viewers} viewers", []).append(p <= 0.05)
    return {"studies": studies, **{name: float(np.mean(found)) for name, found in hits.items()}}


PARTS = {
    "films": (films, 6, 3000), "planted": (lambda studies: films(studies, 0.2), 6, 600), "command": (command, 1, 40),
    "tables": (tables, 20, 2000), "pictures": (osie, 2, 500),
}  # fmt: skip


def main() -> None:
    """Simulate and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=PARTS, action="append")
    asked = arguments(parser, data=("osie",))
    result: dict = {}
    for name in asked.part or PARTS:
        run, quick, whole = PARTS[name]
        start = time.process_time()
        result[name] = run(quick if asked.quick else whole)
        print(name, result[name], f"{time.process_time() - start:.0f} s", flush=True)
    write("film_gaze_null", result)


if __name__ == "__main__":
    main()
