"""Leave-one-out AUC with one class per person: is any way to pool models right? ``python -m benchmarks.null_auc``

``[--people 20] [--share .5] [--repeats 300]``. Every model judges one person, so pairs within a fold do not exist.
Noise, eight features; mean AUC (0.5 is right) of scores as they are, less the model's mean score for its training
people, less the midpoint of both classes' means, and the last in units of the model's spread (see
``mien.stats.pooling.units``). Linear models, logistic regression, five nearest neighbours. A few seconds.
"""

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, write

FEATURES = 8


def linear(x: np.ndarray, y: np.ndarray, penalty: float, balanced: bool = False, steps: int = 0) -> np.ndarray:
    """Scores of all people (columns) by the models without each one (rows); Newton's ``steps`` of logistic regression.

    With 0 steps ridge regression on -1 and 1.
    """
    n = len(y)
    weight = 1.0 - np.eye(n)
    if balanced:
        weight *= np.where(y == 1, n / (weight @ (y == 1))[:, None], n / (weight @ (y == 0))[:, None]) / 2
    design = np.concatenate([x, np.ones((n, 1))], 1)
    ridge = np.diag([penalty] * x.shape[1] + [1e-6])
    slopes = np.zeros((n, design.shape[1]))
    for _ in range(max(1, steps)):
        p = 1 / (1 + np.exp(-slopes @ design.T)) if steps else np.full((n, n), 0.5)
        curve = weight * (p * (1 - p) + 1e-9) if steps else weight
        goal = np.einsum("ki,ia->ka", weight * (y - p if steps else 2.0 * y - 1), design) - slopes @ ridge
        slopes += np.linalg.solve(np.einsum("ki,ia,ib->kab", curve, design, design) + ridge, goal[..., None])[..., 0]
    return np.asarray(slopes @ design.T)


def neighbours(x: np.ndarray, y: np.ndarray, count: int = 5) -> np.ndarray:
    """Share of class 1 among the nearest people, somebody in training being the nearest to itself."""
    apart = np.repeat(((x[:, None] - x[None]) ** 2).sum(-1)[None], len(y), axis=0)
    apart[np.arange(len(y)), :, np.arange(len(y))] = np.inf
    return np.asarray(y[np.argsort(apart, axis=2)[:, :, :count]].mean(2))


MODELS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "ridge, penalty 1": partial(linear, penalty=1.0),
    "ridge, penalty 100": partial(linear, penalty=100.0),
    "ridge, penalty 100, balanced": partial(linear, penalty=100.0, balanced=True),
    "logistic": partial(linear, penalty=1.0, steps=7),
    "logistic, balanced": partial(linear, penalty=1.0, balanced=True, steps=7),
    "logistic, penalty 30": partial(linear, penalty=30.0, steps=7),
    "5 nearest neighbours": neighbours,
}


def area(scores: np.ndarray, y: np.ndarray) -> float:
    """AUC, ties counted half."""
    apart = scores[y == 1][:, None] - scores[y == 0][None]
    return float((apart > 1e-12).mean() + 0.5 * (np.abs(apart) <= 1e-12).mean())


def pooled(scores: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """AUC of everybody's score by the model without them."""
    seen = 1.0 - np.eye(len(y))
    own = np.diag(scores)
    mean = (seen * scores).sum(1) / seen.sum(1)
    middle = np.mean([(seen * scores)[:, y == c].sum(1) / seen[:, y == c].sum(1) for c in (0, 1)], axis=0)
    spread = (seen * (scores - mean[:, None]) ** 2).sum(1) / seen.sum(1)
    away = own - middle
    unit = np.sqrt((away**2 + 2 * spread) / 3)
    in_units = np.divide(away, unit, out=np.zeros(len(y)), where=unit > 0)
    ways = {"as they are": own, "less the mean": own - mean, "less the midpoint": away, "in units": in_units}
    return {way: area(values, y) for way, values in ways.items()}


def main() -> None:
    """Print a table and keep it in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--share", type=float, default=0.5, help="of people of the first class")
    parser.add_argument("--repeats", type=int, default=300)
    given = arguments(parser, repeats=2)
    rows = {}
    for name, model in MODELS.items():
        rng, found = np.random.default_rng(0), []
        y = (np.arange(given.people) < round(given.share * given.people)).astype(int)
        for _ in range(given.repeats):
            found.append(pooled(model(rng.normal(size=(given.people, FEATURES)), y), y))
        rows[name] = {way: round(float(np.mean([f[way] for f in found])), 3) for way in found[0]}
    write("null_auc", {**vars(given), "mean AUC": rows})


if __name__ == "__main__":
    main()
