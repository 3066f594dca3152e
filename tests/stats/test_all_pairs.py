"""All pairs at once: equal columns are told apart in at most 5 % of studies, real differences are not lost."""

import itertools

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.stats.all_pairs import apart_p, least_subjects
from mien.stats.permutation import sign_flip_test


def people(n: int) -> list[str]:
    return [f"p{i}" for i in range(n)]


def test_one_pair_is_the_sign_flip_test():
    values = np.random.default_rng(0).normal(size=(9, 2)) + np.array([0.8, 0])
    assert apart_p(values, people(9))[0, 1] == pytest.approx(sign_flip_test(values[:, 0] - values[:, 1]).p)


def test_largest_statistic_by_enumeration():
    """The pair with the largest statistic against the largest of all pairs under each of the 2^6 flips."""
    values = np.random.default_rng(1).normal(size=(6, 3)) + np.array([1, 0, 0])
    pairs = [values[:, i] - values[:, j] for i, j in itertools.combinations(range(3), 2)]
    signs = np.array(list(itertools.product((-1, 1), repeat=6)))
    drawn = np.stack([np.abs(signs @ d) / np.sqrt((d**2).sum()) for d in pairs], axis=1)
    top = max(abs(d.sum()) / np.sqrt((d**2).sum()) for d in pairs)
    assert apart_p(values, people(6)).min() == pytest.approx((drawn.max(axis=1) >= top - 1e-9).mean())


@pytest.mark.parametrize(("n", "methods"), [(8, 6), (8, 12), (20, 6)])
def test_equal_methods_are_told_apart_in_at_most_5_percent_of_studies(n, methods):
    rng = np.random.default_rng([n, methods])
    studies = 400
    told = 0
    for study in range(studies):
        values = rng.normal(size=(n, 1)) + rng.standard_gamma(2, size=(n, methods))  # correlated and skewed
        told += apart_p(values, people(n), n_flips=499, seed=study).min() < 0.05
    assert told / studies < 0.05 + 3 * np.sqrt(0.05 * 0.95 / studies)


def test_a_real_difference_is_reported_though_others_are_equal():
    rng = np.random.default_rng(3)
    values = rng.normal(size=(12, 1)) + rng.normal(size=(12, 6)) * 0.5 + [2, 0, 0, 0, 0, 0]
    p = apart_p(values, people(12))
    assert (p[0, 1:] < 0.05).all() and (p[1:, 1:] >= 0.05).all()


def test_few_people_can_tell_nothing_apart():
    assert least_subjects(0.05) == 6
    for n in (1, 2, 5):
        assert apart_p(np.tile([100.0, 0.0], (n, 1)) + np.arange(n)[:, None], people(n))[0, 1] > 0.05
    assert apart_p(np.tile([100.0, 0.0], (6, 1)), people(6))[0, 1] < 0.05


def test_samples_of_a_person_count_once_and_gaps_are_left_out():
    one = np.array([[3.0, 1.0, np.nan]] * 6)
    many = np.repeat(one, 5, axis=0)
    who = np.repeat(people(6), 5)
    assert apart_p(many, who)[0, 1] == apart_p(one, people(6))[0, 1] == pytest.approx(2 / 64)
    assert (apart_p(many, who)[2] == 1).all()
    assert (apart_p(np.empty((0, 3)), []) == 1).all()
    with pytest.raises(InputError, match="one row per sample"):
        apart_p(one, people(5))
