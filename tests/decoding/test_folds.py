"""Folds leave out runs, viewers or stretches with a gap; whatever would leak is refused and says why."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.decoding.folds import folds_of, inner_groups
from mien.decoding.rows import DecodedRows


def rows(runs, viewers=("",), length=20, own_labels=False):
    rng = np.random.default_rng(0)
    keys = [(viewer, run) for viewer in viewers for run in runs]
    shared = {run: rng.integers(0, 2, length).astype(float) for run in runs}
    told = [rng.integers(0, 2, length).astype(float) if own_labels else shared[run] for _, run in keys]
    many = length * len(keys)
    return DecodedRows(
        np.zeros((many, 2)), np.concatenate(told), np.repeat([run for _, run in keys], length).astype(object),
        np.repeat([viewer for viewer, _ in keys], length).astype(object), np.tile(np.arange(length) * 2.0, len(keys)),
        np.full(many, 2.0), ("a", "b"),
    )  # fmt: skip


def test_each_run_of_each_viewer_is_left_out_once_and_trained_on_that_viewer_alone():
    made = rows(["1", "2", "3"], ["a", "b"])
    folds = folds_of(made, "run", 10.0)
    assert [(fold.viewer, fold.name) for fold in folds] == [(v, r) for v in "ab" for r in "123"]
    for fold in folds:
        assert set(made.viewer[fold.train]) == {fold.viewer} and fold.name not in made.run[fold.train]
    assert sorted(np.concatenate([fold.test for fold in folds])) == list(range(len(made)))


def test_viewers_with_labels_of_their_own_are_left_out_whole():
    made = rows(["1"], ["a", "b", "c"], own_labels=True)
    assert [set(made.viewer[fold.train]) for fold in folds_of(made, "viewer", 0.0)] == [
        {"b", "c"}, {"a", "c"}, {"a", "b"}
    ]  # fmt: skip


def test_of_viewers_who_saw_the_same_neither_the_viewer_nor_the_run_is_trained_on():
    made = rows(["1", "2"], ["a", "b", "c"])
    for fold in folds_of(made, "viewer", 0.0):
        assert fold.viewer not in made.viewer[fold.train] and fold.name not in made.run[fold.train]
    with pytest.raises(InputError, match=r"one run with the same labels.*moments of the run"):
        folds_of(rows(["1"], ["a", "b", "c"]), "viewer", 0.0)


def test_stretches_keep_the_gap():
    made = rows(["1"], length=100)
    folds = folds_of(made, "stretch", 10.0)
    assert len(folds) == 5
    for fold in folds:
        begin, end = made.time_s[fold.test].min(), made.time_s[fold.test].max() + 2
        near = made.time_s[fold.train]
        assert ((near + 2 <= begin - 10) | (near >= end + 10)).all()


@pytest.mark.parametrize(
    ("made", "leave_out", "message"),
    [
        (rows(["1"]), "run", "one run only.*stretch"),
        (rows(["1", "2"], ["a", "b"]), "viewer", "three or more"),
        (rows(["1", "2"]), "shuffled", "Neighbouring volumes resemble each other"),
        (rows(["1", "2"]), "odd", "run, viewer or stretch"),
    ],
)
def test_what_would_leak_or_cannot_be_left_out_is_refused(made, leave_out, message):
    with pytest.raises(InputError, match=message):
        folds_of(made, leave_out, 10.0)


def test_nested_groups_are_whole_training_runs():
    made = rows([str(number) for number in range(8)])
    fold = folds_of(made, "run", 10.0)[0]
    groups = inner_groups(made, fold.train, "run")
    assert len(set(groups)) == 5
    assert all(len(set(groups[made.run[fold.train] == run])) == 1 for run in "1234567")
