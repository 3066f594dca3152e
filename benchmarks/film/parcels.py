"""Evidence of decoders on made-up parcels whose truth is known. ``python -m benchmarks.film.parcels [--quick]``.

Viewers see runs of a film with four emotions. Three parcels answer to each; all parcels have autocorrelated noise and
share ten sources of it; for each emotion three parcels hold only the noise of the planted ones (suppressors: a decoder
needs them, but nothing of the emotion shows there). ``rank``: how well SHAP values, weights and patterns tell planted
parcels from all others (AUC, mean over emotions), and suppressors from parcels that hold nothing (.5 is right: above it
suppressors are taken for places of the emotion). ``null``: the same without an effect, coverage of 0 by intervals and
share of p <= .05. ``spin``: share of p <= .05 of overlap for smooth maps without relation, by turns and by columns in
any order.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from scipy.signal import lfilter
from scipy.stats import hypergeom, rankdata

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.common import arguments, write
from mien.decoding.decoders import fit
from mien.decoding.evidence.cells import PATTERN, SHAP, WEIGHTS, FoldDecoder, Rows, cell_maps, over_units
from mien.decoding.evidence.maps import AMOUNT, DIFFERENCE, BrainMap
from mien.decoding.evidence.overlap import first_columns
from mien.decoding.evidence.spin import spins

EMOTIONS, PARCELS, EACH = 4, 100, 3
PLANTED = np.arange(EMOTIONS * EACH).reshape(EMOTIONS, EACH)
SUPPRESSORS = PLANTED + EMOTIONS * EACH


def noise(rng: np.random.Generator, rows: int, columns: int, before: float) -> np.ndarray:
    """Autocorrelated noise of standard deviation 1."""
    white = rng.normal(size=(rows + 40, columns)) * np.sqrt(1 - before**2)
    return np.asarray(lfilter([1], [1, -before], white, axis=0)[40:])


def viewer(rng: np.random.Generator, shown: list[np.ndarray], effect: float) -> np.ndarray:
    """Parcels of one viewer over all runs, each run in its own standard deviations."""
    mix = rng.normal(size=(10, PARCELS)) / 3
    runs = []
    for emotion in shown:
        values = noise(rng, len(emotion), PARCELS, 0.5) + noise(rng, len(emotion), 10, 0.8) @ mix
        values[:, PLANTED.ravel()] += effect * np.repeat(emotion, EACH, axis=1)
        common = 2 * noise(rng, len(emotion), PLANTED.size, 0.8)
        values[:, PLANTED.ravel()] += common
        values[:, SUPPRESSORS.ravel()] = common + 0.3 * noise(rng, len(emotion), PLANTED.size, 0.5)
        runs.append((values - values.mean(axis=0)) / values.std(axis=0))
    return np.concatenate(runs)


def evidence(rng: np.random.Generator, viewers: int, runs: int, volumes: int, effect: float) -> dict[tuple, BrainMap]:
    """Maps of every emotion's own decoder (ridge), leaving one run out, over viewers."""
    shown = [(noise(rng, volumes, EMOTIONS, 0.95) > 0.7).astype(float) for _ in range(runs)]
    y, run = np.concatenate(shown).astype(int), np.repeat(np.arange(runs), volumes)
    shifted = np.concatenate([np.roll(one, rng.integers(volumes // 4, 3 * volumes // 4), axis=0) for one in shown])
    values: dict[tuple, list] = {}
    for _ in range(viewers):
        x = viewer(rng, shown, effect)
        for emotion in range(EMOTIONS):
            for labels, kind in ((y, "own"), (shifted.astype(int), "shifted")):
                rows = Rows(x, labels[:, emotion : emotion + 1].astype(float), run, True)
                folds = []
                for left in range(runs):
                    train = np.flatnonzero(run != left)
                    model = fit("ridge", x[train], labels[train, emotion], 2, value=100.0)
                    folds.append(FoldDecoder(model.scores, model.linear[0], None, train, np.flatnonzero(run == left)))
                for method in (SHAP, WEIGHTS, PATTERN) if kind == "own" else (SHAP,):
                    for measure, found in cell_maps(rows, folds, method).items():
                        one = over_units(found, np.zeros(runs, dtype=int), 1)[0, 0]
                        values.setdefault((emotion, measure, kind), []).append(one)
    maps = {}
    for (emotion, measure, kind), rows_of in values.items():
        if kind == "own":
            other = values.get((emotion, measure, "shifted"))
            empty = np.zeros((0, 0)) if other is None else np.array(other)
            maps[emotion, measure] = BrainMap(str(emotion), "shap", measure, np.array(rows_of), empty)
    return maps


def area(values: np.ndarray, yes: np.ndarray, no: np.ndarray) -> float:
    """AUC of the columns ``yes`` against ``no``."""
    ranks = rankdata(np.concatenate([values[yes], values[no]]))[: len(yes)]
    return float((ranks.sum() - len(yes) * (len(yes) + 1) / 2) / (len(yes) * len(no)))


def ranked(maps: dict[tuple, BrainMap]) -> dict[str, dict[str, float]]:
    """AUC of planted parcels against all others, and of suppressors against parcels that hold nothing of the film."""
    result: dict[str, dict[str, float]] = {}
    nothing = np.arange(2 * PLANTED.size, PARCELS)
    for measure in (AMOUNT, DIFFERENCE, WEIGHTS, PATTERN):
        found: dict[str, list[float]] = {"planted": [], "suppressors": []}
        for emotion in range(EMOTIONS):
            values, yes = np.abs(maps[emotion, measure].mean), PLANTED[emotion]
            found["planted"].append(area(values, yes, np.setdiff1d(np.arange(PARCELS), yes)))
            found["suppressors"].append(area(values, SUPPRESSORS[emotion], nothing))
        result[measure] = {name: float(np.mean(one)) for name, one in found.items()}
    return result


def chance(maps: list[dict[tuple, BrainMap]]) -> dict[str, dict[str, float]]:
    """Coverage of 0 and share of p <= .05 without an effect; amounts against shifted labels."""
    result = {}
    for measure in (AMOUNT, DIFFERENCE, WEIGHTS, PATTERN):
        ones = [one[emotion, measure] for one in maps for emotion in range(EMOTIONS)]
        pairs = [one.above_shuffled if measure == AMOUNT else one.interval for one in ones]
        covered = np.mean([((low <= 0) & (high >= 0)).mean() for _, low, high in pairs])
        result[measure] = {"covers 0": float(covered), "p <= .05": float(np.mean([(o.p <= 0.05).mean() for o in ones]))}
    return result


def spun(pairs: int, places: int = 100, first: int = 20) -> dict[str, dict[str, float]]:
    """Share of p <= .05 of smooth maps without relation."""
    i = np.arange(places) + 0.5
    polar, around = np.arccos(1 - 2 * i / places), np.pi * (1 + 5**0.5) * i
    half = np.column_stack([np.cos(around) * np.sin(polar), np.sin(around) * np.sin(polar), np.cos(polar)])
    size = np.array([35.0, 60, 45])
    centres = np.concatenate([half * [-1, 1, 1] * size - [40, 0, 0], half * size + [40, 0, 0]])
    turned, rng, result = spins(centres, 500, seed=1), np.random.default_rng(2), {}
    for width in (0.05, 0.4, 0.8):
        root = np.linalg.cholesky(np.exp((half @ half.T - 1) / width**2) + 1e-6 * np.eye(places))
        hits = np.zeros(2)
        for _ in range(pairs):
            a, b = (first_columns((root @ rng.normal(size=(places, 2))).T.ravel(), first) for _ in range(2))
            shared, moved = int((a & b).sum()), b[turned]
            null = 2 * (moved & a).sum(axis=1) / (first + moved.sum(axis=1))
            p = (1 + (null >= shared / first - 1e-12).sum()) / (len(turned) + 1)
            hits += [p <= 0.05, hypergeom.sf(shared - 1, 2 * places, first, first) <= 0.05]
        result[f"smooth over {width:g} radii"] = dict(zip(("spin", "any order"), (hits / pairs).tolist(), strict=True))
    return result


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser()
    quick = arguments(parser).quick
    start, rng = time.process_time(), np.random.default_rng(0)
    viewers, runs, volumes = (3, 3, 60) if quick else (15, 8, 60)
    results = {
        "viewers": viewers, "runs": runs, "volumes": volumes,
        "rank": ranked(evidence(rng, viewers, runs, volumes, 0.8)),
        "null": chance([evidence(rng, viewers, runs, volumes, 0.0) for _ in range(1 if quick else 4)]),
        "null rank": ranked(evidence(rng, viewers, runs, volumes, 0.0)),
        "spin": spun(50 if quick else 1000),
    }  # fmt: skip
    write("film_parcels", {**results, "cpu_s": time.process_time() - start})


if __name__ == "__main__":
    main()
