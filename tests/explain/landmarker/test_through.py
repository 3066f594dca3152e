"""Evidence through the landmarker: the explained numbers are those of the pipeline, and it falls where it should."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from mien.cli.main import app
from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES, Faces
from mien.explain.explain import explain, explain_all
from mien.explain.landmarker.crops import photo_crops
from mien.explain.landmarker.features import Distances, ExpressionFeatures
from mien.explain.landmarker.readings import parse_reading
from mien.explain.store import evidence_folder, load_evidence
from mien.features import compute
from mien.features.geometry import by_eyes
from mien.features.measures import MEASURES, measures
from mien.learn.train import train


def density(evidence, *places):
    """Evidence for its size: share of the absolute evidence over share of the pixels."""
    share = sum(evidence.columns[f"share of {place}"] for place in places)
    return share / sum(evidence.columns[f"area of {place}"] for place in places)


@pytest.mark.parametrize(
    "recipe",
    [
        {"blocks": ["blendshapes", "measures"]},
        {"blocks": ["measures", "points"], "align": "frontal", "coordinates": "xyz"},
        {"blocks": ["points"], "over_time": "functionals"},
    ],
)
def test_features_in_torch_are_those_of_the_recipe(photos, recipe):
    _, samples, faces = photos
    known = compute({"name": "expression", **recipe}, samples, faces)
    with torch.no_grad():
        found = ExpressionFeatures(known.recipe)(torch.from_numpy(faces.landmarks_px.copy()))
    assert np.abs(found.numpy() - known.values).max() < 1e-4


def test_blendshapes_through_the_photo_are_the_stored_ones(photos):
    """Also where the head lies on one side: the crop is level, but the blendshape network sees the photo's points."""
    _, samples, faces = photos
    crops = photo_crops(samples, faces)
    assert np.abs(crops.turn).max() > np.radians(10) and np.nanmax(crops.moved) < 1e-6
    found = explain("blendshape:mouthSmileLeft", samples, faces=faces, method="saliency")
    stored = faces.blendshapes[:, BLENDSHAPES.index("mouthSmileLeft")]
    assert np.abs(found.output - stored).max() < 1e-4
    without = explain("blendshape:mouthSmileLeft", samples[1:2], method="saliency")
    assert without.output[0] == found.output[1] and np.isnan(without.columns["points moved"]).all()


def test_measures_and_distances_through_the_photo_are_those_of_the_points(photos):
    _, samples, faces = photos
    aligned = by_eyes(faces.landmarks_px, faces.topology)
    samples, faces = samples[:2], faces[:2]
    aligned = aligned[:2]
    found = explain("measure:mouth opening", samples, faces=faces, method="saliency")
    known = measures(aligned, faces.topology)[:, MEASURES.index("mouth opening")]
    assert found.output == pytest.approx(known, abs=1e-4)
    distance = explain("distance:61-291", samples, faces=faces, method="saliency")
    expected = np.linalg.norm(aligned[:, 61, :2] - aligned[:, 291, :2], axis=1)
    assert distance.output == pytest.approx(expected, abs=1e-4)
    assert distance.settings["explained"] == "inter-ocular distance"


def test_gradient_of_a_distance_stays_finite_where_points_fall_together():
    points = torch.rand(1, 478, 3)
    points[0, 61] = points[0, 291]
    points.requires_grad_()
    Distances([(61, 291)])(points).sum().backward()
    assert torch.isfinite(points.grad).all()


@pytest.fixture(scope="module")
def model(photos, tmp_path_factory):
    """A smile model of the four photos: it need not be good, only known."""
    _, samples, faces = photos
    folder = tmp_path_factory.mktemp("model") / "m"
    train(samples, target="expression", model="expression", faces=faces, evaluate=False, output=folder)
    return folder


def test_a_trained_models_logits_through_the_photo_are_those_of_its_features(photos, model):
    from mien.models.store import load_model

    _, samples, faces = photos
    known = load_model(model)
    scores = known.scores(compute(known.recipe, samples, faces).values)
    found = explain_all(model, samples[:2], faces=faces, through="landmarker", method="saliency")
    for column, name in enumerate(known.classes):
        assert found[name].output == pytest.approx(scores[:2, column], abs=2e-3)
        assert list(found[name].label) == list(samples.labels["expression"][:2]) and found[name].space == "pixels"
        assert np.abs(found[name].values).max() > 0


def test_integrated_gradients_of_a_smile_lie_on_the_mouth(photos):
    """Complete up to the gap, and on the mouth far more than its size alone would give."""
    _, samples, faces = photos
    smile = samples[np.flatnonzero(samples.labels["expression"] == "smile")[:1]]
    found = explain("blendshape:mouthSmileLeft", smile, faces=faces, n_steps=64)
    assert (density(found, "mouth") > 3).all() and (density(found, "outside the face") < 1).all()
    assert found.values.shape == (1, 3, 256, 256) and found.settings["baselines"] == "blur"
    # Nearly all of the change comes with the first traces of detail, so the rule needs many steps; the gap says so.
    assert found.output[0] > 0.9 and abs(found.gap[0]) < 0.25 and found.columns["passes without a face"][0] == 0
    assert found.columns["landmarker passes"][0] > 64


def test_evidence_lies_on_the_part_that_is_read(photos):
    """Brows for raised brows, the eye for its opening: densest of all regions, in nearly every picture."""
    _, samples, faces = photos
    brows = explain("blendshape:browInnerUp", samples, faces=faces, method="saliency")
    assert np.median(density(brows, "left brow", "right brow", "forehead", "left eye", "right eye")) > 1.5
    samples = samples[:2]
    lids = explain("measure:left eye opening", samples, faces=faces, method="saliency")
    assert (density(lids, "left eye") > 2).all() and (density(lids, "left eye") > density(lids, "right eye")).all()
    mouth = explain("measure:mouth opening", samples, faces=faces, method="saliency")
    assert (density(mouth, "mouth") > 2).all() and (density(mouth, "mouth") > density(mouth, "left eye")).all()


@pytest.mark.parametrize(
    ("method", "settings"),
    [("hirescam", {}), ("leave-one-region-out", {}), ("kernel-shap", {"n_samples": 48, "segments": "regions"})],
)
def test_all_kinds_of_methods_go_through(photos, method, settings):
    _, samples, faces = photos
    found = explain("measure:mouth opening", samples[:1], faces=faces, method=method, **settings)
    assert found.values.shape == (1, 1, 256, 256) and found.status[0] == "ok"
    assert np.isfinite(found.values).all() and found.columns["landmarker passes"][0] > 1
    if "segments" in found.settings:
        assert found.settings["segments"] == "regions"


def test_a_samples_evidence_does_not_depend_on_its_neighbours(photos):
    _, samples, faces = photos
    together = explain("distance:13-14", samples[:2], faces=faces, method="saliency")
    alone = explain("distance:13-14", samples[1:2], faces=faces, method="saliency")
    np.testing.assert_allclose(together.values[1], alone.values[0], atol=1e-7)


def test_pictures_without_a_face_and_clips_are_rows_that_say_so(photos, tmp_path):
    from PIL import Image

    folder, _, _ = photos
    Image.fromarray(np.full((200, 200, 3), 90, np.uint8)).save(tmp_path / "wall.png")
    (tmp_path / "damaged.jpg").write_bytes(b"\xff\xd8 not a picture")
    found = explain(
        "measure:mouth opening", [folder / "0.png", tmp_path / "wall.png", tmp_path / "damaged.jpg"], method="saliency"
    )
    assert list(found.status) == ["ok", "no input", "no input"] and np.isnan(found.values[1:]).all()
    nobody = explain("measure:mouth opening", str(tmp_path / "wall.png"), method="saliency")
    assert list(nobody.status) == ["no input"]


def test_faces_of_other_tools_give_the_crop_by_their_points(photos):
    """The square around stored points that no look at the photo gives again: the landmarker's own second look."""
    _, samples, faces = photos
    moved = Faces.build(
        1, source=faces.source[:1], landmarks_px=faces.landmarks_px[:1] + np.float32([9, -7, 0]), track=np.zeros(1, int)
    )
    crops = photo_crops(samples[:1], moved)
    assert crops.features.ok.all() and 0 < crops.moved[0] < 0.3
    back = crops.points[0, :, :2] @ crops.to_photo[0, :, :2].T + crops.to_photo[0, :, 2]
    between = np.linalg.norm(faces.landmarks_px[0, 33, :2] - faces.landmarks_px[0, 263, :2])
    assert np.linalg.norm(back - faces.landmarks_px[0, :, :2], axis=1).mean() < 0.05 * between


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("blendshape:mouthSmile", "Did you mean 'mouthSmile"),
        ("measure:mouth openning", "Did you mean 'mouth opening'"),
        ("distance:61", "such as 61-291"),
        ("distance:61-478", "from 0 to 477"),
        ("distance:5-5", "two different points"),
        ("blendshape:", "written as"),
    ],
)
def test_what_cannot_be_read_off_a_face_gives_a_sentence(text, says):
    with pytest.raises(InputError, match=says):
        parse_reading(text)


def test_models_that_one_photo_cannot_answer_are_refused_by_name(photos, model):
    _, samples, faces = photos
    with pytest.raises(InputError, match="relative to the subject"):
        ExpressionFeatures({"blocks": ["measures"], "relative_to": "subject"})
    with pytest.raises(InputError, match="action units"):
        ExpressionFeatures({"blocks": ["actions"]})
    with pytest.raises(InputError, match="through='detector'"):
        explain(model, samples, faces=faces, through="detector")
    with pytest.raises(InputError, match="a trained model with gradients"):
        explain(lambda x: x.sum(1), samples, faces=faces, through="landmarker")
    with pytest.raises(InputError, match="photos"):
        explain("blendshape:jawOpen", np.zeros((1, 3, 256, 256)), method="saliency")


def test_on_the_command_line_with_drawings_and_report(photos, tmp_path):
    folder, _, _ = photos
    out = tmp_path / "evidence" / "opening"
    words = ["explain", "measure:mouth opening", str(folder / "0.png"), "-o", str(out), "--method", "saliency"]
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == 0, done.output
    (result,) = json.loads(done.stdout)
    assert "mouth" in result["words"] and result["drawings"] == []
    assert any("--show-faces" in note for note in result["notes"])
    (result,) = json.loads(CliRunner().invoke(app, [*words, "--json", "--show-faces"]).stdout)
    assert [path.split("/")[-1] for path in result["drawings"]] == ["pictures.svg"]
    stored = load_evidence(result["folder"])
    assert stored.settings["through"] == "landmarker" and evidence_folder(out, stored).is_dir()
    from mien.report.report import report

    page = report(tmp_path).read_text()
    assert "<image" not in page and "0.png" not in page and "mouth" in page
    page = report(tmp_path, show_faces=True).read_text()
    assert page.count("<image") == 4 and "0.png" not in page
    assert "0.png" in report(tmp_path, show_faces=True, show_names=True).read_text()


def test_evidence_knows_that_a_data_set_shows_nobody(photos):
    _, samples, faces = photos
    given = {"faces": faces, "method": "saliency"}
    assert "synthetic" not in explain("measure:mouth opening", samples[:1], **given).settings
    nobody = replace(samples[:1], synthetic=True)
    assert explain("measure:mouth opening", nobody, **given).settings["synthetic"] is True
