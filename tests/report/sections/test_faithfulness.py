"""The report's section on faithfulness: complete, escaped, and sentences for files that are something else."""

import numpy as np
import pytest
import torch

from mien.core.files import read_json, write_json
from mien.faithfulness.faithfulness import evaluate_evidence
from mien.report.report import report

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def study(tmp_path):
    torch.manual_seed(0)
    values = np.random.default_rng(0).normal(size=(8, 3, 16, 16)).astype(np.float32)
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(768, 2))
    evaluate_evidence(
        network, values, ["saliency", "input-x-gradient"], target=1, classes=["no", EVIL], n_steps=4, block=4,
        metrics=["insertion", "deletion", "gini"], output=tmp_path / "faithfulness" / "net",
    )  # fmt: skip
    return tmp_path


def test_ranks_numbers_curves_and_controls_are_shown(study):
    page = report(study).read_text(encoding="utf-8")
    found = read_json(study / "faithfulness" / "net" / "faithfulness.json")
    assert EVIL not in page and "&lt;script&gt;" in page
    for row in found["rows"]:
        assert f"{row['value']:.2f}".replace("-", "−") in page
    for text in ("random (control)", "face-centre prior (control)", "higher is better", "block of 4 x 4 pixels"):
        assert text in page
    assert "Insertion curves of" in page and page.count("stroke-dasharray") >= 4


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found["rows"][0].update(value="high"),
        lambda found: found.update(rows="none"),
        lambda found: found.update(ranks={"gini": {"saliency": "first"}}),
        lambda found: found.update(curves={"insertion": {"saliency": "up"}}),
        lambda found: found.update(shares=None),
        lambda found: found.pop("settings"),
    ],
)
def test_files_that_are_something_else_are_named(study, change):
    path = study / "faithfulness" / "net" / "faithfulness.json"
    found = read_json(path)
    change(found)
    write_json(path, found)
    page = report(study).read_text(encoding="utf-8")
    assert "is not laid out as" in page and "Does the evidence deserve its name?" not in page


def test_a_curve_of_another_length_is_left_out_and_the_page_stands(study):
    path = study / "faithfulness" / "net" / "faithfulness.json"
    found = read_json(path)
    found["curves"]["insertion"]["saliency"] = [0.0, 1.0]
    found["notes"] = [EVIL]
    write_json(path, found)
    page = report(study).read_text(encoding="utf-8")
    assert EVIL not in page and "input-x-gradient" in page
