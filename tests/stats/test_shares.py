"""Intervals of shares are those of Clopper and Pearson for one sample each, and of people for several."""

import numpy as np
import pytest
from scipy import stats

from mien.core.errors import InputError
from mien.stats.jackknife import FEW_PEOPLE
from mien.stats.shares import mean_interval


def people(count, each=1):
    return np.repeat([f"P{i:04d}" for i in range(count)], each)


@pytest.mark.parametrize("count", [2, 6, 12, 50])
def test_all_right_has_the_exact_bound_of_so_many_people(count):
    found = mean_interval(np.ones(2 * count), people(count, 2))
    exact = stats.binomtest(count, count).proportion_ci(method="exact")
    assert (found.low, found.high) == pytest.approx((exact.low, 1.0))
    wrong = mean_interval(np.zeros(count), people(count))
    assert (wrong.low, wrong.high) == pytest.approx((0.0, 1 - exact.low))


@pytest.mark.parametrize(("right", "count"), [(11, 12), (19, 20), (49, 50), (101, 102), (100, 102), (20, 30), (2, 15)])
def test_one_sample_each_has_the_interval_of_clopper_and_pearson(right, count):
    exact = stats.binomtest(right, count).proportion_ci(method="exact")
    found = mean_interval(np.arange(count) < right, people(count))
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high), abs=0.004)


@pytest.mark.parametrize(("count", "each"), [(12, 1), (20, 4), (102, 2)])
def test_fewer_errors_never_give_a_lower_bound(count, each):
    rng = np.random.default_rng(0)
    right, before = np.zeros(count * each), None
    for sample in rng.permutation(count * each):
        right[sample] = 1
        found = mean_interval(right, people(count, each))
        if before is not None:
            assert found.low >= before.low and found.high >= before.high
        before = found


def test_copies_of_everybodys_samples_say_nothing_new():
    values = np.random.default_rng(0).random(15)
    once, often = mean_interval(values, people(15)), mean_interval(np.repeat(values, 9), people(15, 9))
    assert (once.low, once.high) == pytest.approx((often.low, often.high))


def test_fewer_people_than_an_interval_needs_have_none():
    values = np.linspace(0.2, 0.8, FEW_PEOPLE)
    assert np.isfinite(mean_interval(values, people(FEW_PEOPLE)).low)
    found = mean_interval(values[1:], people(FEW_PEOPLE - 1))
    assert np.isnan([found.low, found.high]).all() and found.withheld == f"{FEW_PEOPLE - 1} people"
    # Who shows some class may be few in a sample that is large enough.
    some = mean_interval([1, 1, 0], people(3), of=30)
    exact = stats.binomtest(2, 3).proportion_ci(method="exact")
    assert (some.low, some.high) == pytest.approx((exact.low, exact.high), abs=0.01)


def test_people_who_fail_throughout_are_covered_though_samples_within_a_person_agree():
    # One in ten cannot be recognised, the others nearly always: a standard error from those seen is too small.
    rng, held = np.random.default_rng(0), 0
    for _ in range(200):
        skill = np.where(rng.random(12) < 0.1, 0.0, 0.99)
        found = mean_interval((rng.random((12, 20)) < skill[:, None]).ravel(), people(12, 20))
        held += found.low <= 0.9 * 0.99 <= found.high
    assert held / 200 >= 0.93


def test_many_people_take_fewer_draws():
    found = mean_interval(np.arange(6000) % 2, people(6000))
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.5 / np.sqrt(6000), rel=0.15)


def test_impossible_levels_are_refused():
    with pytest.raises(InputError, match="between 0 and 1"):
        mean_interval(np.ones(3), people(3), level=95)
