"""Impressions of faces (OMI: 1,004 synthetic faces, 18 mean ratings), one command for the whole figure.

``python -m benchmarks.impressions [--faces FOLDER] [--seeds N]``

Needs ``noncommercial/omi`` of the shared data and ``mien models pull efficientnet-lite0``. Faces are extracted first,
unless ``--faces`` names an extraction. Models of mien predict every rating in the same 10 folds over faces: ``picture``
(frozen EfficientNet-Lite0, crop of the face), ``picture-wide`` (the same with hair and surroundings in the crop),
``expression`` (named distances and aligned points) and their weighted sum, whose weights are fitted on predictions for
people left out within the training fold; the same as ``mien train omi: --target all --model NAME``. Nothing is chosen
on test folds. Crops, stages and grid were chosen in 5 folds of one half of these faces.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, data_root, is_quick, write
from mien.data.samples import read_samples
from mien.faces.extract import extract
from mien.learn.train import train
from mien.stats.scores import Score

PARTS = ("picture", "picture-wide", "expression")
# Stacks learn each of their parts again and again.
MODELS = ("picture", "expression") if is_quick() else (*PARTS, "+".join(PARTS))


def main() -> None:
    """Measure, print and keep in ``benchmarks/results/impressions.json``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", type=Path, help="an extraction of OMI")
    parser.add_argument("--seeds", type=int, default=3, help="how many ways of making folds")
    given = arguments(parser, data=("omi",), seeds=1)
    place = data_root() / "noncommercial" / "omi"
    seconds: dict[str, float] = {}
    pearson: dict[str, list[dict[str, Score]]] = {model: [] for model in MODELS}
    mean: dict[str, list[Score]] = {model: [] for model in MODELS}
    with tempfile.TemporaryDirectory() as scratch:
        start = time.perf_counter()
        if given.faces is None:
            extract(place / "images", scratch)
        seconds["extraction"] = time.perf_counter() - start
        samples = read_samples(f"omi:{place}")
        ratings = list(samples.ratings)[: 2 if given.quick else None]
        target = ",".join(ratings) if given.quick else "all"
        for seed in range(given.seeds):
            for model in MODELS:
                start = time.perf_counter()
                found: Any = train(
                    samples, target=target, model=model, faces=given.faces or scratch, scheme="grouped",
                    n_folds=2 if given.quick else 10, seed=seed,
                ).evaluation  # fmt: skip
                seconds[f"{model}, seed {seed}"] = time.perf_counter() - start
                pearson[model].append({name: scores["pearson"] for name, scores in found.per_rating.items()})
                mean[model].append(found.scores["pearson"])
                print(f"{model}, seed {seed}: {found.scores['pearson'].value:.4f}", flush=True)
    write(
        "impressions",
        {
            "pearson, mean over seeds": {
                model: {name: round(float(np.mean([row[name].value for row in rows])), 4) for name in ratings}
                for model, rows in pearson.items()
            },
            "mean over ratings and seeds": {
                model: float(np.mean([s.value for s in rows])) for model, rows in mean.items()
            },
            "mean over ratings, seed 0, with intervals": {model: vars(rows[0]) for model, rows in mean.items()},
            "seed 0, with intervals": {
                model: {name: vars(score) for name, score in rows[0].items()} for model, rows in pearson.items()
            },
            "seconds": {name: round(value, 1) for name, value in seconds.items()},
        },
    )


if __name__ == "__main__":
    main()
