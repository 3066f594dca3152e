"""One rule says on which side of chance shuffled labels are, for the command line and the report."""

import pytest

from mien.learn.noise import side_of_chance
from mien.report.sections.headline import noise_words
from mien.stats.scores import Score

NAN = float("nan")


@pytest.mark.parametrize(
    ("low", "high", "p", "side"),
    [
        (0.52, 0.6, 0.2, "at"), (0.45, 0.6, 0.01, "above"), (0.52, 0.6, NAN, "above"), (0.52, 0.6, None, "above"),
        (0.3, 0.45, 0.9, "below"), (0.4, 0.6, NAN, "at"), (NAN, NAN, 0.01, "above"), (NAN, NAN, 0.3, "at"),
        (None, None, None, ""), (NAN, NAN, NAN, ""),
    ],
)  # fmt: skip
def test_the_test_decides_and_the_interval_only_where_there_is_none(low, high, p, side):
    assert side_of_chance(low, high, 0.5, p) == side
    known = (NAN if one is None else one for one in (low, high, 0.5, p))
    words = noise_words({"balanced_accuracy": Score(0.55, *known)})
    assert {"above": "ABOVE CHANCE", "below": "below chance", "at": "at chance", "": "reached"}[side] in words
