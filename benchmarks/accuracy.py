"""Accuracy on people whom the model has not seen, one command per figure.

``python -m benchmarks.accuracy london``        neutral against smiling from a single picture, 10 folds of subjects
``python -m benchmarks.accuracy london-pairs``  which of two pictures of one person smiles, 10 folds of subjects
``python -m benchmarks.accuracy london-trees``  the first with LightGBM's trees at their defaults, nothing tuned
``python -m benchmarks.accuracy london-picture``  neutral against smiling by the model 'picture': its pixels alone, the
                                          mean over three ways of making the folds
``python -m benchmarks.accuracy buhmap``        8 expressions and head gestures, leave-one-subject-out

``python benchmarks/accuracy.py NAME`` does the same. Needs ``london/`` or ``buhmap/`` of the shared data. London's
faces are extracted first, unless ``--faces FOLDER`` names an extraction. Regularisation is chosen in inner folds; other
settings were explored on these same people, as docs/benchmarks.md says. The shuffled-label check runs on the same folds
(``--no-noise-check`` leaves it out).
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, data_root, is_quick, parts, write
from mien.learn.evaluation import Evaluation
from mien.learn.predictions import ClassPredictions
from mien.learn.train import train
from mien.learn.trained import Trained
from mien.stats.scores import Score, classification_scores

FIGURES = ("london", "london-pairs", "london-trees", "london-picture", "buhmap")
FOLDS, SEEDS = (2, 1) if is_quick() else (10, 3)
PAIRS = {"name": "expression", "relative_to": "subject"}


def london(faces: Path, noise_check: bool) -> Trained:
    """Neutral or smiling, from one picture."""
    samples = f"london:{data_root() / 'london'}"
    return train(samples, target="expression", faces=faces, n_folds=FOLDS, noise_check=noise_check)


def london_picture(faces: Path, noise_check: bool) -> tuple[Trained, dict[str, float]]:
    """The same from the pixels of the aligned crop, by seed of the folds; the first seed's training."""
    samples = f"london:{data_root() / 'london'}"
    runs = [
        train(
            samples,
            target="expression",
            model="picture",
            faces=faces,
            n_folds=FOLDS,
            seed=seed,
            noise_check=noise_check and not seed,
        )
        for seed in range(SEEDS)
    ]
    accuracy = {str(seed): run.evaluation.scores["accuracy"].value for seed, run in enumerate(runs) if run.evaluation}
    return runs[0], {**accuracy, "mean": float(np.mean(list(accuracy.values())))}


def london_pairs(faces: Path, noise_check: bool) -> Trained:
    """The same with the person's other picture as reference: features minus their mean over both pictures."""
    samples = f"london:{data_root() / 'london'}"
    return train(samples, target="expression", faces=faces, recipe=PAIRS, n_folds=FOLDS, noise_check=noise_check)


def london_trees(faces: Path, noise_check: bool) -> Trained:
    """Neutral or smiling, from one picture, by gradient-boosted trees."""
    samples = f"london:{data_root() / 'london'}"
    return train(samples, target="expression", model="trees", faces=faces, n_folds=FOLDS, noise_check=noise_check)


def buhmap(noise_check: bool) -> Trained:
    """Eight classes, one subject left out at a time."""
    samples = f"buhmap:{data_root() / 'buhmap'}"
    folds: dict[str, Any] = {"n_folds": FOLDS} if is_quick() else {"scheme": "leave-one-subject-out"}
    return train(samples, target="label", model="landmark-net", noise_check=noise_check, **folds)


def which_smiles(predictions: ClassPredictions) -> Score:
    """Share of pairs in which the smiling picture gets the higher probability, with its interval over people."""
    smiling = predictions.classes.index("smiling")
    p = predictions.probabilities[:, smiling]
    forced = np.zeros((len(p), 2))
    for person in np.unique(predictions.subject.astype(str)):
        own = np.flatnonzero(predictions.subject == person)
        forced[own, 1 - smiling] = 1
        forced[own[p[own].argmax()]] = np.eye(2)[smiling]
    return classification_scores(predictions.label, forced, predictions.classes, predictions.subject)["accuracy"]


def main() -> None:
    """Measure one figure, print it and keep it in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figure", nargs="?", choices=FIGURES)
    parser.add_argument("--faces", type=Path, help="an extraction of London")
    parser.add_argument("--no-noise-check", dest="noise_check", action="store_false")
    given = arguments(parser, data=("london", "buhmap"))
    with tempfile.TemporaryDirectory() as scratch:
        faces = given.faces
        for figure in parts(given.figure, FIGURES):
            if figure != "buhmap" and faces is None:
                from mien.faces.extract import extract

                faces = Path(scratch)
                extract([data_root() / "london" / part for part in ("neutral", "smiling")], faces)
            # One check of shuffled labels shows that all of them run.
            measure(figure, faces, given.noise_check and not (given.quick and figure != "london"))


def measure(figure: str, faces: Path | None, noise_check: bool) -> None:
    """One figure."""
    start = time.perf_counter()
    seeds = None
    if figure == "buhmap":
        trained = buhmap(noise_check)
    elif figure == "london-picture":
        trained, seeds = london_picture(faces, noise_check)
    else:
        figures = {"london": london, "london-pairs": london_pairs, "london-trees": london_trees}
        trained = figures[figure](faces, noise_check)
    evaluation, predictions = trained.evaluation, trained.predictions
    assert isinstance(evaluation, Evaluation) and isinstance(predictions, ClassPredictions)
    result: dict[str, Any] = {**evaluation.to_json(), "seconds": round(time.perf_counter() - start, 1)}
    if seeds is not None:
        result["accuracy by seed of the folds"] = seeds
        print(f"accuracy by seed of the folds: {seeds}")
    if figure == "london-pairs":
        pairs = which_smiles(predictions)
        result["pairs"] = {"value": pairs.value, "low": pairs.low, "high": pairs.high, "chance": pairs.chance}
        print(f"{'pairs right':<18} {pairs.value:.4f} ({pairs.low:.3f} to {pairs.high:.3f}), chance {pairs.chance:.3f}")
    for name, s in evaluation.scores.items():
        print(f"{name:<18} {s.value:.4f} ({s.low:.3f} to {s.high:.3f}), chance {s.chance:.3f}")
    for name, s in (evaluation.noise_check or {}).items():
        print(f"shuffled {name:<9} {s.value:.4f} ({s.low:.3f} to {s.high:.3f}), chance {s.chance:.3f}")
    write(f"accuracy_{figure.replace('-', '_')}", result)


if __name__ == "__main__":
    main()
