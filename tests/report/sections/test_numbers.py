"""Numbers as the page shows them."""

import pytest

from mien.core.words import equals, p_value
from mien.report.sections.numbers import short, with_bounds


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.426, "0.43"), (-0.426, "−0.43"), (12.34, "12.3"), (None, "–"), (float("nan"), "–"), (0, "0.00")],
)
def test_two_decimals_or_a_dash(value, words):
    assert short(value) == words


def test_an_interval_stands_beside_its_value_unless_it_is_withheld():
    assert with_bounds({"value": 0.42, "low": -0.31, "high": 0.52}) == "0.42 (−0.31 to 0.52)"
    assert with_bounds({"value": 0.42, "low": None, "high": None}) == "0.42"
    assert with_bounds({}) == "–"


def test_small_p_values_are_bounds():
    assert (p_value(0.0004), p_value(0.0404), p_value(float("nan"))) == ("< 0.001", "0.040", "–")
    assert (equals(0.0004), equals(0.0404)) == ("< 0.001", "= 0.040")
