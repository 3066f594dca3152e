"""Do comparisons of populations see what is planted, and nothing where nothing is?

``python -m benchmarks.populations null [--studies 1000]``
    Noise in the form of evidence: shares of 24 regions of made-up people (correlated, as shares are), and smooth maps
    of the face; how often the region tests and the cluster test see a difference at .05.
``python -m benchmarks.populations planted [--people 16] [--studies 10]``
    Made-up people of two groups: A smiles with the mouth only, B with the eyes, too. A model is trained on people of
    both, its evidence for the smile is computed on people left out and carried to the canonical face, and the groups
    are compared by region. Regions that B's further muscles move are to be told from the others (area under the curve
    of the effects); then people of one group are split at random.
``python -m benchmarks.populations warp``
    1,000 maps of 224 px carried to the canonical face, and 50 of them back.
``python -m benchmarks.populations real [--models expression,picture] [--samples 40] [--folds 5] [--retrain 0]``
    The study of populations on London (photos, neutral and smiling) and OMI (synthetic photos, impression happy above
    65 or below 30), in the data folder: every model on both, where they look, and where that differs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter
from sklearn.metrics import roc_auc_score

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, is_quick, parts, write
from mien.atlas.canonical_map import canonical_face
from mien.atlas.face_regions import region_map
from mien.atlas.maps import AtlasMaps, atlas_maps
from mien.compare.groups import compare
from mien.stats.clusters import cluster_test, grid_neighbours
from mien.stats.correction import benjamini_hochberg
from mien.stats.two_groups import Contrast, permutation_tests

REGIONS = 24
SMILE = "planted smile"
MOUTH, EYES = {"lip corner pull": 1.0}, {"cheek raise": 1.0, "lid tighten": 0.8}
# Regions that B's further muscles move by so much are planted.
LEAST_CM = 0.05
PEOPLE = ((5, 5), (10, 10), (6, 20), (20, 20), (50, 50))


def shares(rng: np.random.Generator, people: int) -> np.ndarray:
    """Shares of regions that add up to one; people differ in where their model looks."""
    amount = np.exp(0.5 * rng.normal(size=(people, REGIONS)) + np.linspace(-1, 2, REGIONS))
    return np.asarray(amount / amount.sum(1, keepdims=True))


def face_maps(rng: np.random.Generator, people: int) -> np.ndarray:
    """Smooth noise on a map of 48 x 40 places."""
    return gaussian_filter(rng.normal(size=(people, 48, 40)), (0, 3, 3)).reshape(people, -1)


def null(studies: int) -> list[dict[str, Any]]:
    """False positives at .05."""
    rows = []
    near = grid_neighbours(np.ones((48, 40), dtype=bool))
    for n_a, n_b in PEOPLE:
        for paired in (False, True):
            if paired and n_a != n_b:
                continue
            rng = np.random.default_rng([n_a, n_b, paired])
            each, any_fdr, any_largest = [], [], []
            for seed in range(studies):
                a, b = shares(rng, n_a), shares(rng, n_b)
                found = permutation_tests(Contrast(a, b, paired), n_permutations=499, seed=seed)
                each.append((found.p <= 0.05).mean())
                any_fdr.append(benjamini_hochberg(found.p).min() <= 0.05)
                any_largest.append(found.p_largest.min() <= 0.05)
            clusters = [
                cluster_test(
                    Contrast(face_maps(rng, n_a), face_maps(rng, n_b), paired), near, n_permutations=199, seed=seed
                ).p.min(initial=1.0)
                <= 0.05
                for seed in range(studies // 5)
            ]
            rows.append({
                "people": [n_a, n_b], "paired": paired, "one region": float(np.mean(each)),
                "any region, false-discovery rate": float(np.mean(any_fdr)),
                "any region, largest t": float(np.mean(any_largest)), "any cluster": float(np.mean(clusters)),
            })  # fmt: skip
            print(rows[-1], flush=True)
    return rows


def planted(people: int, studies: int, splits: int) -> list[dict[str, Any]]:
    """Two populations whose muscles are known: A smiles with the mouth only, B with the eyes, too."""
    from mien.data.synthetic import expressions as ex

    ex.RECIPES[SMILE] = {"A": MOUTH, "B": MOUTH | EYES}
    moved = {group: ex.movement(SMILE, group) for group in ex.GROUPS}
    # How far the muscles that only B uses move each region, and how much evidence for the smile differs.
    names, extra = _by_region((moved["B"] - moved["A"])[None])
    rows = []
    for seed in range(studies):
        maps, group = _explained(people, seed)
        who, table = maps.subject, maps.by_region()
        signed = table.positive - table.negative
        in_a = group == "A"
        found = compare(signed[in_a], signed[~in_a], who[in_a], who[~in_a], names=names, labels=ex.GROUPS)
        effect = np.array([row.effect for row in found.rows])
        seen_here, there = np.array([row.p_corrected <= 0.05 for row in found.rows]), extra > LEAST_CM
        rng, seen = np.random.default_rng(seed), []
        of_a = np.unique(who[in_a])
        for number in range(splits):
            mine = np.isin(who, rng.permutation(of_a)[: len(of_a) // 2])
            rest = in_a & ~mine
            split = compare(signed[mine], signed[rest], who[mine], who[rest], n_permutations=499, seed=number)
            seen.append([row.p for row in split.rows])
        rows.append({
            "seed": seed, "people explained": found.people,
            "area under the curve": float(roc_auc_score(there, -effect)),
            "planted regions": int(there.sum()), "with p <= .05": int((seen_here & there).sum()),
            "other regions with p <= .05": list(np.array(names)[seen_here & ~there]),
            "one population split at random, one region": float(np.mean(np.array(seen) <= 0.05)),
        })  # fmt: skip
        print(rows[-1], flush=True)
    print(f"mean area under the curve {np.mean([row['area under the curve'] for row in rows]):.3f}")
    return rows


def _explained(people: int, seed: int) -> tuple[AtlasMaps, np.ndarray]:
    """Evidence for the smile on the canonical face, of people of both groups left out of training, and their group."""
    import mien
    from mien.data.synthetic.cohort import make_cohort

    cohort = make_cohort(4 * people, ("neutral", SMILE), seed=seed)
    samples = cohort.samples
    learns = np.isin(samples.subject, np.unique(samples.subject)[: 2 * people])
    trained = mien.train(
        samples[np.flatnonzero(learns)], faces=cohort.faces, target="expression", model="expression", evaluate=False,
        progress=False,
    )  # fmt: skip
    smiles = np.flatnonzero(~learns & (np.asarray(samples.labels["expression"]) == SMILE))
    evidence = mien.explain(
        trained.model, samples[smiles], faces=cohort.faces, target=SMILE, method="integrated-gradients"
    )
    return atlas_maps(evidence), np.array(samples.group, dtype=object)[smiles]


def warp(count: int = 1000) -> dict[str, Any]:
    """Maps of 224 px on faces turned by up to 20 degrees: how many a second, and what comes back."""
    from mien.atlas.canonical_map import from_canonical, to_canonical
    from mien.data.canonical import canonical_mesh

    rng, side = np.random.default_rng(0), 224
    maps = gaussian_filter(rng.normal(size=(50, side, side)), (0, 4, 4)).astype(np.float32)
    mesh, points = canonical_mesh().vertices_cm * [1, -1, -1], []
    for yaw in np.radians(rng.uniform(-20, 20, count)):
        turn = [[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]]
        points.append(mesh @ np.transpose(turn) * 11 + [side / 2, side / 2, 0])
    faces = np.stack(points)
    begin = time.process_time()
    there = np.concatenate([to_canonical(maps, faces[i : i + 50]) for i in range(0, count, 50)])
    seconds = time.process_time() - begin
    back = from_canonical(there[:50], faces[:50], (side, side))
    known = np.isfinite(back)
    return {
        "maps per second of one core": count / seconds,
        "correlation": float(np.corrcoef(back[known], maps[known])[0, 1]),
    }


def _by_region(at_points: np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
    """Mean over each region's pixels of numbers at the points of a face."""
    face = canonical_face(468)
    label, names = region_map()
    values = np.zeros(face.shape)
    values[face.inside] = face.between @ at_points[0, :468]
    return names[1:], np.array([values[label == number].mean() for number in range(1, len(names))])


# Networks that a laptop trains from nothing: sizes and rates that were tried on one fold of London.
_CROP = {"name": "crop", "side": 1.8, "eyes_at": 0.2}
FEATURES = {"songnet": {**_CROP, "size": 24}, "weinet": {**_CROP, "size": 64}}
_PAPER = {"protocol": "gaya-morey", "batch_size": 16, "learning_rate": 3e-4}
SETTINGS: dict[str, dict[str, Any]] = {"songnet": {**_PAPER, "epochs": 80}, "weinet": {**_PAPER, "epochs": 20}}
if is_quick():
    SETTINGS["expression"] = {"strengths": [0.1]}


def real(models: list[str], samples: int, folds: int, retrain: int, folder: Path) -> dict[str, Any]:
    """London against OMI; a folder of an earlier run is continued."""
    import mien
    from mien.compare.population_result import OWN, PopulationLooks, PopulationScores

    if not (folder / "study.toml").exists():
        mien.study.new("populations", folder, target="expression", changed={
            "populations": {
                "sources": {"London": "london", "OMI": "omi"}, "people_in_several": "other people",
                "same": {"smiling": "smile", "happy > 65": "smile", "happy < 30": "neutral"},
            },
            "models": {
                "train": models, "settings": {name: SETTINGS[name] for name in models if name in SETTINGS},
                "features": {name: FEATURES[name] for name in models if name in FEATURES},
            },
            "folds": {"n_folds": folds}, "evidence": {"n_samples": samples},
            "comparison": {"retrain": retrain, **({"permutations": 99} if is_quick() else {})},
            **({"protocols": {"also": []}} if is_quick() else {}),
        })  # fmt: skip
    mien.study.run(folder, say=print)
    scores, looks = (kind.read(folder / "populations") for kind in (PopulationScores, PopulationLooks))
    return {
        "balanced accuracy": [
            {"model": t.model, "trained": t.trained, "tested": t.tested, "people": len(t.people),
             **{key: getattr(t.evaluation.scores["balanced_accuracy"], key) for key in ("value", "low", "high", "p")}}
            for t in scores.tests
        ],
        "own models, own people": [
            {"model": row.model, "class": row.label, "people": row.groups.people,
             "regions": {r.name: [r.effect, r.p_corrected] for r in row.groups.rows if r.p_corrected <= 0.05},
             "clusters": None if row.map is None else int((row.map.p <= 0.05).sum())}
            for row in looks.contrasts if row.kind == OWN
        ],
    }  # fmt: skip


def main() -> None:
    """Simulate, print and keep in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=("null", "planted", "warp", "real"))
    parser.add_argument("--studies", type=int, help="by default 1,000 of noise, 10 planted ones")
    parser.add_argument("--people", type=int, default=16, help="of each group, explained; as many train the model")
    parser.add_argument("--models", default="expression", help="of the real populations, with commas")
    parser.add_argument("--samples", type=int, default=40, help="of each class and population that are explained")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--retrain", type=int, default=0, help="of the real populations, on people dealt at random")
    parser.add_argument("--folder", type=Path, default=Path("populations-study"), help="of the study")
    given = arguments(parser, data=("london", "omi"), studies=5, people=8, samples=4, folds=2)
    scratch = tempfile.TemporaryDirectory()
    folder = Path(scratch.name) if given.quick else given.folder
    work: dict[str, Callable[[], Any]] = {
        "null": lambda: null(given.studies or 1000),
        "planted": lambda: planted(given.people, 1 if given.quick else given.studies or 10, 2 if given.quick else 100),
        "warp": lambda: warp(50 if given.quick else 1000),
        "real": lambda: real(given.models.split(","), given.samples, given.folds, given.retrain, folder),
    }
    for what in parts(given.what, work):
        begin = time.process_time()
        write(f"populations_{what}", {"result": work[what](), "processor_s": time.process_time() - begin})
    scratch.cleanup()


if __name__ == "__main__":
    main()
