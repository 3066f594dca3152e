"""Regions of a picture, evidence placed in its photo, pictures kept for drawings: known answers."""

import html
from dataclasses import replace

import numpy as np
import pytest

from mien.atlas.crop_regions import OUTSIDE, crop_regions, region_names, region_shares, with_regions
from mien.atlas.evidence_words import in_words
from mien.atlas.regions import regions
from mien.atlas.summary import summarise
from mien.core.errors import InputError
from mien.core.evidence import SIGN_IS_DIRECTION, Evidence
from mien.core.placing import in_photo
from mien.core.target import Target
from mien.core.topology import topology
from mien.explain.thumbnails import Shown, displayed, load_shown, save_shown, small_photo, spread_rows
from mien.report.draw.pictures import colour_limit, per_pixel, picture_plots, save_picture_plots
from mien.report.privacy import privacy_of_evidence

RNG = np.random.default_rng(0)


@pytest.fixture
def face(weights):
    """The canonical face in a picture of 256 px."""
    from mien.data.canonical import canonical_mesh

    return canonical_mesh().vertices_cm * [10, -10, -10] + [128, 130, 0]


def evidence_of(values, **columns):
    count = len(values)
    return Evidence(
        values=values, space="pixels", names=("red", "green", "blue")[: values.shape[1]], target=Target("smile"),
        method="saliency", settings={SIGN_IS_DIRECTION: False}, sample=[f"{i}.png" for i in range(count)],
        subject=[f"s{i}" for i in range(count)], label=[""] * count, output=np.linspace(3, 1, count),
        gap=np.full(count, np.nan), status=["ok"] * count, columns=columns,
    )  # fmt: skip


def test_a_region_is_where_its_points_are(face):
    found, names = crop_regions(face), region_names(468)
    assert found.shape == (256, 256) and names[0] == OUTSIDE and found[0, 0] == 0
    inside = 0
    for name, points in topology("mediapipe-468").regions.items():
        x, y = face[points, 0].astype(int), face[points, 1].astype(int)
        own = np.array([names[n] for n in found[y, x]])
        inside += (own == name).sum()
    # All but points on the rim of the face, where the pixel's centre may lie outside.
    assert inside > 0.9 * 468
    right, left = names.index("right eye"), names.index("left eye")
    assert np.nonzero(found == right)[1].mean() < 128 < np.nonzero(found == left)[1].mean()
    assert abs((found == right).sum() / (found == left).sum() - 1) < 0.05


def test_regions_follow_the_size_of_the_picture(face):
    small = crop_regions(face / 2, (128, 128))
    assert abs((small > 0).mean() - (crop_regions(face) > 0).mean()) < 0.01
    with pytest.raises(InputError, match="was a face found"):
        crop_regions(np.full((478, 2), np.nan))


def test_shares_of_evidence_that_lies_in_one_region(face):
    where = crop_regions(face)
    names = region_names(468)
    mouth = where == names.index("mouth")
    values = np.zeros((2, 3, 256, 256), np.float32)
    values[0, :, mouth] = 2.0
    values[1, 0] = 1.0
    values[1, 1] = -3.0
    found = region_shares(values, np.stack([where, where]), names)
    assert found["share of mouth"][0] == 1 and found["signed in mouth"][0] == pytest.approx(6 * mouth.sum())
    # Channels are summed before the amount is taken: an even map has the shares of the areas.
    assert found["share of mouth"][1] == pytest.approx(mouth.mean()) == pytest.approx(found["area of mouth"][1])
    assert found["signed in mouth"][1] == pytest.approx(-2 * mouth.sum())
    assert sum(found[f"share of {n}"][1] for n in names) == pytest.approx(1)


def test_a_summary_of_pictures_tells_regions_in_words(face):
    where = crop_regions(face)
    values = np.full((4, 3, 256, 256), 1e-4, np.float32)
    values[:, :, where == region_names(468).index("mouth")] = 1.0
    points = np.repeat(face[None], 4, axis=0)
    points[3] = np.nan
    summary = summarise(with_regions(evidence_of(values), points))
    assert summary.signed_mean.shape == (1, 256, 256) and summary.places["mouth"][0] > 0.99
    assert regions(summary)[0].name == "mouth" and regions(summary)[0].expected < 0.1
    assert in_words(summary).startswith("Most evidence about 'smile' comes from mouth (99 %; even spread 2 %).")


def test_without_regions_a_summary_of_pictures_still_stands():
    evidence = evidence_of(RNG.normal(size=(8, 1, 8, 8)))
    summary = summarise(evidence)
    assert summary.places == {} and in_words(summary) == ""
    assert [plot.kind for plot in picture_plots(evidence, summary, None)] == ["mean"]


def test_evidence_keeps_its_sum_in_the_photo():
    values = np.zeros((1, 64, 64), np.float32)
    values[0, 20:40, 25:45] = RNG.uniform(size=(20, 20))
    for scale in (0.4, 1.0, 2.5):
        matrix = np.array([[scale * 0.8, -scale * 0.6, 90], [scale * 0.6, scale * 0.8, 20]])
        placed = in_photo(values, matrix, (220, 240))
        assert placed.sum() == pytest.approx(values.sum(), rel=0.02)
        middle = matrix[:, :2] @ [34.5, 29.5] + matrix[:, 2]
        y, x = np.unravel_index(placed[0].argmax(), placed[0].shape)
        assert np.hypot(x - middle[0], y - middle[1]) < 16 * scale


def test_inputs_are_shown_as_they_look():
    assert displayed(np.full((1, 3, 2, 2), 0.5)).tolist() == [[[[128] * 3] * 2] * 2]
    assert displayed(np.full((1, 1, 1, 1), 200.0)).tolist() == [[[[200] * 3]]]
    standardised = displayed(np.array([-2.0, 0, 2]).reshape(3, 1, 1, 1))
    assert standardised[:, 0, 0, 0].tolist() == [0, 128, 255]
    with pytest.raises(InputError, match="1 or 3"):
        displayed(np.zeros((1, 6, 2, 2)))


def test_shown_samples_go_from_the_lowest_to_the_highest_output():
    evidence = evidence_of(RNG.normal(size=(20, 1, 4, 4)))
    rows = spread_rows(evidence, 4)
    assert rows[0] == 19 and rows[-1] == 0 and len(rows) == 4 and (np.diff(evidence.output[rows]) > 0).all()
    assert len(spread_rows(evidence[:0])) == 0


def test_pictures_are_kept_and_drawn_on_one_scale(tmp_path):
    values = RNG.normal(size=(3, 3, 32, 32)).astype(np.float32)
    photo, matrix = small_photo(RNG.integers(0, 255, (900, 600, 3), dtype=np.uint8), np.array([[2.0, 0, 9], [0, 2, 3]]))
    assert photo.shape == (480, 320, 3) and matrix[0] == pytest.approx([2 * 320 / 600, 0, 9 * 320 / 600])
    shown = Shown(np.array([0, 2]), displayed(np.abs(values[[0, 2]])), (photo, photo), np.stack([matrix, matrix]))
    save_shown(shown, tmp_path)
    again = load_shown(tmp_path)
    assert again.rows.tolist() == [0, 2] and (again.photos[1] == photo).all()
    assert (again.pictures == shown.pictures).all()
    evidence = evidence_of(values)
    privacy = privacy_of_evidence(evidence, faces=True)
    paths = save_picture_plots(evidence, summarise(evidence), tmp_path, "logit", privacy)
    drawn = (tmp_path / "pictures.svg").read_text()
    assert [path.name for path in paths] == ["pictures.svg", "mean.svg"]
    # Two samples: picture, map, both and photo each; one colour bar whose ends hold nearly all values drawn.
    assert drawn.count("<image") == 8 and drawn.count("logit per pixel") == 1
    limit = colour_limit(per_pixel(values[[0, 2]], amount=True))
    assert f"≥ {limit:.2g}" in drawn
    (tmp_path / "shown.safetensors").write_bytes(b"damaged")
    with pytest.raises(InputError, match="damaged"):
        load_shown(tmp_path)


@pytest.mark.parametrize(
    ("method", "settings", "words"),
    [
        ("saliency", {}, "logit per pixel"),
        ("vargrad", {}, "logit squared per pixel"),
        ("grad-cam", {"layer": "x"}, "logit per cell of the layer's map"),
        ("eigen-cam", {}, "activation, no unit"),
        ("occlusion", {}, "logit per covered window"),
        ("leave-one-region-out", {}, "logit per covered region"),
        ("kernel-shap", {}, "logit per segment"),
        ("rise", {}, "mean logit where visible"),
        ("smoothed-sign", {"gives": "levels"}, "certified levels"),
        ("smoothed-sign", {"gives": "mean"}, "logit per pixel"),
        ("attention", {"gives": "attention"}, "attention, no unit"),
    ],
)
def test_the_colour_bar_says_what_the_methods_values_are(method, settings, words):
    evidence = replace(evidence_of(RNG.normal(size=(3, 1, 8, 8))), method=method, settings=settings)
    shown = Shown(np.array([0]), np.full((1, 8, 8, 3), 99, np.uint8))
    drawn = picture_plots(evidence, summarise(evidence), shown, "logit", privacy_of_evidence(evidence, faces=True))
    assert [plot.kind for plot in drawn] == ["pictures", "mean"]
    for plot in drawn:
        assert words in html.unescape(plot.svg) and ("per pixel" in plot.svg) == ("per pixel" in words)
