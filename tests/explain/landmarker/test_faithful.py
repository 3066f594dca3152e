"""Faithfulness in the pixels of photos: photo by photo, each with the landmarker as it needs it, on one scale."""

import json

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from mien.core.errors import InputError
from mien.core.target import Target
from mien.explain.explain import explain
from mien.faithfulness.cases import cases_of, samples_to_score
from mien.faithfulness.faithfulness import evaluate_evidence

torch.set_num_threads(1)
SMILE = "blendshape:mouthSmileLeft"
QUICK = {"fill": "blur", "block": 32, "n_steps": 4, "metrics": ["insertion", "deletion", "gini", "region-mass"]}
METHODS = ["saliency", "leave-one-region-out"]


@pytest.fixture(scope="module")
def found(photos):
    _, samples, faces = photos
    return evaluate_evidence(SMILE, samples, METHODS, faces=faces, truth="mouth,cheek", **QUICK)


def test_methods_stand_beside_random_inverse_and_face_centre(found, photos):
    _, samples, _ = photos
    assert set(found.methods) == {*METHODS, "random", "face-centre prior"}
    for metric in QUICK["metrics"]:
        for name in found.methods:
            column = found.values[metric][name]
            assert column.shape == (len(samples),) and np.isfinite(column).all()
    rows = {(row.method, row.metric): row for row in found.rows}
    row = rows["leave-one-region-out", "insertion"]
    assert np.isfinite([row.random, row.inverse, row.centre, row.difference]).all() and row.subjects == 2
    assert found.settings["through"] == "landmarker" and found.settings["baselines"]["baselines"] == "blur"
    json.dumps(found.to_json(), allow_nan=False)


def test_all_curves_begin_and_end_with_the_whole_and_the_empty_photo(found):
    """Whatever the order, nothing removed is the photo itself and everything removed is 0 on the common scale."""
    start = found.curves["deletion"]["random"][0]
    for name in found.methods:
        deletion, insertion = found.curves["deletion"][name], found.curves["insertion"][name]
        np.testing.assert_allclose([deletion[0], insertion[-1]], start, atol=1e-6)
        np.testing.assert_allclose([deletion[-1], insertion[0]], 0, atol=1e-6)


def test_a_smile_goes_with_what_integrated_gradients_name_first(photos):
    """On photos that smile: earlier than the other way round, and more of it in mouth and cheeks than chance has."""
    _, samples, faces = photos
    smiling = samples[samples.labels["expression"] == "smile"]
    given = {**QUICK, "metrics": ["deletion", "region-mass"], "truth": "mouth,cheek"}
    judged_ones = evaluate_evidence(
        SMILE, smiling, "integrated-gradients", faces=faces, settings={"integrated-gradients": {"n_steps": 12}}, **given
    )
    deletion, mass = judged_ones.rows
    assert deletion.value < deletion.inverse and mass.value > max(mass.random, mass.centre, mass.inverse)


def test_the_scale_is_that_of_all_photos_and_the_outputs_are_those_of_explain(photos):
    _, samples, faces = photos
    what = samples_to_score(SMILE, samples, "saliency", 0, lambda done, total: None, {"faces": faces})
    cases = cases_of(what, Target("mouthSmileLeft"), None, None, 32, 4)
    plain = explain(SMILE, samples, method="saliency", faces=faces)
    np.testing.assert_allclose(np.concatenate([case.output for case in cases]), plain.output, atol=1e-6)
    change = np.mean([abs(case.output[0] - case.filled[0]) for case in cases])
    assert all(case.scale == pytest.approx(change) for case in cases) and len(cases) == len(samples)


def test_a_photo_is_judged_as_it_is_alone_but_for_the_scale(found, photos):
    _, samples, faces = photos
    ready = explain(SMILE, samples, method="saliency", faces=faces)
    again = evaluate_evidence(SMILE, samples, ready, faces=faces, **{**QUICK, "metrics": ["insertion", "gini"]})
    for metric in ("insertion", "gini"):
        np.testing.assert_allclose(again.values[metric]["saliency"], found.values[metric]["saliency"], atol=1e-4)
    with pytest.raises(InputError, match="explain the same samples"):
        evaluate_evidence(SMILE, samples, ready[:1], faces=faces, **{**QUICK, "metrics": ["gini"]})


def test_the_command_line_judges_a_blendshape(photos, tmp_path):
    from mien.cli.main import app

    folder, _, _ = photos
    words = ["evaluate-evidence", SMILE, str(folder / "0.png"), "-o", str(tmp_path), "--method", "saliency"]
    words += ["--metric", "gini", "--metric", "deletion", "--block", "64", "--n-steps", "2", "--json"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert {row["metric"] for row in json.loads(done.stdout)["rows"]} == {"gini", "deletion"}
