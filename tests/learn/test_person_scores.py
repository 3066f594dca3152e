"""How a model does on each person: counts, exact intervals, and what one answer would reach."""

import numpy as np
import pytest

from mien.learn.person_scores import person_scores
from mien.learn.predictions import ClassPredictions


def test_exact_intervals_and_the_worst_first() -> None:
    truth = np.array(["n", "s"] * 8, dtype=object)
    who = np.array(["a"] * 10 + ["b"] * 6, dtype=object)
    sure = np.where(truth == "s", 0.9, 0.1)
    sure[-1] = 0.2
    found = person_scores(
        ClassPredictions(who, who, np.zeros(16, dtype=int), truth, np.stack([1 - sure, sure], axis=1), ("n", "s"))
    )
    assert [(row.person, row.right, row.samples) for row in found] == [("b", 5, 6), ("a", 10, 10)]
    # Clopper and Pearson for ten of ten: .025 ** (1 / 10).
    assert found[1].low == pytest.approx(0.025**0.1) and found[1].high == 1.0
    assert found[1].works and not found[0].works
    assert found[0].always == 0.5
