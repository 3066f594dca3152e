"""Impressions of faces (OMI: 1,004 synthetic faces, 18 mean ratings), one command for the whole figure.

``python -m benchmarks.impressions [--faces FOLDER] [--seeds N]``

Needs ``noncommercial/omi`` of the shared data and ``mien models pull efficientnet-lite0``. Faces are extracted first,
unless ``--faces`` names an extraction. Three models of mien predict every rating from the same folds, 10 of them,
over faces: ``picture`` (frozen EfficientNet-Lite0, crop of the face), ``wide`` (the same with hair and surroundings in
the crop) and ``points`` (named distances, aligned points and blendshapes). ``together`` is their weighted sum; the
weights of each rating are fitted on predictions for people left out within the training fold. Nothing is chosen on test
folds. Crops, stages and grid were chosen in 5 folds of one half of these faces.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import nnls

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import data_root, write
from mien.core.samples import Samples
from mien.data.samples import read_samples
from mien.models.rating_fit import ExpressionRegressor, PictureRegressor
from mien.models.table import Table, load, usable
from mien.stats.folds import subject_folds
from mien.stats.regression_scores import mean_scores, regression_scores

POINTS = {"name": "expression", "blocks": ["blendshapes", "measures", "points"]}
RECIPES: dict[str, dict[str, Any]] = {
    "picture": {"name": "crop"},
    "wide": {"name": "crop", "side": 4.0},
    "points": POINTS,
}
TOGETHER = "together"


def estimator(view: str, table: Table) -> Any:
    """An unfitted model of ratings."""
    if view == "points":
        topology = table.features.recipe["topology"]
        return ExpressionRegressor(feature_names=table.features.names, topology=topology)
    return PictureRegressor()


def features_of(samples: Samples, faces: Any) -> tuple[dict[str, np.ndarray], dict[str, Table]]:
    """What each model is fitted on, computed once, and the table of its samples."""
    values, tables = {}, {}
    for view, recipe in RECIPES.items():
        table = usable(samples, faces, recipe, list(samples.ratings))
        model = estimator(view, table)
        values[view] = model.prepare(table.features.values) if view != "points" else table.features.values
        tables[view] = Table(table.features[:0], *[getattr(table, part) for part in ("y", "subjects", "path")],
                             table.left_out, table.notes, table.rows)  # fmt: skip
        print(f"{view}: {len(table.y)} faces, {values[view].shape[-1]} features", flush=True)
        del table
    if len({tuple(table.path) for table in tables.values()}) > 1:
        raise SystemExit("The models see different faces.")
    return values, tables


def together(parts: np.ndarray, y: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Weighted sum of the models' predictions.

    Parameters
    ----------
    parts : ndarray, shape (models, training samples, ratings)
        For people left out.
    y : ndarray, shape (training samples, ratings)
    others : ndarray, shape (models, test samples, ratings)

    Returns
    -------
    ndarray, shape (test samples, ratings)
    """
    found = np.empty(others.shape[1:])
    for j in range(y.shape[1]):
        centre = y[:, j].mean()
        weights, _ = nnls(parts[:, :, j].T - centre, y[:, j] - centre)
        found[:, j] = (others[:, :, j].T - centre) @ weights + centre
    return found


def cross_predicted(values: dict[str, np.ndarray], tables: dict[str, Table], seed: int) -> dict[str, np.ndarray]:
    """Predictions of every model for faces that it has not seen, each (samples, ratings)."""
    first = next(iter(tables.values()))
    y, people = first.y, first.subjects
    found = {name: np.empty(y.shape) for name in (*values, TOGETHER)}
    for train, test in subject_folds(people, scheme="grouped", n_folds=10, seed=seed):
        left_out = []
        for view, table in tables.items():
            fitted = estimator(view, table).fit(values[view][train], y[train], groups=people[train])
            found[view][test] = fitted.predict(values[view][test])
            left_out.append(fitted.left_out_)
        found[TOGETHER][test] = together(np.stack(left_out), y[train], np.stack([found[view][test] for view in values]))
        print(".", end="", flush=True)
    print(flush=True)
    return found


def main() -> None:
    """Measure, print and keep in ``benchmarks/results/impressions.json``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", type=Path, help="an extraction of OMI")
    parser.add_argument("--seeds", type=int, default=3, help="how many ways of making folds")
    given = parser.parse_args()
    place = data_root() / "noncommercial" / "omi"
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as scratch:
        start = time.perf_counter()
        folder = given.faces or Path(scratch)
        if given.faces is None:
            from mien.faces.extract import extract

            extract(place / "images", folder)
        seconds["extraction"] = time.perf_counter() - start
        samples, faces = load(read_samples(f"omi:{place}"), folder)
        start = time.perf_counter()
        values, tables = features_of(samples, faces)
        seconds["features, or reading them where they are kept"] = time.perf_counter() - start
    y, people = next(iter(tables.values())).y, next(iter(tables.values())).subjects
    ratings, result = list(samples.ratings), {}
    for seed in range(given.seeds):
        start = time.perf_counter()
        found = cross_predicted(values, tables, seed)
        seconds[f"10 folds, seed {seed}"] = time.perf_counter() - start
        result[str(seed)] = {
            view: {name: float(np.corrcoef(p[:, j], y[:, j])[0, 1]) for j, name in enumerate(ratings)}
            for view, p in found.items()
        }
        if seed == 0:
            intervals = {
                name: vars(regression_scores(y[:, j], found[TOGETHER][:, j], people)["pearson"])
                for j, name in enumerate(ratings)
            }
            means = {view: vars(mean_scores(y, p, people, names=("pearson",))["pearson"]) for view, p in found.items()}
    mean = {
        view: {name: round(float(np.mean([r[view][name] for r in result.values()])), 4) for name in ratings}
        for view in found
    }
    write(
        "impressions",
        {
            "pearson, mean over seeds": mean,
            "pearson, mean over ratings and seeds": {
                view: float(np.mean(list(m.values()))) for view, m in mean.items()
            },
            "by seed": result,
            "together, seed 0, with intervals": intervals,
            "mean over ratings, seed 0, with intervals": means,
            "seconds": {name: round(value, 1) for name, value in seconds.items()},
        },
    )


if __name__ == "__main__":
    main()
