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
    found = rater_agreement(np.repeat(np.arange(6), 4), table.ravel())
    np.testing.assert_allclose([found.icc1, found.icck], [0.17, 0.44], atol=0.006)


def test_perfect_agreement_is_one_and_noise_is_near_nothing():
    item = np.repeat(np.arange(50), 6)
    assert rater_agreement(item, item.astype(float)).ceiling == pytest.approx(1)
    assert rater_agreement(item, RNG.normal(size=300)).reliability < 0.4


def test_the_order_of_ratings_does_not_matter_and_missing_ones_are_left_out():
    item, values, _ = simulated(items=60)
    holes = values.copy()
    holes[::7] = np.nan
    one = rater_agreement(item, holes)
    order = RNG.permutation(len(item))
    other = rater_agreement(item[order], holes[order])
    np.testing.assert_allclose(one.reliability, other.reliability)
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
    found = rater_agreement(item, values, rater if known else None)
    # For as many ratings of each item, both say the same of the same ratings; halves of one and two: .02 less.
    np.testing.assert_allclose(found.reliability, found.icck, atol=0.008)


def test_two_way_intraclass_correlation_by_hand():
    """Shrout & Fleiss 1979, table 4: ICC(3,4) = .91, where raters' habits do not count; its F interval (df 5, 15)."""
    table = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
    item, rater = np.indices(table.shape)
    found = rater_agreement(item.ravel(), table.ravel(), rater.ravel())
    np.testing.assert_allclose(found.reliability, 0.909, atol=0.001)
    np.testing.assert_allclose(found.split_half, 0.909 / (2 - 0.909), atol=0.001)


def sparse(rng, items, each, people):
    """Each item by its own draw of raters."""
    return np.repeat(np.arange(items), each), np.concatenate([rng.permutation(people)[:each] for _ in range(items)])


@pytest.mark.parametrize("design", ["complete", "sparse", "nested"])
def test_intervals_cover_the_true_ceiling_of_the_design(design):
    """Habits of variance 1 count as far as items do not share raters; 60 items, 4 ratings each, noise of variance 2."""
    rng, covered, studies, estimates = np.random.default_rng(11), 0, 150, []
    for _ in range(studies):
        item, rater = (part.ravel() for part in np.indices((60, 4)))
        if design == "sparse":
            item, rater = sparse(rng, 60, 4, 24)
        if design == "nested":
            rater = item // 10 * 4 + rater
        shares = np.zeros((60, rater.max() + 1))
        np.add.at(shares, (item, rater), 1 / 4)
        apart = ((shares - shares.mean(axis=0)) ** 2).sum() / 59
        true = (1 / (1 + apart + 2 / 4)) ** 0.5
        values = rng.normal(size=60)[item] + rng.normal(size=rater.max() + 1)[rater] + 2**0.5 * rng.normal(size=240)
        found = rater_agreement(item, values, rater)
        covered += found.low <= true <= found.high
        estimates.append(found.ceiling - true)
    assert covered / studies > 0.95 - 3 * np.sqrt(0.05 * 0.95 / studies)
    assert abs(np.mean(estimates)) < 0.03  # the root of an unbiased reliability is a little low where blocks are few


@pytest.mark.parametrize(("raters", "flat"), [(3, 1), (4, 2), (8, 6), (8, 8)])
def test_raters_who_say_one_number_leave_the_ceiling_of_the_others(raters, flat):
    item, values, rater = simulated(items=60, ratings=raters, noise=0.5)
    values = np.where(rater < flat, 4.0, values)
    found = rater_agreement(item, values, rater)
    assert found.n_constant == flat and found.n_ratings == 60 * raters
    others = rater >= flat
    if flat == raters:
        assert found.ceiling == 0 and np.isfinite([found.split_half, found.low]).all()
    elif raters - flat > 1:
        assert found.ceiling == rater_agreement(item[others], values[others], rater[others]).ceiling


@pytest.mark.parametrize("flat", [0, 3, 8])
def test_sparse_designs_with_one_note_raters_have_numbers(flat):
    rng = np.random.default_rng(flat)
    item, rater = sparse(rng, 40, 3, 20)
    values = np.where(rater < flat, 4.0, rng.normal(size=40)[item] + 0.5 * rng.normal(size=120))
    found = rater_agreement(item, values, rater)
    assert np.isfinite([found.split_half, found.ceiling, found.low, found.high, found.icck]).all()
    assert found.low < found.ceiling < found.high
