"""Medoids against brute force, and what the other baselines are."""

from itertools import combinations

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.explain.baselines import choose_baselines, medoids


def cost(values, chosen):
    return np.linalg.norm(values[:, None] - values[list(chosen)][None], axis=2).min(axis=1).sum()


@pytest.mark.parametrize("seed", range(5))
def test_medoids_are_as_good_as_trying_all_pairs(seed):
    values = np.random.default_rng(seed).normal(size=(18, 3))
    best = min(combinations(range(18), 2), key=lambda pair: cost(values, pair))
    assert cost(values, medoids(values, 2, scaled=False)) <= 1.001 * cost(values, best)


def test_one_medoid_is_the_row_with_the_least_distance_to_all_others():
    values = np.random.default_rng(0).normal(size=(30, 2, 5))
    flat = values.reshape(30, -1)
    total = np.linalg.norm(flat[:, None] - flat[None], axis=2).sum(axis=1)
    assert medoids(values, 1, scaled=False).tolist() == [total.argmin()]


def test_each_cluster_gives_one_medoid():
    centres = np.repeat(np.eye(5) * 100, 8, axis=0)
    values = centres + np.random.default_rng(1).normal(size=centres.shape)
    assert sorted(medoids(values, 5) // 8) == [0, 1, 2, 3, 4]


def test_units_do_not_decide_where_features_are_scaled():
    rng = np.random.default_rng(3)
    values = np.c_[np.repeat([0, 1], 20) + rng.normal(0, 0.05, 40), rng.normal(0, 1, 40)]
    loud = values * [1, 1000]
    assert medoids(values, 2).tolist() == medoids(loud, 2).tolist()


def test_copies_give_fewer_medoids():
    values = np.repeat([[0.0, 1.0], [2.0, 3.0]], 6, axis=0)
    assert len(medoids(values, 5)) == 2
    assert len(medoids(np.zeros((4, 2)), 5)) == 1


def test_large_references_are_thinned_by_the_seed():
    values = np.random.default_rng(3).normal(size=(2500, 2))
    assert medoids(values, 3, seed=1).tolist() == medoids(values, 3, seed=1).tolist()


def test_other_baselines_and_rows_that_cannot_serve():
    reference = np.arange(12, dtype=np.float32).reshape(4, 3)
    reference[1, 0] = np.nan
    labels = np.array(["a", "b", "a", "b"], dtype=object)
    np.testing.assert_allclose(choose_baselines("mean", reference).values[0], reference[[0, 2, 3]].mean(axis=0))
    assert (choose_baselines("zero", reference).values == 0).all()
    typical = choose_baselines("medoids:b", reference, labels=labels, ids=np.array(list("pqrs"), dtype=object))
    assert typical.record["baseline_samples"] == ["s"] and typical.record["reference_samples"] == 1
    with pytest.raises(InputError, match="no reference sample has finite values"):
        choose_baselines("medoids", np.full((2, 3), np.nan))
    with pytest.raises(InputError, match="must be finite"):
        choose_baselines(np.full(3, np.nan), reference)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [("medoids:", "a label has to follow"), ("zero:x", "zero has no label"), ("mean:a", "give 'mean' or 'medoids:a'")],
)
def test_an_empty_label_was_taken_for_no_label(wanted, said):
    with pytest.raises(InputError, match=said):
        choose_baselines(wanted, np.zeros((3, 2), np.float32), labels=np.array(["a", "b", "c"]))


def test_class_medoids_are_the_most_typical_of_every_label():
    rng = np.random.default_rng(2)
    labels = np.array(list("aabbbccc"), dtype=object)
    values = rng.normal(size=(8, 2)).astype(np.float32)
    found = choose_baselines("class-medoids", values, count=5, labels=labels, ids=np.arange(8))
    chosen = [int(row) for row in found.record["baseline_samples"]]
    assert [labels[row] for row in chosen] == ["a", "b", "c"]
    for label, row in zip("abc", chosen, strict=True):
        own = np.flatnonzero(labels == label)
        assert own[medoids(values[own], 1)[0]] == row
    with pytest.raises(InputError, match="have no labels"):
        choose_baselines("class-medoids", values)
