"""Does evidence find planted muscles? ``python -m benchmarks.planted [--seeds 5]``.

The demo's model and evidence on cohorts of other seeds than the demo's: per expression, the AUC of the mean absolute
evidence per point for the acting points, with random and inverse evidence beside it.
"""

import argparse
from collections import defaultdict

import numpy as np

from benchmarks.common import write
from mien.data.synthetic import make_cohort
from mien.explain.aggregate import summarise
from mien.explain.explain import explain_all
from mien.models.train import train
from mien.studies.demo import CLIPS, COMPONENTS, FRAMES, STEPS, SUBJECTS, planted_score


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    seeds = range(101, 101 + parser.parse_args().seeds)
    scores = defaultdict(list)
    for seed in seeds:
        cohort = make_cohort(SUBJECTS, n_frames=FRAMES, clips_per_expression=CLIPS, seed=seed)
        settings = {"components": COMPONENTS}
        trained = train(
            cohort.samples, target="expression", model="landmark-net", faces=cohort.faces, evaluate=False, seed=seed,
            settings=settings,
        )  # fmt: skip
        evidence = explain_all(
            trained.model, cohort.samples, faces=cohort.faces, baselines="medoids:neutral", n_steps=STEPS, seed=seed
        )
        for label, acting in cohort.acting.items():
            if len(acting):
                importance = summarise(evidence[label]).point_absolute
                scores[label].append(planted_score(label, importance, acting, seed))
    rows = {
        label: {
            "evidence": round(float(np.mean([row["evidence"] for row in rows])), 3),
            "lowest": round(float(np.min([row["evidence"] for row in rows])), 3),
            "random": round(float(np.mean([row["random"] for row in rows])), 3),
            "inverse": round(float(np.mean([row["inverse"] for row in rows])), 3),
        }
        for label, rows in scores.items()
    }
    mean = float(np.mean([row["evidence"] for row in rows.values()]))
    write("planted", {"seeds": list(seeds), "auc": rows, "mean_auc": round(mean, 3)})


if __name__ == "__main__":
    main()
