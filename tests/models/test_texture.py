"""Hand-made features as models: stored and read back, mirror partners, known answers, scikit-learn as reference."""

import cv2
import numpy as np
import pytest
from sklearn.svm import SVR

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.explain.explain import explain
from mien.features.texture import DEFAULTS, _names, oriented_gradients
from mien.learn.evaluate import evaluate
from mien.learn.train import train
from mien.models.maker import parsed
from mien.models.store import load_model, save_model
from mien.models.texture import TextureClassifier, TextureRegressor, block_sizes, mirror_partners

NAMES = _names(DEFAULTS)
RNG = np.random.default_rng(0)


@pytest.fixture
def features():
    values = RNG.random((90, len(NAMES)))
    ratings = np.stack([values[:, :6].sum(1), values[:, 200:206].sum(1) * 10 + 50], 1)
    return values, ratings, np.arange(90).astype(str)


def test_blocks_and_mirror_partners():
    assert block_sizes(NAMES, len(NAMES)) == (96, 26, 512) and block_sizes((), 7) == (7,)
    partner = mirror_partners(NAMES, len(NAMES))
    assert (partner[partner] == np.arange(len(NAMES))).all() and (partner[:122] == np.arange(122)).all()
    picture = cv2.GaussianBlur(RNG.random((128, 128)), (0, 0), 3)
    edges, mirrored = (oriented_gradients(p).ravel() for p in (picture, picture[:, ::-1]))
    # But for the outermost cells, whose outermost pixels have no direction to either side.
    inner = np.zeros((8, 8, 8), bool)
    inner[1:-1, 1:-1] = True
    np.testing.assert_allclose(edges[partner[122:] - 122][inner.ravel()], mirrored[inner.ravel()], atol=1e-9)


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_the_stored_model_says_what_the_fitted_one_says(features, kernel, tmp_path):
    values, y, people = features
    fitted = TextureRegressor(feature_names=NAMES, kernel=kernel, costs=(1.0,)).fit(values, y, people)
    model = fitted.model(classes=("a", "b"), recipe={"name": "texture"})
    save_model(model, tmp_path)
    stored = load_model(tmp_path)
    np.testing.assert_allclose(stored.predict(values), fitted.predict(values), rtol=1e-5)
    # The module that is explained is the model, up to single precision.
    np.testing.assert_allclose(stored.scores(values), fitted.predict(values), rtol=2e-4, atol=2e-3)
    # A face and its mirror image are rated alike.
    mirrored = values[:, mirror_partners(NAMES, len(NAMES))]
    np.testing.assert_allclose(stored.predict(mirrored), stored.predict(values), rtol=1e-6)


def test_support_vectors_are_those_of_scikit_learn(features):
    values, y, people = features
    names = ("",) * values.shape[1]
    fitted = TextureRegressor(feature_names=names, kernel="rbf", mirror=False, costs=(3.0,)).fit(values, y, people)
    centre, scale = values.mean(0), values.std(0) + 1e-3
    seen = (values - centre) / scale / np.sqrt(values.shape[1])
    spread = y[:, 1].std()
    peer = SVR(C=3.0, epsilon=0.1, gamma=1 / seen.var(0).sum()).fit(seen, (y[:, 1] - y[:, 1].mean()) / spread)
    np.testing.assert_allclose(fitted.predict(values)[:, 1], peer.predict(seen) * spread + y[:, 1].mean(), rtol=1e-3)


def test_evidence_of_the_kernel_model_sums_to_its_output(features):
    values, y, people = features
    fitted = TextureRegressor(feature_names=NAMES, kernel="rbf", costs=(1.0,)).fit(values, y, people)
    model = fitted.model(classes=("a", "b"), recipe={"name": "texture"}, name="texture", target="a, b")
    found = explain(model, values[:3].astype(np.float32), target="a", baselines="mean", n_steps=64,
                    names=NAMES)  # fmt: skip
    np.testing.assert_allclose(found.gap, 0, atol=1e-3)


def test_classes_and_ratings_are_learnt_from_colour():
    rng = np.random.default_rng(1)
    values = rng.random((60, len(NAMES)))
    y = np.tile(["dark", "light"], 30)
    values[y == "light", :8] += 1
    fitted = TextureClassifier(feature_names=NAMES).fit(values[:40], y[:40], np.arange(40))
    assert (fitted.predict(values[40:]) == y[40:]).all()
    np.testing.assert_allclose(fitted.predict_proba(values).sum(1), 1)


def test_training_by_name_on_pictures(tmp_path):
    """Faces whose brightness is their rating."""
    rng = np.random.default_rng(2)
    bright = rng.uniform(60, 200, 24)
    paths = np.array([f"{i}.png" for i in range(24)], dtype=object)
    for path, level in zip(paths, bright, strict=True):
        cv2.imwrite(str(tmp_path / path), np.clip(rng.normal(level, 40, (160, 160, 3)), 0, 255).astype(np.uint8))
    points = rng.uniform(50, 110, (1, 68, 3)) + rng.normal(0, 0.01, (24, 68, 3))
    points[:, [36, 39, 42, 45], :2] = [(60, 70), (72, 70), (88, 70), (100, 70)]
    faces = Faces.build(24, topology="ibug-68", source=paths, landmarks_px=points, track=np.zeros(24))
    samples = Samples(path=paths, subject=paths, ratings={"bright": bright, "noise": rng.random(24)}, root=tmp_path)
    found = train(samples, target="all", model="texture", faces=faces, n_folds=4, ceiling={"bright": 0.99})
    scores = found.evaluation.per_rating
    assert scores["bright"]["pearson"].value > 0.9 > abs(scores["noise"]["pearson"].value)
    assert list(found.evaluation.to_json()["ceilings"]) == ["bright"]
    # A stored model on other faces, with how far people agree beside it.
    known = train(samples[:16], target="all", model="texture", faces=faces, evaluate=False).model
    told = evaluate(known, samples[16:], faces=faces, ceiling={"bright": 0.8}).to_json()["ceilings"]["bright"]
    assert told["value"] == 0.8 and told["share"] > 1


def test_wrong_input_is_told_in_a_sentence(features):
    values, y, people = features
    with pytest.raises(InputError, match="kernel is one of linear, rbf"):
        TextureRegressor(kernel="poly").fit(values, y, people)
    with pytest.raises(InputError, match="needs \\(samples, 634\\) values"):
        TextureRegressor(feature_names=NAMES).fit(values[:, :5], y, people)
    with pytest.raises(InputError, match="finite"):
        TextureRegressor(kernel="rbf").fit(values, y * np.nan, people)
    assert parsed("texture", ["bins=16"]) == ({"bins": 16}, {})
