"""Do populations make models look at other places: false alarms with and without the chance of training.

``python -m benchmarks.populations_retrained linear [--studies 400] [--people 10] [--times 19]``
    Made-up people with a face of 24 x 20 places who are neutral and smile; the smile moves the mouth, and in half the
    studies (planted) of the second population the eyes, too. Ridge regression is trained in each of two populations,
    its evidence (weight x deviation from the mean) on people left out is compared as ``mien study run`` does it: over
    people with the models as they are, and with models trained again on people dealt at random.
``python -m benchmarks.populations_retrained study [--studies 10] [--people 10] [--times 19] [--model landmark-rvfl]``
    The same with the study itself: cohorts of ``mien synthesize``, one divided at random into two populations, and one
    whose populations are the groups A (smiles with the mouth) and B (with the eyes, too).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, is_quick, parts, write
from mien.compare.population_result import MODELS, OWN, PEOPLE
from mien.compare.retrained import Chance, LookStatistics, chance_of_training
from mien.stats.clusters import cluster_test, grid_neighbours
from mien.stats.correction import benjamini_hochberg
from mien.stats.two_groups import Contrast, permutation_tests

# Features of the study's model: the usual ones, or a few points.
FEW = {"name": "displacement", "points": "ibug-68"} if is_quick() else {}
SHAPE = (24, 20)
FOLDS, PERMUTATIONS = (2, 99) if is_quick() else (3, 499)
_NEAR = grid_neighbours(np.ones(SHAPE, dtype=bool))
_ROWS, _COLUMNS = np.indices(SHAPE)
# Blocks of 4 x 4 places.
_REGION = (_ROWS // 4 * 5 + _COLUMNS // 4).ravel()
MOUTH = np.exp(-((_ROWS - 18) ** 2 + ((_COLUMNS - 9.5) / 2) ** 2) / 6).ravel()
EYES = sum(np.exp(-((_ROWS - 8) ** 2 + ((_COLUMNS - c) / 1.5) ** 2) / 4) for c in (5, 14)).ravel()  # type: ignore[union-attr]


@dataclass(frozen=True)
class Compared:
    """p over people with the models as they are, smallest of clusters and of corrected regions; and re-trained."""

    cluster: float
    region: float
    chance: Chance


def made_up(rng: np.random.Generator, people: int, eyes: float) -> np.ndarray:
    """Faces of people, shape (people, 2, places): neutral, smiling."""
    noise = gaussian_filter(rng.normal(size=(people, 2, *SHAPE)), (0, 0, 1.5, 1.5)).reshape(people, 2, -1) * 3
    strength = rng.uniform(0.6, 1.4, (people, 1))
    noise[:, 1] += 2 * strength * (MOUTH + eyes * EYES)
    return np.asarray(noise)


def _trained(faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights and mean of ridge regression."""
    x = faces.reshape(-1, faces.shape[-1])
    mean, y = x.mean(0), np.tile([-1.0, 1.0], len(faces))
    x = x - mean
    return x.T @ np.linalg.solve(x @ x.T + 10.0 * np.eye(len(x)), y), mean


def _evidence(model: tuple[np.ndarray, np.ndarray], faces: np.ndarray) -> np.ndarray:
    amount = np.abs(model[0] * (faces[:, 1] - model[1]))
    return np.asarray(amount / amount.sum(1, keepdims=True))


def _looks(one: np.ndarray, other: np.ndarray) -> dict[tuple[int, int], np.ndarray]:
    """Maps by population trained on and shown: people by models without their fold, others dealt to these models."""
    both = one, other
    found = {(a, b): np.empty(both[b][:, 1].shape) for a in range(2) for b in range(2)}
    fold = [np.arange(len(faces)) % FOLDS for faces in both]
    for a in range(2):
        for number in range(FOLDS):
            model = _trained(both[a][fold[a] != number])
            for b in range(2):
                found[a, b][fold[b] == number] = _evidence(model, both[b][fold[b] == number])
    return found


_SIDES = {OWN: ((0, 0), (1, 1)), PEOPLE: ((0, 0), (0, 1)), MODELS: ((0, 0), (1, 0))}


def _regions(maps: np.ndarray) -> np.ndarray:
    return np.stack([maps[:, number == _REGION].sum(1) for number in range(_REGION.max() + 1)], axis=1)


def _statistics(a: np.ndarray, b: np.ndarray, paired: bool) -> LookStatistics:
    t = permutation_tests(Contrast(_regions(a), _regions(b), paired), n_permutations=0).t
    masses = cluster_test(Contrast(a, b, paired), _NEAR, n_permutations=0).mass
    distance = 1 - np.corrcoef(a.mean(0), b.mean(0))[0, 1]
    return LookStatistics(float(distance), {str(i): float(v) for i, v in enumerate(t)}, tuple(masses.tolist()))


def linear_study(
    rng: np.random.Generator, people: int, *, eyes: tuple[float, float] = (1.0, 1.0), times: int = 19,
    n_permutations: int = 0,
) -> dict[str, Compared]:  # fmt: skip
    """One study of two populations of so many people, who move their eyes so much when they smile; by kind."""
    faces = [made_up(rng, people, much) for much in eyes]
    everybody = np.concatenate(faces)
    true = _looks(*faces)
    dealt = []
    for _ in range(times):
        order = rng.permutation(len(everybody))
        dealt.append(_looks(everybody[order[:people]], everybody[order[people:]]))
    found = {}
    for kind, (a, b) in _SIDES.items():
        paired = kind == MODELS
        chance = chance_of_training(
            _statistics(true[a], true[b], paired), [_statistics(maps[a], maps[b], paired) for maps in dealt]
        )
        cluster = region = float("nan")
        if n_permutations:
            contrast = Contrast(_regions(true[a]), _regions(true[b]), paired)
            region = benjamini_hochberg(permutation_tests(contrast, n_permutations=999).p).min()
            of_map = cluster_test(Contrast(true[a], true[b], paired), _NEAR, n_permutations=n_permutations)
            cluster = of_map.p.min(initial=1.0)
        found[kind] = Compared(float(cluster), float(region), chance)
    return found


def _shares(studies: list[dict[str, Compared]]) -> list[dict[str, Any]]:
    """How often p is at most .05, by kind."""
    rows = []
    for kind in _SIDES:
        some = [study[kind] for study in studies]
        smallest = {
            "people, any cluster": [one.cluster for one in some],
            "people, any region": [one.region for one in some],
            "re-trained, distance": [one.chance.p_distance for one in some],
            "re-trained, any region": [min(one.chance.p_regions.values(), default=1.0) for one in some],
            "re-trained, any cluster": [min(one.chance.p_clusters, default=1.0) for one in some],
        }
        rows.append({"kind": kind, **{name: float(np.mean(np.array(p) <= 0.05)) for name, p in smallest.items()}})
    return rows


def linear(studies: int, people: int, times: int) -> list[dict[str, Any]]:
    """Ridge regression on made-up faces."""
    rows = []
    for name, eyes in (("same", (1.0, 1.0)), ("planted", (0.0, 1.0))):
        rng = np.random.default_rng([people, times, len(name)])
        number = studies if name == "same" else max(min(20, studies), studies // 4)
        found = [linear_study(rng, people, eyes=eyes, times=times, n_permutations=199) for _ in range(number)]
        for row in _shares(found):
            rows.append({"populations": name, "studies": number, **row})
            print(rows[-1], flush=True)
    return rows


def study(studies: int, people: int, times: int, model: str) -> list[dict[str, Any]]:
    """The study itself on cohorts of ``mien synthesize``."""
    import mien
    from mien.compare.population_result import PopulationLooks
    from mien.compare.retrained import RetrainedLooks

    rows = []
    for seed in range(studies):
        for name in ("planted",) if is_quick() else ("same", "planted"):
            with tempfile.TemporaryDirectory() as folder:
                place = Path(folder)
                count = 2 * people if name == "planted" else 4 * people
                mien.synthesize(place / "made", subjects=count, expressions=("neutral", "smile"), frames=8, seed=seed)
                if name == "same":
                    _divide(place / "made" / "samples.csv", seed)
                mien.study.new("populations", place / "study", samples=f"synthetic:{place / 'made'}",
                               target="expression", changed={
                    "models": {"train": [model], "features": {model: FEW} if FEW else {}},
                    "protocols": {"also": []}, "folds": {"n_folds": FOLDS}, "evidence": {"settings": {"n_steps": 4}},
                    "comparison": {"permutations": PERMUTATIONS, "retrain": times},
                })  # fmt: skip
                mien.study.run(place / "study")
                looks = PopulationLooks.read(place / "study/populations")
                again = {row.key: row for row in RetrainedLooks.read(place / "study/populations").rows}
                for row in looks.contrasts:
                    found = again.get((row.model, row.label, row.kind, row.a, row.b))
                    rows.append({
                        "seed": seed, "populations": name, "kind": row.kind,
                        "people, any cluster": None if row.map is None else float(row.map.p.min(initial=1.0)),
                        "people, any region": min(r.p_corrected for r in row.groups.rows),
                        "re-trained, distance": found and found.p_distance,
                        "re-trained, any region": found and min(found.p_regions.values()),
                        "re-trained, any cluster": found and min(found.p_clusters, default=1.0),
                    })  # fmt: skip
                    print(rows[-1], flush=True)
    return rows


def _divide(path: Path, seed: int) -> None:
    """Keep the people of group A, divided at random into A and B."""
    import pandas

    table = pandas.read_csv(path, dtype=str)
    table = table[table["group"] == "A"]
    people = np.random.default_rng(seed).permutation(sorted(set(table["subject"])))
    table["group"] = np.where(table["subject"].isin(people[: len(people) // 2]), "A", "B")
    table.to_csv(path, index=False)


def main() -> None:
    """Simulate, print and keep in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=("linear", "study"))
    parser.add_argument("--studies", type=int, help="by default 400 linear ones, 10 of the study")
    parser.add_argument("--people", type=int, default=10, help="of each population")
    parser.add_argument("--times", type=int, default=19, help="that models are trained again")
    parser.add_argument("--model", default="landmark-rvfl", help="of the study")
    given = arguments(parser, studies=1, people=5, times=1)
    for what in parts(given.what, ("linear", "study")):
        begin = time.process_time()
        if what == "linear":
            result = linear(given.studies or 400, given.people, given.times)
        else:
            result = study(given.studies or 10, given.people, given.times, given.model)
        write(f"populations_retrained_{what}", {"result": result, "processor_s": time.process_time() - begin})


if __name__ == "__main__":
    main()
