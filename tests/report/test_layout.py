"""Files that were edited or damaged: what is laid out otherwise is named, and scores of another model are not shown."""

import pytest

from mien.report.layout import EACH, EVALUATION, MODEL, checks_of, evaluation_of_another, fits, flat, is_number, misfit


@pytest.mark.parametrize(
    ("value", "shape", "whole"),
    [
        ("a", str, True),
        (3, str, False),
        (None, is_number, True),
        (True, is_number, False),
        ([1, None, 0.5], [is_number], True),
        ([1, "2"], [is_number], False),
        ({"a": 1}, [is_number], False),
        ({}, {"value": is_number}, True),
        ({"value": "high"}, {"value": is_number}, False),
        ({"a": {"b": 1}, "c": {}}, {EACH: {EACH: int}}, True),
        ({"a": {"b": "1"}}, {EACH: {EACH: int}}, False),
        ([], {EACH: int}, False),
    ],
)
def test_a_shape_says_what_fits(value, shape, whole):
    assert fits(value, shape) is whole


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("scores", {"accuracy": 0.9}),
        ("scores", {"accuracy": {"value": "0.9"}}),
        ("confusion", [[1, None]]),
        ("calibration", {"count": 3}),
        ("per_class", {"smile": []}),
        ("left_out", {"no-face": "two"}),
        ("protocol", {"n_subjects": [8]}),
    ],
)
def test_the_first_part_of_an_evaluation_that_cannot_be_shown_is_named(part, value):
    whole = {"classes": ["a", "b"], "scores": {"accuracy": {"value": 0.9}}, "confusion": [[1, 0], [0, 1]], "notes": []}
    assert misfit(whole, EVALUATION) == ""
    assert misfit({**whole, part: value}, EVALUATION) == part


def test_absent_parts_of_a_model_are_no_misfit():
    assert misfit({}, MODEL) == "" and misfit({"classes": "a, b"}, MODEL) == "classes"


def test_scores_of_another_model_are_recognised_by_what_both_files_say():
    spec = {"weights_sha256": "a" * 64, "target": "label", "info": {"protocol": {"n_samples": 12, "seed": 0}}}
    own = {"weights_sha256": "a" * 64, "target": "label", "protocol": {"n_samples": 12, "seed": 0}}
    assert evaluation_of_another(spec, own, 12) == ""
    assert evaluation_of_another(spec, own, 11) == "rows of predictions.parquet: 11 against 12"
    assert evaluation_of_another(spec, {**own, "weights_sha256": "b" * 64}, 12).startswith("weights: bbbbbbbbbbbb")
    assert evaluation_of_another(spec, {**own, "confusion": [[5, 0], [1, 5]]}, 12) == (
        "samples in the confusion matrix: 11 against 12"
    )
    # Held-out scores rest on other samples than the training.
    assert evaluation_of_another(spec, {**own, "protocol": {"scheme": "held-out", "n_samples": 5}}, 5) == ""


def test_settings_are_rows_with_joined_names():
    assert flat({"folds": {"scheme": "grouped", "n": 5}, "targets": ["a", "b"], "parts": [{"x": 1}]}) == [
        ("folds › scheme", "grouped"),
        ("folds › n", "5"),
        ("targets", "a, b"),
        ("parts 1 › x", "1"),
    ]
    assert flat("a" * 700) == [("", f"{'a' * 600} …")]


def test_checks_show_whole_rows_only():
    row = {"label": "smile", "evidence": 0.9, "random": 0.5, "random_low": 0.4, "random_high": 0.6, "inverse": 0.1}
    found = checks_of({"title": "Planted", "rows": [row, {**row, "random": "half"}, {"label": "x"}, 3]})
    assert found["rows"] == [{**row, "acting": ""}] and found["title"] == "Planted"
    assert checks_of({"rows": "none"}) == {} and checks_of({"rows": []}) == {}
