"""Networks trained whole on one attribute of OMI (1,004 synthetic faces, mean ratings), one fold of ten.

``python -m benchmarks.fine_tuning [--faces FOLDER] [--attribute happy] [--size 112] [--networks vgg16=random ...]``

Needs ``noncommercial/omi`` of the shared data and ``mien models pull efficientnet-lite0``. Faces are extracted first,
unless ``--faces`` names an extraction. Nine tenths of the faces are trained on, of these a fifth only watched for early
stopping, and one tenth is tested once. VGG16 starts from random weights unless ``--networks vgg16=FILE.safetensors``
names others; EfficientNet-Lite0 starts from ImageNet's. Beside them: ridge regression on the same frozen
EfficientNet-Lite0, on the same crops and fold. It shows that the path works and what it costs; one fold of a hundred
faces cannot rank networks, so intervals stand beside the scores.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, data_root, write, write_table
from mien.data.samples import read_samples
from mien.faces.extract import extract
from mien.learn.table import Table, load, usable
from mien.models.network.estimator import NetworkRegressor
from mien.models.picture import PictureRegressor
from mien.stats.folds import Fold, subject_folds
from mien.stats.regression_scores import regression_scores

NETWORKS = ("vgg16=random", "efficientnet-lite0=pretrained")
# Chosen before any of these runs: a random VGG without normalisation needs small steps.
RATES = {"vgg16": 1e-4}
# One loaded core took four minutes an epoch at 64 px and just under three at 32: of VGG16 the two wide layers, 119 of
# 134 million parameters, cost the most, so smaller pictures save little.
EPOCHS = {"vgg16": 4}
MOST_EPOCHS = 12


def faces_of(given: argparse.Namespace) -> Table:
    """Crops and ratings of all faces."""
    place = data_root() / "noncommercial" / "omi"
    samples = read_samples(f"omi:{place}")
    recipe = {"name": "crop", "size": given.size}
    if given.faces:
        return usable(*load(samples, given.faces), recipe, [given.attribute])
    with tempfile.TemporaryDirectory() as folder:
        extract(place / "images", folder)
        return usable(*load(samples, folder), recipe, [given.attribute])


def scored(y: np.ndarray, told: np.ndarray, who: np.ndarray) -> dict[str, Any]:
    """Scores on the test fold with intervals."""
    found = regression_scores(y[:, 0], told[:, 0], who)
    return {name: [round(float(v), 4) for v in (s.value, s.low, s.high)] for name, s in found.items()}


def trained_whole(words: str, table: Table, fold: Fold, given: argparse.Namespace) -> dict[str, Any]:
    """One network on the training fold, tested on the other."""
    name, _, weights = words.partition("=")
    train, test = fold
    x = table.features.values
    estimator = NetworkRegressor(
        network=name, weights=weights, epochs=given.epochs or EPOCHS.get(name, MOST_EPOCHS),
        learning_rate=RATES.get(name, NetworkRegressor().learning_rate), dense_top=True, seed=given.seed,
    )  # fmt: skip
    start = time.perf_counter()

    def told(done: int, total: int) -> None:
        print(f"{words}: epoch {done} of {total} after {time.perf_counter() - start:.0f} s", flush=True)

    estimator.fit(x[train], table.y[train], groups=table.subjects[train], progress=told)
    seconds = time.perf_counter() - start
    history = estimator.history_
    return {
        "start": estimator.origin_.words,
        "start_sha256": estimator.origin_.sha256,
        "random_start": estimator.origin_.random,
        "parameters": sum(p.numel() for p in estimator.network_.parameters()),
        "learning_rate": estimator.learning_rate,
        "faces": {"trained on": len(train) - len(estimator.validation_), "watched": len(estimator.validation_),
                  "tested": len(test)},
        "epochs": len(history.training),
        "best_epoch": history.best,
        "training_loss": [round(v, 4) for v in history.training],
        "watched_correlation": [round(-v, 4) for v in history.watched],
        "seconds": round(seconds, 1),
        "seconds_per_epoch": round(seconds / len(history.training), 1),
        "test": scored(table.y[test], estimator.predict(x[test]), table.subjects[test]),
    }  # fmt: skip


def frozen(table: Table, fold: Fold) -> dict[str, Any]:
    """Ridge regression on the frozen body; features are computed anew."""
    from mien.nets.body_cache import body_features

    train, test = fold
    estimator = PictureRegressor()
    start = time.perf_counter()
    features = body_features(table.features.values, estimator.frozen_body(), keep=False)
    estimator.fit(features[train], table.y[train], groups=table.subjects[train])
    seconds = time.perf_counter() - start
    told = estimator.predict(features[test])
    return {"seconds": round(seconds, 1), "test": scored(table.y[test], told, table.subjects[test])}


def markdown(result: dict[str, Any]) -> str:
    """One row per network."""
    lines = [
        f"Rating '{result['attribute']}', crops of {result['side_px']} px, one fold of ten, "
        f"{result['threads']} threads.",
        "",
        "| network | starts from | parameters | epochs | seconds | Pearson r (95 % interval) | concordance |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, row in result["networks"].items():
        r, c = row["test"]["pearson"], row["test"]["concordance"]
        start = "random weights" if row.get("random_start") else row.get("start", "ImageNet, frozen; ridge")
        lines.append(
            f"| {name} | {start} | {row.get('parameters', '')} | {row.get('epochs', '')} | {row['seconds']} | "
            f"{r[0]:.3f} ({r[1]:.3f} to {r[2]:.3f}) | {c[0]:.3f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Train, test and write ``benchmarks/results/fine_tuning.json`` and ``.md``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faces", default="")
    parser.add_argument("--attribute", default="happy")
    parser.add_argument("--size", type=int, default=112)
    parser.add_argument("--epochs", type=int, default=0, help="of every network; 0: 4 of VGG16, 12 of others")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS), metavar="NAME=WEIGHTS")
    parser.add_argument("--name", default="fine_tuning", help="of the files of results")
    given = arguments(parser, data=("omi",), size=32, epochs=1, threads=1, networks=["efficientnet-lite0=random"])
    torch.set_num_threads(given.threads)
    table = faces_of(given)
    fold = subject_folds(table.subjects, scheme="grouped", n_folds=10, seed=given.seed)[0]
    found = {words.partition("=")[0]: trained_whole(words, table, fold, given) for words in given.networks}
    found["efficientnet-lite0, frozen"] = frozen(table, fold)
    result = {"attribute": given.attribute, "side_px": given.size, "threads": given.threads, "seed": given.seed,
              "networks": found}  # fmt: skip
    write_table(f"{given.name}.md", markdown(result))
    write(given.name, result)


if __name__ == "__main__":
    main()
