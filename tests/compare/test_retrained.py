"""The chance of training: p of a comparison among those of people dealt at random, known answers and false alarms."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.populations_retrained import linear_study
from mien.compare.population_result import MODELS, OWN
from mien.compare.retrained import (
    RETRAINED_FILE,
    LookStatistics,
    RetrainedContrast,
    RetrainedLooks,
    chance_of_training,
)
from mien.core.errors import InputError


def apart(distance: float, t: float, mass: float) -> LookStatistics:
    return LookStatistics(distance, {"left cheek": t, "chin": t / 2}, (mass, -mass / 3))


def test_p_counts_the_true_division_and_what_could_not_be_compared() -> None:
    dealt = [apart(0.1 * i, float(i), 10.0 * i) for i in range(18)]
    found = chance_of_training(apart(0.55, -9.0, -1000.0), [*dealt, None])
    assert found.lacking == 1
    assert found.p_distance == pytest.approx((1 + 1 + 12) / 20)
    # By the largest region of each: 4.5 is exceeded by more of them than 9 is.
    assert found.p_regions == {"left cheek": pytest.approx((1 + 1 + 9) / 20), "chin": pytest.approx((1 + 1 + 13) / 20)}
    assert found.p_clusters == (pytest.approx(2 / 20), pytest.approx(2 / 20))


def test_nineteen_re_trainings_can_just_reach_a_twentieth() -> None:
    dealt = [apart(0.1, 1.0, 1.0)] * 19
    assert chance_of_training(apart(0.2, 2.0, 2.0), dealt).p_distance == pytest.approx(0.05)
    assert chance_of_training(apart(0.2, 2.0, 2.0), dealt[:18]).p_distance > 0.05


def test_what_is_written_is_read(tmp_path: Path) -> None:
    row = RetrainedContrast(
        "net", "smile", OWN, ("A", "A"), ("B", "B"), 19, 0, 0.3, 0.05, {"chin": 0.5}, (0.1,), (3, 4)
    )
    RetrainedLooks((row,), ("a note",)).write(tmp_path)
    assert RetrainedLooks.read(tmp_path) == RetrainedLooks((row,), ("a note",))
    assert RetrainedLooks.read(tmp_path / "none") == RetrainedLooks()
    (tmp_path / RETRAINED_FILE).write_text(json.dumps({"format": "something"}))
    with pytest.raises(InputError, match="run it again"):
        RetrainedLooks.read(tmp_path)


def test_one_population_is_taken_for_two_in_one_of_twenty_studies_and_a_planted_one_is_seen() -> None:
    rng = np.random.default_rng(0)
    studies = [linear_study(rng, 8) for _ in range(20)]
    null = [one[kind].chance for one in studies for kind in (OWN, MODELS)]
    assert sum(one.p_distance <= 0.05 for one in null) <= 6  # of 40, in pairs that hang together
    assert sum(min(one.p_clusters, default=1.0) <= 0.05 for one in null) <= 6
    # Seen in four of five studies of so many people; three of six without a difference: one time in 500.
    planted = [linear_study(rng, 10, eyes=(0.0, 1.0))[OWN].chance for _ in range(6)]
    assert sum(one.p_distance <= 0.05 for one in planted) >= 3
