"""What stands on one page belongs together: samples, people, scores, evidence and the model they are of."""

import json
import re
import shutil

import numpy as np
import pytest
import torch

from mien.atlas.summary import summarise
from mien.core.faces import Faces
from mien.core.files import read_json, write_json
from mien.data.shards import write_shard
from mien.explain.explain import explain, explain_all
from mien.learn.predictions import ClassPredictions
from mien.report.draw.svg import NEGATIVE, POSITIVE
from mien.report.figure import figure
from mien.report.report import report
from mien.report.study_folder import read_folder
from mien.report.used import unmatched

CLASSES = ("neutral", "smiling")
SHA = "ab" * 32


def score(value, low, high, chance=0.5, **more):
    return {"value": value, "low": low, "high": high, "chance": chance, **more}


def add_model(folder, name="net", samples=(), scores=None, **changed):
    place = folder / "models" / name
    protocol = {"scheme": "grouped", "n_folds": 2, "n_subjects": 4, "n_samples": len(samples) or 8, "seed": 0}
    scores = scores or {"balanced_accuracy": score(0.9, 0.8, 0.95)}
    evaluation = {"target": "expression", "protocol": protocol, "classes": list(CLASSES), "scores": scores, **changed}
    write_json(place / "evaluation.json", evaluation)
    info = {"protocol": protocol, "subjects": ["Eva", "Zoe"]}
    spec = {"name": name, "kind": "sequence", "target": "expression", "classes": list(CLASSES), "info": info,
            "weights_sha256": SHA}  # fmt: skip
    write_json(place / "model.json", spec)
    if samples:
        half = np.full((len(samples), 2), 0.5)
        labels, fold = np.array(["smiling"] * len(samples)), np.zeros(len(samples), int)
        people = np.array([f"S{i}" for i in range(len(samples))])
        ClassPredictions(np.array(samples), people, fold, labels, half, CLASSES).write(place / "predictions.parquet")


def add_rated(folder, name, correlation, **changed):
    ratings = {"trust": {"pearson": correlation}}
    for other in ("spearman", "concordance", "r2", "rmse"):
        ratings["trust"][other] = score(0.1, None, None)
    add_model(folder, name, scores={"pearson": correlation}, predicts="ratings", ratings=["trust"], classes=None,
              target="trust", per_rating=ratings, **changed)  # fmt: skip
    path = folder / "models" / name / "model.json"
    write_json(path, {**json.loads(path.read_text()), "classes": ["trust"], "target": "trust"})


def add_evidence(folder, name="net", classes=CLASSES, only=None, **given):
    """Of three people; with ``only`` of six whose evidence is nearly all of that feature."""
    torch.manual_seed(0)
    module = torch.nn.Linear(3, len(classes))
    values = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    given = {"subjects": list("aabbcc" if only is None else "abcdef"), **given}
    if only is not None:
        values = np.sign(values) + 0.1 * values
        module.weight.data[:] = 0.01
        module.weight.data[:, only] = 1.0
    explain_all(module, values, classes=classes, n_steps=4, output=folder / "evidence" / name, names=["x", "y", "z"],
                **given)  # fmt: skip


def add_source(folder, name, status="ok", reason=""):
    row = Faces.build(1, source=[name], status=[status], reason=[reason])
    write_shard(row, folder / "faces" / f"{name.replace('/', '-')}.parquet")


def page(folder, **shown):
    text = report(folder, **shown).read_text()
    return text.replace("&#39;", "'").replace("\u00a0", " ")


def tiles(text):
    import re

    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text))


def test_an_earlier_runs_failures_do_not_stand_beside_the_scores_of_this_one(tmp_path):
    for name in ("a.jpg", "b.jpg"):
        add_source(tmp_path, f"new/{name}")
        add_source(tmp_path, f"old/{name}", "unreadable", "truncated")
    add_source(tmp_path, "old/c.jpg", "no face")
    assert tiles(page(tmp_path))["unreadable"] == "2"  # nothing rests on any of them yet
    add_model(tmp_path, samples=("new/a.jpg", "new/b.jpg"))
    text = page(tmp_path)
    assert tiles(text) == {"samples in the results": "2", "with their faces here": "2"}
    assert "holds faces of 3 more sources (1 without a face, 2 unreadable). None of the results below rests on" in text
    assert "2 faces in 2 frames" in text


def test_faces_that_are_elsewhere_or_gone_are_said_to_be(tmp_path):
    add_model(tmp_path, samples=("a.jpg", "b.jpg"))
    add_source(tmp_path, "a.jpg")
    assert "The faces of one sample in the results are not in faces/" in page(tmp_path)
    shutil.rmtree(tmp_path / "faces")
    add_source(tmp_path, "other.jpg", "unreadable")
    assert "None of the samples in the results below has its faces in this folder" in page(tmp_path)
    shutil.rmtree(tmp_path / "faces")
    assert "Detected faces" not in page(tmp_path)


def test_a_moved_study_is_the_same_study(tmp_path):
    first = tmp_path / "first"
    add_model(first, samples=("a.jpg", "b.jpg"))
    add_evidence(first)
    add_source(first, "a.jpg")
    (first / "study.toml").write_text('title = "Moved"')
    (first / "models" / "broken").mkdir()
    (first / "models" / "broken" / "model.json").write_text("{")
    before = page(first)
    first.rename(tmp_path / "second")
    assert page(tmp_path / "second") == before and str(tmp_path) not in before


@pytest.mark.parametrize(
    ("part", "changed", "why"),
    [
        ("evaluation", {"weights_sha256": "cd" * 32}, "weights"),
        ("evaluation", {"target": "mood"}, "target: mood against expression"),
        ("evaluation", {"classes": ["neutral", "sad"]}, "classes: neutral, sad against neutral, smiling"),
        ("evaluation", {"protocol": {"n_samples": 9, "n_subjects": 4, "seed": 0}}, "n_samples: 9 against 2"),
        ("evaluation", {"confusion": [[3, 0], [0, 0]]}, "confusion matrix: 3 against 2"),
        ("model", {"info": {"protocol": {"seed": 1}}}, "seed: 0 against 1"),
    ],
)
def test_scores_of_another_model_are_not_shown(tmp_path, part, changed, why):
    add_model(tmp_path, samples=("a.jpg", "b.jpg"))
    path = tmp_path / "models" / "net" / f"{part}.json"
    write_json(path, {**json.loads(path.read_text()), **changed})
    text = page(tmp_path)
    assert "does not belong to this model" in text and why in text
    assert "This model was not evaluated" in text and "0.80 – 0.95" not in text


def test_predictions_of_another_run_are_told(tmp_path):
    add_model(tmp_path, samples=("a.jpg", "b.jpg", "c.jpg"))
    keep = (tmp_path / "models" / "net" / "predictions.parquet").read_bytes()
    add_model(tmp_path, samples=("a.jpg", "b.jpg"))
    (tmp_path / "models" / "net" / "predictions.parquet").write_bytes(keep)
    assert "rows of predictions.parquet: 3 against 2" in page(tmp_path)


def test_evidence_says_what_it_does_not_belong_to(tmp_path):
    add_evidence(tmp_path, ids=[f"p/{i}.jpg" for i in range(6)])
    assert "The explained model 'net' is not in this folder" in page(tmp_path)
    add_model(tmp_path, samples=[f"/data/p/{i}.jpg" for i in range(6)])
    assert "these samples" not in page(tmp_path)
    add_model(tmp_path, samples=[f"p/{i}.jpg" for i in range(4)])
    assert "2 of these samples are not among those that the model's scores rest on" in page(tmp_path)
    add_model(tmp_path, samples=("q/1.jpg", "q/2.jpg"))
    assert "None of these samples is among those" in page(tmp_path)
    assert unmatched(["p/1.jpg", "1.jpg", "q/3.jpg"], ["/x/p/1.jpg", "/x/q/1.jpg"]) == ["q/3.jpg"]


def test_rows_of_arrays_are_not_counted_as_people(tmp_path):
    add_model(tmp_path)
    add_evidence(tmp_path, subjects=None)
    text = page(tmp_path)
    assert "6 samples (people unknown) of all labels" in text and "6 people" not in text and "Samples alike" in text
    add_evidence(tmp_path)
    text = page(tmp_path)
    assert "6 samples of 3 people of all labels" in text and "People alike" in text


def test_arrays_take_names_of_their_rows_and_people():
    values = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    given = {"subjects": list("uuvv"), "ids": [f"{i}.jpg" for i in range(4)]}
    evidence = explain(torch.nn.Linear(3, 1), values, n_steps=4, **given)
    assert evidence.sample.tolist() == given["ids"] and summarise(evidence).who == "4 samples of 2 people"


def test_steps_of_what_is_gone_are_no_provenance_of_what_is_there(tmp_path):
    add_model(tmp_path)
    steps = {"extract": {"sources": 7, "counts": {"unreadable": 7}, "weights": {"a": "1"}}, "train net": {"seed": 5},
             "train gone": {"seed": 6}}  # fmt: skip
    write_json(tmp_path / "provenance.json", steps)
    text = page(tmp_path)
    assert "train net › seed" in text and "extract › weights" in text
    assert "train gone" not in text and "extract › counts" not in text


@pytest.mark.parametrize(
    "correlation",
    [
        score(-0.45, -0.7, -0.1, 0.0),
        score(0.3, -0.1, 0.6, 0.0),
        score(0.4, 0.1, 0.6, 0.0, p=0.2),
        score(0.2, None, None, 0.0),
    ],
)
def test_what_is_not_predicted_is_not_interpreted(tmp_path, correlation):
    add_rated(tmp_path, "net", correlation)
    add_evidence(tmp_path, classes=("trust",))
    text = page(tmp_path)
    assert text.count("Not predicted: do not interpret.") == 2  # beside the evidence, and in the table of ratings
    assert "Most evidence" not in text and "most evidence" not in text and "shares of the evidence" not in text
    assert "The model 'net' is not shown to do better than chance: a correlation of" in text
    assert "<details><summary>Evidence of a model that does not predict 'trust'" in text


def test_what_is_predicted_is_interpreted(tmp_path):
    add_rated(tmp_path, "net", score(0.5, 0.2, 0.7, 0.0), notes=["'trust' holds 999 once; it was left out."])
    add_evidence(tmp_path, classes=("trust",), only=2)
    text = page(tmp_path)
    assert "Not predicted" not in text and "Most evidence for 'trust' comes from z" in text
    assert "; most evidence came from z" in text
    # Below the headline, with the scores, with the ratings and beside the evidence.
    assert text.count("'trust' holds 999 once; it was left out.") == 4


def test_a_class_that_is_not_told_from_others_is_not_interpreted(tmp_path):
    areas = {"smiling": score(0.55, 0.4, 0.7), "neutral": score(0.9, 0.8, 1), "angry": score(0.9, 0.8, 1)}
    add_model(tmp_path, classes=list(areas), per_class={name: {"auc": area} for name, area in areas.items()})
    spec = read_json(tmp_path / "models" / "net" / "model.json")
    write_json(tmp_path / "models" / "net" / "model.json", {**spec, "classes": list(areas)})
    add_evidence(tmp_path)
    text = page(tmp_path)
    # Beside the scores and beside the evidence.
    assert text.count("Not predicted: do not interpret.") == 2
    assert text.count("the area under the ROC curve for 'smiling'") == 2
    assert "shares of the evidence for 'neutral'" in text and "evidence for 'smiling':" not in text


def test_a_withheld_interval_is_withheld_everywhere_and_says_why(tmp_path):
    exact = score(1.0, None, None, people=6, p=0.001)
    add_model(tmp_path, scores={"balanced_accuracy": exact}, notes=["The samples show 6 people."],
              per_class={"smiling": {"auc": exact}})  # fmt: skip
    text = page(tmp_path)
    assert "balanced accuracy of 1.00 (interval withheld: 6 people, chance 0.50)" in text
    # Headline, table, class, and the answer to a reviewer.
    assert text.count("interval withheld: 6 people") == 4 and "1.00 – 1.00" not in text
    assert text.count("The samples show 6 people.") == 2  # below the headline, and with the scores
    # The model as a whole is tested, a class of few people by itself is not: it is no reason not to interpret.
    add_evidence(tmp_path)
    assert "Largest shares of the evidence for 'smiling'" in page(tmp_path)


def test_evidence_in_the_folder_of_another_model_is_named_by_its_weights(tmp_path):
    for name, weights in (("a", "ab" * 32), ("b", "cd" * 32)):
        add_model(tmp_path, name)
        spec = read_json(tmp_path / "models" / name / "model.json")
        write_json(tmp_path / "models" / name / "model.json", {**spec, "weights_sha256": weights})
    add_evidence(tmp_path, name="b", classes=("neutral",))
    place = next((tmp_path / "evidence").rglob("evidence.json"))
    facts = read_json(place)
    write_json(place, {**facts, "model": {**facts["model"], "weights_sha256": "ab" * 32}})
    study = read_folder(tmp_path)
    assert [(part.model, part.outdated) for part in study.evidence] == [("a", False)]


def test_drawings_of_what_is_not_predicted_say_so_and_captions_begin_with_what_is_shown(tmp_path):
    for name, correlation in (("good", score(0.6, 0.4, 0.8, 0.0)), ("poor", score(0.02, -0.2, 0.25, 0.0))):
        add_rated(tmp_path, name, correlation)
        add_evidence(tmp_path, name, ("trust",), only=2)
    good, poor = (figure(tmp_path, f"evidence-{name}") for name in ("good", "poor"))
    assert good.caption.startswith("Evidence for 'trust' of 'good' (") and "bars: mean signed" in good.caption
    assert "Not predicted" not in good.svg + good.caption and re.search(f"{POSITIVE}|{NEGATIVE}", good.svg)
    # What hues mean is not said where there are none.
    assert poor.caption.endswith("Not predicted: do not interpret.") and "signed" not in poor.caption
    assert "Not predicted: do not interpret." in poor.svg and not re.search(f"{POSITIVE}|{NEGATIVE}", poor.svg)


def test_captions_of_scores_say_on_whom_each_model_was_scored(tmp_path):
    for name, samples in (("a", 8), ("b", 8), ("c", 6)):
        add_model(tmp_path, name, samples=[f"{i}.png" for i in range(samples)])
    add_rated(tmp_path, "r", score(0.6, 0.4, 0.8, 0.0))
    found = figure(tmp_path, "scores")
    said = "Balanced accuracy of 'a' and 'b' on 8 samples of 4 people, and of 'c' on 6 samples of 4 people, held out"
    assert found.names == ("scores", "scores-of-ratings") and found.captions[0].startswith(said)
