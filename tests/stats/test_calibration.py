"""Calibration against scikit-learn and cases whose answer is known."""

import json

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.stats.calibration import calibration


def test_bins_and_error_by_hand():
    # Confidences .9 .9 (one right), .6 .6 (both right): |.5 - .9| / 2 + |1 - .6| / 2 = .4
    p = [[0.9, 0.1], [0.1, 0.9], [0.6, 0.4], [0.4, 0.6]]
    result = calibration(["a", "a", "a", "b"], p, ["a", "b"], n_bins=5)
    assert result.count.tolist() == [0, 0, 2, 0, 2]
    assert result.confidence[[2, 4]] == pytest.approx([0.6, 0.9])
    assert result.accuracy[[2, 4]].tolist() == [1, 0.5]
    assert np.isnan(result.accuracy[0])
    assert result.expected_calibration_error == pytest.approx(0.4)
    # (.1² + .9² + .4² + .4²) / 4, twice for the two classes.
    assert result.brier == pytest.approx(2 * (0.01 + 0.81 + 0.16 + 0.16) / 4)


def test_brier_is_twice_that_of_scikit_learn_for_two_classes():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    p = rng.random(100)
    y = rng.random(100) < 0.4
    ours = calibration(np.where(y, "yes", "no"), np.stack([1 - p, p], 1), ["no", "yes"])
    assert ours.brier == pytest.approx(2 * metrics.brier_score_loss(y, p))


def test_probabilities_that_mean_what_they_say_have_almost_no_error():
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(3), size=40_000)
    y = (rng.random((40_000, 1)) > p.cumsum(1)).sum(1)
    honest = calibration(y, p, [0, 1, 2]).expected_calibration_error
    boastful = p**3 / (p**3).sum(1, keepdims=True)
    assert honest < 0.01
    assert calibration(y, boastful, [0, 1, 2]).expected_calibration_error > 0.1


def test_json_holds_no_nan():
    value = calibration(["a"], [[1.0, 0.0]], ["a", "b"]).to_json()
    assert json.loads(json.dumps(value, allow_nan=False))["accuracy"] == [None] * 9 + [1.0]


@pytest.mark.parametrize("p", [[[2.0, -1.0]], [[0.5, 0.2]], [[np.nan, 1.0]], [[1.0]]])
def test_what_is_no_probability_is_refused(p):
    with pytest.raises(InputError, match=r"[Pp]robabilities"):
        calibration(["a"], p, ["a", "b"])
