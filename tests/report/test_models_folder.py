"""Models on the page: files that were edited or damaged are named, and scores of another model are not shown."""

import pytest

from mien.core.files import write_json
from mien.learn.evaluation import Evaluation
from mien.report.models_folder import ModelPart, evaluation_of_another, read_models


def test_a_description_that_is_something_else_is_named_and_absent_parts_are_none(tmp_path):
    write_json(tmp_path / "a" / "model.json", {"classes": "a, b"})
    write_json(tmp_path / "b" / "model.json", {"kind": "tabular"})
    problems: list[str] = []
    (part,) = read_models(problems, tmp_path)
    assert part == ModelPart("b", "tabular")
    assert "'classes' is not laid out as" in problems[0] and len(problems) == 2  # the other one: no weights


def test_scores_of_another_model_are_recognised_by_what_both_files_say():
    part = ModelPart("a", target="label", info={"protocol": {"n_samples": 12, "seed": 0}}, weights_sha256="a" * 64)
    own = {"weights_sha256": "a" * 64, "target": "label", "protocol": {"n_samples": 12, "seed": 0}}

    def why(predictions, **changed):
        return evaluation_of_another(part, Evaluation.of_json({**own, **changed}), predictions)

    assert why(12) == ""
    assert why(11) == "rows of predictions.parquet: 11 against 12"
    assert why(12, weights_sha256="b" * 64).startswith("weights: bbbbbbbbbbbb")
    assert why(12, confusion=[[5, 0], [1, 5]]) == "samples in the confusion matrix: 11 against 12"
    # Held-out scores rest on other samples than the training.
    assert why(5, protocol={"scheme": "held-out", "n_samples": 5}) == ""


@pytest.mark.parametrize("content", ["[]", "{", '{"scores": []}'])
def test_scores_that_cannot_be_read_leave_the_model(tmp_path, content):
    write_json(tmp_path / "a" / "model.json", {"kind": "tabular"})
    (tmp_path / "a" / "evaluation.json").write_text(content)
    problems: list[str] = []
    assert read_models(problems, tmp_path)[0].evaluation is None and "evaluation.json" in problems[0]
