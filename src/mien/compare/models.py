"""Models compared on the same faces: paired over people and corrected."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mien.compare.comparison import COMPARISON_FILE, AttributeRow, Comparison, ModelRow, PairRow
from mien.core.errors import InputError
from mien.core.numbers import check_number
from mien.core.outcome import CLASSES, RATINGS
from mien.core.output import check_folder
from mien.core.people.words import people_facts
from mien.learn.constant import without_empty_bounds
from mien.learn.predictions import AnyPredictions, ClassPredictions, RatingPredictions, read_predictions
from mien.stats.class_statistics import recalls
from mien.stats.correction import holm
from mien.stats.jackknife import subject_interval, without_each
from mien.stats.permutation import sign_flip_test
from mien.stats.regression_scores import correlations, mean_scores
from mien.stats.scores import Score, class_codes, classification_scores
from mien.stats.subjects import codes_of

# Correlations that differ by less are those of one model, computed in another order.
SAME = 1e-6
# Weights of the samples, (draws, samples), and places of attributes; a score for each draw and attribute.
Scored = Callable[[np.ndarray, Sequence[int]], np.ndarray]


def compare_models(
    models: Mapping[str, AnyPredictions | str | Path] | Sequence[str | Path],
    *,
    n_permutations: int = 10_000,
    seed: int = 0,
    output: str | Path | None = None,
    n_boot: int | None = None,
) -> Comparison:
    """Compare models on the samples, and the ratings or classes, that all of them predicted.

    Parameters
    ----------
    models : sequence of str or Path, or mapping of str to predictions, str or Path
        At least two: folders that ``mien.train`` wrote, named as they are; or folders or predictions by name. All of
        ratings or all of classes.
    n_permutations, seed : int
        Flips of signs, and their seed.
    output : str or Path, optional
        Folder that receives ``comparison.json``.
    n_boot : int, optional
        Deprecated: intervals are no longer drawn, and it has no effect.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If they share no ratings or fewer than three samples, the true ratings or classes differ, or some predict
        classes and others ratings.

    Notes
    -----
    Correlations are those of ``RatingPredictions.pooled``; constant predictions have none, 0. A test over attributes
    would need attributes that are independent, which ratings of the same faces are not: there is none. Of classes the
    recalls are compared, whose mean is the balanced accuracy.

    Every person has a share in a score, and so in the difference of two; the test over people flips the signs of these.
    Of classes it is exact: if the two models change places in a person's samples, that person's share of the difference
    changes its sign. Of ratings (see ``_influences``) it is not, as means and standard deviations come from the same
    people. Simulated (``benchmarks/null_scores.py tests``), equal regression models differ significantly in .02 to .06
    at .05 from 10 people on; noise and a constant in .10 at 10 people, .06 at 20: whether one model has skill is for
    the ``p`` of its own evaluation.

    Examples
    --------
    >>> import mien
    >>> people = mien.synthesize("people", subjects=6, expressions=("neutral", "smile"), frames=8)
    >>> for model in ("expression", "landmark-rvfl"):
    ...     _ = mien.train("people", target="expression", model=model, n_folds=3, output=f"study/models/{model}")
    >>> comparison = mien.compare_models(["study/models/expression", "study/models/landmark-rvfl"])
    >>> [row.model for row in comparison.models], comparison.n_people
    (['expression', 'landmark-rvfl'], 6)
    """
    if n_boot is not None:
        warnings.warn("n_boot has no effect: intervals are those of the jackknife.", DeprecationWarning, stacklevel=2)
    check_number("seed", seed)
    check_number("n_permutations", n_permutations)
    if output is not None:
        check_folder(output)
    given = _predictions(models)
    if len(given) < 2:
        raise InputError("A comparison needs at least two models.")
    shared = [name for name, m in given.items() if m.shares_people]
    if shared:
        raise InputError(
            f"The model '{shared[0]}' was tested on people whom it knows from other recordings (user-specific), which "
            "says nothing about new people. Compare models that were tested with people left out."
        )
    rated = {name: m for name, m in given.items() if isinstance(m, RatingPredictions)}
    labelled = {name: m for name, m in given.items() if isinstance(m, ClassPredictions)}
    if rated and labelled:
        raise InputError(
            f"The model '{next(iter(labelled))}' predicts classes and '{next(iter(rated))}' ratings; only models of "
            "one kind can be compared."
        )
    found = _of_ratings(rated) if rated else _of_classes(labelled)
    share = found.shares
    mean = {name: float(np.mean(np.sum(s, 0))) for name, s in share.items()}
    order = sorted(given, key=lambda name: -mean[name])
    constant = tuple(name for name in order if set(found.attributes) <= set(given[name].constant))
    means = {**found.means, **without_empty_bounds({name: found.means[name] for name in constant})}
    rows = [ModelRow(name, s.value, s.low, s.high) for name in order for s in [means[name]]]
    pairs, per_attribute = [], []
    for one, other in combinations(order, 2):
        difference = _difference(share[one], share[other])
        both = _Pair(one, other, found.scored[one], found.scored[other], found.people, difference)
        pairs.append(_pair(both, n_permutations, seed))
        per_attribute += _attributes(both, found.attributes, n_permutations, seed)
    facts = people_facts(found.people, len(found.people))
    counts: dict[str, Any] = {"n_samples": len(found.people), "n_people": facts["n_subjects"]}
    counts |= {"left_out": found.left_out, **{name: facts.get(name, 0) for name in ("n_unknown", "n_alike")}}
    same, kind = _same_training(list(given.values())), RATINGS if rated else CLASSES
    result = Comparison(
        found.attributes,
        rows,
        _corrected(pairs),
        per_attribute,
        **counts,
        same_training=same,
        predicts=kind,
        constant=constant,
    )
    if output is not None:
        result.write(Path(output) / COMPARISON_FILE)
    return result


def _predictions(models: Mapping[str, AnyPredictions | str | Path] | Sequence[str | Path]) -> dict[str, AnyPredictions]:
    """Predictions by name; folders without one are called as the folder, or as the path where that is no one's own."""
    if not isinstance(models, Mapping):
        paths = [Path(path) for path in models]
        short = [path.name for path in paths]
        names = short if len(set(short)) == len(short) else [str(path) for path in paths]
        if len(set(names)) < len(names):
            raise InputError("A model is named twice; name each folder once.")
        models = dict(zip(names, paths, strict=True))
    return {name: read_predictions(m) if isinstance(m, (str, Path)) else m for name, m in models.items()}


def _same_training(models: Sequence[AnyPredictions]) -> bool:
    """Whether all models predicted the same samples in the same folds, whatever the folds' numbers."""

    def parts(model: AnyPredictions) -> set[frozenset[str]]:
        return {frozenset(model.path[model.fold == fold].astype(str)) for fold in np.unique(model.fold)}

    return all(parts(model) == parts(models[0]) for model in models[1:])


@dataclass(frozen=True, eq=False)
class _Shared:
    """The samples that all models predicted: who is shown, and every model's scores on them.

    ``shares`` are what each person adds to the scores, (people, attributes); the sums are the scores.
    """

    attributes: tuple[str, ...]
    people: np.ndarray
    scored: dict[str, Scored]
    shares: dict[str, np.ndarray]
    means: dict[str, Score]
    left_out: int


def _of_ratings(models: dict[str, RatingPredictions]) -> _Shared:
    names = list(models)
    first = models[names[0]]
    attributes = tuple(a for a in first.ratings if all(a in m.ratings for m in models.values()))
    if not attributes:
        raise InputError(f"The models '{names[0]}' and '{names[1]}' share no rating, so they cannot be compared.")
    rows, left_out = _shared_rows(models)
    truth, people = _columns(first, first.truth, attributes)[rows[names[0]]], _people(models, rows)
    scored: dict[str, Scored] = {}
    means = {}
    for name, m in models.items():
        if not np.allclose(_columns(m, m.truth, attributes)[rows[name]], truth):
            raise InputError(
                f"The true ratings of '{name}' are not those of '{names[0]}'; train both on the same table."
            )
        predicted = _columns(m, m.pooled, attributes)[rows[name]]
        scored[name] = _correlated(truth, predicted)
        means[name] = mean_scores(truth, predicted, people, names=("pearson",), n_permutations=0)["pearson"]
    shares = {name: _influences(score, len(attributes), people) for name, score in scored.items()}
    return _Shared(attributes, people, scored, shares, means, left_out)


def _correlated(truth: np.ndarray, predicted: np.ndarray) -> Scored:
    return lambda weights, j: correlations(weights, truth[:, j], predicted[:, j])


def _columns(model: RatingPredictions, values: np.ndarray, attributes: Sequence[str]) -> np.ndarray:
    return values[:, [model.ratings.index(attribute) for attribute in attributes]]


def _of_classes(models: dict[str, ClassPredictions]) -> _Shared:
    names = list(models)
    first = models[names[0]]
    rows, left_out = _shared_rows(models)
    truth, people = first.label[rows[names[0]]].astype(str), _people(models, rows)
    occurring = sorted(set(truth.tolist()))
    classes = [*occurring, *sorted({str(c) for m in models.values() for c in m.classes} - set(occurring))]
    codes = class_codes(truth, classes)
    scored: dict[str, Scored] = {}
    shares, means = {}, {}
    for name, m in models.items():
        own = rows[name]
        if (m.label[own].astype(str) != truth).any():
            raise InputError(
                f"The true classes of '{name}' are not those of '{names[0]}'; train both on the same table."
            )
        predicted = class_codes(m.predicted[own], classes)
        scored[name] = _recalled(codes, predicted, len(classes))
        shares[name] = _hits(codes, predicted, people, len(occurring))
        found = classification_scores(truth, m.probabilities[own], m.classes, people, n_permutations=0)
        means[name] = found["balanced_accuracy"]
    return _Shared(tuple(occurring), people, scored, shares, means, left_out)


def _recalled(truth: np.ndarray, predicted: np.ndarray, n_classes: int) -> Scored:
    return lambda weights, j: recalls(weights, truth, predicted, n_classes)[:, j]


def _shared_rows(models: dict[str, Any]) -> tuple[dict[str, np.ndarray], int]:
    """Rows of the samples that all models predicted, and how many not all did."""
    places = {name: {str(path): row for row, path in enumerate(m.path)} for name, m in models.items()}
    shared = [path for path in next(iter(places.values())) if all(path in place for place in places.values())]
    if len(shared) < 3:
        raise InputError(f"The models predicted {len(shared)} samples in common; three at least are needed.")
    every = len(set().union(*places.values()))
    return {name: np.array([place[path] for path in shared]) for name, place in places.items()}, every - len(shared)


def _people(models: Mapping[str, AnyPredictions], rows: dict[str, np.ndarray]) -> np.ndarray:
    """Who is one person for any of the models: copies met for one may have been out of sight for another."""
    found = [m.subject[rows[name]].astype(str) for name, m in models.items()]
    codes = [codes_of(subject)[1] for subject in found]
    samples, starts = len(found[0]), np.cumsum([0, *(code.max() + 1 for code in codes)])
    at = np.concatenate([samples + start + code for start, code in zip(starts, codes, strict=False)])
    edges = coo_array(
        (np.ones(len(at)), (np.tile(np.arange(samples), len(codes)), at)), shape=(samples + starts[-1],) * 2
    )
    unit = connected_components(edges, directed=False)[1][:samples]
    first = dict(zip(unit[::-1].tolist(), found[0][::-1], strict=True))
    return np.array([first[number] for number in unit.tolist()], dtype=object)


def _hits(truth: np.ndarray, predicted: np.ndarray, people: np.ndarray, n_classes: int) -> np.ndarray:
    """What each person adds to the recalls: right answers over the number of samples of the class."""
    names, who = codes_of(people)
    hits = np.zeros((len(names), n_classes))
    right = truth == predicted
    np.add.at(hits, (who[right], truth[right]), 1.0)
    found: np.ndarray = hits / np.bincount(truth, minlength=n_classes)
    return found


def _influences(scored: Scored, attributes: int, people: np.ndarray) -> np.ndarray:
    """What each person adds to the correlations.

    The jackknife's influences: how much lower the correlation is without somebody, less the mean of that. The
    influence function at the data (Devlin et al., Biometrika 62, 1975) agrees where there are many, but understates
    few people, who then seem to differ less than they do. 0 where a column does not vary.
    """

    def statistic(weights: np.ndarray) -> np.ndarray:
        return np.nan_to_num(scored(weights, range(attributes)))

    value, without = statistic(np.ones((1, len(people))))[0], without_each(statistic, people)
    count = len(without)
    shares: np.ndarray = value / count + (count - 1) / count * (without.mean(0) - without)
    return shares


@dataclass(frozen=True, eq=False)
class _Pair:
    """Two models on the same samples; ``difference`` is what each person adds, (people, attributes)."""

    one: str
    other: str
    first: Scored
    second: Scored
    people: np.ndarray
    difference: np.ndarray

    def interval(self, columns: Sequence[int]) -> tuple[float, float]:
        """95 % interval of the mean difference over some attributes."""
        if not self.difference[:, columns].any():
            return 0.0, 0.0

        def apart(weights: np.ndarray) -> np.ndarray:
            found: np.ndarray = (self.first(weights, columns) - self.second(weights, columns)).mean(1)
            return found

        found = subject_interval(apart, self.people, "plain")
        return found.low, found.high


def _pair(both: _Pair, n_permutations: int, seed: int) -> PairRow:
    each = both.difference.sum(0)
    p = sign_flip_test(both.difference.mean(1), n_permutations=n_permutations, seed=seed).p
    interval = both.interval(list(range(len(each))))
    return PairRow(both.one, both.other, float(each.mean()), *interval, p, float("nan"), int((each > 0).sum()))


def _attributes(both: _Pair, attributes: Sequence[str], n_permutations: int, seed: int) -> list[AttributeRow]:
    p = [sign_flip_test(column, n_permutations=n_permutations, seed=seed).p for column in both.difference.T]
    corrected = holm(p)
    return [
        AttributeRow(both.one, both.other, name, float(column.sum()), *both.interval([j]), p[j], float(corrected[j]))
        for j, (name, column) in enumerate(zip(attributes, both.difference.T, strict=True))
    ]


def _difference(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Shares of the difference of two correlations, (samples, attributes); none where it is rounding alone."""
    found: np.ndarray = one - other
    return np.where(np.abs(found).sum(0) > SAME, found, 0.0)


def _corrected(pairs: list[PairRow]) -> list[PairRow]:
    by_people = holm([p.p_people for p in pairs])
    return [replace(p, p_people_corrected=float(b)) for p, b in zip(pairs, by_people, strict=True)]
