"""The section on scores: known numbers, withheld intervals, confusion, protocol."""

import pytest

from mien.core.evidence import DO_NOT
from mien.learn.evaluation import Evaluation
from mien.report.models_folder import ModelPart
from mien.report.privacy import Privacy
from mien.report.sections.models import protocol_words, section

SCORES = {
    "balanced_accuracy": {"value": 0.8, "low": 0.65, "high": 0.9, "chance": 0.5, "p": 0.004},
    "auc": {"value": 0.91, "low": None, "high": None, "chance": 0.5, "people": 6},
}
EVALUATION = {
    "target": "label",
    "classes": ["neutral", "smile"],
    "scores": SCORES,
    "confusion": [[8, 2], [0, 0]],
    "calibration": {"expected_calibration_error": 0.0312, "brier": 0.25},
    "per_class": {"smile": {"auc": SCORES["auc"]}},
    "left_out": {"no-face": 3, "no-label": 0},
    "protocol": {
        "scheme": "grouped",
        "n_folds": 5,
        "n_subjects": 20,
        "n_samples": 10,
        "seed": 7,
        "group_by": "subject",
    },
}


@pytest.fixture(scope="module")
def block():
    return section(ModelPart("m", "tabular", "label", evaluation=Evaluation.of_json(EVALUATION)), Privacy())


def test_scores_stand_with_interval_chance_and_p(block):
    first, second = block["scores"]
    assert (first["name"], first["value"], first["interval"]) == ("Balanced accuracy", "0.80", "0.65 – 0.90")
    assert (first["chance"], first["p"]) == ("0.50", "0.004")
    assert second["p"] == "–" and "withheld" in second["interval"] and "svg" in first["plot"]
    assert block["tested"] and block["line"] == "0 – 1"


def test_classes_that_are_not_predicted_carry_the_caution_beside_their_scores(block):
    chance = {"balanced_accuracy": {"value": 0.55, "low": 0.4, "high": 0.7, "chance": 0.5, "p": 0.3}}
    none = Evaluation.of_json({**EVALUATION, "scores": chance})
    found = section(ModelPart("m", "tabular", "label", evaluation=none), Privacy())
    assert found["warning"].startswith(DO_NOT) and block["warning"] == ""


def test_confusion_is_shaded_by_the_share_of_the_true_class(block):
    assert [[cell["shade"] for cell in row["cells"]] for row in block["confusion"]] == [[8, 2], [0, 0]]
    assert [row["total"] for row in block["confusion"]] == [10, 0]


def test_calibration_and_what_was_left_out_are_said(block):
    assert block["calibration_words"] == (
        "On average the probability is 3.1 points off the share that was right; "
        "Brier score 0.250 (summed over classes: 0 is perfect, 0.500 is what equal probabilities of all 2 classes "
        "give, 2 is the worst)."
    )
    assert block["left_out"] == [("no-face", 3)] and block["calibration"] == ""


def test_each_class_has_a_row(block):
    assert block["per_class"]["rows"][0]["label"] == "smile"
    assert block["per_class"]["rows"][0]["cells"][0].startswith("0.91 (")


def test_the_protocol_says_who_and_how():
    words = protocol_words(EVALUATION["protocol"])
    assert "20" in words and "5 folds of about equal size" in words and words.endswith("Seed 7.")
    assert protocol_words({}) == ""


def test_a_model_without_scores_is_said_to_be_so():
    found = section(ModelPart("m", classes=["a", "b"]), Privacy())
    assert not found["evaluated"] and "scores" not in found and found["classes"] == ["a", "b"]
