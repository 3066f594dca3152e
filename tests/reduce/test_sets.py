"""Counts and sets of landmarks."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.topology import topology
from mien.reduce.sets import LandmarkUnits, anatomical_sets, counts_of, random_sets


def test_counts_fall_and_leave_out_all_landmarks() -> None:
    assert counts_of(None, 68) == (34, 26, 17, 8, 4)
    assert counts_of(None, 478) == (239, 179, 120, 60, 30)
    assert counts_of([4, 68, 17, 4], 68) == (17, 4)
    assert counts_of(None, 2) == (1,)


@pytest.mark.parametrize("wanted", [[0], [69], []])
def test_counts_that_cannot_be_kept_are_refused(wanted: list[int]) -> None:
    with pytest.raises(InputError, match="from 1 to 68 landmarks can be kept"):
        counts_of(wanted, 68)


def test_single_landmarks_are_ordered_by_importance_and_ties_by_index() -> None:
    units = LandmarkUnits.of(5, "", False)
    order = units.order(np.array([0.1, 0.5, 0.1, 0.9, 0.5]))
    assert order.tolist() == [3, 1, 4, 0, 2]
    assert units.take(order, 3).tolist() == [1, 3, 4]


def test_classes_choose_in_turns() -> None:
    units = LandmarkUnits.of(5, "", False)
    # The mean prefers 0, 1 and 2; the second class needs 4, and gets it in the first turn.
    importance = np.array([[0.5, 0.3, 0.2, 0.0, 0.0], [0.2, 0.2, 0.2, 0.1, 0.3]])
    assert units.order(importance)[:3].tolist() == [0, 4, 1]
    assert set(units.order(importance.mean(axis=0))[:3]) == {0, 1, 2}


def test_mirror_pairs_stay_together_and_fill_the_count() -> None:
    units, mirror = LandmarkUnits.of(68, "ibug-68", True), topology("ibug-68").mirror
    importance = np.random.default_rng(0).random(68)
    order = units.order(importance)
    assert sorted(order.tolist()) == list(range(68))
    for count in (2, 3, 17, 34):
        kept = set(units.take(order, count).tolist())
        assert len(kept) == count
        assert {int(mirror[point]) for point in kept} == kept


def test_pairs_need_known_partners() -> None:
    with pytest.raises(InputError, match="mirror partners are known"):
        LandmarkUnits.of(12, "", True)


def test_random_sets_depend_on_seed_count_and_number_only() -> None:
    units = LandmarkUnits.of(68, "", False)
    many, few = random_sets(units, (34, 17), 5, seed=3), random_sets(units, (17,), 3, seed=3)
    for draw in range(3):
        assert np.array_equal(many[17][draw], few[17][draw])
    assert len({tuple(points) for points in many[17]}) == 5
    drawn = np.bincount(np.concatenate(random_sets(units, (17,), 400, seed=0)[17]), minlength=68)
    # Every landmark is drawn 100 times on average, with a standard deviation of 8.7.
    assert drawn.min() > 65
    assert drawn.max() < 135


def test_anatomical_sets_follow_the_regions() -> None:
    sets = anatomical_sets("ibug-68")
    assert sets["mouth"].tolist() == list(range(48, 68))
    assert sets["brows"].tolist() == list(range(17, 27))
    assert sets["eyes"].tolist() == list(range(36, 48))
    assert len(anatomical_sets("mediapipe-478")["the 68 of 300-W"]) == 68
    assert anatomical_sets("") == {}
    assert set(anatomical_sets("ibug-68[48-67]")) == set()
