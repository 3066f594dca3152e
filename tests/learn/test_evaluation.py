"""One evaluation for classes and ratings: what both hold, and that what was written is read back."""

import json
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")
pytest.importorskip("safetensors")

from mien.core.errors import InputError
from mien.core.files import write_json
from mien.core.outcome import Classes, Ratings
from mien.learn.ceilings import Ceiling, learnable
from mien.learn.evaluate import evaluate
from mien.learn.evaluation import Evaluation, score
from mien.learn.noise import shuffled
from mien.learn.predictions import RatingPredictions, read_predictions
from mien.learn.train import train
from mien.stats.scores import Score

CEILINGS = {"a": 0.9, "b": 0.8, "c": 0.5, "d": 0.3}


def trained(make_pictures, outcome: str, folder):
    samples, faces = make_pictures(n_subjects=12)
    if outcome == "classes":
        return train(samples, target="expression", faces=faces, n_folds=3, noise_check=True, output=folder)
    rng = np.random.default_rng(0)
    known = (samples.labels["expression"] == "smile").astype(float)
    rated = replace(samples, ratings={name: known + 0.2 * rng.normal(size=len(known)) for name in ("warm", "calm")})
    ceiling = {"warm": 0.9}
    return train(
        rated, target=["warm", "calm"], faces=faces, n_folds=3, noise_check=True, ceiling=ceiling, output=folder
    )


@pytest.mark.parametrize("outcome", ["classes", "ratings"])
def test_evaluations_and_predictions_are_read_back_as_they_were(make_pictures, tmp_path, outcome: str) -> None:
    found = trained(make_pictures, outcome, tmp_path)
    read = Evaluation.read(tmp_path)
    assert json.dumps(read.to_json()) == json.dumps(found.evaluation.to_json())
    assert read.predicts == outcome and bool(read.per_class) == (outcome == "classes") != bool(read.per_rating)
    again = read_predictions(tmp_path)
    assert type(again) is type(found.predictions)
    for name, values in found.predictions.columns().items():
        np.testing.assert_array_equal(again.columns()[name], values)
    stored = json.loads((tmp_path / "evaluation.json").read_text())
    del stored["scores"]
    write_json(tmp_path / "evaluation.json", stored)
    with pytest.raises(InputError, match="not laid out as 'mien train' writes it"):
        Evaluation.read(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scores", {"accuracy": 0.9}),
        ("scores", {"accuracy": {"value": "0.9"}}),
        ("scores", {"accuracy": {"value": True}}),
        ("confusion", [[1, None]]),
        ("calibration", {"count": 3}),
        ("per_class", {"smile": []}),
        ("left_out", {"no-face": "two"}),
        ("protocol", {"n_subjects": [8]}),
        ("noise_check", {"accuracy": None}),
    ],
)
def test_the_first_part_of_an_evaluation_that_was_changed_is_named(name, value) -> None:
    whole = {"classes": ["a", "b"], "scores": {"accuracy": {"value": 0.9}}, "confusion": [[1, 0], [0, 1]], "notes": []}
    assert Evaluation.of_json(whole).classes == ("a", "b")
    with pytest.raises(ValueError, match=f"'{name}'"):
        Evaluation.of_json({**whole, name: value})


def test_whether_ceilings_and_correlations_go_together_is_read_back() -> None:
    scores = {name: {"pearson": Score(value, value - 0.1, value + 0.1, 0.0)} for name, value in CEILINGS.items()}
    ceilings = {name: Ceiling(value) for name, value in CEILINGS.items()}
    found = Evaluation("ratings", "many", "net", {}, {}, scores, {}, ceilings=ceilings,
                       learnable=learnable(ceilings, scores))  # fmt: skip
    again = Evaluation.of_json(found.to_json())
    assert again.learnable == found.learnable is not None
    assert json.dumps(again.to_json()) == json.dumps(found.to_json())


@pytest.mark.parametrize("outcome", ["classes", "ratings"])
def test_cost_and_remarks_stand_beside_the_scores_of_both(make_pictures, tmp_path, monkeypatch, outcome: str) -> None:
    """Only classifiers had them."""
    found = trained(make_pictures, outcome, tmp_path)
    cost = found.evaluation.cost
    assert (
        cost["samples"] == len(found.predictions.path)
        and cost["fit_seconds"] > 0
        and cost["microseconds_per_sample"] > 0
    )
    monkeypatch.setattr(type(found.model), "remarks", lambda self, values: [f"{len(values)} values were seen."])
    samples, faces = make_pictures(n_subjects=3)
    samples = replace(samples, ratings={"warm": np.arange(len(samples)) / 3.0})
    moved = replace(faces, blendshapes=faces.blendshapes + 0.001, landmarks_px=faces.landmarks_px + 0.1)
    assert f"{len(samples)} values were seen." in evaluate(found.model, samples, faces=moved, other_people=True).notes


def test_shuffling_keeps_the_mixture_of_every_person_for_classes_and_ratings() -> None:
    subjects = np.repeat(list("abcdef"), 4)
    labels = np.array(list("xxyyxyyyxxxyxxxxyyyyxyxy"), dtype=object)
    numbers = np.stack([np.arange(24.0), (labels == "x").astype(float)], axis=1)
    for outcome, y in ((Classes(("face",)), labels), (Ratings(("one", "other")), numbers)):
        drawn = shuffled(outcome, y, subjects, 3)
        mixtures = [{tuple(sorted(map(str, v[subjects == who]))) for who in "abcdef"} for v in (y, drawn)]
        assert mixtures[0] == mixtures[1] and (drawn != y).any()


def test_shuffled_ratings_vary_in_every_training_fold_as_shuffled_labels_hold_every_class() -> None:
    subjects = np.repeat(list("abcd"), 2)
    y = np.repeat([0.0, 0.0, 1.0, 1.0], 2)[:, None]
    halves = [np.flatnonzero(np.isin(subjects, list(half))) for half in ("ab", "cd")]
    folds = [(halves[0], halves[1]), (halves[1], halves[0])]
    for seed in range(10):
        drawn = shuffled(Ratings(("kind",)), y, subjects, seed, folds)
        assert all(np.ptp(drawn[train]) > 0 for train, _ in folds)


@pytest.mark.parametrize(("error", "says"), [(0.0, True), (1.5, False)])
def test_a_correlation_below_what_r2_allows_is_explained(error: float, says: bool) -> None:
    """Ratings of 20 people, predicted perfectly in five folds whose people differ in their means, or badly."""
    rng = np.random.default_rng(0)
    fold = np.arange(20) % 5
    truth = rng.normal(size=(20, 1)) + 0.5 * fold[:, None]
    names = np.array([f"p{i}" for i in range(20)])
    p = RatingPredictions(names, names, fold, truth, truth + error * rng.normal(size=(20, 1)), ("warm",))
    found = score(p, target="warm", model="m", protocol={}, left_out={})
    assert (found.scores["r2"].value > 0.999) == says
    assert any("r2 of 'warm' (1.000) is higher than its correlation (" in note for note in found.notes) == says
