"""Folds that share people on purpose never share a recording, and every class of a person stays in training."""

from collections.abc import Sequence

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.stats.recording_folds import recording_folds


def cohort(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """People with two to six recordings of each class that they show, each of one to four samples."""
    rows = []
    for person in range(int(rng.integers(2, 7))):
        for label in rng.permutation(["anger", "joy", "neutral"])[: rng.integers(2, 4)]:
            for take in range(int(rng.integers(2, 7))):
                rows += [(f"p{person}", f"p{person}-{label}-{take}", label)] * int(rng.integers(1, 5))
    order = rng.permutation(len(rows))
    columns = [np.array([rows[i][j] for i in order], dtype=object) for j in range(3)]
    return columns[0], columns[1], columns[2]


@pytest.mark.parametrize("seed", range(20))
def test_a_class_is_always_learnt_from_other_recordings_of_the_same_person(seed: int) -> None:
    who, recording, y = cohort(np.random.default_rng(seed))
    folds = recording_folds(who, recording, y, n_folds=int(2 + seed % 5), seed=seed)
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(len(y)))
    for train, test in folds:
        assert not set(recording[train]) & set(recording[test])
        assert set(zip(who[test], y[test], strict=True)) <= set(zip(who[train], y[train], strict=True))


def test_sessions_that_hold_all_classes_stay_whole() -> None:
    who = np.repeat(["a", "b"], 12)
    recording = np.array([f"{w}-{i // 3 % 4}" for i, w in enumerate(who)], dtype=object)
    y = np.tile(["x", "y", "z"], 8)
    folds = recording_folds(who, recording, y, n_folds=4)
    assert [len(test) for _, test in folds] == [6, 6, 6, 6]
    assert all(not set(recording[train]) & set(recording[test]) for train, test in folds)


def test_no_more_folds_than_recordings_and_the_same_ones_for_the_same_seed() -> None:
    who, y = np.repeat(["a", "b"], 6), np.tile(["x", "y"], 6)
    takes = [f"{w}{i}" for i, w in enumerate(who)]
    once, again = (recording_folds(who, takes, y, n_folds=10, seed=3) for _ in range(2))
    assert len(once) == 3
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(once, again, strict=True))


@pytest.mark.parametrize(
    ("takes", "y", "words"),
    [
        (["1", "2", "3"], ["x", "x", "y"], "has one recording of the class 'y'"),
        (["1", "2", "3", "4"], ["x", "x", "x", "x"], "two classes"),
    ],
)
def test_what_cannot_be_learnt_from_another_recording_is_refused(
    takes: Sequence[str], y: Sequence[str], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        recording_folds(["a"] * len(y), takes, y)


def test_recordings_of_two_people_are_refused() -> None:
    with pytest.raises(InputError, match="two people"):
        recording_folds(["a", "b"] * 2, ["1"] * 4, ["x", "x", "y", "y"])
