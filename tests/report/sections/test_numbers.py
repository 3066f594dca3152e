"""Numbers and settings as the page shows them."""

import pytest

from mien.core.words import equals, number, p_value
from mien.report.sections.numbers import flat, with_bounds
from mien.stats.scores import Score

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.426, "0.43"), (-0.426, "−0.43"), (12.34, "12.3"), (None, "–"), (NAN, "–"), (0, "0.00"), (-0.001, "0.00")],
)
def test_two_decimals_or_a_dash(value, words):
    assert number(value, short=True) == words


def test_an_interval_stands_beside_its_value_unless_it_is_withheld():
    assert with_bounds(Score(0.42, -0.31, 0.52, 0.0)) == "0.42 (−0.31 to 0.52)"
    assert with_bounds(Score(0.42, NAN, NAN, 0.0)) == "0.42"
    assert with_bounds(Score(NAN, NAN, NAN, 0.0)) == "–"


def test_small_p_values_are_bounds():
    assert (p_value(0.0004), p_value(0.0404), p_value(NAN)) == ("< 0.001", "0.040", "–")
    assert (equals(0.0004), equals(0.0404)) == ("< 0.001", "= 0.040")


def test_settings_are_rows_with_joined_names():
    assert flat({"folds": {"scheme": "grouped", "n": 5}, "targets": ["a", "b"], "parts": [{"x": 1}]}) == [
        ("folds › scheme", "grouped"),
        ("folds › n", "5"),
        ("targets", "a, b"),
        ("parts 1 › x", "1"),
    ]
    assert flat("a" * 700) == [("", f"{'a' * 600} …")]
