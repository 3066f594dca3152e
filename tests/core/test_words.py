"""Promise: numbers read the same wherever they stand: true minus signs, no minus before zero, a dash for nothing."""

from math import nan

from mien.core.words import equals, interval, listed, number, p_value, percent


def test_numbers() -> None:
    assert [number(v) for v in (0.125, -0.5, -0.001, None, nan, 12.345)] == ["0.12", "−0.50", "0.00", "–", "–", "12.35"]
    assert number(12.345, short=True) == "12.3" and number(-9.99, short=True) == "−9.99"
    assert interval(-0.1, 0.25) == "−0.10 to 0.25" and interval(None, 0.2) == interval(0.2, nan) == "–"


def test_p_values() -> None:
    assert [p_value(p) for p in (0.0004, 0.001, 0.0499, nan)] == ["< 0.001", "0.001", "0.050", "–"]
    assert equals(0.0004) == "< 0.001" and equals(0.012) == "= 0.012"


def test_shares_and_lists() -> None:
    assert [percent(share) for share in (0, 0.004, 0.256)] == ["0 %", "under 1 %", "26 %"]
    assert [listed(parts) for parts in ([], ["a"], ["a", "b", "c"])] == ["", "a", "a, b and c"]
