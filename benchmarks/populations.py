"""Do comparisons of populations see what is planted, and nothing where nothing is?

``python -m benchmarks.populations null [--studies 1000]``
    Noise in the form of evidence: shares of 24 regions of made-up people (correlated, as shares are), and smooth maps
    of the face; how often the region tests and the cluster test see a difference at .05.
``python -m benchmarks.populations planted [--people 32]``
    Made-up people of two groups who smile with other muscles (``mien synthesize``): a model is trained in each group,
    its evidence for the smile is computed on people left out, and the groups are compared by region. Regions whose
    muscles act in one group only are to be told from the others (area under the curve); then people of one group are
    split at random 1,000 times.
``python -m benchmarks.populations real [--models expression,picture] [--samples 40] [--folds 5]``
    The study of populations on London (photos, neutral and smiling) and OMI (synthetic photos, impression happy above
    65 or below 30), in the data folder: every model on both, where they look, and where that differs.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter
from sklearn.metrics import roc_auc_score

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import write
from mien.atlas.tables import evidence_table
from mien.compare.groups import compare
from mien.stats.clusters import cluster_test, grid_neighbours
from mien.stats.correction import benjamini_hochberg
from mien.stats.two_groups import Contrast, permutation_tests

REGIONS = 24
# Regions whose points move so much further in one group than in the other are planted.
LEAST_CM = 0.1
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


def planted(people: int, splits: int) -> dict[str, Any]:
    """Two populations whose muscles are known."""
    import mien
    from mien.core.topology import topology
    from mien.data.synthetic import expressions as ex
    from mien.data.synthetic.cohort import make_cohort

    cohort = make_cohort(2 * people, ("neutral", "smile"), seed=4)
    samples, group = cohort.samples, np.array(cohort.samples.group, dtype=object)
    evidence, accuracy = {}, {}
    for name in ex.GROUPS:
        inside = np.flatnonzero(group == name)
        learns = np.isin(samples.subject[inside], np.unique(samples.subject[inside])[: people // 2])
        trained = mien.train(
            samples[inside[learns]], faces=cohort.faces, target="expression", model="landmark-rvfl", progress=False
        )
        accuracy[name] = trained.evaluation.scores["balanced_accuracy"].value
        new = samples[inside[~learns]]
        smiles = new[np.asarray(new.labels["expression"]) == "smile"]
        evidence[name] = mien.explain(
            trained.model, smiles, faces=cohort.faces, target="smile", method="integrated-gradients"
        )
    found = compare(evidence["A"], evidence["B"], labels=ex.GROUPS)
    regions = topology("mediapipe-478").regions
    moved = {name: ex.movement("smile", name) for name in ex.GROUPS}
    apart = np.array([abs(np.subtract(*(moved[g][regions[row.name]].mean() for g in ex.GROUPS))) for row in found.rows])
    table, names = evidence_table(evidence["A"])
    who = evidence["A"].subject
    rng, seen = np.random.default_rng(0), []
    for seed in range(splits):
        half = rng.permutation(np.unique(who))[: len(np.unique(who)) // 2]
        mine = np.isin(who, half)
        split = compare(table[mine], table[~mine], who[mine], who[~mine], names=names, n_permutations=499, seed=seed)
        seen.append([row.p_corrected <= 0.05 for row in split.rows])
    return {
        "people of each group": [people // 2, people // 2], "balanced accuracy, people left out": accuracy,
        "area under the curve": float(roc_auc_score(apart > LEAST_CM, np.abs([row.effect for row in found.rows]))),
        "regions": {
            row.name: {"effect": row.effect, "p_corrected": row.p_corrected, "muscles apart by cm": float(cm)}
            for row, cm in zip(found.rows, apart, strict=True)
        },
        "one population split at random": {"splits": splits, "any region": float(np.mean(np.any(seen, axis=1)))},
    }  # fmt: skip


def real(models: list[str], samples: int, folds: int, folder: Path) -> dict[str, Any]:
    """London against OMI; a folder of an earlier run is continued."""
    import mien
    from mien.compare.population_result import OWN, PopulationLooks, PopulationScores

    if not (folder / "study.toml").exists():
        mien.study.new("populations", folder, target="expression", changed={
            "populations": {
                "sources": {"London": "london", "OMI": "omi"}, "people_in_several": "other people",
                "same": {"smiling": "smile", "happy > 65": "smile", "happy < 30": "neutral"},
            },
            "models": {"train": models}, "folds": {"n_folds": folds}, "evidence": {"n_samples": samples},
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
    parser.add_argument("what", choices=("null", "planted", "real"))
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--people", type=int, default=32, help="of each group; half of them train its model")
    parser.add_argument("--models", default="expression", help="of the real populations, with commas")
    parser.add_argument("--samples", type=int, default=40, help="of each class and population that are explained")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path("populations-study"), help="of the study")
    given = parser.parse_args()
    begin = time.process_time()
    if given.what == "real":
        result: Any = real(given.models.split(","), given.samples, given.folds, given.folder)
    else:
        result = null(given.studies) if given.what == "null" else planted(given.people, given.studies)
    write(f"populations_{given.what}", {"result": result, "processor_s": time.process_time() - begin})


if __name__ == "__main__":
    main()
