"""Trees: trained, stored without pickle, read and explained; the same seed gives the same trees."""

import json

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.explain.explain import explain
from mien.features import compute
from mien.learn.train import train
from mien.models.store import load_model, save_model
from mien.models.trees.estimator import TreesClassifier, TreesRegressor
from mien.models.trees.model import trees_of
from mien.models.trees.text import checked_trees


def planted(rows: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Four features; the class depends on the first two and their product, not on the last."""
    values = np.random.default_rng(seed).normal(size=(rows, 4)).astype(np.float32)
    return values, values[:, 0] + values[:, 0] * values[:, 1] + 0.5 * values[:, 2] > 0


def test_two_classes_share_the_log_odds() -> None:
    values, y = planted()
    model = TreesClassifier(n_trees=30).fit(values, np.where(y, "smile", "rest")).model(feature_names=tuple("wxyz"))
    raw = model.trees.booster.predict(values, raw_score=True)
    np.testing.assert_allclose(model.scores(values), np.stack([-raw / 2, raw / 2], axis=1))
    np.testing.assert_allclose(model.predict(values)[:, 1], model.trees.booster.predict(values))
    assert (model.predict_classes(values) == np.where(y, "smile", "rest")).mean() > 0.9


def test_the_same_seed_gives_the_same_trees_and_threads_do_not_matter() -> None:
    values, y = planted()
    texts = [
        TreesClassifier(n_trees=20, threads=t, seed=s).fit(values, y).model().text for t, s in ((1, 0), (2, 0), (1, 1))
    ]
    bare = [text.split("\nparameters:")[0] for text in texts]
    assert bare[0] == bare[1] != bare[2]


def test_mirrored_faces_get_the_same_answer() -> None:
    rng = np.random.default_rng(0)
    values = rng.uniform(0, 1, (300, 2))
    y = values[:, 0] > 0.6
    names = ("mouthSmileLeft", "mouthSmileRight")
    one = TreesClassifier(feature_names=names, n_trees=30).fit(values, y)
    # Not to the last bit: each tree may use other features, and ties between partners fall one way.
    np.testing.assert_allclose(one.predict_proba(values), one.predict_proba(values[:, ::-1]), atol=0.1)
    other = TreesClassifier(feature_names=names, n_trees=30, mirror=False).fit(values, y)
    assert np.abs(other.predict_proba(values) - other.predict_proba(values[:, ::-1])).max() > 0.5


def test_from_training_to_evidence_and_back_from_disk(make_pictures, tmp_path) -> None:
    samples, faces = make_pictures(n_subjects=30, classes=("rest", "smile", "surprise"))
    folder = tmp_path / "m"
    trained = train(samples, target="expression", model="trees", faces=faces, n_folds=3, output=folder)
    assert trained.evaluation.scores["balanced_accuracy"].low > 0.6
    assert sorted(path.name for path in folder.iterdir()) == [
        "evaluation.json", "model.json", "predictions.parquet", "weights.safetensors",
    ]  # fmt: skip
    model = load_model(folder)
    assert model.kind == "trees" and trees_of(model.trees.booster).outputs == 3
    found = explain(folder, samples, target="smile", method="tree-shap", faces=faces)
    np.testing.assert_allclose(found.gap, 0, atol=1e-5)
    np.testing.assert_allclose(
        found.output, model.scores(compute(model.recipe, samples, faces).values)[:, 1], rtol=1e-5
    )
    strength = dict(zip(found.names, np.abs(found.values).mean(0), strict=True))
    best = sorted(strength, key=lambda name: -strength[name])[:2]
    assert set(best) == {"mouthSmileLeft", "mouthSmileRight"}
    assert found.model["weights_sha256"] == json.loads((folder / "model.json").read_text())["weights_sha256"]


def test_damaged_trees_are_told() -> None:
    values, y = planted()
    model = TreesClassifier(n_trees=3).fit(values, y).model(feature_names=tuple("wxyz"))
    kept = {"name": "t", "classes": ("False", "True"), "target": "", "recipe": {}, "feature_names": tuple("wxyz")}
    broken = model.arrays["trees"][:20].copy()
    given = type(model)(**kept, input_shape=(4,), settings={"text_bytes": 20}, arrays={"trees": broken})
    with pytest.raises(InputError, match="its trees cannot be read"):
        given.predict(values)
    other = type(model)(**kept, input_shape=(5,), settings=model.settings, arrays=model.arrays)
    with pytest.raises(InputError, match="says 2 classes and 5 features"):
        other.predict(np.zeros((1, 5)))


@pytest.mark.parametrize("ratings", [False, True])
def test_only_trees_of_a_file_are_checked_number_by_number_and_they_answer_the_same(
    ratings: bool, tmp_path, monkeypatch
) -> None:
    """Checking takes far longer than asking; what was fitted here is asked again and again, as in every fold."""
    values, y = planted()
    if ratings:
        fitted = TreesRegressor(n_trees=5).fit(values, np.stack([values[:, 0], values[:, 1] ** 2], axis=1))
    else:
        fitted = TreesClassifier(n_trees=5).fit(values, y)
    checked: list[str] = []

    def noted(text: str) -> str:
        checked.append(text)
        return checked_trees(text)

    monkeypatch.setattr("mien.models.trees.model.checked_trees", noted)
    answers = fitted.outputs(values)
    assert not checked
    names = {"classes": ("a", "b")} if ratings else {}
    save_model(fitted.model(feature_names=tuple("wxyz"), **names), tmp_path / "m")
    np.testing.assert_array_equal(load_model(tmp_path / "m").predict(values), answers)
    assert len(checked) == 1 + ratings
