"""Models of ratings compared on the same faces: paired over people and corrected."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.files import read_json, write_json
from mien.core.numbers import check_number
from mien.core.output import check_folder
from mien.core.people.words import people_facts
from mien.learn.predictions import RatingPredictions, read_predictions
from mien.stats.correction import holm
from mien.stats.jackknife import subject_interval, without_each
from mien.stats.permutation import sign_flip_test
from mien.stats.regression_scores import correlations as _drawn
from mien.stats.regression_scores import mean_scores

# Correlations that differ by less are those of one model, computed in another order.
SAME = 1e-6
COMPARISON_FILE = "comparison.json"
OTHER_TRAINING = (
    "the models were trained on other samples or in other folds, so a difference between them can come from the "
    "training data as well as from the model."
)


@dataclass(frozen=True)
class ModelRow:
    """Mean Pearson correlation of one model over the attributes, with its 95 % interval over people."""

    model: str
    pearson: float
    low: float
    high: float


@dataclass(frozen=True)
class PairRow:
    """Two models.

    Attributes
    ----------
    one, other : str
    difference, low, high : float
        Mean over attributes of the correlation of ``one`` minus that of ``other``; 95 % interval over people, for
        both models at once; NaN where it is withheld.
    p_people, p_people_corrected : float
        Sign-flip test whose unit is the person shown: does it hold for other people? Corrected ones are Holm's over
        all pairs.
    better : int
        Attributes on which ``one`` is better.
    """

    one: str
    other: str
    difference: float
    low: float
    high: float
    p_people: float
    p_people_corrected: float
    better: int


@dataclass(frozen=True)
class AttributeRow:
    """Two models on one attribute; ``p`` over people, corrected over the attributes of the pair (Holm)."""

    one: str
    other: str
    attribute: str
    difference: float
    low: float
    high: float
    p: float
    p_corrected: float


@dataclass(frozen=True)
class Comparison:
    """What ``compare_models`` found; ``n_people`` and ``n_samples`` say on how many.

    Attributes
    ----------
    attributes : tuple of str
    models : list of ModelRow
        Best first.
    pairs : list of PairRow
        The better one of each pair first.
    per_attribute : list of AttributeRow
    n_samples, n_people, left_out : int
        ``left_out``: samples that not all models predicted.
    n_unknown, n_alike : int
        See ``mien.core.people.words``.
    same_training : bool
        Whether all models had the same samples in the same folds; else a difference can come from the amount or the
        choice of training data.
    """

    __repr__ = brief

    attributes: tuple[str, ...]
    models: list[ModelRow]
    pairs: list[PairRow]
    per_attribute: list[AttributeRow]
    n_samples: int
    n_people: int
    left_out: int
    same_training: bool = True
    n_unknown: int = 0
    n_alike: int = 0

    @property
    def people(self) -> dict[str, int]:
        """For ``mien.core.people.words``."""
        return {"n_samples": self.n_samples, "n_subjects": self.n_people, "n_unknown": self.n_unknown,
                "n_alike": self.n_alike}  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Plain values; what is not a number becomes None."""

        def plain(row: Any) -> dict[str, Any]:
            return {k: None if isinstance(v, float) and v != v else v for k, v in asdict(row).items()}

        rows = {name: [plain(row) for row in getattr(self, name)] for name in ("models", "pairs", "per_attribute")}
        counts = {name: getattr(self, name) for name in ("n_samples", "n_people", "left_out", "n_unknown", "n_alike")}
        return {"attributes": list(self.attributes), **rows, **counts, "same_training": self.same_training}

    def write(self, path: Path) -> None:
        """Write ``comparison.json``."""
        write_json(path, self.to_json())


def read_comparison(path: Path) -> Comparison:
    """Read what ``Comparison.write`` wrote.

    Raises
    ------
    InputError
        If the file is not what it has to be.
    """
    found = read_json(path)
    kinds: dict[str, Any] = {"models": ModelRow, "pairs": PairRow, "per_attribute": AttributeRow}
    try:
        rows: dict[str, Any] = {name: [_row(kind, row) for row in found[name]] for name, kind in kinds.items()}
        counts: dict[str, Any] = {name: int(found[name]) for name in ("n_samples", "n_people", "left_out")}
        counts |= {name: int(found.get(name, 0)) for name in ("n_unknown", "n_alike")}
        return Comparison(tuple(found["attributes"]), **rows, **counts, same_training=bool(found["same_training"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} was not written by 'mien compare-models' ({error}); run it again.") from error


def _row(kind: Any, row: dict[str, Any]) -> Any:
    # Older files hold a test over attributes, too, which took ratings of the same faces for independent.
    return kind(**{k: float("nan") if v is None else v for k, v in row.items() if not k.startswith("p_attributes")})


def read_rating_predictions(path: str | Path) -> RatingPredictions:
    """``read_predictions`` of a model of ratings.

    Raises
    ------
    InputError
        If there are none, or the model predicts classes.
    """
    found = read_predictions(path)
    if not isinstance(found, RatingPredictions):
        raise InputError(f"{path} holds no predicted ratings; models of ratings are compared, not those of classes.")
    return found


def compare_models(
    models: Mapping[str, RatingPredictions | str | Path] | Sequence[str | Path],
    *,
    n_permutations: int = 10_000,
    seed: int = 0,
    output: str | Path | None = None,
    n_boot: int | None = None,
) -> Comparison:
    """Compare models on the samples and ratings that all of them predicted.

    Parameters
    ----------
    models : sequence of str or Path, or mapping of str to RatingPredictions, str or Path
        At least two: folders that ``mien.train`` wrote, named as they are; or folders or predictions by name.
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
        If they share no ratings or fewer than three samples, or the true ratings differ.

    Notes
    -----
    Correlations are those of ``RatingPredictions.pooled``; constant predictions have none, 0. A test over attributes
    would need attributes that are independent, which ratings of the same faces are not: there is none.

    Every person has a share in a correlation, see ``_shares``, and so in the difference of two; the test over people
    flips the signs of these. It is not exact, as means and standard deviations come from the same people. Simulated
    (``benchmarks/null_scores.py tests``), equal models are told apart in .02 to .06 at .05 from 10 people on; noise and
    a constant in .10 at 10 people, .06 at 20: whether one model has skill is for the ``p`` of its own evaluation.
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
    names = list(given)
    first = given[names[0]]
    attributes = tuple(a for a in first.ratings if all(a in m.ratings for m in given.values()))
    if not attributes:
        raise InputError(f"The models '{names[0]}' and '{names[1]}' share no rating, so they cannot be compared.")
    paths, truth, people, predicted, left_out = _shared(given, attributes)
    share = {name: _shares(truth, p, people) for name, p in predicted.items()}
    mean = {name: float(np.mean(np.sum(s, 0))) for name, s in share.items()}
    order = sorted(names, key=lambda name: -mean[name])
    rows = []
    for name in order:
        found = mean_scores(truth, predicted[name], people, names=("pearson",), n_permutations=0)["pearson"]
        rows.append(ModelRow(name, found.value, found.low, found.high))
    pairs, per_attribute = [], []
    for one, other in combinations(order, 2):
        difference = _difference(share[one], share[other])
        both = _Pair(one, other, truth, predicted[one], predicted[other], people, difference)
        pairs.append(_pair(both, n_permutations, seed))
        per_attribute += _attributes(both, attributes, n_permutations, seed)
    facts = people_facts(people, len(paths))
    counts: dict[str, Any] = {"n_samples": len(paths), "n_people": facts["n_subjects"], "left_out": left_out}
    counts |= {name: facts.get(name, 0) for name in ("n_unknown", "n_alike")}
    same = _same_training(list(given.values()))
    result = Comparison(attributes, rows, _corrected(pairs), per_attribute, **counts, same_training=same)
    if output is not None:
        result.write(Path(output) / COMPARISON_FILE)
    return result


def _predictions(
    models: Mapping[str, RatingPredictions | str | Path] | Sequence[str | Path],
) -> dict[str, RatingPredictions]:
    """Predictions by name; folders without one are called as the folder, or as the path where that is no one's own."""
    if not isinstance(models, Mapping):
        paths = [Path(path) for path in models]
        short = [path.name for path in paths]
        names = short if len(set(short)) == len(short) else [str(path) for path in paths]
        if len(set(names)) < len(names):
            raise InputError("A model is named twice; name each folder once.")
        models = dict(zip(names, paths, strict=True))
    return {
        name: found if isinstance(found, RatingPredictions) else read_rating_predictions(found)
        for name, found in models.items()
    }


def _same_training(models: Sequence[RatingPredictions]) -> bool:
    """Whether all models predicted the same samples in the same folds, whatever the folds' numbers."""

    def parts(model: RatingPredictions) -> set[frozenset[str]]:
        return {frozenset(model.path[model.fold == fold].astype(str)) for fold in np.unique(model.fold)}

    return all(parts(model) == parts(models[0]) for model in models[1:])


def _shared(
    models: dict[str, RatingPredictions], attributes: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, np.ndarray], int]:
    """Paths, truth and people of the samples that all models predicted, and their predictions."""
    places = {name: {str(path): row for row, path in enumerate(m.path)} for name, m in models.items()}
    first = next(iter(models))
    shared = [path for path in places[first] if all(path in place for place in places.values())]
    if len(shared) < 3:
        raise InputError(f"The models predicted {len(shared)} samples in common; three at least are needed.")
    rows = {name: np.array([places[name][path] for path in shared]) for name in models}
    truths, predicted = {}, {}
    for name, m in models.items():
        columns = [m.ratings.index(attribute) for attribute in attributes]
        truths[name] = m.truth[rows[name]][:, columns]
        predicted[name] = m.pooled[rows[name]][:, columns]
        if not np.allclose(truths[name], truths[first]):
            raise InputError(f"The true ratings of '{name}' are not those of '{first}'; train both on the same table.")
    every = len(set().union(*places.values()))
    people = models[first].subject[rows[first]]
    return np.array(shared, dtype=object), truths[first], people, predicted, every - len(shared)


def _shares(truth: np.ndarray, predicted: np.ndarray, people: np.ndarray) -> np.ndarray:
    """What each person adds to the correlations, (people, attributes); the sums are the correlations.

    The jackknife's influences: how much lower the correlation is without somebody, less the mean of that. The
    influence function at the data (Devlin et al., Biometrika 62, 1975) agrees where there are many, but understates
    few people, who then seem to differ less than they do. 0 where a column does not vary.
    """

    def statistic(weights: np.ndarray) -> np.ndarray:
        return np.nan_to_num(_drawn(weights, truth, predicted))

    value, without = statistic(np.ones((1, len(truth))))[0], without_each(statistic, people)
    count = len(without)
    shares: np.ndarray = value / count + (count - 1) / count * (without.mean(0) - without)
    return shares


@dataclass(frozen=True, eq=False)
class _Pair:
    """Two models on the same samples; ``difference`` is what each person adds, (people, attributes)."""

    one: str
    other: str
    truth: np.ndarray
    first: np.ndarray
    second: np.ndarray
    people: np.ndarray
    difference: np.ndarray

    def interval(self, columns: list[int]) -> tuple[float, float]:
        """95 % interval of the mean difference over some attributes."""
        if not self.difference[:, columns].any():
            return 0.0, 0.0

        def apart(weights: np.ndarray) -> np.ndarray:
            first, second = (_drawn(weights, self.truth[:, columns], p[:, columns]) for p in (self.first, self.second))
            found: np.ndarray = (first - second).mean(1)
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
