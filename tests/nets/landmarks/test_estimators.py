"""Every landmark network: it learns, noise gives chance, mirror images, storage, and its evidence."""

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

import torch
from captum.attr import IntegratedGradients

from mien.core.topology import subset_name, topology
from mien.explain.explain import explain
from mien.features import compute
from mien.features.geometry import mirrored
from mien.models.landmark_nets.randomised import RANDOMISED, RandomisedClassifier, random_features
from mien.models.landmark_nets.trained import LandmarkNetClassifier
from mien.models.store import load_model, save_model
from mien.nets.landmarks import NETWORKS

torch.set_num_threads(1)
RECIPE = {"name": "displacement", "frames": 12, "align": "clip"}


def estimator(network, **settings):
    small = {"topology": "ibug-68", "network": network, "components": 16, "units": 8, "filters": 6, **settings}
    if network in RANDOMISED:
        return RandomisedClassifier(**{**small, "units": 40, "filters": 40})
    return LandmarkNetClassifier(**{"members": 1, "epochs": 15, "batch_size": 16, **small})


@pytest.fixture(scope="module")
def made():
    """Clips (values, labels, subjects) in which a mouth or the brows move; three networks' worth of people."""
    rng = np.random.default_rng(0)
    labels, subjects = np.tile(["brows", "rest", "smile"], 18), np.repeat([f"s{i}" for i in range(6)], 9)
    course = np.sin(np.linspace(0, np.pi, 12))[:, None]
    values = rng.normal(0, 0.01, (54, 12, 68, 2))
    extent = rng.uniform(0.7, 1.3, 54)
    for row, label in enumerate(labels):
        points = {"smile": [48, 54], "brows": list(range(17, 27)), "rest": []}[label]
        values[row, :, points, 1] -= 0.15 * extent[row] * course[:, 0]
    return values.astype(np.float32), labels, subjects


@pytest.mark.parametrize(
    ("network", "task"), [*((name, "one-vs-rest") for name in NETWORKS), ("mlp", "multiclass"), ("esn", "multiclass")]
)
def test_it_learns_a_planted_movement_of_people_it_has_not_seen(made, network, task):
    values, y, subjects = made
    test = np.isin(subjects, ["s0", "s1"])
    fitted = estimator(network, task=task).fit(values[~test], y[~test], groups=subjects[~test])
    assert (fitted.predict(values[test]) == y[test]).mean() >= 0.9
    p = fitted.predict_proba(values[test])
    np.testing.assert_allclose(p.sum(1), 1)
    assert p[np.arange(len(p)), np.searchsorted(fitted.classes_, y[test])].mean() > 0.5


@pytest.mark.parametrize("network", RANDOMISED)
def test_shuffled_labels_give_chance_on_other_people(made, network):
    values, y, subjects = made
    right, rng = [], np.random.default_rng(5)
    for _ in range(3):
        wrong = rng.permutation(y)
        for half in (subjects < "s3", subjects >= "s3"):
            fitted = estimator(network).fit(values[~half], wrong[~half], groups=subjects[~half])
            right.append(fitted.predict(values[half]) == wrong[half])
    # 162 guesses with a chance of 1/3 have a standard error of 0.037.
    assert abs(np.mean(right) - 1 / 3) < 0.13


@pytest.mark.parametrize("network", NETWORKS)
def test_evidence_is_complete_mirrors_and_is_that_of_captum_alone_and_in_batches(made, network):
    values, y, subjects = made
    settings = {} if network in RANDOMISED else {"epochs": 5}
    model = estimator(network, **settings).fit(values, y, groups=subjects).model()
    clips, base = values[:4], values[[4, 13]]
    evidence = explain(model, clips, target="smile", baselines=base)
    promised = evidence.output - explain(model, base, target="smile", baselines=base).output.mean()
    assert (np.abs(evidence.gap) <= 0.01 * np.abs(promised) + 1e-4).all()
    single = explain(model, clips, target="smile", baselines=base, batch_size=3)
    largest = np.abs(evidence.values).max()
    assert np.abs(single.values - evidence.values).max() <= 1e-5 * largest
    module, column = model.module(), model.classes.index("smile")
    plain, method = np.zeros_like(clips), IntegratedGradients(lambda x: module(x)[:, column])
    for one in base:
        against = torch.from_numpy(np.repeat(one[None], len(clips), 0))
        plain += method.attribute(torch.from_numpy(clips), against, n_steps=64).detach().numpy() / len(base)
    fixed = explain(model, clips, target="smile", baselines=base, n_steps=64)
    assert np.abs(fixed.values - plain).max() <= 1e-4 * largest
    # Of the points that a line needs without being asked, a fifth suffices for a hundredth of the largest value.
    assert np.abs(evidence.values - plain).max() <= 1e-2 * largest and evidence.columns["passes"].max() < 2 * 64
    turned = explain(model, mirrored(clips, "ibug-68"), target="smile", baselines=mirrored(base, "ibug-68"))
    # The product with the way turns x twice: mirrored evidence only swaps points.
    swapped = evidence.values[:, :, topology("ibug-68").mirror]
    assert np.abs(turned.values - swapped).max() <= 1e-3 * largest


@pytest.mark.parametrize("network", ["cnn", "lstm", "random-tcn", "rvfl"])
def test_permuting_the_points_permutes_the_evidence(made, network):
    values, y, subjects = made
    order = np.random.default_rng(0).permutation(68)
    found = []
    for clips in (values, values[:, :, order]):
        settings = {} if network in RANDOMISED else {"epochs": 5}
        model = estimator(network, topology="", **settings).fit(clips, y, groups=subjects).model()
        found.append(explain(model, clips[:3], target="smile", baselines="zero", n_steps=16).values)
    assert np.abs(found[0][:, :, order] - found[1]).max() <= 0.01 * np.abs(found[0]).max()


@pytest.mark.parametrize("network", NETWORKS)
def test_stored_and_loaded_it_is_the_same(made, network, tmp_path):
    values, y, subjects = made
    settings = {} if network in RANDOMISED else {"epochs": 2}
    fitted = estimator(network, **settings).fit(values, y, groups=subjects)
    model = fitted.model()
    save_model(model, tmp_path)
    loaded = load_model(tmp_path)
    assert np.array_equal(loaded.predict(values), model.predict(values))
    assert loaded.parameters == fitted.parameters_


def test_points_without_partners_are_not_mirrored(made):
    values, y, subjects = made
    kept = [17, 18, 30, 48, 54]
    fitted = estimator("random-tcn", topology=subset_name("ibug-68", kept)).fit(values[:, :, kept], y, groups=subjects)
    assert not fitted.mirror_ and not fitted.model().settings["mirror"]
    both = estimator("random-tcn", topology=subset_name("ibug-68", [17, 26, 30])).fit(values[:, :, [17, 26, 30]], y)
    assert both.mirror_


def test_a_padded_recipe_and_velocities_reach_the_network(make_clips):
    samples, faces = make_clips()
    y, subjects = samples.labels["expression"], samples.subject.astype(str)
    test = np.isin(subjects, ["s0", "s1"])
    for extra in ({"length": "pad", "frames": 20}, {"values": "both"}, {"reference": "subject"}):
        features = compute({**RECIPE, **extra}, samples, faces)
        fitted = estimator("random-tcn", feature_names=features.names).fit(
            features.values[~test], y[~test], groups=subjects[~test]
        )
        assert (fitted.predict(features.values[test]) == y[test]).mean() >= 0.7, extra  # chance is 1/3
        channels = features.names
        same = fitted.decision_function(mirrored(features.values[test], "ibug-68", channels))
        np.testing.assert_allclose(same, fitted.decision_function(features.values[test]), atol=2e-4)


def test_a_given_penalty_is_the_one_that_is_used_and_a_strong_one_weighs_by_covariance(made):
    values, y, subjects = made
    small = {"topology": "ibug-68", "network": "random-tcn", "filters": 40, "components": 16}
    by_penalty = {p: RandomisedClassifier(**small, penalty=p).fit(values, y, groups=subjects) for p in (1.0, 2.0, 1e5)}
    assert by_penalty[2.0].penalty_ == pytest.approx(2 * by_penalty[1.0].penalty_)
    # With a penalty above everything, ridge coefficients are the covariances of features and targets, but for a factor.
    strong = by_penalty[1e5]
    net = strong.model().module().net
    images, present, targets = strong._prepare(values, np.unique(y, return_inverse=True)[1])
    features = random_features(net, images, present)
    features = features / np.maximum(features.std(0), 1e-3 * features.std(0).mean())
    targets = targets.numpy().astype(float)
    weights = 1 / (targets @ targets.sum(0))
    weights /= weights.sum()
    covariance = (features - weights @ features).T @ ((targets - weights @ targets) * weights[:, None])
    spread = random_features(net, images, present).std(0)
    found = (net.weight.detach().numpy() * np.maximum(spread, 1e-3 * spread.mean())).T
    for label in range(targets.shape[1]):
        assert np.corrcoef(found[:, label], covariance[:, label])[0, 1] > 0.999


def test_copies_that_change_nothing_change_nothing_and_others_do(made):
    values, y, subjects = made
    small = {"topology": "ibug-68", "network": "rvfl", "units": 40, "components": 16, "windows": 3}
    same = {"trim": 0.0, "warp": 0.0, "amplitude": 0.0}
    # Twice the clips weigh twice as much against the penalty.
    plain = RandomisedClassifier(**small, penalty=1.0).fit(values, y, groups=subjects)
    doubled = RandomisedClassifier(**small, penalty=2.0, copies=1, **same).fit(values, y, groups=subjects)
    deformed = RandomisedClassifier(**small, penalty=2.0, copies=1).fit(values, y, groups=subjects)
    # Directions of the read-outs; their length is the slope of the logits.
    weights = [e.model().module().net.weight.detach().numpy().ravel() for e in (plain, doubled, deformed)]
    plain_, doubled_, deformed_ = (w / np.linalg.norm(w) for w in weights)
    np.testing.assert_allclose(doubled_, plain_, atol=1e-5)
    assert np.linalg.norm(deformed_ - doubled_) > 0.01
    # A subject's copies are left out together with the subject, so that held-out answers stay honest.
    np.testing.assert_allclose(doubled.held_out_[: len(y)], doubled.held_out_[len(y) :], atol=1e-6)
