"""Pooled predictions of cross-validated models: noise scores chance, one model is left as it is."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.learn.predictions import RatingPredictions
from mien.stats.pooling import Frame, frame_of_folds, units
from mien.stats.regression_scores import regression_scores

sklearn = pytest.importorskip("sklearn.linear_model")


class Penalised:
    """Ridge regression with a fixed penalty; least squares at 0."""

    def __init__(self, penalty):
        self.penalty = penalty

    def fit(self, x, y):
        self.mean, self.level = x.mean(0), y.mean()
        away = x - self.mean
        self.slope = np.linalg.solve(away.T @ away + self.penalty * np.eye(x.shape[1]), away.T @ (y - self.level))
        return self

    def predict(self, x):
        return self.level + (x - self.mean) @ self.slope


class Chosen(Penalised):
    """Ridge regression that chooses its penalty by leaving out each sample, as scikit-learn's RidgeCV, but sooner."""

    def __init__(self, penalties=(0.1, 1, 10, 100, 1000)):
        self.penalties = penalties

    def fit(self, x, y):
        u, size, _ = np.linalg.svd(x - x.mean(0), full_matrices=False)
        along = u.T @ (y - y.mean())

        def left_out(penalty):
            shrink = size**2 / (size**2 + penalty)
            return np.mean(((y - y.mean() - u @ (shrink * along)) / (1 - 1 / len(y) - u**2 @ shrink)) ** 2)

        self.penalty = min(self.penalties, key=left_out)
        return super().fit(x, y)


def test_the_penalty_is_chosen_as_scikit_learn_chooses_it():
    rng = np.random.default_rng(0)
    for link in np.linspace(0, 1, 30):
        x = rng.normal(size=(20, 8))
        y = link * x[:, 0] + rng.normal(size=20)
        own, theirs = Chosen().fit(x, y), sklearn.RidgeCV((0.1, 1, 10, 100, 1000)).fit(x, y)
        assert own.penalty == theirs.alpha_
        np.testing.assert_allclose(own.predict(x), theirs.predict(x))


def cross_validated(rng, count, folds, link=0.0, make=None):
    """Predictions of a ridge regression whose penalty every fold chooses, one sample per person."""
    x = rng.normal(size=(count, 8))
    y = link * x[:, 0] + np.sqrt(1 - link**2) * rng.normal(size=count)
    fold = rng.permutation(count) % folds
    p, level, spread = np.empty((3, count))
    for number in range(folds):
        test = fold == number
        model = (make or Chosen)().fit(x[~test], y[~test])
        seen = model.predict(x[~test])
        p[test], level[test], spread[test] = model.predict(x[test]), seen.mean(), seen.std()
    who = np.arange(count).astype(str)
    return RatingPredictions(who, who, fold, y[:, None], p[:, None], ("r",), level[:, None], spread[:, None])


@pytest.mark.parametrize(("count", "folds"), [(20, 20), (20, 10), (60, 10)])
def test_noise_correlates_with_nothing_on_average(count, folds):
    rng, plain, found = np.random.default_rng(0), [], []
    for _ in range(150):
        p = cross_validated(rng, count, folds)
        scores = regression_scores(
            p.truth[:, 0], p.predicted[:, 0], p.subject, frame=p.frame.column(0), n_permutations=0
        )
        plain.append(np.corrcoef(p.truth[:, 0], p.predicted[:, 0])[0, 1])
        found.append([scores[name].value for name in ("pearson", "spearman", "concordance")])
    # .02, and two standard errors of 150 draws.
    allowed = 0.02 + 2 * np.std(found, axis=0) / np.sqrt(150)
    assert np.mean(plain) < -0.1 and (np.abs(np.mean(found, axis=0)) <= allowed).all()


@pytest.mark.parametrize("penalty", [0.0, 10.0])
def test_few_people_and_models_that_overfit_correlate_with_nothing_either(penalty):
    rng, old, found = np.random.default_rng(3), [], []
    for _ in range(800):
        p = cross_validated(rng, 20, 10, make=lambda: Penalised(penalty))
        training_only = Frame(p.truth, p.level, p.spread).column(0).pooled(p.predicted[:, 0])
        old.append(np.corrcoef(training_only, p.truth[:, 0])[0, 1])
        found.append(np.corrcoef(p.pooled[:, 0], p.truth[:, 0])[0, 1])
    # Training spreads alone lie higher, and the two are close in every study.
    lowered = np.subtract(old, found)
    assert lowered.mean() > 0.005 + 2 * lowered.std() / np.sqrt(800)
    assert abs(np.mean(found)) <= 0.02 + 2 * np.std(found) / np.sqrt(800)


def test_units_follow_the_scale_of_the_predictions_and_nothing_else():
    rng = np.random.default_rng(0)
    y, p = rng.normal(size=(2, 40, 1))
    level, spread, fold = np.full((40, 1), 0.2), rng.uniform(1, 2, (4, 1))[np.arange(40) % 4], np.arange(40) % 4
    who = fold.astype(str)
    one = RatingPredictions(who, who, fold, y, p, ("r",), level, spread)
    other = RatingPredictions(who, who, fold, y, 3 * p + 1, ("r",), 3 * level + 1, 3 * spread)
    np.testing.assert_allclose(other.pooled, 3 * one.pooled + 1)
    # 10 samples of the test fold, and the training spread like 2 more.
    own = (((p - 0.2)[fold == 1] ** 2).sum() + 2 * spread[1, 0] ** 2) / 12
    assert units(p, level, spread, fold)[1, 0] == pytest.approx(np.sqrt(own))
    assert not units(p, level, np.zeros_like(p), fold).any()


def test_the_training_mean_itself_has_no_skill():
    y, fold = np.random.default_rng(0).normal(5, 1, 30), np.arange(30)
    frame = frame_of_folds(y, fold)
    assert frame.reference[0] == pytest.approx(y[1:].mean())
    found = regression_scores(y, frame.reference, fold.astype(str), frame=frame, n_permutations=99)
    assert np.corrcoef(y, frame.reference)[0, 1] == pytest.approx(-1)
    assert [found[name].value for name in ("pearson", "spearman", "concordance", "r2")] == pytest.approx(
        [0] * 4, abs=1e-9
    )
    assert found["rmse"].value == pytest.approx(found["rmse"].chance)


def test_a_constant_has_no_skill_whatever_the_folds():
    y, fold = np.random.default_rng(0).normal(5, 1, 30), np.arange(30)
    found = regression_scores(y, np.full(30, 4.3), fold.astype(str), frame=frame_of_folds(y, fold), n_permutations=99)
    assert found["pearson"].value == found["spearman"].value == 0
    assert found["concordance"].value == pytest.approx(0, abs=1e-9)


def test_predictions_of_one_model_are_taken_as_they_are():
    rng = np.random.default_rng(0)
    y, p = rng.normal(size=(2, 40))
    who = np.arange(40).astype(str)
    one = RatingPredictions(who, who, np.zeros(40, int), y[:, None], p[:, None], ("r",))
    assert one.frame is None and one.pooled is one.predicted
    same = Frame(np.zeros(40), np.full(40, 3.0), np.full(40, 2.0))
    np.testing.assert_allclose(same.pooled(p), p)


def test_frames_of_other_shapes_are_refused():
    with pytest.raises(InputError, match="one shape"):
        Frame(np.zeros(3), np.zeros(3), np.zeros(2))
    with pytest.raises(InputError, match="frame has shape"):
        regression_scores(
            np.arange(4.0), np.arange(4.0), list("abcd"), frame=frame_of_folds(np.arange(3.0), np.arange(3))
        )
