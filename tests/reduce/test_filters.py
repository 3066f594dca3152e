"""Rankings without a network: known answers."""

import numpy as np
import pytest
from sklearn.metrics import mutual_info_score

from mien.reduce import filters


def test_variance_is_that_of_every_coordinate_over_clips_and_frames() -> None:
    values = np.random.default_rng(0).normal(size=(7, 5, 4, 2)) * np.array([1, 3, 2, 0.5])[:, None]
    expected = [np.var(values[:, :, p, 0]) + np.var(values[:, :, p, 1]) for p in range(4)]
    assert filters.variance(values, np.array(["a"] * 7)) == pytest.approx(expected)


def test_mutual_information_is_that_of_scikit_learn_on_equal_bins() -> None:
    rng = np.random.default_rng(1)
    y = np.array(["a", "b", "c"] * 16)
    values = rng.normal(size=(48, 1, 6, 2))
    values[y == "b", :, 3] += 2
    flat = values[:, 0]
    bins = flat.argsort(0).argsort(0) * filters.BINS // 48
    expected = [max(mutual_info_score(y, bins[:, p, k]) for k in range(2)) for p in range(6)]
    found = filters.mutual_information(values, y)
    assert found == pytest.approx(expected)
    assert found.argmax() == 3


def test_group_lasso_takes_orthogonal_landmarks_in_the_order_of_their_correlation() -> None:
    # With orthonormal columns a group enters when the penalty falls below the norm of its correlation with the class.
    rng = np.random.default_rng(2)
    y = np.array(["a", "b"] * 32)
    goal = np.where(y == "a", 1.0, -1.0)
    raw = np.column_stack([np.ones(64), rng.normal(size=(64, 10))])
    columns = np.linalg.qr(raw)[0][:, 1:] * 8
    strength = np.array([0.05, 0.6, 0.2, 0.9, 0.4])
    noise = columns.reshape(64, 5, 2)
    values = noise + strength[:, None] * goal[:, None, None]
    x = (values - values.mean(0)) / values.std(0)
    correlation = np.linalg.norm((x * goal[:, None, None]).mean(0), axis=1)
    found = filters.group_lasso(values[:, None], y)
    assert np.argsort(-found)[:2].tolist() == np.argsort(-correlation)[:2].tolist()
    assert found.argmax() == 3


@pytest.mark.parametrize("name", list(filters.RANKERS))
def test_permuting_landmarks_permutes_the_ranking(name: str, made) -> None:  # type: ignore[no-untyped-def]
    values, y, _ = made()
    order = np.random.default_rng(3).permutation(values.shape[2])
    found, permuted = filters.RANKERS[name](values, y), filters.RANKERS[name](values[:, :, order], y)
    assert permuted == pytest.approx(found[order], rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("name", ["mutual information", "group lasso"])
def test_the_planted_landmarks_come_first(name: str, made) -> None:  # type: ignore[no-untyped-def]
    values, y, _ = made(planted=(2, 5))
    assert set(np.argsort(-filters.RANKERS[name](values, y))[:2]) == {2, 5}


def test_still_pictures_have_one_summary() -> None:
    assert filters.summaries(np.zeros((3, 1, 5, 2))).shape == (3, 5, 2)
    assert filters.summaries(np.zeros((3, 4, 5, 2))).shape == (3, 5, 8)
