"""Training end to end: nobody is in training and test, noise gives chance, and what is stored is what was trained."""

import json

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")
pytest.importorskip("safetensors")

import pyarrow.parquet as pq

from mien.core.errors import InputError, StorageError
from mien.core.faces import Faces
from mien.core.outcome import Classes
from mien.core.samples import Samples
from mien.features import compute
from mien.learn.crossval import cross_predict
from mien.learn.evaluate import evaluate
from mien.learn.noise import shuffled as shuffled_by
from mien.learn.train import train
from mien.models.store import load_model, stored_evaluation

SMALL_NET = {"components": 16, "filters": 4, "members": 1, "epochs": 20, "batch_size": 16}


LABELS = Classes(("label",))


def run(made, model="expression", **settings):
    samples, faces = made
    if model == "landmark-net":
        settings.setdefault("settings", SMALL_NET)
    return train(samples, target="expression", model=model, faces=faces, n_folds=3, **settings)


@pytest.mark.parametrize("model", ["expression", "landmark-net"])
def test_a_planted_signal_is_found_and_noise_labels_give_chance(make_pictures, make_clips, model: str) -> None:
    made = make_pictures(n_subjects=40) if model == "expression" else make_clips(n_subjects=10, repetitions=3)
    found = run(made, model, noise_check=True).evaluation
    accuracy, auc = found.scores["accuracy"], found.scores["auc"]
    assert accuracy.value > 0.85 and accuracy.low > accuracy.chance and auc.value > 0.9
    noise = found.noise_check
    for name in ("balanced_accuracy", "auc"):
        assert noise[name].low - 0.03 <= noise[name].chance <= noise[name].high + 0.03
        assert noise[name].high < found.scores[name].low


def test_without_a_signal_the_score_is_at_chance(make_pictures) -> None:
    scores = run(make_pictures(n_subjects=30, signal=0.0)).evaluation.scores
    assert scores["accuracy"].low <= 0.5 <= scores["accuracy"].high


def test_a_failed_write_leaves_the_earlier_model_with_its_scores(make_pictures, tmp_path, monkeypatch) -> None:
    """A new model once stood beside the scores of the old one."""
    made, place = make_pictures(n_subjects=8), tmp_path / "m"
    run(made, output=place)
    before = {path.name: path.read_bytes() for path in place.iterdir()}

    def full(self, path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mien.learn.predictions.Predictions.write", full)
    with pytest.raises(StorageError, match="the disk is full"):
        run(made, output=place, seed=5)
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before
    monkeypatch.undo()
    train(made[0], target="expression", faces=made[1], evaluate=False, output=place)
    assert {path.name for path in place.iterdir()} == {"model.json", "weights.safetensors"}, (
        "no scores of another model"
    )


def test_an_evaluation_names_the_weights_and_predictions_that_it_belongs_to(make_pictures, tmp_path) -> None:
    made, place = make_pictures(n_subjects=8), tmp_path / "m"
    run(made, output=place)
    assert stored_evaluation(place)["weights_sha256"] == load_model(place).weights_sha256
    for file in ("predictions.parquet", "weights.safetensors"):
        good = (place / file).read_bytes()
        (place / file).write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
        with pytest.raises(InputError, match=f"does not belong to the {file}"):
            stored_evaluation(place)
        (place / file).write_bytes(good)


def test_output_is_checked_before_the_work(make_pictures, tmp_path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(InputError, match="taken' cannot be written to as a folder"):
        train("no such table", target="x", output=tmp_path / "taken")


def test_the_folder_holds_the_model_its_scores_and_predictions_of_unseen_people(make_pictures, tmp_path) -> None:
    made = make_pictures(classes=("rest", "smile", "surprise"))
    trained = run(made, output=tmp_path / "m")
    table = pq.read_table(tmp_path / "m" / "predictions.parquet").to_pydict()
    assert list(table) == ["path", "subject", "label", "fold", "p_rest", "p_smile", "p_surprise"]
    assert table["path"] == list(made[0].path)
    folds: dict[str, set[int]] = {}
    for subject, fold in zip(table["subject"], table["fold"], strict=True):
        folds.setdefault(subject, set()).add(fold)
    assert all(len(f) == 1 for f in folds.values()) and set().union(*folds.values()) == {0, 1, 2}
    assert np.allclose(np.sum([table[f"p_{c}"] for c in ("rest", "smile", "surprise")], axis=0), 1)
    stored = json.loads((tmp_path / "m" / "evaluation.json").read_text())
    assert set(stored) >= {
        "target", "model", "protocol", "classes", "scores", "confusion", "calibration", "per_class", "noise_check",
        "left_out",
    }  # fmt: skip
    assert stored["scores"]["accuracy"]["value"] == trained.evaluation.scores["accuracy"].value
    right = np.mean([table[f"p_{label}"][i] == max(table[f"p_{c}"][i] for c in stored["classes"])
                     for i, label in enumerate(table["label"])])  # fmt: skip
    assert stored["scores"]["accuracy"]["value"] == pytest.approx(right)
    assert np.sum(stored["confusion"]) == 48 and np.trace(stored["confusion"]) == pytest.approx(48 * right)


def test_an_estimator_never_sees_its_test_subjects() -> None:
    """A model that remembers subjects finds nothing to remember."""
    seen: list[set[str]] = []

    class Remembers:
        def fit(self, values, y, groups):
            self.classes_, self.known = np.unique(y), set(values[:, 0])
            assert {f"s{int(v)}" for v in self.known} == set(groups)
            return self

        def predict_proba(self, values):
            seen.append(self.known & set(values[:, 0]))
            return np.full((len(values), 2), 0.5)

    from mien.stats.folds import subject_folds

    subjects = np.repeat([f"s{i}" for i in range(7)], 4)
    values, y = np.repeat(np.arange(7.0), 4)[:, None], np.tile(["a", "b"], 14)
    probabilities, fold = cross_predict(
        Remembers, values, y, subjects, subject_folds(subjects, y, n_folds=4), ("a", "b")
    )
    assert seen == [set()] * 4 and (fold >= 0).all() and (probabilities == 0.5).all()


def test_shuffled_labels_keep_the_design() -> None:
    subjects = np.repeat(["a", "b", "c", "d"], 6)
    within = np.tile(["x", "x", "y", "y", "y", "z"], 4)
    shuffled = shuffled_by(LABELS, within, subjects, 0)
    assert (shuffled != within).any()
    for s in "abcd":
        assert sorted(shuffled[subjects == s]) == sorted(within[subjects == s])
    whole = np.repeat(["x", "x", "y", "y"], 6)
    results = {tuple(shuffled_by(LABELS, whole, subjects, seed)[::6]) for seed in range(20)}
    assert len(results) > 1 and all(sorted(r) == ["x", "x", "y", "y"] for r in results)
    for seed in range(5):
        again = shuffled_by(LABELS, whole, subjects, seed)
        assert all(len(set(again[subjects == s])) == 1 for s in "abcd")


def test_shuffled_labels_leave_every_training_fold_all_classes() -> None:
    subjects, y = np.repeat(list("abcd"), 3), np.repeat(["x", "x", "y", "y"], 3)
    from mien.stats.folds import subject_folds

    folds = subject_folds(subjects, y, n_folds=2)
    for seed in range(20):
        shuffled = shuffled_by(LABELS, y, subjects, seed, folds)
        assert all(len(set(shuffled[train])) == 2 for train, _ in folds)


def test_the_same_seed_gives_the_same_files(make_clips, tmp_path) -> None:
    made = make_clips(n_subjects=3, repetitions=2)
    for name in ("one", "two"):
        run(made, "landmark-net", output=tmp_path / name)
    for file in ("weights.safetensors", "predictions.parquet", "model.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file
    one, two = (json.loads((tmp_path / name / "evaluation.json").read_text()) for name in ("one", "two"))
    for found in (one, two):  # what the clock says differs from run to run
        found.pop("checksum")
        assert found["cost"].pop("fit_seconds") > 0 and found["cost"].pop("microseconds_per_sample") > 0
    assert one == two


def test_samples_without_values_are_left_out_and_counted(make_pictures) -> None:
    samples, faces = make_pictures()
    status = faces.status.copy()
    status[:2] = "no face"
    columns = {"source": faces.source, "blendshapes": faces.blendshapes, "landmarks_px": faces.landmarks_px}
    columns = {key: value[:-1] for key, value in columns.items()}
    fewer = Faces.build(len(faces) - 1, topology="ibug-68", status=status[:-1], track=faces.track[:-1], **columns)
    labels = samples.labels["expression"].copy()
    labels[3] = ""
    given = Samples(path=samples.path, subject=samples.subject, labels={"expression": labels})
    found = run((given, fewer)).evaluation
    assert found.left_out == {"no face": 2, "no label": 1, "not extracted": 1}
    note = next(n for n in found.notes if "by class" in n)
    assert "are in no score" in note and note.count(" %)") == 2
    assert found.protocol["n_samples"] == len(samples) - 4


def test_several_faces_in_a_picture_are_said(make_pictures) -> None:
    samples, faces = make_pictures()
    small = Faces.build(
        1, topology="ibug-68", source=faces.source[:1], landmarks_px=faces.landmarks_px[:1] * 0.1, track=[1],
        blendshapes=np.full((1, 52), 0.9),
    )  # fmt: skip
    both = Faces.concat([faces, small])
    trained, alone = run((samples, both)), run((samples, faces))
    assert any("1 sample" in note and "largest" in note for note in trained.evaluation.notes)
    assert np.array_equal(trained.predictions.probabilities, alone.predictions.probabilities)


def test_what_cannot_be_learnt_is_refused_with_the_reason(make_pictures, tmp_path) -> None:
    samples, faces = make_pictures()
    everyone = np.full(len(samples), "smile")
    one_class = Samples(path=samples.path, subject=samples.subject, labels={"expression": everyone})
    one_subject = Samples(path=samples.path, subject=np.full(len(samples), "s00"), labels=samples.labels)
    rated = Samples(path=samples.path, subject=samples.subject, ratings={"expression": np.arange(len(samples))})
    for evaluate_too in (True, False):
        with pytest.raises(InputError, match=r"have 'expression' = 'smile'\. A model needs at least two classes"):
            run((one_class, faces), evaluate=evaluate_too)
        with pytest.raises(InputError, match=r"show one subject \('s00'\)"):
            run((one_subject, faces), evaluate=evaluate_too)
    with pytest.raises(InputError, match=r"'landmark-net' predicts classes, but the target holds numbers.*picture"):
        train(rated, target="expression", model="landmark-net", faces=faces)
    elsewhere = Samples(path=[f"/pictures/{i % 2}/{i}.png" for i in range(len(samples))], subject=samples.subject,
                        labels=samples.labels, root=tmp_path)  # fmt: skip
    with pytest.raises(InputError, match="First run: mien extract /pictures -o"):
        train(elsewhere, target="expression")
    with pytest.raises(InputError, match=r"no column 'expresion'\. Did you mean 'expression'"):
        train(samples, target="expresion", faces=faces)
    with pytest.raises(InputError, match="no model 'grove'"):
        train(samples, target="expression", faces=faces, model="grove")
    with pytest.raises(InputError, match="no setting 'depth'"):
        run((samples, faces), settings={"depth": 3})
    with pytest.raises(InputError, match="None of the 32 samples can be used: 32 'not extracted'"):
        run((samples, Faces.empty("ibug-68")))
    with pytest.raises(InputError, match=r"single pictures with one frame each.*clips.*--model expression"):
        train(samples, target="expression", faces=faces, model="landmark-rvfl")
    assert not list(tmp_path.iterdir())


def test_grouping_may_be_coarser_than_subjects_but_not_finer(make_pictures) -> None:
    samples, faces = make_pictures()
    family = np.array([f"f{int(s[1:]) // 4}" for s in samples.subject])
    labels = {**samples.labels, "family": family}
    grouped = Samples(path=samples.path, subject=samples.subject, labels=labels)
    predictions = run((grouped, faces), group_by="family").predictions
    for f in np.unique(family):
        assert len(set(predictions.fold[family == f])) == 1
    with pytest.raises(InputError, match="on both sides of a fold"):
        run((grouped, faces), group_by="expression")


@pytest.mark.parametrize("model", ["expression", "landmark-net"])
def test_a_stored_model_scores_other_people_and_refuses_those_it_knows(
    make_pictures, make_clips, model: str, tmp_path
) -> None:
    samples, faces = make_pictures() if model == "expression" else make_clips(n_subjects=6, repetitions=4)
    new = np.isin(samples.subject.astype(str), ["s00", "s01", "s02", "s0", "s1"])
    trained = run((samples[~new], faces), model, output=tmp_path, evaluate=False)
    assert not (tmp_path / "evaluation.json").exists()
    found = evaluate(tmp_path, samples[new], faces=faces)
    assert found.scores["accuracy"].value > 0.8 and found.protocol["scheme"] == "held-out"
    # The same numbers by hand, from the stored model.
    loaded = load_model(tmp_path)
    values = compute(loaded.recipe, samples[new], faces).values
    right = (loaded.predict_classes(values) == samples[new].labels["expression"]).mean()
    assert found.scores["accuracy"].value == pytest.approx(right)
    assert np.array_equal(loaded.predict(values), trained.model.predict(values))
    with pytest.raises(InputError, match="was trained on"):
        evaluate(tmp_path, samples, faces=faces)
    namesakes = Samples(path=samples[new].path, subject=samples[~new].subject[: new.sum()], labels=samples[new].labels)
    with pytest.raises(InputError, match="say so: other_people=True"):
        evaluate(tmp_path, namesakes, faces=faces)
    assert evaluate(tmp_path, namesakes, faces=faces, other_people=True).protocol["n_samples"] == new.sum()


def test_a_reference_found_by_the_labels_to_be_predicted_is_refused(make_clips) -> None:
    """It told the labels of people in test folds: noise labels scored 0.85."""
    samples, faces = make_clips(n_subjects=4, repetitions=2)
    target = next(iter(samples.labels))
    label = str(samples.labels[target][0])
    recipe = {"name": "displacement", "reference": "subject", "neutral": f"{target}={label}"}
    with pytest.raises(InputError, match="what is to be predicted"):
        train(samples, target=target, model="landmark-rvfl", faces=faces, recipe=recipe, evaluate=False)


def test_a_cohorts_face_over_everybody_is_noted(make_clips) -> None:
    samples, faces = make_clips(n_subjects=4, repetitions=2)
    target = next(iter(samples.labels))
    recipe = {"name": "displacement", "reference": "cohort"}
    found = train(samples, target=target, model="landmark-rvfl", faces=faces, recipe=recipe, n_folds=2)
    assert any("mean face was taken over all samples" in note for note in found.evaluation.notes)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"units": -5}, "'units' is a whole number from 1"),
        ({"units": 1.5}, "'units' is a whole number"),
        ({"width": 2}, "'width' is an odd whole number"),
        ({"mirror": "maybe"}, "'mirror' is true or false"),
        ({"whiten": "x"}, "'whiten' is a number from 0"),
    ],
)
def test_settings_of_another_kind_are_refused_by_name(make_clips, settings, words) -> None:
    """They ended in tracebacks of torch and NumPy."""
    samples, faces = make_clips(n_subjects=4, repetitions=2)
    target = next(iter(samples.labels))
    with pytest.raises(InputError, match=words):
        train(samples, target=target, model="landmark-random-tcn", faces=faces, settings=settings, evaluate=False)
