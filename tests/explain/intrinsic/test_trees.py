"""Exact Shapley values of trees: against the definition, and for every kind of model that LightGBM has."""

import itertools
import math

import lightgbm
import numpy as np
import pytest

from mien.core.errors import InputError
from mien.explain.explain import explain, explain_all


def planted(rows: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Four features; the class depends on the first two and their product, not on the last."""
    values = np.random.default_rng(seed).normal(size=(rows, 4)).astype(np.float32)
    return values, values[:, 0] + values[:, 0] * values[:, 1] + 0.5 * values[:, 2] > 0


def expectation(node: dict, row: np.ndarray, known: set[int]) -> float:
    """Mean of a tree where only some features are known: both ways, by the training samples that went there."""
    if "leaf_value" in node:
        return float(node["leaf_value"])
    left, right = node["left_child"], node["right_child"]
    if node["split_feature"] in known:
        goes_left = row[node["split_feature"]] <= node["threshold"]
        return expectation(left if goes_left else right, row, known)
    counts = [child.get("internal_count", child.get("leaf_count")) for child in (left, right)]
    means = [expectation(child, row, known) for child in (left, right)]
    return (counts[0] * means[0] + counts[1] * means[1]) / sum(counts)


def shapley(booster, row: np.ndarray) -> np.ndarray:
    """Shapley values by their definition, over all subsets of features."""
    trees = [info["tree_structure"] for info in booster.dump_model()["tree_info"]]
    n = len(row)

    def worth(known: tuple[int, ...]) -> float:
        return sum(expectation(tree, row, set(known)) for tree in trees)

    result = np.zeros(n)
    for feature in range(n):
        others = [i for i in range(n) if i != feature]
        for size in range(n):
            share = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
            for known in itertools.combinations(others, size):
                result[feature] += share * (worth((*known, feature)) - worth(known))
    return result


@pytest.fixture(scope="module")
def booster():
    values, y = planted()
    given = {"objective": "binary", "num_leaves": 5, "verbosity": -1, "min_data_in_leaf": 10, "num_threads": 1}
    return lightgbm.train(given, lightgbm.Dataset(values, y.astype(int)), num_boost_round=3)


def test_the_values_are_the_shapley_values_of_the_trees(booster) -> None:
    values = planted(6, seed=1)[0]
    found = explain(booster, values, method="tree-shap")
    expected = np.array([shapley(booster, row.astype(float)) for row in values])
    assert np.abs(expected).max() > 0.05
    np.testing.assert_allclose(found.values, expected, atol=1e-6)
    np.testing.assert_allclose(found.gap, 0, atol=1e-6)
    np.testing.assert_allclose(found.values.sum(1) + found.columns["expected"], found.output, atol=1e-6)


def test_a_target_may_point_down_and_results_do_not_depend_on_batches(booster) -> None:
    values = planted(50, seed=2)[0]
    up = explain(booster, values, method="tree-shap", target="output")
    down = explain(booster, values, method="tree-shap", target="output:down", batch_size=7)
    np.testing.assert_array_equal(up.values, -down.values)
    alone = np.concatenate([explain(booster, values[i : i + 1], method="tree-shap").values for i in range(5)])
    np.testing.assert_array_equal(alone, up.values[:5])


def test_estimators_of_lightgbm_are_taken_as_they_are() -> None:
    values, y = planted()
    names = np.where(y, "smile", "rest")
    settings = {"n_estimators": 10, "num_leaves": 5, "verbosity": -1, "n_jobs": 1}
    two = lightgbm.LGBMClassifier(**settings).fit(values, names)
    both = explain_all(two, values[:20], method="tree-shap")
    assert list(both) == ["rest", "smile"]
    np.testing.assert_array_equal(both["rest"].values, -both["smile"].values)
    against = explain(two, values[:20], method="tree-shap", target="smile>rest")
    np.testing.assert_allclose(against.output, two.predict(values[:20], raw_score=True), rtol=1e-5)
    three = np.array(["a", "b", "c"])[np.digitize(values[:, 0], [-0.5, 0.5])]
    several = lightgbm.LGBMClassifier(**settings).fit(values, three)
    for name, found in explain_all(several, values[:20], method="tree-shap").items():
        raw = several.predict(values[:20], raw_score=True)[:, list(several.classes_).index(name)]
        np.testing.assert_allclose(found.values.sum(1) + found.columns["expected"], raw, atol=1e-5)
        assert np.abs(found.values[:, 0]).mean() > 3 * np.abs(found.values[:, 1:]).sum(1).mean()
    rated = lightgbm.LGBMRegressor(**settings).fit(values, values[:, 1] * 2)
    found = explain(rated, values[:20], method="tree-shap")
    np.testing.assert_allclose(found.output, rated.predict(values[:20]), rtol=1e-5)
    np.testing.assert_allclose(found.gap, 0, atol=1e-5)


@pytest.mark.parametrize("method", ["tree-shap", "kernel-shap"])
def test_two_classes_are_explained_in_whole_log_odds(method) -> None:
    """They were halves: values and base summed to half of the raw score of the class that was asked for."""
    values, y = planted()
    names = np.where(y, "smile", "rest")
    two = lightgbm.LGBMClassifier(n_estimators=10, num_leaves=5, verbosity=-1, n_jobs=1).fit(values, names)
    raw = two.predict(values[:9], raw_score=True)
    probability = two.predict_proba(values[:9])[:, list(two.classes_).index("smile")]
    np.testing.assert_allclose(np.log(probability / (1 - probability)), raw, rtol=1e-6)
    for target, sign in (("smile", 1), (None, 1), ("rest", -1), ("smile>rest", 1), (1, 1), ("smile:down", -1)):
        found = explain(two, values[:9], method=method, target=target, reference=values)
        np.testing.assert_allclose(found.output, sign * raw, rtol=1e-5)
        if method == "tree-shap":
            np.testing.assert_allclose(found.values.sum(1) + found.columns["expected"], sign * raw, atol=1e-5)
        np.testing.assert_allclose(found.gap, 0, atol=1e-5)
        assert found.settings["explained"] == "log-odds"
        assert str(found.target) == {None: "smile", 1: "smile"}.get(target, target)


def test_what_is_no_model_of_trees_is_refused() -> None:
    values, y = planted()
    with pytest.raises(InputError, match="not fitted yet"):
        explain(lightgbm.LGBMClassifier(), values, method="tree-shap")
    with pytest.raises(InputError, match="boosters and fitted estimators"):
        explain(lightgbm.Dataset(values), values, method="tree-shap")
    with pytest.raises(InputError, match="needs a LightGBM model, but the model's kind is 'callable'"):
        explain(lambda x: x[:, 0], values, method="tree-shap")
    with pytest.raises(InputError, match="'integrated-gradients' needs a torch module"):
        model = lightgbm.LGBMClassifier(n_estimators=2, verbosity=-1).fit(values, y)
        explain(model, values, method="integrated-gradients")
    linear = {"objective": "regression", "linear_tree": True, "verbosity": -1, "num_threads": 1}
    leaves = lightgbm.train(linear, lightgbm.Dataset(values, values[:, 0], params=linear), 2)
    with pytest.raises(InputError, match="LightGBM gives no Shapley values for this model"):
        explain(leaves, values, method="tree-shap")


@pytest.mark.parametrize("method", ["occlusion", "kernel-shap", "permutation-shap", "lime"])
def test_methods_that_only_need_scores_work_on_trees_too(method: str) -> None:
    values = planted()[0]
    rated = lightgbm.LGBMRegressor(n_estimators=60, num_leaves=15, verbosity=-1, n_jobs=1).fit(values, values[:, 1] * 2)
    found = explain(rated, values[:10], method=method, reference=values)
    assert found.ok.all()
    strongest = np.abs(found.values).argmax(axis=1)
    assert (strongest == 1).mean() >= 0.8, "only the second feature means anything"
