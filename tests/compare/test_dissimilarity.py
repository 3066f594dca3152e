"""Dissimilarities of a layer equal closed forms and rsatoolbox; crossvalidated ones are not raised by noise."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

pytest.importorskip("rsatoolbox")

from mien.compare.dissimilarity import crossnobis, dissimilarity
from mien.core.errors import InputError

X = np.random.default_rng(0).normal(size=(9, 30)) + 1


@pytest.mark.parametrize("measure", ["correlation", "cosine"])
def test_dissimilarities_equal_scipys(measure: str) -> None:
    np.testing.assert_allclose(dissimilarity(X, measure), squareform(pdist(X, measure)), atol=1e-12)


def test_dissimilarities_equal_rsatoolboxs() -> None:
    from rsatoolbox.data import Dataset
    from rsatoolbox.rdm import calc_rdm

    for measure in ("correlation", "euclidean"):
        theirs = calc_rdm(Dataset(X), method=measure).get_matrices()[0]
        np.testing.assert_allclose(dissimilarity(X, measure), theirs, atol=1e-12)


def test_a_constant_row_and_an_unknown_measure_are_sentences() -> None:
    flat = X.copy()
    flat[3] = 2
    with pytest.raises(InputError, match=r"Row 4 has one value in all features"):
        dissimilarity(flat)
    with pytest.raises(InputError, match=r"measured by correlation, euclidean, cosine, crossnobis, not by 'pearson'"):
        dissimilarity(X, "pearson")


def test_crossvalidated_distances_of_conditions_that_do_not_differ_are_zero_on_average() -> None:
    """With more features than measurements: noise that the means hold themselves would bias them."""
    rng = np.random.default_rng(1)
    condition, fold = np.repeat(["a", "b", "c"], 20), np.tile(np.repeat(["1", "2", "3", "4", "5"], 4), 3)
    upper = np.triu_indices(3, 1)
    means = [crossnobis(rng.normal(size=(60, 100)), condition, fold)[upper].mean() for _ in range(40)]
    assert abs(np.mean(means)) < 3 * np.std(means) / np.sqrt(len(means))


def test_a_crossvalidated_distance_is_the_planted_one() -> None:
    rng = np.random.default_rng(2)
    condition, fold = np.repeat(["a", "b"], 400), np.tile(np.repeat(["1", "2"], 200), 2)
    shift = np.zeros(10)
    shift[0] = 3
    values = rng.normal(size=(800, 10)) + np.outer(condition == "b", shift)
    # A difference of three standard deviations in one of ten features.
    assert crossnobis(values, condition, fold)[0, 1] == pytest.approx(0.9, abs=0.08)


def test_a_condition_that_is_missing_from_a_fold_is_named() -> None:
    with pytest.raises(InputError, match=r"'b' is not in '2'"):
        crossnobis(X[:4], ["a", "a", "b", "b"], ["1", "2", "1", "1"])
