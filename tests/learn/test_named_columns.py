"""Models of named numbers that another tool measured: per sample, per frame, with gaps; never of the target itself."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.explain.explain import explain, explain_all
from mien.features import compute
from mien.learn.evaluate import evaluate
from mien.learn.train import train
from mien.models.store import load_model
from mien.models.trees.estimator import TreesRegressor


def study(subjects=20, seed=0, effect=2.0, prefix="S"):
    """Four samples of each subject; AU01 goes with class and score, the others with nothing."""
    rng = np.random.default_rng(seed)
    rows = 4 * subjects
    label = np.tile(["a", "b"], rows // 2).astype(object)
    units = rng.normal(size=(rows, 3)) + effect * np.stack([label == "a", np.zeros(rows), np.zeros(rows)], 1)
    return Samples(
        path=np.array([f"{prefix}{i}.jpg" for i in range(rows)], object),
        subject=np.repeat([f"{prefix}{i}" for i in range(subjects)], 4),
        labels={"expression": label},
        ratings={
            "score": (effect > 0) * units[:, 0] + 0.3 * rng.normal(size=rows),
            "AU01": units[:, 0], "AU12": units[:, 1], "AU45": units[:, 2],
        },
        name="study",
    )  # fmt: skip


def with_gaps(samples, every=5):
    gone = np.where(np.arange(len(samples)) % every == 0, np.nan, samples.ratings["AU12"])
    return Samples(**{**vars(samples), "ratings": {**samples.ratings, "AU12": gone}})


@pytest.mark.parametrize("model", ["expression", "trees"])
@pytest.mark.parametrize(("target", "score"), [("expression", "balanced_accuracy"), ("score", "pearson")])
def test_columns_of_the_table_are_learnt_from_stored_and_explained(tmp_path, model, target, score):
    samples = study()
    done = train(samples, target=target, features="AU*", model=model, n_folds=5, output=tmp_path / "m")
    scores = done.evaluation.scores if target == "expression" else done.evaluation.per_rating["score"]
    assert scores[score].value > 0.6
    stored = load_model(tmp_path / "m")
    assert stored.feature_names == ("AU01", "AU12", "AU45")
    assert stored.recipe["columns"] == ["AU01", "AU12", "AU45"] and stored.recipe["source"] == "samples"
    # On new people, without faces, from the recipe.
    assert evaluate(stored, study(10, 1, prefix="T")).protocol["n_samples"] == 40
    method = "tree-shap" if model == "trees" else "integrated-gradients"
    evidence = next(iter(explain_all(tmp_path / "m", samples, method=method).values()))
    assert evidence.names == ("AU01", "AU12", "AU45") and evidence.ok.all()
    assert np.abs(evidence.values).mean(0).argmax() == 0


@pytest.mark.parametrize("target", ["expression", "score"])
def test_trees_learn_from_samples_with_gaps_and_others_leave_them_out(target):
    samples = with_gaps(study())
    trees = train(samples, target=target, features="AU*", model="trees", n_folds=4)
    assert trees.evaluation.protocol["n_samples"] == 80
    assert any("6.7% of the features' values are missing, in 16 samples" in note for note in trees.evaluation.notes)
    evidence = explain(trees.model, samples, method="tree-shap", target="a" if target == "expression" else None)
    assert evidence.ok.all() and np.isfinite(evidence.values).all()
    # Contributions still sum to what the trees say, gaps and all.
    assert np.abs(evidence.gap).max() < 1e-5
    linear = train(samples, target=target, features="AU*", n_folds=4)
    assert linear.evaluation.left_out == {"missing values": 16} and linear.evaluation.protocol["n_samples"] == 64
    other = explain(trees.model, samples, method="occlusion", target="a" if target == "expression" else None)
    assert (~other.ok).sum() == 16


def test_two_people_with_the_same_few_numbers_are_two_people_and_many_numbers_are_one():
    samples, others = study(), study(10, 1, prefix="T")
    rounded = {n: v.round() for n, v in samples.ratings.items()}, {n: v.round() for n, v in others.ratings.items()}
    samples, others = (
        Samples(**{**vars(s), "ratings": {**r, "score": s.ratings["score"]}})
        for s, r in zip((samples, others), rounded, strict=True)
    )
    model = train(samples, target="score", features="AU*", evaluate=False).model
    assert evaluate(model, others).protocol["n_samples"] == 40
    many = {f"m{i}": np.random.default_rng(i).normal(size=80) for i in range(10)}
    samples = Samples(**{**vars(samples), "ratings": {**samples.ratings, **many}})
    model = train(samples, target="score", features="m*", evaluate=False).model
    again = Samples(**{**vars(samples), "subject": np.array([f"X{i}" for i in range(80)], object)})
    with pytest.raises(InputError, match="trained on 80 of these samples themselves"):
        evaluate(model, again)


def test_what_is_to_be_predicted_is_never_a_feature():
    samples = study(6)
    for features in ("AU*,score", "*", ["score"]):
        with pytest.raises(InputError, match="'score' is what is to be predicted"):
            train(samples, target="score", features=features, n_folds=3)
    assert train(samples, target="score", features="*,!score", n_folds=3).model.feature_names[0] == "AU01"


@pytest.mark.parametrize("target", ["expression", "score"])
def test_the_target_under_another_name_is_told(target):
    samples = study(6)
    copies = {
        "code": np.where(samples.labels["expression"] == "a", 3.0, 7.0),
        "twice": 2 * samples.ratings["score"] + 1,
    }
    samples = Samples(**{**vars(samples), "ratings": {**samples.ratings, **copies}})
    done = train(samples, target=target, features="AU*,code,twice", n_folds=3)
    told = [note for note in done.evaluation.notes if "under another name" in note]
    assert len(told) == 1 and ("'code'" if target == "expression" else "'twice'") in told[0]
    assert not [n for n in train(samples, target=target, features="AU*", n_folds=3).evaluation.notes if "another" in n]


def test_columns_that_are_not_there_and_models_that_look_at_faces_are_told():
    samples = study(6)
    with pytest.raises(InputError, match=r"No column of numbers .* fits XU\* .*AU01"):
        train(samples, target="score", features="XU*")
    with pytest.raises(InputError, match="'picture' cannot learn from named columns"):
        train(samples, target="score", features="AU*", model="picture")


def frames(samples, rng, frames=8):
    """A table of two action units per frame; the mean of AU01 is that of the samples' table."""
    source = np.repeat(samples.path, frames)
    values = np.repeat(samples.ratings["AU01"], frames) + 0.05 * rng.normal(size=len(source))
    return Faces.build(
        len(source), topology="no-points", source=source, frame=np.tile(np.arange(frames), len(samples)),
        track=np.zeros(len(source), dtype=int), extra={"AU01_r": values, "AU12_r": rng.normal(size=len(source))},
    )  # fmt: skip


@pytest.mark.parametrize("model", ["expression", "trees"])
def test_tables_per_frame_are_summed_up_over_each_clip(model):
    samples = study()
    faces = frames(samples, np.random.default_rng(1))
    done = train(samples, target="expression", features="AU*_r", faces=faces, model=model, n_folds=5)
    assert done.evaluation.scores["balanced_accuracy"].value > 0.6
    assert (
        done.model.feature_names[:3] == ("AU01_r mean", "AU12_r mean", "AU01_r sd")
        and len(done.model.feature_names) == 10
    )
    method = "tree-shap" if model == "trees" else "integrated-gradients"
    evidence = explain(done.model, samples, faces=faces, method=method, target="a")
    assert evidence.names[np.abs(evidence.values).mean(0).argmax()].startswith("AU01_r")


def test_frames_and_values_that_are_missing():
    samples = study(1)[[0, 1]]
    faces = frames(samples, np.random.default_rng(0))
    extra = {name: column.copy() for name, column in faces.extra.items()}
    extra["AU12_r"][:8] = np.nan
    extra["AU01_r"][9] = np.nan
    faces = Faces(**{**vars(faces), "extra": extra})
    left = compute({"name": "columns", "columns": ["AU*_r"], "over_time": "mean"}, samples, faces)
    assert list(left.status) == ["too few frames with a face", "ok"]
    # The missing frame lies on the line between its neighbours.
    between = extra["AU01_r"][8:].copy()
    between[1] = (between[0] + between[2]) / 2
    assert left.values[1, 0] == pytest.approx(between.mean(), rel=1e-5)
    kept = compute({"name": "columns", "columns": ["AU*_r"], "missing": "keep"}, samples, faces)
    assert list(kept.status) == ["ok", "ok"] and np.isnan(kept.values[0, 1::2]).all()
    assert np.isfinite(kept.values[0, ::2]).all() and kept.names[1] == "AU12_r mean"


def test_faces_without_points_are_told_what_they_are_for():
    samples = study(4)
    with pytest.raises(InputError, match="named numbers of another tool without any points"):
        train(samples, target="expression", faces=frames(samples, np.random.default_rng(0)))


def test_trees_of_ratings_are_stored_whole(tmp_path):
    samples = study()
    several = Samples(**{**vars(samples), "ratings": {**samples.ratings, "other": -samples.ratings["AU45"]}})
    done = train(
        several, target=["score", "other"], features="AU*", model="trees", evaluate=False, output=tmp_path / "m"
    )
    values = compute(done.model.recipe, several, Faces.empty()).values
    told = load_model(tmp_path / "m").predict(values)
    np.testing.assert_array_equal(told, done.model.predict(values))
    one = TreesRegressor(feature_names=("AU01", "AU12", "AU45"), mirror=False).fit(values, several.ratings["other"])
    np.testing.assert_allclose(told[:, 1], one.predict(values)[:, 0])
    assert list(done.model.arrays) == ["trees 0", "trees 1"]


def test_trees_of_ratings_without_an_effect_predict_nothing():
    values = [
        train(study(15, seed, 0.0), target="score", features="AU*", model="trees", n_folds=5, settings={"n_trees": 50})
        .evaluation.per_rating["score"]["pearson"]
        .value
        for seed in range(12)
    ]
    # Twelve correlations of 60 samples each: a mean beyond 0.1 would be no accident (standard error 0.04).
    assert abs(np.mean(values)) < 0.1


def test_what_patterns_of_columns_do_not_bring_is_told():
    samples = study()
    samples = Samples(**{**vars(samples), "labels": {**samples.labels, "AU_note": np.array(["x", "y"] * 40, object)}})
    samples = Samples(**{**vars(samples), "unread": {"AU99": "C2: formulas without their results."}})
    done = train(samples, target="expression", features="AU*", n_folds=3, faces=Faces.empty())
    words = " ".join(done.evaluation.notes)
    assert "fit 'AU_note' as well, but it holds text" in words and "'AU99' is no feature. C2" in words
    assert "the faces that were given play no part" in words and "--set source=faces" in words
    assert "play no part" not in " ".join(
        train(study(), target="expression", features="AU*", n_folds=3).evaluation.notes
    )
    for name, why in (("AU_note", "It holds text, such as 'x'"), ("AU99", "C2: formulas")):
        with pytest.raises(InputError, match=f"'{name}' of .* cannot be a feature. {why}"):
            train(samples, target="expression", features=["AU01", name])


@pytest.mark.parametrize(("cell", "says"), [("50 %", r"'50 %'\. Write plain numbers"), ("high", r"'high'\.$")])
def test_a_pattern_that_fits_texts_only_says_what_they_hold(cell: str, says: str) -> None:
    samples = Samples(
        path=[f"{i}.png" for i in range(8)], subject=[f"p{i}" for i in range(8)],
        labels={"AU1": np.array([cell] * 8, dtype=object), "face": np.array(["a", "b"] * 4, dtype=object)},
    )  # fmt: skip
    with pytest.raises(InputError, match=f"No column of .* that fits can be a feature. 'AU1': It holds text.*{says}"):
        train(samples, target="face", features="AU*")
