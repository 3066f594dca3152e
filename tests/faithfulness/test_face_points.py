"""Points of faces in the crops that mien cuts: regions as causes, the face's own centre for the prior."""

import cv2
import numpy as np
import pytest
import torch

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.faithfulness.face_points import face_points, region_masks
from mien.faithfulness.faithfulness import evaluate_evidence
from mien.features import compute
from tests.faithfulness.test_known_answers import evidence

torch.set_num_threads(1)
SIZE = 400


def layout():
    """68 points: a grid of ten by seven, with eye corners where eyes are."""
    rng = np.random.default_rng(0)
    points = rng.uniform(120, 280, size=(68, 2))
    points[36], points[39], points[42], points[45] = (140, 170), (180, 170), (220, 170), (260, 170)
    points[48:] = np.stack([np.tile(np.linspace(170, 230, 10), 2), np.repeat([235, 255], 10)], axis=1)
    return points


@pytest.fixture
def photos(tmp_path):
    """Two photos, dark but for a bright dot at a corner of the mouth, the second turned; a third without a face."""
    turn = cv2.getRotationMatrix2D((200, 200), 25, 1.0)
    places = [layout(), layout() @ turn[:, :2].T + turn[:, 2]]
    paths = []
    for number in range(3):
        picture = np.zeros((SIZE, SIZE), np.uint8)
        if number < 2:
            x, y = places[number][48]
            cv2.circle(picture, (round(x - 0.5), round(y - 0.5)), 4, 255, -1)
        paths.append(f"{number}.png")
        cv2.imwrite(str(tmp_path / paths[-1]), picture)
    points = np.zeros((3, 68, 3), np.float32)
    points[:2, :, :2] = places
    status = np.array(["ok", "ok", "no face"], dtype=object)
    faces = Faces.build(
        3, topology="ibug-68", source=np.array(paths, object), status=status, landmarks_px=points,
        width_px=np.full(3, SIZE), height_px=np.full(3, SIZE), frame=np.zeros(3, int), track=np.array([0, 0, -1]),
    )  # fmt: skip
    return Samples(np.array(paths, object), np.array(["a", "b", "c"], object), root=tmp_path), faces


@pytest.mark.parametrize("align", ["eyes", "box"])
def test_a_point_lies_in_the_crop_where_its_dot_is(photos, align):
    samples, faces = photos
    features = compute({"name": "crop", "size": 160, "align": align, "side": 1.6 if align == "box" else 2.8}, *photos)
    points = face_points(samples, faces, features)
    for row in range(2):
        weight = features.values[row].sum(axis=0)
        rows, columns = np.indices(weight.shape) + 0.5
        dot = np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum()
        np.testing.assert_allclose(points[row, 48], dot, atol=0.6)
    assert np.isnan(points[2]).all()


def test_regions_of_crops_are_causes_and_the_prior_sits_on_the_face(photos):
    samples, faces = photos
    recipe = {"name": "crop", "size": 96}
    features = compute(recipe, samples, faces)
    points = face_points(samples, faces, features)
    masks = region_masks(["mouth"], points, (96, 96))
    assert masks[0].any() and not masks[2].any()
    np.testing.assert_allclose(masks[0].mean(), masks[1].mean(), rtol=0.1)
    mouth = evidence(np.nan_to_num(masks[:, None].astype(np.float32)), space="pixels", names=("red",),
                     sample=samples.path, status=["ok", "ok", "no input"])  # fmt: skip

    found = evaluate_evidence(lambda x: x.mean(axis=(1, 2, 3)), features, [evidence(
        mouth.values, space="pixels", names=("red",), status=mouth.status)], truth=masks, block=1, n_steps=4,
        metrics=["region-mass"])  # fmt: skip
    assert found.rows[0].value == 1 and found.rows[0].left_out == 1
    with pytest.raises(InputError, match=r"neither a feature nor a facial region.*left eye"):
        region_masks(["moth"], points, (96, 96))
    with pytest.raises(InputError, match="need a model of face crops"):
        evaluate_evidence(lambda x: x.mean(axis=(1, 2, 3)), features.values[:2], mouth[:2], truth="mouth")


def test_what_is_no_crop_of_a_face_has_no_points(photos):
    samples, faces = photos
    whole = compute({"name": "crop", "size": 32, "align": "none"}, samples, faces)
    assert face_points(samples, faces, whole) is None
    crops = compute({"name": "crop", "size": 32}, samples, faces)
    assert face_points(crops, None, crops) is None and face_points(samples, None, crops) is None
