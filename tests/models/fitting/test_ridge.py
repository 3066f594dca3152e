"""The closed form against scikit-learn's ridge, and against really leaving subjects out."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.linear_model import Ridge

from mien.models.fitting.ridge import factorise, held_out, of_one_size, ridge, solve

RNG = np.random.default_rng(0)
SAMPLES = 24
TARGETS = RNG.normal(size=(SAMPLES, 3))
WEIGHTS = RNG.uniform(0.3, 2, SAMPLES)
GROUPS = np.repeat(np.arange(6), 4)
PENALTIES = np.array([0.01, 0.5, 20.0])


@pytest.fixture(params=[8, 40], ids=["fewer features than samples", "more"])
def features(request):
    return RNG.normal(size=(SAMPLES, request.param)) + 3


def fitted(features, targets, weights, penalty):
    return Ridge(alpha=penalty).fit(features, targets, sample_weight=weights)


def multiples(features, weights):
    """``PENALTIES`` in units of the mean eigenvalue, which is the weighted total variance per sample."""
    centred = features - weights @ features / weights.sum()
    return PENALTIES / ((weights[:, None] * centred**2).sum() / SAMPLES)


@pytest.mark.parametrize("penalty", PENALTIES)
def test_one_factorisation_solves_every_penalty_as_scikit_learn_does(features, penalty):
    coefficients, intercept = solve(factorise(features, WEIGHTS), TARGETS, penalty)
    other = fitted(features, TARGETS, WEIGHTS, penalty)
    np.testing.assert_allclose(coefficients.T, other.coef_, atol=1e-8)
    np.testing.assert_allclose(intercept, other.intercept_, atol=1e-8)


@pytest.mark.parametrize("groups", [GROUPS, None], ids=["subjects", "samples"])
def test_held_out_answers_are_those_of_fits_without_the_group(features, groups):
    found = held_out(factorise(features, WEIGHTS), TARGETS, 0.5, [] if groups is None else of_one_size(groups))
    for group in np.arange(SAMPLES) if groups is None else np.unique(groups):
        own = np.arange(SAMPLES) == group if groups is None else groups == group
        other = fitted(features[~own], TARGETS[~own], WEIGHTS[~own], 0.5)
        np.testing.assert_allclose(found[own], other.predict(features[own]), atol=1e-7)


def test_the_chosen_penalty_has_the_least_error_on_subjects_left_out(features):
    errors = []
    for penalty in PENALTIES:
        wrong = np.zeros_like(TARGETS)
        for group in np.unique(GROUPS):
            own = group == GROUPS
            wrong[own] = fitted(features[~own], TARGETS[~own], WEIGHTS[~own], penalty).predict(features[own])
        errors.append(WEIGHTS @ ((wrong - TARGETS) ** 2).sum(1) / WEIGHTS.sum())
    found = ridge(features, TARGETS, WEIGHTS, groups=GROUPS, multiples=multiples(features, WEIGHTS))
    np.testing.assert_allclose(found.errors, errors, rtol=1e-6)
    assert found.penalty == pytest.approx(PENALTIES[np.argmin(errors)])


def test_without_subjects_the_error_is_that_of_generalised_cross_validation(features):
    found = ridge(features, TARGETS, np.ones(SAMPLES), multiples=multiples(features, np.ones(SAMPLES)))
    for penalty, error in zip(PENALTIES, found.errors, strict=True):
        centred = features - features.mean(0)
        hat = centred @ np.linalg.solve(centred.T @ centred + penalty * np.eye(features.shape[1]), centred.T) + 1 / 24
        wrong = TARGETS - hat @ TARGETS
        expected = (wrong**2).sum() / SAMPLES / (1 - np.trace(hat) / SAMPLES) ** 2
        assert error == pytest.approx(expected, rel=1e-6)
