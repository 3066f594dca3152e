"""Folds never share a subject, whatever the data look like."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.stats.folds import subject_folds

SCHEMES = ["stratified", "grouped", "leave-one-subject-out"]


def random_study(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Uneven numbers of samples per subject and of samples per class; every class is shown by several people."""
    rng = np.random.default_rng(seed)
    n_subjects = int(rng.integers(12, 40))
    subjects = rng.choice([f"P{i}" for i in range(n_subjects)], size=int(rng.integers(120, 300)))
    classes = [f"c{i}" for i in range(int(rng.integers(2, 5)))]
    share = rng.dirichlet(np.full(len(classes), 5.0))
    return subjects, rng.choice(classes, size=len(subjects), p=share)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("seed", range(12))
def test_no_subject_is_shared_and_every_sample_is_tested_exactly_once(scheme, seed):
    subjects, y = random_study(seed)
    n_folds = 2 + seed % 9
    folds = subject_folds(subjects, y, scheme=scheme, n_folds=n_folds, seed=seed)
    assert len(folds) == (len(set(subjects)) if scheme == "leave-one-subject-out" else n_folds)
    tested = np.concatenate([test for _, test in folds])
    assert sorted(tested) == list(range(len(subjects)))
    for train, test in folds:
        assert len(test) > 0
        assert not set(subjects[train]) & set(subjects[test])
        assert sorted([*train, *test]) == list(range(len(subjects)))
        assert set(y[train]) == set(y)


@pytest.mark.parametrize("scheme", ["stratified", "grouped"])
def test_the_seed_decides_the_folds(scheme):
    subjects, y = random_study(3)
    one, again, other = (subject_folds(subjects, y, scheme=scheme, n_folds=5, seed=s) for s in (1, 1, 2))
    assert all((a[1] == b[1]).all() for a, b in zip(one, again, strict=True))
    assert any(list(a[1]) != list(b[1]) for a, b in zip(one, other, strict=True))


def test_leave_one_subject_out_tests_each_subject_alone():
    folds = subject_folds(["b", "a", "b", "c"], scheme="leave-one-subject-out")
    assert [list(test) for _, test in folds] == [[1], [0, 2], [3]]


def test_stratified_folds_spread_classes_of_whole_subjects_evenly():
    # 40 patients and 20 controls, one class each: ten folds can hold exactly 4 and 2.
    subjects = np.array([f"P{i}" for i in range(60)])
    y = np.array(["patient"] * 40 + ["control"] * 20)
    for _, test in subject_folds(subjects, y, n_folds=10, seed=5):
        assert sorted(y[test]) == ["control"] * 2 + ["patient"] * 4


def test_stratified_folds_are_about_as_even_as_those_of_scikit_learn():
    model_selection = pytest.importorskip("sklearn.model_selection")

    def unevenness(folds, y):
        shares = [[(y[test] == c).sum() / (y == c).sum() for c in np.unique(y)] for _, test in folds]
        return np.std(shares, axis=0).mean()

    ours, theirs = [], []
    for seed in range(40):
        subjects, y = random_study(seed)
        reference = model_selection.StratifiedGroupKFold(5, shuffle=True, random_state=seed)
        ours.append(unevenness(subject_folds(subjects, y, n_folds=5, seed=seed), y))
        theirs.append(unevenness(list(reference.split(y, y, subjects)), y))
    assert np.mean(ours) <= 1.1 * np.mean(theirs)


def test_grouped_folds_balance_the_number_of_samples():
    subjects = np.repeat([f"P{i}" for i in range(20)], np.arange(1, 21))
    sizes = [len(test) for _, test in subject_folds(subjects, scheme="grouped", n_folds=5)]
    assert max(sizes) - min(sizes) <= 2


def test_no_fold_is_empty_even_beside_a_giant_subject():
    subjects = ["giant"] * 100 + ["a", "b", "c"]
    y = ["x", "y"] * 50 + ["x", "y", "x"]
    for scheme in ("stratified", "grouped"):
        assert all(len(test) for _, test in subject_folds(subjects, y, scheme=scheme, n_folds=4))


@pytest.mark.parametrize(
    ("subjects", "y", "settings", "words"),
    [
        (["a", "a"], ["x", "y"], {}, "one subject ('a')"),
        (["a", "b"], ["x", "x"], {"n_folds": 2}, "all samples have the class 'x'"),
        (["a", "b"], ["x", "y"], {"n_folds": 3}, "3 folds need as many subjects, but there are 2"),
        (["a", "b"], ["x", "y"], {"n_folds": 1}, "at least 2 folds"),
        (["a", "b"], None, {"n_folds": 2}, "'stratified' needs the class"),
        (["a", "b"], ["x", ""], {"n_folds": 2}, "1 samples have no label"),
        (["a", "b"], ["x"], {"n_folds": 2}, "2 subjects"),
        (["a", "", "b"], ["x", "y", "x"], {"n_folds": 2}, "Sample 2 has no subject"),
        (["a", "b"], [0.1, 0.2], {"n_folds": 2}, "numbers, not classes"),
        (["a", "b"], ["x", "y"], {"scheme": "random"}, "but got 'random'"),
        ([], [], {}, "no samples"),
        (["a", "b"], ["x", "y"], {"seed": -1}, "seed is a whole number from 0"),
        (["a", "b", "c"], ["x", "y", "x"], {"n_folds": 2}, "only one subject ('b') shows the class 'y'"),
    ],
)
def test_what_cannot_be_split_is_refused_with_the_reason(subjects, y, settings, words):
    with pytest.raises(InputError) as refusal:
        subject_folds(subjects, y, **settings)
    assert words in str(refusal.value)
