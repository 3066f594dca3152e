"""People of unequally many samples: the test of two groups holds its level, and is Welch's where nothing is unequal."""

import numpy as np
import pytest
from scipy import stats

from mien.compare.groups import compare
from mien.stats.repeated import people_weights, spread_of
from mien.stats.two_groups import Contrast, permutation_tests, spread_ratio
from mien.stats.unequal_spread import scaled_welch_t


def orders(count: int, people: int, seed: int = 0) -> np.ndarray:
    return np.argsort(np.random.default_rng(seed).random((count, people)), axis=1)


def test_with_equal_spread_it_is_welchs_t_of_those_who_have_the_measure() -> None:
    values = np.random.default_rng(0).normal([0, 5, -2], size=(9, 3))
    values[2, 1] = values[7, 1] = np.nan
    first = orders(20, 9)
    found = scaled_welch_t(first, values, np.ones((9, 3)), np.ones((9, 3)), 5)
    for row, order in zip(found, first, strict=True):
        for column in (0, 2):
            mixed = values[order, column]
            assert row[column] == pytest.approx(stats.ttest_ind(mixed[:5], mixed[5:], equal_var=False).statistic)
        own = [i for i in order if np.isfinite(values[i, 1])]
        mixed = values[own, 1]
        assert row[1] == pytest.approx(stats.ttest_ind(mixed[:4], mixed[4:], equal_var=False).statistic)


def test_the_order_as_it_is_gives_the_t_of_the_values_themselves() -> None:
    draw = np.random.default_rng(1)
    values, scales = draw.normal(size=(11, 2)), draw.uniform(0.3, 3, (11, 2))
    found = scaled_welch_t(np.arange(11)[None], values, scales, np.ones((11, 2)), 4)
    np.testing.assert_allclose(found[0], stats.ttest_ind(values[:4], values[4:], equal_var=False).statistic)


@pytest.mark.parametrize("weighed", [False, True])
def test_few_people_of_one_sample_against_many_of_nine_keep_the_level(weighed: bool) -> None:
    studies, draw = 200, np.random.default_rng(2)
    count, group = np.repeat([1, 9], [5, 20]), np.repeat([0, 1], [5, 20])
    who = np.repeat(np.arange(25), count)
    alone, any_of_six, plain = [], [], []
    for _ in range(studies):
        values = np.sqrt(0.1) * draw.normal(size=(25, 6))[who] + np.sqrt(0.9) * draw.normal(size=(len(who), 6))
        means = np.stack([np.bincount(who, column) / count for column in values.T], axis=1)
        weights = np.stack([people_weights(column, who, group) for column in values.T], axis=1)
        parts = means[:5], means[5:], False, weights if weighed else None
        found = permutation_tests(Contrast(*parts, spread_of(weights)), n_permutations=199)
        alone.append((found.p <= 0.05).mean())
        any_of_six.append((found.p_largest <= 0.05).any())
        plain.append((permutation_tests(Contrast(*parts), n_permutations=199).p_largest <= 0.05).any())
    # Three Monte Carlo standard errors above .05; values that are exchanged as they are lie higher.
    assert np.mean(alone) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / (6 * studies))
    assert np.mean(any_of_six) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / studies)
    assert np.mean(any_of_six) < np.mean(plain)


def test_equally_many_samples_are_tested_in_all_arrangements_as_before() -> None:
    draw = np.random.default_rng(3)
    a, b = draw.normal(size=(2, 24, 2))
    who = np.repeat(np.arange(6), 4)
    even = compare(a, b, who, who + 6)
    assert even.settings["exact"] and not even.settings["scaled"]
    uneven = compare(a[:-3], b, who[:-3], who + 6)
    assert not uneven.settings["exact"] and uneven.settings["scaled"]
    assert "expected spread" in uneven.method_words() and "expected spread" not in even.method_words()


def test_a_few_people_who_differ_much_more_are_named() -> None:
    draw = np.random.default_rng(4)
    wide, narrow = 3 * draw.normal(size=(5, 6)), draw.normal(size=(20, 6))
    assert spread_ratio(Contrast(wide, narrow, False)) == pytest.approx(3, rel=0.5)
    said = [compare(*pair).settings["notes"] for pair in ((wide, narrow), (narrow, wide), (wide / 3, narrow))]
    assert not any("p can be too small" in note for note in said[2])
    assert all(any("are few (5)" in note and "p can be too small" in note for note in notes) for notes in said[:2])
    # Twenty narrow people against five wide ones is the same; many wide ones against few narrow ones are not.
    assert not any("p can be too small" in note for note in compare(3 * narrow, wide / 3).settings["notes"])


def test_a_comparison_without_effect_on_constant_measures_has_an_answer() -> None:
    draw = np.random.default_rng(5)
    a, b = np.ones((9, 1)), np.ones((12, 1))
    found = compare(np.hstack([a, draw.normal(size=(9, 1))]), np.hstack([b, draw.normal(size=(12, 1))]),
                    [0, 0, 0, 1, 2, 3, 4, 5, 6], np.arange(12) + 10)  # fmt: skip
    assert found.rows[0].p == 1 and 0 < found.rows[1].p <= 1


def test_few_people_with_far_fewer_samples_have_a_note() -> None:
    draw = np.random.default_rng(6)
    few, many = np.repeat(np.arange(8), 1), np.repeat(np.arange(8) + 8, 9)
    said = compare(draw.normal(size=(8, 6)), draw.normal(size=(72, 6)), few, many).settings["notes"]
    assert any("far fewer samples" in note for note in said)
    alike = np.repeat(np.arange(8) + 8, [1, 1, 1, 1, 1, 1, 2, 2])
    said = compare(draw.normal(size=(8, 6)), draw.normal(size=(10, 6)), few, alike).settings["notes"]
    assert not any("far fewer samples" in note for note in said)
