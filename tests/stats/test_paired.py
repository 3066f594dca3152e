"""Means over people: the subject is the unit, intervals cover, pairs are compared as pairs."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.stats.paired import subject_mean

RNG = np.random.default_rng(0)


def test_every_subject_weighs_the_same():
    found = subject_mean([0, 0, 0, 4], ["a", "a", "a", "b"])
    assert found.value == 2 and found.samples == 4 and found.subjects == 2


def test_copies_of_a_subjects_samples_say_nothing_new():
    values, subjects = RNG.normal(size=12), [f"p{i}" for i in range(12)]
    once = subject_mean(values, subjects)
    often = subject_mean(np.tile(values, 20), subjects * 20)
    assert (once.low, once.high) == pytest.approx((often.low, often.high)) and often.subjects == 12


def test_intervals_cover_the_true_mean_about_as_often_as_they_say():
    hits = 0
    for _ in range(300):
        person = RNG.normal(2.0, 1.0, 25)
        values = person.repeat(3) + RNG.normal(0, 0.5, 75)
        found = subject_mean(values, np.arange(25).repeat(3))
        hits += found.low <= 2.0 <= found.high
    assert 0.88 <= hits / 300 <= 0.98


def test_pairs_tell_apart_what_lies_within_each_others_intervals():
    person = RNG.normal(0, 5, 30)
    one, other = person + RNG.normal(0, 0.1, 30), person + 0.5 + RNG.normal(0, 0.1, 30)
    subjects = np.arange(30)
    assert subject_mean(one, subjects).high > subject_mean(other, subjects).low
    apart = subject_mean(other - one, subjects)
    assert apart.differs and apart.low < 0.5 < apart.high + 0.1
    assert not subject_mean(one - one, subjects).differs


def test_what_is_not_finite_is_left_out():
    found = subject_mean([1, np.nan, 3, np.inf], ["a", "b", "c", "d"])
    assert found.value == 2 and found.samples == 2 and found.subjects == 2
    empty = subject_mean([np.nan], ["a"])
    assert np.isnan([empty.value, empty.low]).all() and empty.samples == 0 and not empty.differs
    one = subject_mean([1, 2], ["a", "a"])
    assert one.value == 1.5 and np.isnan(one.low)


def test_lengths_that_differ_are_told():
    with pytest.raises(InputError, match="2 subjects, but the values have shape"):
        subject_mean([1, 2, 3], ["a", "b"])
