"""What scores say where there is nothing to see, and how often intervals hold the true value, over 10 to 200 people.

``python -m benchmarks.null_scores bias|coverage|tests [--repeats N] [--people 20 60 ...] [--models NAME ...]``

``bias``      models fitted to noise and to weak signals, cross-validated: mean of the pooled scores, of those that pool
              predictions as they are, and of the same models' real correlation on 2,000 new people
``coverage``  a fixed predictor, 10 to 200 people: share of 95 % intervals that hold the score of 20,000 people
``tests``     noise, cross-validated: how often the test against chance gives p <= .05; and how often two equally good
              models, of ratings and of classes, are told apart

Everything is simulated; no data are needed. Half a minute with ``--repeats 20``.
"""

import argparse
import sys
import warnings
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.tree import DecisionTreeRegressor

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


from benchmarks.common import arguments, is_quick, parts, write
from mien.compare.models import compare_models
from mien.learn.predictions import ClassPredictions, RatingPredictions
from mien.models.expression import ExpressionRegressor
from mien.models.trees.estimator import TreesRegressor
from mien.stats.folds import subject_folds
from mien.stats.regression_scores import mean_scores, regression_scores
from mien.stats.scores import Score, classification_scores, per_class_scores

PEOPLE = (10, 20, 40, 60, 100, 200)
FEATURES = 8
PARTS = ("bias", "coverage", "tests")
# Samples of each person, and of all whose value an interval has to hold.
EACH, MANY = ((1,), 2_000) if is_quick() else ((1, 4), 40_000)
# Of the logarithm: skewness 1, as ratings near one end of their scale have, and 3.
TAILS = {"normal": 0.0, "skewness 1": 0.33, "skewness 3": 0.72}


class _Own(ExpressionRegressor):
    """mien's ridge regression, which chooses its penalty in every fold."""

    def fit(self, values: np.ndarray, y: np.ndarray, groups: np.ndarray | None = None) -> ExpressionRegressor:
        """Every sample is a person of its own."""
        return super().fit(values, y, np.arange(len(y)) if groups is None else groups)


class Penalised:
    """Ridge regression with a fixed penalty; least squares at 0. Twenty times as fast as scikit-learn's."""

    def __init__(self, penalty: float) -> None:
        self.penalty = penalty

    def fit(self, x: np.ndarray, y: np.ndarray) -> "Penalised":
        """Centred, so the constant is not penalised."""
        self.mean, self.level = x.mean(0), y.mean()
        away = x - self.mean
        self.slope = np.linalg.solve(away.T @ away + self.penalty * np.eye(x.shape[1]), away.T @ (y - self.level))
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Predicted ratings."""
        return np.asarray(self.level + (x - self.mean) @ self.slope)


REGRESSORS: dict[str, Any] = {
    "least squares": lambda: Penalised(0.0),
    "ridge, penalty 10": lambda: Penalised(10.0),
    "expression (ridge, penalty chosen)": lambda: _Own(mirror=False),
    "3 nearest neighbours": lambda: KNeighborsRegressor(3),
    "trees (LightGBM)": lambda: TreesRegressor(mirror=False),
    "tree of depth 2": lambda: DecisionTreeRegressor(max_depth=2, random_state=0),
}
CLASSIFIERS: dict[str, Any] = {
    "logistic": LogisticRegression,
    "logistic, balanced": lambda: LogisticRegression(class_weight="balanced"),
    "5 nearest neighbours": lambda: KNeighborsClassifier(5),
}


def people_of(count: int, each: int) -> np.ndarray:
    """Names of the people of every sample."""
    return np.repeat([f"P{i:04d}" for i in range(count)], each).astype(object)


def part(rng: np.random.Generator, count: int, each: int, between: float) -> np.ndarray:
    """Standard normal numbers, ``between`` of whose variance lies between people."""
    people = np.sqrt(between) * rng.normal(size=(count, 1))
    return np.asarray(people + np.sqrt(1 - between) * rng.normal(size=(count, each))).ravel()


def cross_validated(
    rng: np.random.Generator, make: Any, count: int, each: int, folds: int, link: float
) -> tuple[RatingPredictions, float]:
    """Predictions of people left out, and the models' mean correlation on new people; ``folds`` 0 leaves out one."""
    x = np.stack([part(rng, count, each, 0.5) for _ in range(FEATURES)], axis=1)
    y = link * x[:, 0] + np.sqrt(1 - link**2) * part(rng, count, each, 0.5)
    new = rng.normal(size=(2000, FEATURES))
    truth = link * new[:, 0] + np.sqrt(1 - link**2) * rng.normal(size=2000)
    who = people_of(count, each)
    scheme: Any = "grouped" if folds else "leave-one-subject-out"
    parts = subject_folds(who, scheme=scheme, n_folds=folds or 10, seed=int(rng.integers(1000)))
    predicted, level, spread, fold = np.empty(len(y)), np.empty(len(y)), np.empty(len(y)), np.empty(len(y), int)
    real = []
    for number, (train, test) in enumerate(parts):
        model = make()
        model.fit(x[train], y[train], **({"groups": who[train]} if isinstance(model, _Own) else {}))
        seen = np.asarray(model.predict(x[train])).ravel()
        predicted[test], fold[test] = np.asarray(model.predict(x[test])).ravel(), number
        level[test], spread[test] = seen.mean(), seen.std()
        if number < 3:
            there = np.asarray(model.predict(new)).ravel()
            real.append(np.corrcoef(there, truth)[0, 1] if np.ptp(there) > 1e-9 else 0.0)
    columns = (part[:, None] for part in (y, predicted))
    found = RatingPredictions(
        np.arange(len(y)).astype(str), who, fold, *columns, ("r",), level[:, None], spread[:, None]
    )
    return found, float(np.mean(real))


def scored(p: RatingPredictions, n_permutations: int = 0) -> dict[str, Score]:
    """Scores of one rating, pooled."""
    frame = p.frame
    assert frame is not None
    return regression_scores(
        p.truth[:, 0], p.predicted[:, 0], p.subject, frame=frame.column(0), n_permutations=n_permutations
    )


def classes_cross_validated(
    rng: np.random.Generator, make: Any, count: int, folds: int, share: float
) -> tuple[tuple[Any, ...], np.ndarray]:
    """Noise of one sample per person, two classes: what ``classification_scores`` needs, and the folds."""
    x, who = rng.normal(size=(count, FEATURES)), people_of(count, 1)
    y = np.where(np.arange(count) < round(share * count), "a", "b").astype(object)
    scheme: Any = "stratified" if folds else "leave-one-subject-out"
    p, fold = np.empty((count, 2)), np.empty(count, int)
    for number, (train, test) in enumerate(
        subject_folds(who, y, scheme=scheme, n_folds=folds or 10, seed=int(rng.integers(1000)))
    ):
        p[test], fold[test] = make().fit(x[train], y[train].astype(str)).predict_proba(x[test]), number
    return (y, p, ("a", "b"), who), fold


def bias(people: tuple[int, ...], repeats: int, models: list[str], schemes: list[int]) -> list[dict[str, Any]]:
    """Mean scores of cross-validated models of noise and of weak signals; ``repeats`` at 20 people, fewer at more."""
    rows, most = [], repeats
    for count in (n for n in people if n >= 20):
        # Scores of more people differ less from study to study.
        repeats = max(2, most * 20 // count)
        for folds in schemes:
            for name, make in ((n, m) for n, m in REGRESSORS.items() if not models or n in models):
                for link, each in ((0.0, 1), (0.0, 3), (0.35, 1)):
                    if folds == 0 and count > 60:
                        continue
                    rng = np.random.default_rng(0)
                    runs = [cross_validated(rng, make, count, each, folds, link) for _ in range(repeats)]
                    raw = [np.corrcoef(p.truth[:, 0], p.predicted[:, 0])[0, 1] for p, _ in runs]
                    found = [scored(p) for p, _ in runs]
                    mean = {key: float(np.mean([f[key].value for f in found])) for key in found[0]}
                    error = float(np.std([f["pearson"].value for f in found]) / np.sqrt(repeats))
                    rows.append({"people": count, "folds": folds or count, "samples each": each, "model": name,
                                 "repeats": repeats,
                                 "link": link, "as they are": float(np.mean(raw)), "pearson": mean["pearson"],
                                 "standard error": error, "spearman": mean["spearman"],
                                 "concordance": mean["concordance"], "r2": mean["r2"],
                                 "real": float(np.mean([real for _, real in runs]))})  # fmt: skip
                    print(rows[-1], flush=True)
            for name, make in ((n, m) for n, m in CLASSIFIERS.items() if not models or n in models):
                rng = np.random.default_rng(0)
                drawn = [classes_cross_validated(rng, make, count, folds, 0.5) for _ in range(repeats)]
                within = [classification_scores(*given, fold=fold, n_permutations=0) for given, fold in drawn]
                plain = [classification_scores(*given, n_permutations=0)["auc"].value for given, _ in drawn]
                rows.append({"people": count, "folds": folds or count, "model": name, "repeats": repeats,
                             "as they are": np.mean(plain),
                             **{key: float(np.mean([w[key].value for w in within])) for key in within[0]}})  # fmt: skip
                print(rows[-1], flush=True)
    return rows


def _rated(rng: np.random.Generator, count: int, each: int, link: float, tail: float) -> tuple[np.ndarray, np.ndarray]:
    y = part(rng, count, each, 0.6)
    p = link**2 * y + (link * np.sqrt(1 - link**2) if link else 0.3) * part(rng, count, each, 0.5)
    return (np.exp(tail * y), np.exp(tail * p)) if tail else (y, p)


def _classed(rng: np.random.Generator, count: int, each: int, skill: float, kind: str) -> tuple[np.ndarray, np.ndarray]:
    if kind == "everybody all classes":
        truth, classes = np.tile(np.arange(3 * each) % 3, (count, 1)), 3
    else:
        first = rng.permutation(count) < (max(3, 0.3 * count) if kind == "30 % patients" else count / 2)
        truth, classes = np.repeat(first[:, None], each, axis=1).astype(int), 2
    noise = rng.normal(size=(*truth.shape, classes)) + 0.7 * rng.normal(size=(count, 1, classes))
    return truth, noise + skill * np.eye(classes)[truth]


def coverage(people: tuple[int, ...], repeats: int) -> list[dict[str, Any]]:
    """Share of intervals over few people that hold the value of very many; where they are withheld, how often."""
    rows = []

    def count_hits(name: str, true: dict[str, float], draw: Any) -> None:
        for n in people:
            rng = np.random.default_rng(1)
            held: dict[str, list[float]] = defaultdict(list)
            for _ in range(repeats):
                for key, s in draw(rng, n).items():
                    held[key].append(float(s.low <= true[key] <= s.high) if s.low == s.low else np.nan)
            rows.append(
                {
                    "people": n,
                    "design": name,
                    "true": {k: round(v, 3) for k, v in true.items()},
                    "coverage": {k: None if np.isnan(v).all() else np.nanmean(v) for k, v in held.items()},
                    "withheld": {k: np.isnan(v).mean() for k, v in held.items() if np.isnan(v).any()},
                }
            )
            print(rows[-1], flush=True)

    for each in EACH:
        for link in (0.5,) if is_quick() else (0.0, 0.5, 0.9):
            for kind, tail in TAILS.items():

                def ratings(rng: Any, n: int, each: int = each, link: float = link, tail: float = tail) -> Any:
                    given = (*_rated(rng, n, each, link, tail), people_of(n, each))
                    pairs = [_rated(rng, n, each, link, tail) for _ in range(3)]
                    several = [np.stack(column, axis=1) for column in zip(*pairs, strict=True)]
                    mean = mean_scores(*several, given[2], names=("pearson",), n_permutations=0)["pearson"]
                    return {**regression_scores(*given, n_permutations=0), "mean pearson of 3": mean}

                y, p = _rated(np.random.default_rng(9), MANY // each, each, link, tail)
                whole = regression_scores(y, p, people_of(20, len(y) // 20), n_permutations=0)
                true = {key: s.value for key, s in whole.items()}
                true["mean pearson of 3"] = true["pearson"]
                count_hits(f"ratings, {kind}, {each} each, link {link}", true, ratings)
        for skill in (1.0,) if is_quick() else (0.0, 1.0, 2.5):
            for kind in ("half patients", "30 % patients", "everybody all classes"):

                def classes(rng: Any, n: int, each: int = each, skill: float = skill, kind: str = kind) -> Any:
                    truth, z = _classed(rng, n, each, skill, kind)
                    k = z.shape[-1]
                    given = (truth.ravel(), z.reshape(-1, k), range(k), people_of(n, truth.shape[1]))
                    found = classification_scores(*given, n_permutations=0)
                    one = per_class_scores(*given)["1"]
                    return {**found, "recall": one["recall"], "auc of a class": one["auc"]}

                truth, z = _classed(np.random.default_rng(9), MANY // 4, each, skill, kind)
                given = (truth.ravel(), z.reshape(-1, z.shape[-1]), range(z.shape[-1]), people_of(5, truth.size // 5))
                whole, one = classification_scores(*given, n_permutations=0), per_class_scores(*given)["1"]
                true = {key: s.value for key, s in whole.items()}
                true |= {"recall": one["recall"].value, "auc of a class": one["auc"].value}
                count_hits(f"classes, {each} each, skill {skill}, {kind}", true, classes)
    return rows


def least(rows: list[dict[str, Any]]) -> str:
    """Least coverage over designs, a score a line; designs whose errors have heavy tails on lines of their own."""
    people = sorted({row["people"] for row in rows})
    lines = ["| score | " + " | ".join(f"{n} people" for n in people) + " |", "| --- |" + " ---: |" * len(people)]
    heavy = {name: "skewness 3" in name for name in {row["design"] for row in rows}}
    for tail in (False, True):
        here = [row for row in rows if heavy[row["design"]] == tail]
        for score in dict.fromkeys(key for row in here for key in row["coverage"]):
            cells = []
            for n in people:
                found = [(row["coverage"].get(score), row["design"]) for row in here if row["people"] == n]
                known = [pair for pair in found if pair[0] is not None]
                cells.append(f"{min(known)[0]:.3f}" if known else "withheld")
            lines.append(f"| {score}{', skewness 3' if tail else ''} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _told_apart(rng: np.random.Generator, count: int, ratings: int) -> tuple[bool, bool]:
    """Whether p_people and the interval tell two models apart that are equal; ``ratings`` 0: noise and a constant."""
    who, width = people_of(count, 1), max(1, ratings)
    truth = np.sqrt(0.5) * rng.normal(size=(count, 1)) + np.sqrt(0.5) * rng.normal(size=(count, width))
    said = [truth + 2 * rng.normal(size=(count, 1)) + 2 * rng.normal(size=(count, width)) for _ in range(2)]
    if not ratings:
        said = [rng.normal(size=(count, 1)), np.zeros((count, 1))]
    names, fold = tuple("abcdef"[:width]), np.zeros(count, int)
    models = {str(i): RatingPredictions(who, who, fold, truth, p, names) for i, p in enumerate(said)}
    pair = compare_models(models, n_permutations=199).pairs[0]
    return pair.p_people <= 0.05, pair.low > 0 or pair.high < 0


def _classes_told_apart(rng: np.random.Generator, count: int, classes: int, each: int) -> tuple[bool, bool]:
    """The same for two models of classes that are right equally often; each knows some people better than others."""
    who, names = people_of(count, each), tuple("abcdef"[:classes])
    truth = np.tile(np.arange(each) % classes, count)
    models = {}
    for name in "pq":
        skill = np.repeat(rng.beta(3, 2, size=count), each)
        said = np.where(rng.random(len(truth)) < skill, truth, rng.integers(classes, size=len(truth)))
        models[name] = ClassPredictions(
            np.arange(len(truth)).astype(str), who, np.zeros(len(truth), int),
            np.array(names, dtype=object)[truth], np.eye(classes)[said], names,
        )  # fmt: skip
    pair = compare_models(models, n_permutations=199).pairs[0]
    return pair.p_people <= 0.05, pair.low > 0 or pair.high < 0


def tests(people: tuple[int, ...], repeats: int) -> list[dict[str, Any]]:
    """False positives at .05 of the test against chance and of the comparison of models."""
    rows = []
    for count in people:
        for folds in (10,) if is_quick() else (0, 10):
            rng = np.random.default_rng(2)
            p = [
                scored(cross_validated(rng, REGRESSORS["least squares"], count, 1, folds, 0.0)[0], 199)
                for _ in range(repeats if folds or count <= 60 else 0)
            ]
            q = [
                classification_scores(*given, fold=fold, n_permutations=199)
                for given, fold in (
                    classes_cross_validated(rng, LogisticRegression, count, folds and min(folds, count // 2), 0.5)
                    for _ in range(repeats if folds or count <= 60 else 0)
                )
            ]
            found = {
                key: [f[key].p for f in kind if f[key].p == f[key].p] for kind in (p, q) if kind for key in kind[0]
            }
            shares = {key: float(np.mean(np.array(v) <= 0.05)) for key, v in found.items() if v}
            rows.append({"people": count, "folds": folds or count, "p <= .05": shares})
            print(rows[-1], flush=True)
        pairs = {
            "equal models of 6 correlated ratings": partial(_told_apart, ratings=6),
            "equal models of 1 rating": partial(_told_apart, ratings=1),
            "noise against a constant": partial(_told_apart, ratings=0),
            "equal models of 2 classes, 2 samples a person": partial(_classes_told_apart, classes=2, each=2),
            "equal models of 6 classes, 12 samples a person": partial(_classes_told_apart, classes=6, each=12),
        }
        for name, apart_by in pairs.items():
            rng = np.random.default_rng(3)
            apart, without = np.mean([apart_by(rng, count) for _ in range(repeats)], axis=0)
            rows.append({"people": count, name: {"p_people <= .05": apart, "interval without 0": without}})
            print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Simulate, print and keep in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=PARTS)
    parser.add_argument("--repeats", type=int, default=400)
    parser.add_argument("--people", type=int, nargs="+", default=list(PEOPLE))
    parser.add_argument("--models", nargs="+", default=[], choices=[*REGRESSORS, *CLASSIFIERS], help="of 'bias'")
    parser.add_argument("--folds", type=int, nargs="+", default=[0, 5, 10], help="of 'bias'; 0 leaves one out")
    given = arguments(parser, repeats=1, people=[20], models=["least squares", "logistic"], folds=[5])
    warnings.simplefilter("ignore")
    people = tuple(given.people)
    for what in parts(given.what, PARTS):
        if what == "bias":
            rows = bias(people, given.repeats, given.models, given.folds)
        else:
            rows = {"coverage": coverage, "tests": tests}[what](people, given.repeats)
        write(f"null_scores_{what}", {"repeats": given.repeats, "rows": rows})
        if what == "coverage":
            print(least(rows))


if __name__ == "__main__":
    main()
