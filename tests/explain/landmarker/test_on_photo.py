"""Evidence of a crop lies in its photo where the crop was cut from, for every sample."""

import numpy as np
import pytest
from PIL import Image
from torch import nn

from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.faces import Faces
from mien.core.placing import place_columns
from mien.core.samples import Samples
from mien.core.target import Target
from mien.explain.explain import explain
from mien.features import compute
from mien.features.crop import crops_to_photos
from mien.features.match import choose
from mien.learn.train import train


@pytest.fixture
def tilted(tmp_path):
    """Eight photos whose red is a smooth function of place, with a face that is moved, scaled and turned in each."""
    y, x = np.mgrid[0:240, 0:320]
    red = (127 + 60 * np.sin(x / 25) + 60 * np.cos(y / 30)).round().astype(np.uint8)
    rng = np.random.default_rng(0)
    points = np.zeros((8, 68, 3), np.float32)
    for i in range(8):
        # Blue tells the files apart: the same file under eight names would be one person.
        Image.fromarray(np.stack([red, 0 * red, 0 * red + i], 2)).save(tmp_path / f"{i}.png")
        angle, size, centre = rng.uniform(-0.5, 0.5), rng.uniform(20, 40), rng.uniform([120, 90], [200, 150])
        along = size * np.array([np.cos(angle), np.sin(angle)])
        # Corners of the eyes, right to left, on one line.
        for index, share in ((36, -1.0), (39, -0.4), (42, 0.4), (45, 1.0)):
            points[i, index, :2] = centre + share * along
    names = np.array([f"{i}.png" for i in range(8)], object)
    samples = Samples(path=names, subject=names, root=tmp_path, labels={"y": np.array(list("ab") * 4, object)})
    sizes = {"width_px": np.full(8, 320), "height_px": np.full(8, 240)}
    faces = Faces.build(8, topology="ibug-68", source=names, landmarks_px=points, track=np.zeros(8, int), **sizes)
    return samples, faces, red


@pytest.mark.parametrize("recipe", [{"size": 64}, {"size": 96, "side": 1.6}, {"size": 48, "align": "box", "side": 1.2}])
def test_a_crop_put_back_lies_on_what_it_was_cut_from(tilted, recipe):
    samples, faces, red = tilted
    features = compute({"name": "crop", **recipe}, samples, faces)
    to_photo, size_px = crops_to_photos(features.recipe, choose(samples, faces), faces)
    evidence = Evidence(
        values=features.values[:, :1], space="pixels", names=("red",), target=Target("a"), method="x", settings={},
        sample=samples.path, subject=samples.subject, label=samples.labels["y"], output=np.zeros(8), gap=np.zeros(8),
        status=np.full(8, "ok", object), columns=place_columns(to_photo, size_px),
    )  # fmt: skip
    for row in range(8):
        placed = evidence[[row]].on_photo(0)
        assert placed.shape == (1, 240, 320)
        area = abs(np.linalg.det(to_photo[row, :, :2]))
        inside = np.zeros((240, 320), bool)
        # A pixel from the crop's edge on, where nothing is mixed with what lies outside.
        to_crop = np.linalg.inv(to_photo[row, :, :2])
        yy, xx = np.mgrid[0:240, 0:320]
        place = (np.stack([xx, yy], 2) - to_photo[row, :, 2]) @ to_crop.T
        margin = 3 + 3 / np.sqrt(area)
        inside = (place > margin).all(2) & (place < features.values.shape[2] - 1 - margin).all(2)
        assert inside.sum() > 200
        error = placed[0][inside] * area * 255 - red[inside]
        assert np.abs(error).mean() < 2.5 and np.abs(np.mean(error)) < 0.5


def test_a_trained_networks_evidence_is_on_the_photo_of_every_sample(tilted):
    samples, faces, _ = tilted
    small = {"recipe": {"name": "crop", "size": 32}, "settings": {"epochs": 1}, "evaluate": False}
    model = train(samples, target="y", model="mlp", faces=faces, **small).model
    evidence = explain(model, samples, faces=faces, method="saliency", target="a")
    for row in range(8):
        placed = evidence.on_photo(row)
        assert placed.shape == (3, 240, 320)
        # Parts of a crop beyond the photo's edge have no place in it; most of each face lies inside.
        assert 0.3 < np.abs(placed).sum() / np.abs(evidence.values[row]).sum() < 1.1


def test_through_the_landmarker_every_photo_has_its_evidence(photos):
    _, samples, faces = photos
    evidence = explain("blendshape:jawOpen", samples[:2], faces=faces[:2], method="saliency")
    for row, file in enumerate(samples[:2].files()):
        with Image.open(file) as photo:
            placed = evidence.on_photo(row)
            assert placed.shape[1:] == photo.size[::-1]
        whole = np.abs(evidence.values[row]).sum()
        assert abs(placed.sum() - evidence.values[row].sum()) < 0.01 * whole


def test_where_no_place_is_known_that_is_told():
    pixels = np.random.default_rng(0).random((3, 3, 8, 8))
    network = nn.Sequential(nn.Flatten(), nn.Linear(192, 2))
    with pytest.raises(InputError, match="not known"):
        explain(network, pixels, method="saliency", target=0).on_photo(0)
    with pytest.raises(InputError, match="no place in a photo"):
        explain(nn.Linear(4, 2), pixels[:, 0, 0, :4], method="saliency", target=0).on_photo(0)
