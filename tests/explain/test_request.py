"""Refusals name only methods that fit the model and the kind of input."""

import re

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.features import NAMED, PICTURE, SEQUENCE
from mien.explain.explain import explain
from mien.explain.methods import METHODS
from tests.explain.nets import Gap, linear, made

RNG = np.random.default_rng(9)
TABLE = RNG.normal(size=(4, 5)).astype(np.float32)
CLIPS = RNG.normal(size=(2, 4, 5, 2)).astype(np.float32)
PICTURES = RNG.normal(size=(2, 3, 16, 16)).astype(np.float32)


def listed(model, samples, method):
    with pytest.raises(InputError) as told:
        explain(model, samples, method=method)
    return set(re.search(r"For it mien has: (.*)\.$", str(told.value))[1].split(", "))


@pytest.mark.parametrize(
    ("model", "samples", "method", "space", "offers"),
    [
        (linear(np.ones((1, 5))), TABLE, "tree-shap", NAMED, {"gradients", "layers", "baselines"}),
        (linear(np.ones((1, 5))), TABLE, "grad-cam", NAMED, {"gradients", "layers", "baselines"}),
        (lambda x: x[:, 0], TABLE, "saliency", NAMED, {"baselines"}),
        (lambda x: x[:, 0, 0, 0], CLIPS, "deeplift", SEQUENCE, {"baselines"}),
        (made(Gap), PICTURES, "tree-shap", PICTURE, {"gradients", "layers", "baselines"}),
        (made(Gap), PICTURES, "attention", PICTURE, {"gradients", "layers", "baselines"}),
    ],
)
def test_only_methods_that_fit_are_listed(model, samples, method, space, offers):
    expected = {name for name, row in METHODS.items() if space in row.spaces and set(row.needs) <= offers}
    assert listed(model, samples, method) == expected
    assert ("grad-cam" in expected) == (space == PICTURE and "layers" in offers)


def test_a_model_of_mien_says_what_it_is_computed_for_before_faces_are_read(tmp_path):
    """Samples that do not exist: whoever read them would complain about that instead."""
    lightgbm = pytest.importorskip("lightgbm")
    from mien.models.trees.estimator import TreesClassifier

    assert lightgbm is not None
    values = RNG.normal(size=(60, 5)).astype(np.float32)
    model = TreesClassifier(n_trees=2).fit(values, np.where(values[:, 0] > 0, "a", "b")).model()
    found = listed(model, str(tmp_path / "nowhere.csv"), "integrated-gradients")
    assert "tree-shap" in found and "grad-cam" not in found and "occlusion" in found


def test_the_list_of_methods_words_values_for_each_kind_of_input():
    from mien.explain.listing import methods

    gives = {row["name"]: row["gives"] for row in methods()}
    assert (
        gives["saliency"]
        == "one value per pixel and channel / frame, point and coordinate / feature / step and channel"
    )
    assert gives["occlusion"] == "one value per pixel / point / feature"
    assert gives["grad-cam"] == "one value per pixel" and gives["guided-grad-cam"] == "one value per pixel and channel"
    assert gives["tree-shap"] == "one value per feature, completeness gap"


def test_the_method_that_is_meant_depends_on_the_kind_of_model():
    """In Python as on the command line."""
    lightgbm = pytest.importorskip("lightgbm")
    from sklearn.linear_model import LogisticRegression

    from mien.explain.explain import explain_all
    from mien.models.trees.estimator import TreesClassifier

    values = RNG.normal(size=(60, 5)).astype(np.float32)
    labels = np.where(values[:, 0] > 0, "a", "b")
    trees = lightgbm.LGBMClassifier(n_estimators=2, verbosity=-1).fit(values, labels)
    own = TreesClassifier(n_trees=2).fit(values, labels).model()
    for model, method in (
        (trees, "tree-shap"),
        (own, "tree-shap"),
        (LogisticRegression().fit(values, labels), "kernel-shap"),
        (linear(np.ones((1, 5))), "integrated-gradients"),
    ):
        assert explain(model, values[:3]).method == method
        assert {one.method for one in explain_all(model, values[:3]).values()} == {method}


def test_a_function_without_a_method_gets_one_that_needs_scores_only():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(12, 4))
    found = explain(lambda x: np.asarray(x)[:, 0] * 2.0, values)
    assert found.method == "kernel-shap"
    np.testing.assert_allclose(found.values[:, 0], 2 * (values[:, 0] - values[:, 0].mean()), atol=1e-4)
    pictures = rng.normal(size=(3, 3, 16, 16)).astype(np.float32)
    assert explain(lambda x: np.asarray(x).mean(axis=(1, 2, 3)), pictures, n_samples=200).ok.all()


def test_bound_methods_of_estimators_are_the_estimators_themselves():
    import lightgbm
    from sklearn.linear_model import LogisticRegression, Ridge

    rng = np.random.default_rng(1)
    values = rng.normal(size=(80, 3))
    names = np.where(values[:, 0] > 0, "smiling", "neutral")
    trees = lightgbm.LGBMClassifier(n_estimators=3, verbosity=-1).fit(values, names)
    for given in (trees.predict_proba, trees.booster_.predict):
        found = explain(given, values[:5])
        assert found.method == "tree-shap" and "raw score" in found.settings["notes"][0]
        np.testing.assert_array_equal(found.values, explain(given.__self__, values[:5]).values)
    # Whoever names a method asks about the probability, and gets that.
    asked = explain(trees.predict_proba, values[:5], method="kernel-shap", target=1, fill="zero")
    np.testing.assert_allclose(asked.output, trees.predict_proba(values[:5])[:, 1], atol=1e-6)
    logistic, ridge = LogisticRegression().fit(values, names), Ridge().fit(values, values[:, 0])
    found = explain(logistic.predict_proba, values[:5], target="smiling")
    assert found.method == "kernel-shap" and found.settings["explained"] == "probability"
    assert explain(ridge.predict, values[:5]).method == "kernel-shap"
    with pytest.raises(InputError, match="predict names a class"):
        explain(trees.predict, values[:5])
