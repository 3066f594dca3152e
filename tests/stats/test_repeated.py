"""Repeated samples by a mixed model: that of statsmodels, the plain mean where people have equally many."""

import warnings

import numpy as np
import pytest

from mien.compare.groups import compare
from mien.stats.repeated import pair_weights, people_weights, variance_ratio
from mien.stats.two_groups import Contrast, effects, permutation_tests

NAMES = ("brow", "mouth")


def unequal(seed: int, people: int, between: float, *, most: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Values and persons, from one sample to many."""
    draw = np.random.default_rng(seed)
    who = np.repeat(np.arange(people), draw.integers(1, most + 1, people))
    return between * draw.normal(size=people)[who] + draw.normal(size=len(who)), who


def means(values: np.ndarray, who: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    count = np.bincount(who)
    return np.bincount(who, values) / count, count.astype(float)


@pytest.mark.parametrize("between", [0.0, 0.4, 2.0])
def test_the_ratio_of_the_variances_is_recovered(between: float) -> None:
    values, who = unequal(1, 3000, between)
    mean, count = means(values, who)
    within = float(((values - mean[who]) ** 2).sum())
    found = variance_ratio(count, mean, within, np.zeros(3000, int))
    assert found == pytest.approx(between**2, abs=0.02 + 0.06 * between**2)


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_mixed_model_of_statsmodels(seed: int) -> None:
    formula = pytest.importorskip("statsmodels.formula.api", reason="statsmodels is not installed")
    pandas = pytest.importorskip("pandas")
    values, who = unequal(seed, 16, (0.3, 0.7, 1.5, 3.0)[seed])
    group = (np.arange(16) >= 7).astype(int)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = pandas.DataFrame({"y": values, "g": group[who], "who": who})
        # Its own first choice of optimiser stops short where people hardly differ.
        model = formula.mixedlm("y ~ g", table, groups="who").fit(reml=True, method="powell")
    mean, count = means(values, who)
    weights = people_weights(values, who, group)
    parts = [np.average(mean[group == g], weights=weights[group == g]) for g in (1, 0)]
    assert parts[0] - parts[1] == pytest.approx(model.params["g"], abs=1e-4)
    within = float(((values - mean[who]) ** 2).sum())
    assert variance_ratio(count, mean, within, group) == pytest.approx(model.cov_re.iloc[0, 0] / model.scale, rel=0.01)


def test_equally_many_samples_give_the_mean_per_person_paired_and_not() -> None:
    draw = np.random.default_rng(3)
    a, b = draw.normal(size=(2, 40, 2)) + np.repeat(draw.normal(size=(2, 10, 2)), 4, axis=1)
    who = np.repeat([f"p{i}" for i in range(10)], 4)
    others = np.repeat([f"q{i}" for i in range(10)], 4)
    for second in (who, others):
        plain, mixed = (compare(a, b, who, second, names=NAMES, repeated=how) for how in ("mean", "mixed"))
        for one, other in zip(plain.rows, mixed.rows, strict=True):
            assert one.p == other.p and one.difference == pytest.approx(other.difference)
            assert (one.low, one.high) == (pytest.approx(other.low), pytest.approx(other.high))
        assert "mixed model" in mixed.method_words() and "mixed model" not in plain.method_words()


def test_weights_are_fair_between_people_of_many_and_of_few_samples() -> None:
    values, who = unequal(5, 400, 0.0)
    _, count = means(values, who)
    weights = people_weights(values, who, np.zeros(400, int))
    # Without differences between people every sample counts the same, with large ones every person.
    assert np.corrcoef(weights, count)[0, 1] > 0.98
    values, who = unequal(6, 400, 30.0)
    np.testing.assert_allclose(people_weights(values, who, np.zeros(400, int)), 1, atol=0.02)
    values[who == 0] = np.nan
    assert people_weights(values, who, np.zeros(400, int))[0] == 0
    once = np.arange(8)
    np.testing.assert_array_equal(people_weights(np.random.default_rng(0).normal(size=8), once, once * 0), 1)
    np.testing.assert_array_equal(pair_weights(np.arange(8.0), np.arange(8.0), once, once, 8), 1)


@pytest.mark.parametrize("paired", [False, True])
def test_unequal_numbers_of_samples_keep_the_level_and_the_interval(paired: bool) -> None:
    """10 and 14 people (or 12 pairs) of 1 to 12 samples each; 300 studies without a difference."""
    seen, held = [], []
    for seed in range(300):
        draw = np.random.default_rng(seed)
        n = (12, 12) if paired else (10, 14)
        who = [np.repeat(np.arange(k), draw.integers(1, 13, k)) for k in n]
        own = draw.normal(size=12 if paired else 24)
        a, b = (
            0.6 * (own if paired else own[start : start + k])[w]
            + 0.5 * draw.normal(size=k)[w]
            + draw.normal(size=len(w))
            for w, k, start in ((who[0], n[0], 0), (who[1], n[1], n[0]))
        )
        if paired:
            weights = pair_weights(a, b, *who, 12)
        else:
            joined = np.concatenate([who[0], who[1] + n[0]])
            weights = people_weights(np.concatenate([a, b]), joined, np.repeat([0, 1], n))
        columns = [means(values, w)[0][:, None] for values, w in ((a, who[0]), (b, who[1]))]
        contrast = Contrast(columns[0], columns[1], paired, weights[:, None])
        seen.append(permutation_tests(contrast, n_permutations=199, seed=seed).p[0] <= 0.05)
        found = effects(contrast)
        held.append(found.difference_low[0] <= 0 <= found.difference_high[0])
    assert np.mean(seen) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)
    assert np.mean(held) >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / 300)
