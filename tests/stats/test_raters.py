"""Agreement of raters: simulated raters of known reliability, formulas by hand, what cannot be answered."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.stats.raters import rater_agreement

RNG = np.random.default_rng(4)


def simulated(items=400, ratings=8, noise=2.0, habit=0.0):
    """True scores of variance 1; each rating adds noise, each rater a habit of their own."""
    truth = RNG.normal(size=items)
    habits = habit * RNG.normal(size=ratings)
    values = truth[:, None] + habits + noise * RNG.normal(size=(items, ratings))
    item, rater = np.indices(values.shape)
    return item.ravel(), values.ravel(), rater.ravel()


def test_the_reliability_of_the_mean_is_that_of_the_simulation():
    item, values, _ = simulated()
    expected = 1 / (1 + 4 / 8)  # variance of truth / variance of the mean of eight ratings
    found = rater_agreement(item, values)
    np.testing.assert_allclose([found.reliability, found.icck], expected, atol=0.05)
    np.testing.assert_allclose(found.icc1, 1 / 5, atol=0.05)
    assert found.low < np.sqrt(expected) < found.high
    assert found.n_items == 400 and found.n_ratings == 3200


def test_raters_habits_do_not_count_where_raters_are_known_for_all_items():
    item, values, rater = simulated(habit=3.0)
    np.testing.assert_allclose(rater_agreement(item, values, rater).reliability, 2 / 3, atol=0.06)


def test_intraclass_correlation_by_hand():
    # Shrout & Fleiss 1979, table 2: six targets, four judges; ICC(1,1) = .17, ICC(1,4) = .44.
    table = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
    found = rater_agreement(np.repeat(np.arange(6), 4), table.ravel(), n_splits=5)
    np.testing.assert_allclose([found.icc1, found.icck], [0.17, 0.44], atol=0.006)


def test_perfect_agreement_is_one_and_noise_is_near_nothing():
    item = np.repeat(np.arange(50), 6)
    assert rater_agreement(item, item.astype(float)).ceiling == pytest.approx(1)
    assert rater_agreement(item, RNG.normal(size=300)).reliability < 0.4


def test_the_order_of_ratings_does_not_matter_and_missing_ones_are_left_out():
    item, values, _ = simulated(items=60)
    holes = values.copy()
    holes[::7] = np.nan
    one = rater_agreement(item, holes, n_splits=300)
    order = RNG.permutation(len(item))
    other = rater_agreement(item[order], holes[order], n_splits=300)
    np.testing.assert_allclose(one.reliability, other.reliability, atol=0.02)
    np.testing.assert_allclose(one.icc1, other.icc1)
    assert one.n_ratings == np.isfinite(holes).sum()


def test_too_little_is_told_in_a_sentence():
    with pytest.raises(InputError, match="three items"):
        rater_agreement([1, 1, 2, 2], [1.0, 2.0, 3.0, 4.0])
    with pytest.raises(InputError, match="another number"):
        rater_agreement([1, 1, 2], [1.0, 2.0])


@pytest.mark.parametrize("ratings", [3, 5])
@pytest.mark.parametrize("known", [True, False])
def test_an_odd_number_of_raters_does_not_lower_the_ceiling(ratings, known):
    """Halves of one and two raters are no halves: what Spearman and Brown assume are equal ones."""
    item, values, rater = simulated(items=2000, ratings=ratings)
    found = rater_agreement(item, values, rater if known else None, n_boot=50)
    # For as many ratings of each item, both say the same of the same ratings; halves of one and two: .02 less.
    np.testing.assert_allclose(found.reliability, found.icck, atol=0.008)
