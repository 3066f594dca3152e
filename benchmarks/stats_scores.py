"""All four scores with intervals and tests: speed against scikit-learn in a loop, and agreement draw by draw.

Run: OMP_NUM_THREADS=1 python -m benchmarks.stats_scores
Prints JSON: median seconds for four scores of 440 samples in 8 classes (the size of BUHMAP), with intervals and 999
permutations; the seconds that 1,000 weightings of the samples take when each is scored by scikit-learn (extrapolated
from 50); and the largest difference between the two over those weightings.
"""

import argparse
import json
import time
import warnings

import numpy as np
from sklearn import metrics

from benchmarks.common import arguments
from mien.stats.class_statistics import balanced_accuracy, macro_auc, macro_f1
from mien.stats.scores import classification_scores

SUBJECTS, CLASSES, REPEATS, DRAWS = 11, 8, 5, 1000


def predictions(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Classes, probabilities with ties, subjects: as many as in BUHMAP."""
    rng = np.random.default_rng(seed)
    truth = np.tile(np.repeat(np.arange(CLASSES), REPEATS), SUBJECTS)
    p = rng.dirichlet(np.ones(CLASSES), len(truth)).round(2) + 0.3 * np.eye(CLASSES)[truth] + 1e-9
    return truth, p / p.sum(1, keepdims=True), np.repeat(np.arange(SUBJECTS), CLASSES * REPEATS)


def reference(truth: np.ndarray, p: np.ndarray) -> list[float]:
    """The four scores as scikit-learn gives them."""
    predicted = p.argmax(1)
    return [
        metrics.accuracy_score(truth, predicted),
        metrics.balanced_accuracy_score(truth, predicted),
        metrics.f1_score(truth, predicted, average="macro"),
        metrics.roc_auc_score(truth, p, multi_class="ovr", average="macro"),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--weightings", type=int, default=50, help="that scikit-learn scores")
    given = arguments(parser, rounds=1, weightings=2)
    warnings.simplefilter("ignore")
    truth, p, subjects = predictions()
    seconds = []
    for _ in range(given.rounds):
        start = time.perf_counter()
        classification_scores(truth, p, range(CLASSES), subjects)
        seconds.append(time.perf_counter() - start)
    share = np.full(SUBJECTS, 1 / SUBJECTS)
    weights = np.random.default_rng(1).multinomial(SUBJECTS, share, size=given.weightings)[:, subjects]
    start = time.perf_counter()
    theirs = np.array([reference(truth[rows], p[rows]) for rows in (np.repeat(np.arange(440), w) for w in weights)])
    loop = (time.perf_counter() - start) / len(weights) * DRAWS
    predicted = p.argmax(1)
    ours = np.stack(
        [
            weights @ (truth == predicted) / weights.sum(1),
            balanced_accuracy(weights, truth, predicted, CLASSES),
            macro_f1(weights, truth, predicted, CLASSES),
            macro_auc(weights, truth, p, np.zeros(len(truth), dtype=int)),
        ],
        axis=1,
    )
    median = float(np.median(seconds))
    result = {
        "mien_s": round(median, 3),
        "scikit_learn_loop_s": round(loop, 2),
        "ratio": round(loop / median, 1),
        "largest_difference": float(np.abs(ours - theirs).max()),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
