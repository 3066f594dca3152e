"""Models in the page: what can be learnt, a sentence about folds that is true, the faces behind a number, escaped."""

import json
import os
from dataclasses import replace
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("nicegui")
pytest.importorskip("sklearn")

from mien.app.local_page.folders import Folders, OpenStudy
from mien.app.local_page.jobs.verbs import JOB_VERBS
from mien.app.local_page.scores.behind import behind_cell, furthest
from mien.app.local_page.scores.choice import folds_sentence, models_for, site_columns, targets
from mien.app.local_page.scores.faces import file_of, said_words
from mien.app.local_page.scores.settings_fields import common_settings, given_settings
from mien.app.local_page.scores.shown import of_before, written_scores
from mien.app.local_page.scores.training import people_of_folds
from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.data.layout.class_folders import own_person
from mien.learn.predictions import ClassPredictions, RatingPredictions
from mien.models.catalogue import trainable
from mien.models.model_settings import model_settings
from mien.models.store import PREDICTIONS_FILE
from mien.report.models_folder import ModelPart, read_models


def samples(people=12, each=2, ending=".png"):
    names = [f"s{i}" for i in range(people) for _ in range(each)]
    labels = np.array(["smile", "neutral"] * (len(names) // 2), dtype=object)
    return Samples(
        path=[f"{i}{ending}" for i in range(len(names))], subject=names,
        labels={"expression": labels, "always": ["x"] * len(names)},
        ratings={"warm": np.arange(len(names), dtype=float), "flat": np.ones(len(names))},
    )  # fmt: skip


def test_what_does_not_vary_is_no_target():
    assert list(targets(samples())) == ["expression", "warm"]


def test_pictures_are_not_offered_to_models_of_sequences_and_ratings_not_to_classifiers():
    of_pictures = {model.name for model in models_for(samples(), "expression")}
    of_clips = {model.name for model in models_for(samples(ending=""), "expression")}
    assert "landmark-net" in of_clips - of_pictures and "series-cnn" in of_clips - of_pictures
    assert "efdnn-lite" in of_pictures and "efdnn-lite" not in {m.name for m in models_for(samples(), "warm")}
    assert models_for(samples(), "warm")[0].name == "expression" and "rules" not in of_clips


def test_models_from_before_a_review_are_named_beside_those_from_after_it(tmp_path):
    study = OpenStudy(tmp_path, Folders.of([tmp_path]))
    for at, name in enumerate(("early", "late")):
        place = tmp_path / "models" / name / "evaluation.json"
        place.parent.mkdir(parents=True)
        place.write_text("{}")
        os.utime(place, ns=(at * 10**12, at * 10**12))
    assert of_before(study, ["early", "late"]) == ""
    study.keep(reviewed_ns=5 * 10**11)
    assert of_before(study, ["early", "late"]).startswith("Scored before the last decisions about faces: early. ")
    assert of_before(study, ["late"]) == of_before(study, ["early"]) == ""


def test_the_sentence_on_folds_counts_people_and_parts():
    found = folds_sentence(samples(), "expression", "stratified", 4)
    assert found == "12 people are dealt out to 4 folds; each fold is scored by a model that never saw its people."


@pytest.mark.parametrize(("people", "scheme"), [(5, "stratified"), (12, "leave-one-subject-out")])
def test_the_sentence_says_when_each_person_is_left_out_alone(people, scheme):
    found = folds_sentence(samples(people), "expression", scheme, 10)
    assert found.startswith(f"Each of {people} people") and "this person" in found


def test_the_sentence_does_not_promise_what_unknown_people_make_unsure():
    unknown = Samples(
        path=[f"{i}.png" for i in range(20)], subject=[own_person(f"{i}.png") for i in range(20)],
        labels={"expression": ["smile", "neutral"] * 10},
    )  # fmt: skip
    assert "one person may be in training and test" in folds_sentence(unknown, "expression", "stratified", 5)


def of_sites(sites):
    labels = {"expression": np.array(["smile", "neutral"] * 12, dtype=object), "clinic": np.array(sites, dtype=object)}
    return Samples(path=[f"{i}.png" for i in range(24)], subject=[f"s{i // 2}" for i in range(24)], labels=labels)


def test_sites_are_left_out_where_a_column_says_where_people_come_from():
    some = of_sites([f"site {i // 2 % 3}" for i in range(22)] + ["site 0", "site 1"])
    assert site_columns(some) == ["clinic"] and site_columns(some, "clinic") == []
    found = folds_sentence(some, "expression", "leave-one-site-out", 10, "clinic")
    assert found == (
        "Each of 3 sites is scored by a model that was trained at the others; 2 samples without a site, or of people "
        "at several, are left out. Folds over people of all sites stand beside it."
    )
    assert "two sites" in folds_sentence(of_sites(["one"] * 24), "expression", "leave-one-site-out", 10, "clinic")
    assert site_columns(of_sites([""] * 24)) == []


def test_every_setting_of_every_model_is_explained():
    for name, row in trainable().items():
        for ratings in (False, True):
            for setting in model_settings(name, ratings) if (row.regressor if ratings else row.home) else ():
                assert setting.meaning.endswith("."), (name, setting.name)


def test_settings_of_several_models_are_those_of_all_and_are_checked_before_training():
    both = [setting.name for setting, _ in common_settings(["expression", "trees"], False)]
    assert "balanced" in both and "components" not in both and "leaves" not in both
    usual = {setting.name: words for setting, words in common_settings(["efdnn", "efdnn-lite"], False)}
    assert usual["learning_rate"] == "0.006 / 0.01" and usual["mirror"] == "yes"
    given = given_settings(["efdnn-lite"], {"epochs": "3", "mirror": "no", "dropout": ""}, False)
    assert given == {"epochs": 3, "mirror": False}
    with pytest.raises(InputError, match="'epochs' is a whole number from 1, such as 20, but got 'many'"):
        given_settings(["efdnn-lite"], {"epochs": "many"}, False)
    with pytest.raises(InputError, match="'dropout' is a share from 0 to below 1"):
        given_settings(["efdnn-lite"], {"dropout": "1"}, False)


def test_people_without_a_face_and_copies_are_in_no_fold(tmp_path, monkeypatch, make_pictures):
    given, faces = make_pictures(8)
    status = np.array(["ok"] * 14 + ["no face"] * 2, dtype=object)
    # Both of the last one's pictures are without a face, and one of the first is another's.
    faces = replace(faces[np.array([0, 1, 2, 0, *range(4, 16)])], source=given.path, status=status)
    (tmp_path / "faces").mkdir()
    monkeypatch.setattr(import_module("mien.app.local_page.population.counted"), "read_faces", lambda folder: faces)
    found = people_of_folds(OpenStudy(tmp_path, Folders.of([tmp_path])), given)
    assert folds_sentence(found, "expression", "stratified", 4).startswith("6 people are dealt out")


def test_people_without_the_target_are_not_counted():
    some = samples()
    values = some.ratings["warm"].copy()
    values[:4] = np.nan
    some = Samples(path=some.path, subject=some.subject, ratings={"warm": values})
    assert folds_sentence(some, "warm", "stratified", 5).startswith("10 people are dealt out to 5 folds")


def test_what_cannot_be_scored_says_why():
    assert "subject" in folds_sentence(samples(people=1), "expression", "stratified", 5)


def stored(folder, predictions):
    folder.mkdir(parents=True)
    predictions.write(folder / PREDICTIONS_FILE)
    return folder


def test_a_cell_shows_its_samples_the_surest_first(tmp_path):
    probabilities = np.array([[0.6, 0.4], [0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])
    label = np.array(["b", "b", "b", "a"], dtype=object)
    given = ClassPredictions(np.array(list("wxyz"), dtype=object), np.array(list("pqrs"), dtype=object),
                             np.zeros(4, dtype=int), label, probabilities, ("a", "b"))  # fmt: skip
    folder = stored(tmp_path / "m", given)
    found = behind_cell(folder, "b", "a")
    assert [(one.path, one.subject) for one in found] == [("x", "q"), ("w", "p")]
    assert said_words(found[0]) == "a 0.90, b 0.10"
    assert [len(behind_cell(folder, *cell)) for cell in (("a", "a"), ("a", "b"), ("b", "b"))] == [1, 0, 1]
    with pytest.raises(InputError, match="does not predict"):
        furthest(folder, "warm")


def test_the_largest_errors_of_a_rating_come_first(tmp_path):
    truth, predicted = np.array([[1.0], [2.0], [np.nan], [4.0]]), np.array([[1.5], [5.0], [9.0], [4.1]])
    given = RatingPredictions(np.array(list("wxyz"), dtype=object), np.array(list("pqrs"), dtype=object),
                              np.arange(4) % 2, truth, predicted, ("warm",))  # fmt: skip
    folder = stored(tmp_path / "m", given)
    assert [one.path for one in furthest(folder, "warm")] == ["x", "w", "z"]
    with pytest.raises(InputError, match="no confusion"):
        behind_cell(folder, "a", "b")


def test_only_pictures_within_the_pages_folders_are_shown(tmp_path):
    (tmp_path / "study").mkdir()
    study = OpenStudy(tmp_path / "study", Folders.of([tmp_path / "study"]))
    (tmp_path / "study" / "t.csv").write_text("path,subject\na.png,ann\n")
    for file in (tmp_path / "secret.png", tmp_path / "study" / "a.png", tmp_path / "study" / "notes.txt"):
        file.touch()
    study.keep(samples="t.csv")
    assert file_of(study, "a.png") == (tmp_path / "study" / "a.png").resolve()
    assert [file_of(study, path) for path in ("../secret.png", "notes.txt", "gone.png")] == [None] * 3


def test_names_of_models_and_classes_are_text_on_the_page(tmp_path):
    evil = "<script>alert(1)</script>"
    place = tmp_path / "evil"
    place.mkdir()
    (place / "model.json").write_text(json.dumps({"kind": evil, "target": evil, "classes": [evil, "b"]}))
    (place / "weights.safetensors").touch()
    page = written_scores(read_models([], tmp_path)[0])
    assert "<script" not in page and "&lt;script&gt;" in page


def test_a_model_without_scores_says_so():
    assert "was not evaluated" in written_scores(ModelPart("mine"))


def test_training_several_models_is_one_job_that_says_which_failed():
    result = SimpleNamespace(
        evaluations={"expression": None}, kept=("expression",), failed={"trees": "LightGBM is missing."}
    )
    said = JOB_VERBS["train-models"].said(result)
    assert said == "Trained: expression (expression: as before). trees: not trained. LightGBM is missing."
