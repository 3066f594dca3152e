"""Calibration over people: known slopes, no error where there is none, honest bounds where nearly all are right."""

import numpy as np
import pytest
from scipy.special import expit, logit

from mien.stats.calibration_scores import (
    Stated,
    calibration_error,
    calibration_intercept,
    calibration_slope,
    equal_bins,
    over_confidence,
)


def stated(people: int, each: int, *, slope: float = 1.0, shift: float = 0.0, seed: int = 0) -> Stated:
    """Answers whose true log odds are ``shift + slope`` times what is said."""
    draw = np.random.default_rng(seed)
    said = draw.uniform(0.5, 0.99, people * each)
    right = draw.random(len(said)) < expit(shift + slope * logit(said))
    return Stated(said, right, np.repeat([f"p{i}" for i in range(people)], each), equal_bins(said))


@pytest.mark.parametrize(("slope", "shift"), [(1.0, 0.0), (0.5, 0.0), (1.0, -0.7)])
def test_slope_and_intercept_are_recovered(slope: float, shift: float) -> None:
    given = stated(2000, 10, slope=slope, shift=shift)
    assert calibration_slope(given)[0] == pytest.approx(slope, abs=0.08)
    if slope == 1:
        assert calibration_intercept(given)[0] == pytest.approx(shift, abs=0.08)
    value, bounds = calibration_error(given)
    assert (value < 0.02) == (slope == 1 and shift == 0) and bounds.low <= value <= bounds.high


def test_confidence_less_accuracy_has_the_sign_of_what_is_too_much() -> None:
    value, bounds = over_confidence(stated(200, 5, shift=-1.0))
    assert 0.05 < bounds.low < value < bounds.high


def test_the_interval_of_a_well_calibrated_model_holds_no_error() -> None:
    held = [calibration_error(stated(20, 4, seed=seed))[1].low <= 0.005 for seed in range(150)]
    assert np.mean(held) >= 0.93


def test_answers_that_are_all_right_leave_room_for_people_who_were_not_seen() -> None:
    said = np.full(40, 0.98)
    given = Stated(said, np.ones(40, bool), np.repeat([f"p{i}" for i in range(10)], 4), equal_bins(said))
    value, bounds = calibration_error(given)
    assert value == pytest.approx(0.02) and bounds.low == 0 and bounds.high > 0.1
    assert calibration_slope(given)[1].withheld == "no answer is wrong"
    right = given.right.copy()
    right[:3] = False
    some = Stated(np.linspace(0.6, 0.98, 40), right, given.subjects, equal_bins(np.linspace(0.6, 0.98, 40)))
    assert calibration_intercept(some)[1].withheld == "1 person has wrong answers"
    few = stated(6, 4)
    assert calibration_error(few)[1].withheld == "6 people"
