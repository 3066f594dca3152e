"""Promise: d' and criterion are those of the textbook, and their intervals hold over people, at the ceiling too."""

import numpy as np
import pytest
from scipy.stats import norm

from mien.core.errors import InputError
from mien.stats.signal_detection import detection, detection_intervals


def test_equal_to_the_closed_forms_with_the_log_linear_correction() -> None:
    signal = np.repeat([True, False], 20)
    yes = np.r_[np.ones(16, bool), np.zeros(4, bool), np.ones(3, bool), np.zeros(17, bool)]
    found = detection(signal, yes)
    hit, alarm = norm.ppf(16.5 / 21), norm.ppf(3.5 / 21)
    assert found.d_prime == pytest.approx(hit - alarm) and found.criterion == pytest.approx(-(hit + alarm) / 2)
    assert (found.hits, found.false_alarms) == (0.8, 0.15)
    # All right: finite, and without bias.
    sure = detection(signal, signal)
    assert sure.d_prime == pytest.approx(2 * norm.ppf(20.5 / 21)) and sure.criterion == pytest.approx(0)


def test_one_kind_is_refused() -> None:
    with pytest.raises(InputError, match="all samples are of one kind"):
        detection(np.ones(4, bool), np.ones(4, bool))


def test_answers_that_are_all_right_have_no_upper_bound_and_few_people_no_interval() -> None:
    signal, who = np.repeat([True, False], 20), np.arange(40).astype(str)
    d_prime, criterion = detection_intervals(signal, signal, who)
    assert 1 < d_prime.low < detection(signal, signal).d_prime and np.isinf(d_prime.high)
    assert criterion.low < 0 < criterion.high
    assert detection_intervals(signal[16:24], signal[16:24], who[16:24])[0].withheld == "8 people"


@pytest.mark.parametrize(("d", "c", "sources", "each"), [(0.0, 0.3, 15, 1), (1.5, 0.0, 20, 3), (3.5, -0.4, 30, 1)])
def test_intervals_hold_the_true_value_as_often_as_they_say(d: float, c: float, sources: int, each: int) -> None:
    """Several pictures of a source are alike to half of their variance."""
    rng, inside, draws = np.random.default_rng(1), np.zeros(2), 200
    signal, who = np.repeat(np.arange(2 * sources) < sources, each), np.repeat(np.arange(2 * sources), each).astype(str)
    for _ in range(draws):
        common = np.repeat(rng.normal(size=2 * sources), each) * (0.5**0.5 if each > 1 else 0)
        answer = d * (signal - 0.5) - c + common + rng.normal(size=len(who)) * (1 - (0.5 if each > 1 else 0)) ** 0.5
        found = detection_intervals(signal, answer > 0, who)
        inside += [bound.low <= true <= bound.high for bound, true in zip(found, (d, c), strict=True)]
    assert (inside / draws >= 0.93).all()
