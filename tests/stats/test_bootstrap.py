"""The cluster bootstrap covers what it should."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.stats.bootstrap import bootstrap_interval, percentile_interval, subject_draws


def mean_of(values):
    return lambda weights: weights @ values / weights.sum(1)


def test_each_draw_holds_as_many_subjects_as_there_are():
    draws = subject_draws(7, 500, seed=0)
    assert (draws.sum(1) == 7).all()
    # A subject is absent from a draw with probability (1 - 1/7) ** 7.
    assert (draws == 0).mean() == pytest.approx((6 / 7) ** 7, abs=0.02)


def test_the_interval_of_a_mean_agrees_with_scipy():
    from scipy import stats

    values = np.random.default_rng(0).gamma(2.0, size=60)
    reference = stats.bootstrap(
        (values,), np.mean, n_resamples=10_000, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    low, high = bootstrap_interval(mean_of(values), [f"P{i}" for i in range(60)], n_boot=10_000)
    assert (low, high) == pytest.approx((reference.low, reference.high), abs=0.015)


def test_it_covers_the_truth_about_as_often_as_promised():
    rng = np.random.default_rng(0)
    hits = 0
    for trial in range(200):
        person = rng.normal(size=40)
        subjects = np.repeat([f"P{i}" for i in range(40)], 5)
        values = np.repeat(person, 5) + rng.normal(scale=0.5, size=200)
        low, high = bootstrap_interval(mean_of(values), subjects, n_boot=400, seed=trial)
        hits += low <= 0 <= high
    assert 0.88 <= hits / 200 <= 0.99


def test_blocks_do_not_change_the_result(monkeypatch):
    values, subjects = np.arange(10.0), [f"P{i // 2}" for i in range(10)]
    whole = bootstrap_interval(mean_of(values), subjects)
    monkeypatch.setattr("mien.stats.bootstrap._BLOCK", 35)
    assert bootstrap_interval(mean_of(values), subjects) == whole


def test_undefined_draws_are_left_out():
    assert percentile_interval(np.array([np.nan, 1.0, 1.0])) == (1, 1)
    assert np.isnan(percentile_interval(np.array([np.nan]))).all()


def test_impossible_settings_are_refused():
    with pytest.raises(InputError, match="at least 1 draw"):
        subject_draws(3, 0, 0)
    with pytest.raises(InputError, match="between 0 and 1"):
        percentile_interval(np.ones(3), 95)
