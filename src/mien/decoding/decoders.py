"""Kinds of decoder: how each is fitted to columns of a signal, and what a fitted one answers and can be asked."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from mien.core.brief import brief
from mien.core.extras import require
from mien.core.registry import Row

# What nested selection tries of each setting, from the most to the least shrunken.
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
PENALTIES = (1e4, 1e3, 1e2, 1e1, 1.0)
# Keeps the covariance of columns without noise from being singular.
_RIDGE = 1e-9


@dataclass(frozen=True, eq=False)
class FittedDecoder:
    """A fitted decoder.

    Attributes
    ----------
    kind : str
        One of ``DECODERS``.
    columns : ndarray of int, shape (used,)
        Which columns it looks at.
    centre, scale : ndarray of float64, shape (used,)
        Of the training rows; it sees columns in their standard deviations, ``lda`` in those within classes.
    arrays : dict of str to ndarray
        ``weight`` (outputs, used) and ``bias`` (outputs,) of linear ones; layers of a network.
    booster : str
        LightGBM's own text of trees; ``''`` of others.
    settings : dict
        What nested selection chose.
    total : int
        Number of all columns.
    """

    __repr__ = brief

    kind: str
    columns: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    booster: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    total: int = 0

    def scores(self, rows: np.ndarray) -> np.ndarray:
        """Scores of rows with all columns, shape (rows, outputs).

        Outputs are the classes; of two classes only the second, above 0 for it; of a number the number.
        """
        seen = (np.asarray(rows, dtype=np.float64)[:, self.columns] - self.centre) / self.scale
        if self.booster:
            lightgbm = require("lightgbm", "Decoding by trees", "learn")
            found = np.asarray(lightgbm.Booster(model_str=self.booster).predict(seen, raw_score=True))
            return found.reshape(len(seen), -1)
        if "weight" in self.arrays:
            linear: np.ndarray = seen @ self.arrays["weight"].T + self.arrays["bias"]
            return linear
        hidden = np.maximum(seen @ self.arrays["inner"] + self.arrays["inner bias"], 0)
        outer: np.ndarray = hidden @ self.arrays["outer"] + self.arrays["outer bias"]
        return outer

    @property
    def linear(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Weights per unit of the raw columns, shape (outputs, all columns), and biases; None of others."""
        if "weight" not in self.arrays:
            return None
        weight = self.arrays["weight"] / self.scale
        every = np.zeros((len(weight), self.total))
        every[:, self.columns] = weight
        return every, self.arrays["bias"] - weight @ self.centre


@dataclass(frozen=True)
class Decoder(Row[Any]):
    """A kind of decoder; ``home`` fits one to standardised columns.

    Attributes
    ----------
    grid : tuple
        Values that nested selection tries, from the simplest on; empty for none.
    for_classes, for_numbers : bool
    within : bool
        Columns are scaled by their standard deviation within classes, not by that of all rows.
    """

    kind: ClassVar[str] = "decoder"
    room: ClassVar[str] = "mien.decoding."

    grid: tuple[float, ...] = ()
    for_classes: bool = True
    for_numbers: bool = True
    within: bool = False


DECODERS: dict[str, Decoder] = {
    row.name: row
    for row in (
        Decoder("logistic", "decoders:_logistic", "regularised logistic regression", grid=STRENGTHS, for_numbers=False),
        Decoder("ridge", "decoders:_ridge", "ridge regression; of classes on their indicators", grid=PENALTIES),
        Decoder("lda", "decoders:_lda", "linear discriminants with a shrunken covariance (Ledoit & Wolf 2004)",
                for_numbers=False, within=True),
        Decoder("trees", "decoders:_trees", "gradient-boosted trees (LightGBM)"),
        Decoder("mlp", "decoders:_mlp", "a network with one hidden layer", grid=(10.0, 1.0, 0.1)),
    )
}  # fmt: skip

_Fit = Callable[[np.ndarray, np.ndarray, int, float, int], dict[str, Any]]


def fit(
    kind: str, x: np.ndarray, y: np.ndarray, classes: int, *, value: float = 0.0, columns: int = 0, seed: int = 0
) -> FittedDecoder:
    """Fit a decoder.

    Parameters
    ----------
    kind : str
    x : ndarray, shape (rows, columns)
        Finite.
    y : ndarray, shape (rows,)
        Codes of classes from 0 on, or numbers.
    classes : int
        How many; 0 for numbers.
    value : float
        Of the kind's grid.
    columns : int
        The strongest by the F statistic of one-way analysis of variance (classes) or squared correlation; 0: all.
    seed : int
    """
    chosen = strongest(x, y, classes, columns) if 0 < columns < x.shape[1] else np.arange(x.shape[1])
    some = x[:, chosen]
    centre, scale = some.mean(axis=0), some.std(axis=0)
    if DECODERS[kind].within:
        # Covariance is shrunken towards a sphere of noise; with classes' differences in the scale it would be none.
        inner = (some - _means(some, y, classes)[y]).std(axis=0)
        scale = np.where(inner > 1e-9 * scale, inner, scale)
    scale = np.where(scale > 1e-12, scale, 1.0)
    run: _Fit = DECODERS[kind].run
    found = run((some - centre) / scale, y, classes, value, seed)
    settings = {"columns": int(columns or x.shape[1])} | ({"strength": value} if DECODERS[kind].grid else {})
    return FittedDecoder(kind, chosen, centre, scale, settings=settings, total=x.shape[1], **found)


def strongest(x: np.ndarray, y: np.ndarray, classes: int, columns: int) -> np.ndarray:
    """Columns whose F statistic (or squared correlation) is largest, in their own order."""
    centred = x - x.mean(axis=0)
    total = (centred**2).sum(axis=0)
    if classes:
        member = y[:, None] == np.arange(classes)
        size = np.maximum(member.sum(axis=0), 1)
        means = member.T.astype(np.float64) @ centred / size[:, None]
        between = (size[:, None] * means**2).sum(axis=0)
    else:
        held = y - y.mean()
        between = (held @ centred) ** 2 / max(float(held @ held), 1e-300)
    ratio = between / np.maximum(total - between, 1e-300)
    return np.sort(np.argsort(-ratio, kind="stable")[:columns])


def _logistic(x: np.ndarray, y: np.ndarray, classes: int, value: float, seed: int) -> dict[str, Any]:
    linear = require("sklearn.linear_model", "Decoding", "learn")
    # Strength per row, so that it means the same in folds of other sizes.
    model = linear.LogisticRegression(C=value * 100 / len(x), max_iter=500, class_weight="balanced")
    model.fit(x, y)
    return {"arrays": {"weight": model.coef_.astype(np.float64), "bias": model.intercept_.astype(np.float64)}}


def _ridge(x: np.ndarray, y: np.ndarray, classes: int, value: float, seed: int) -> dict[str, Any]:
    target = y[:, None].astype(np.float64) if not classes else 2.0 * (y[:, None] == np.arange(classes)) - 1.0
    if classes == 2:
        target = target[:, 1:]
    weigh = np.ones(len(x))
    if classes:
        # Every class counts the same.
        weigh = len(y) / (classes * np.maximum(np.bincount(y, minlength=classes), 1))[y]
    root = np.sqrt(weigh)[:, None]
    mean = (weigh[:, None] * target).sum(axis=0) / weigh.sum()
    centre = (weigh[:, None] * x).sum(axis=0) / weigh.sum()
    held, seen = root * (target - mean), root * (x - centre)
    # In the smaller space: rows of voxels are fewer than columns, those of parcels and of many viewers more.
    if len(x) <= x.shape[1]:
        weight = (seen.T @ np.linalg.solve(seen @ seen.T + value * np.eye(len(x)), held)).T
    else:
        weight = np.linalg.solve(seen.T @ seen + value * np.eye(x.shape[1]), seen.T @ held).T
    return {"arrays": {"weight": weight, "bias": mean - weight @ centre}}


def _means(x: np.ndarray, y: np.ndarray, classes: int) -> np.ndarray:
    return np.stack([x[y == one].mean(axis=0) for one in range(classes)])


def _lda(x: np.ndarray, y: np.ndarray, classes: int, value: float, seed: int) -> dict[str, Any]:
    means = _means(x, y, classes)
    weight = _whitened(x - means[y], means)
    bias = -0.5 * (weight * means).sum(axis=1)
    if classes == 2:
        weight, bias = weight[1:] - weight[:1], bias[1:] - bias[:1]
    return {"arrays": {"weight": weight, "bias": bias}}


def _whitened(noise: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Means times the inverse of the covariance of noise, shrunken towards a sphere, shape (classes, columns)."""
    rows, columns = noise.shape
    if rows >= columns:
        covariance = require("sklearn.covariance", "Decoding", "learn")
        shrunken, _ = covariance.ledoit_wolf(noise, assume_centered=True)
        found: np.ndarray = np.linalg.solve(shrunken + _RIDGE * np.eye(columns), means.T).T
        return found
    # The same in the space of the rows: voxels are more than the rows of a few runs, and their covariance is large.
    inner = noise @ noise.T
    size = float(np.diag(inner).sum()) / rows / columns
    squares = float((inner**2).sum()) / rows**2
    spread = (float((np.diag(inner) ** 2).sum()) / rows - squares) / (columns * rows)
    apart = squares / columns - size**2
    share = max(0.0, min(spread, apart)) / apart if apart > 0 else 0.0
    sphere = share * size + _RIDGE
    kept = np.linalg.solve((1 - share) * inner / rows + sphere * np.eye(rows), (1 - share) * noise @ means.T / rows)
    return (means - kept.T @ noise) / sphere


def _trees(x: np.ndarray, y: np.ndarray, classes: int, value: float, seed: int) -> dict[str, Any]:
    lightgbm = require("lightgbm", "Decoding by trees", "learn")
    objective: dict[str, Any] = {"objective": "multiclass", "num_class": classes}
    if classes < 3:
        objective = {"objective": "binary", "is_unbalance": True} if classes else {"objective": "regression"}
    settings: dict[str, Any] = {
        "learning_rate": 0.1, "num_leaves": 8, "min_data_in_leaf": max(2, min(20, len(x) // 20)),
        "feature_fraction": 0.5, "seed": seed, "deterministic": True, "num_threads": 1, "verbosity": -1, **objective,
    }  # fmt: skip
    return {"booster": lightgbm.train(settings, lightgbm.Dataset(x, y), 60).model_to_string()}


def _mlp(x: np.ndarray, y: np.ndarray, classes: int, value: float, seed: int) -> dict[str, Any]:
    network = require("sklearn.neural_network", "Decoding", "learn")
    kind = network.MLPClassifier if classes else network.MLPRegressor
    model = kind((16,), alpha=value, solver="lbfgs", max_iter=200, random_state=seed)
    with warnings.catch_warnings():
        # Weights that are shrunken need not have converged to be used.
        warnings.simplefilter("ignore")
        model.fit(x, y)
    (inner, outer), (inner_bias, outer_bias) = model.coefs_, model.intercepts_
    return {"arrays": {"inner": inner, "inner bias": inner_bias, "outer": outer, "outer bias": outer_bias}}


def answers(scores: np.ndarray, classes: int) -> np.ndarray:
    """Codes of the classes that scores say, shape (rows,); of numbers the numbers."""
    if not classes:
        return scores[:, 0]
    found: np.ndarray = (scores[:, 0] > 0).astype(int) if classes == 2 else scores.argmax(axis=1)
    return found


def grid_of(kind: str) -> Sequence[float]:
    """What nested selection tries of a kind's own setting; one value where there is none."""
    return DECODERS[kind].grid or (0.0,)
