"""Results read from JSON: numbers are numbers, and the part that is something else is named."""

import math

import numpy as np
import pytest

from mien.core.results import each, number, numbers, part


def test_none_is_no_number_and_words_are_refused() -> None:
    assert number(3) == 3.0 and math.isnan(number(None))
    np.testing.assert_array_equal(numbers([1, None, 0.5]), [1.0, np.nan, 0.5])
    for wrong in ("3", True, [1], {}):
        with pytest.raises(TypeError, match="is not a number"):
            number(wrong)
    for wrong in ({"a": 1}, "12", None):
        with pytest.raises(TypeError, match="is not a list"):
            numbers(wrong)


def test_a_missing_part_has_its_default_and_a_wrong_one_its_name() -> None:
    found = {"curves": {"a": {"b": [1, None]}}, "shares": 3}
    assert part(found, "curves", each(each(numbers)))["a"]["b"][0] == 1.0
    assert part(found, "seconds", each(number), {}) == {}
    for name in ("shares", "seconds"):
        with pytest.raises(ValueError, match=f"^'{name}'$"):
            part(found, name, each(number))
