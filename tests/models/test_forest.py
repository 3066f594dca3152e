"""Forests as plain arrays: they answer as scikit-learn does, gaps included, and damaged ones are refused."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from mien.core.errors import InputError
from mien.models.forest import ForestClassifier, ForestRegressor
from mien.models.store import load_model, save_model


def data(rows: int = 150) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(rows, 6)).astype(np.float32)
    own = values[:, 0] + values[:, 1]
    values[rng.random(values.shape) < 0.1] = np.nan
    return values, own + rng.normal(size=rows)


def test_it_answers_as_scikit_learn_does_gaps_included(tmp_path: Path) -> None:
    values, y = data()
    classes = np.digitize(y, [-0.7, 0.7]).astype(str)
    fitted = ForestClassifier(n_trees=20, feature_fraction=0.5).fit(values, classes)
    count = {name: (classes == name).sum() for name in np.unique(classes)}
    weight = np.array([len(classes) / (len(count) * count[name]) for name in classes])
    same = RandomForestClassifier(20, min_samples_leaf=5, max_features=0.5, random_state=0)
    same.fit(values, classes, sample_weight=weight)
    assert np.allclose(fitted.model().means(values), same.predict_proba(values), atol=1e-6)
    save_model(fitted.model(), tmp_path)
    assert (load_model(tmp_path).predict(values) == fitted.predict_proba(values)).all()


@pytest.mark.parametrize("ratings", [1, 2])
def test_ratings_too(ratings: int) -> None:
    values, y = data()
    goal = np.stack([y, -2 * y], axis=1)[:, :ratings]
    fitted = ForestRegressor(n_trees=20, feature_fraction=0.5).fit(values, goal)
    same = RandomForestRegressor(20, min_samples_leaf=5, max_features=0.5, random_state=0)
    same.fit(values, goal[:, 0] if ratings == 1 else goal)
    assert np.allclose(fitted.predict(values), same.predict(values).reshape(len(y), -1), atol=1e-5)


@pytest.mark.parametrize("key, value", [("left", 0), ("right", 10**6), ("feature", 99), ("starts", 3)])
def test_nodes_that_form_no_trees_are_refused(key: str, value: int) -> None:
    values, y = data()
    fitted = ForestRegressor(n_trees=3).fit(values, y)
    fitted.arrays_[key] = fitted.arrays_[key].copy()
    fitted.arrays_[key][0] = value
    with pytest.raises(InputError, match="do not form trees"):
        fitted.model()
