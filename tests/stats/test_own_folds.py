"""Folds that a table names: nobody is in training and test at once, and every sample is tested where it says."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.stats.own_folds import own_folds

WHO = np.array(["a", "a", "b", "c", "d"])
FOLD = np.array(["2", "2", "10", "2", "1"])


def test_every_sample_is_tested_in_its_fold_by_people_of_the_others():
    found = own_folds(WHO, FOLD)
    assert sorted(FOLD[test[0]] for _, test in found) == ["1", "10", "2"]
    for train, test in found:
        assert len(set(FOLD[test])) == 1 and not set(WHO[train]) & set(WHO[test])
    assert sorted(np.concatenate([test for _, test in found])) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("folds", "y", "said"),
    [
        (["1", "2", "1", "1", "2"], None, "1 person of 4 would be in .*: 'a' is in the folds '1' and"),
        (["1", "1", "2", "", " "], None, "2 of 5 samples that can be used have no fold"),
        (["1"] * 5, None, "two at least, but all samples are in the fold '1'"),
        (["1", "1", "1", "2", "2"], ["x", "x", "y", "x", "x"], "Only the fold '1' holds the class 'y'"),
    ],
)  # fmt: skip
def test_what_cannot_be_tested_is_a_sentence(folds, y, said):
    with pytest.raises(InputError, match=said):
        own_folds(WHO, folds, y)
