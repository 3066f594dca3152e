"""Models with one answer for everybody are called so, and few samples are no reason to have one."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("lightgbm")

from mien.compare.comparison import Comparison
from mien.compare.models import compare_models
from mien.learn.constant import level_ties
from mien.learn.evaluate import evaluate
from mien.learn.predictions import ClassPredictions, RatingPredictions
from mien.learn.train import train
from mien.models.trees.estimator import TreesClassifier

SAME = "gave all samples the same answer"


def table(folder, people=20, rare=False, first=100):
    """One sample each; the first column tells the classes and is the rating. Or only one person differs at all."""
    # Other people have other values: rows that are equal are copies.
    rng = np.random.default_rng(people + first - 100)
    values = rng.normal(size=(people, 4))
    values[:, 0] += np.where(np.arange(people) % 2, 3, -3)
    rows = pd.DataFrame({"path": [f"n{k + first}.png" for k in range(people)]})
    rows["subject"], rows["label"] = [f"N{k + first}" for k in range(people)], list("ab" * (people // 2))
    rows["rating"] = values[:, 0].round(3)
    for j in range(4):
        rows[f"AU{j}"] = (np.arange(people) == 0) * (first / 100) if rare else values[:, j].round(4)
    path = folder / f"people{people}{rare}{first}.csv"
    rows.to_csv(path, index=False)
    return path


def scored(path, target, **more):
    return train(str(path), target=target, features="AU*", model="trees", **more)


@pytest.mark.parametrize("people", [12, 20, 24, 40])
def test_trees_split_few_samples_and_say_how(tmp_path, people):
    path = table(tmp_path, people)
    classes, rating = (scored(path, target).evaluation for target in ("label", "rating"))
    assert classes.scores["accuracy"].value == 1 and rating.scores["pearson"].value > 0.8
    said = [note for note in classes.notes if "min_leaf" in note]
    assert bool(said) == (people < 30) and SAME not in " ".join(classes.notes + rating.notes)
    if said:
        assert f"With {people} training samples" in said[0] and f"leaves of {people // 3} were allowed" in said[0]


def test_few_samples_without_an_effect_are_told_apart_no_better_than_chance():
    rng, right = np.random.default_rng(1), []
    for _ in range(40):
        values, y = rng.normal(size=(40, 4)), np.tile(["a", "b"], 20)
        fitted = TreesClassifier(n_trees=30).fit(values[:18], y[:18])
        right.append((fitted.predict(values[18:]) == y[18:]).mean())
    assert abs(np.mean(right) - 0.5) < 0.05


@pytest.mark.parametrize("scheme", ["stratified", "leave-one-subject-out"])
@pytest.mark.parametrize("people", [20, 40])
def test_one_answer_for_everybody_is_told_whatever_its_rounding(tmp_path, people, scheme):
    """Without a tie broken by rounding: that hung on the class of who was left out, and all were right, or none."""
    path = table(tmp_path, people, rare=True)
    classes, rating = (scored(path, target, scheme=scheme).evaluation for target in ("label", "rating"))
    assert SAME in " ".join(classes.notes) and SAME in " ".join(rating.notes)
    assert classes.scores["accuracy"].value == 0.5 and classes.scores["accuracy"].p > 0.9
    assert classes.scores["balanced_accuracy"].low < 0.5 < classes.scores["balanced_accuracy"].high
    for name in ("pearson", "spearman", "concordance", "r2"):
        score = rating.scores[name]
        assert abs(score.value) < 1e-6 and np.isnan([score.low, score.high]).all() and "do not vary" in score.withheld
    assert rating.scores["rmse"].low < rating.scores["rmse"].value < rating.scores["rmse"].high


def test_a_stored_model_with_one_answer_is_called_so_on_other_people_and_beside_others(tmp_path):
    constant, good = scored(table(tmp_path, rare=True), "label"), scored(table(tmp_path), "label")
    assert SAME in " ".join(evaluate(constant.model, table(tmp_path, first=500, rare=True)).notes)
    assert SAME not in " ".join(evaluate(good.model, table(tmp_path, first=500)).notes)
    models = {"one": constant.predictions, "good": good.predictions, "copy": good.predictions}
    found = compare_models(models, n_permutations=200, output=tmp_path)
    assert found.constant == ("one",) and found.models[2].low < 0.5 < found.models[2].high
    assert any(c.startswith("'one' gave all samples the same answer") for c in found.cautions)
    assert any("'good' and 'copy' have the same scores" in c and "neither is better" in c for c in found.cautions)
    read = Comparison.read(tmp_path / "comparison.json")
    assert read.constant == found.constant and read.cautions == found.cautions


def test_models_that_answer_in_few_words_are_not_constant():
    who = np.array([f"p{i}" for i in range(12)], dtype=object)
    label = np.array(list("ab" * 6), dtype=object)
    sure = np.where(label[:, None] == ["a", "b"], 1.0, 0.0)
    one_wrong = sure.copy()
    one_wrong[0] = one_wrong[0, ::-1]
    for fold in (np.arange(12), np.arange(12) // 2, np.arange(12) // 6):
        assert ClassPredictions(who, who, fold, label, sure, ("a", "b")).constant == ()
        assert ClassPredictions(who, who, fold, label, one_wrong, ("a", "b")).constant == ()
        assert ClassPredictions(who, who, fold, label, np.full((12, 2), 0.5), ("a", "b")).constant == ("a", "b")
    truth = np.arange(24.0).reshape(12, 2)
    half = np.stack([truth[:, 0], np.full(12, 3.0)], axis=1)
    assert RatingPredictions(who, who, np.zeros(12, int), truth, half, ("warm", "calm")).constant == ("calm",)


def test_ties_are_level_and_all_else_stays():
    given = np.array([[0.5 + 1e-8, 0.5 - 1e-8, 0], [0.4, 0.3, 0.3], [0.2, 0.4, 0.4 + 1e-9]])
    found = level_ties(given)
    assert list(found.argmax(1)) == [0, 0, 1] and (found[0, :2] == 0.5).all() and (found[1] == given[1]).all()
    np.testing.assert_allclose(found.sum(1), given.sum(1))
