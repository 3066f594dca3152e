"""What is drawn is what was said: bars, evidence in its colours on one scale, words for what cannot be measured."""

import numpy as np
import pytest

pytest.importorskip("torch")

from mien.app.explaining import region_table
from mien.app.overlay import Scale, by_region, drawn, in_picture
from mien.app.reading import FaceEvidence, FaceReading
from mien.core.topology import topology
from mien.data.canonical import canonical_mesh

pytestmark = pytest.mark.usefixtures("weights")
TITLE = "apparent expression"
GREY = np.full((300, 400, 3), 128, np.uint8)


def face_points() -> np.ndarray:
    """A frontal face of 478 points in the middle of the grey picture; irises in the middle of the eyes."""
    mesh = canonical_mesh().vertices_cm * [10, -10, 1]
    points = np.concatenate([mesh, np.repeat(mesh[[159]], 5, 0), np.repeat(mesh[[386]], 5, 0)])
    return (points + np.array([200, 150, 0])).astype(np.float32)


def reading(**given: object) -> FaceReading:
    points = face_points()
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    return FaceReading(
        0, np.concatenate([low, high - low]), points, "ok", {"smile": 0.75, "rest": 0.25}, "smile", **given
    )


def of_features(values: list[float], names: tuple[str, ...], signed: bool = True) -> FaceEvidence:
    return FaceEvidence("smile", "rule-reasons", np.array(values, np.float32), signed, "rule score", names)


def test_evidence_for_is_red_at_its_region_and_evidence_against_blue_at_its_own() -> None:
    evidence = of_features([0.4, -0.2], ("AU12", "AU4"))
    scale = Scale()
    assert scale.see(evidence, 478) == pytest.approx(0.4)
    picture = drawn(GREY, [reading(evidence=evidence)], scale, ["a line"], TITLE)
    points = face_points()
    mouth, brow = (
        points[topology("mediapipe-478").regions[part], :2].mean(0).astype(int) for part in ("mouth", "right brow")
    )
    red, _, blue = (int(v) for v in picture[mouth[1], mouth[0]])
    assert red > blue + 60
    red, _, blue = (int(v) for v in picture[brow[1], brow[0]])
    assert blue > red + 20
    np.testing.assert_array_equal(picture[5, 395], GREY[5, 395])


def test_the_scale_grows_to_the_strongest_evidence_and_stays() -> None:
    scale = Scale()
    seen = [scale.see(of_features([value], ("AU12",)), 478) for value in (0.1, -0.5, 0.2)]
    assert seen == pytest.approx([0.1, 0.5, 0.5]) and scale.see(None, 478) == pytest.approx(0.5)


def test_amounts_have_one_colour() -> None:
    pictures = []
    for signed in (True, False):
        evidence = of_features([-0.4], ("AU12",), signed)
        scale = Scale()
        scale.see(evidence, 478)
        pictures.append(drawn(GREY, [reading(evidence=evidence)], scale, [], TITLE))
    assert np.abs(pictures[0].astype(int) - pictures[1]).max() > 40


def test_bars_are_as_long_as_probabilities() -> None:
    some = drawn(GREY, [reading()], Scale(), [], TITLE)
    green = (np.abs(some.astype(int) - (0, 158, 115)).max(axis=2) < 3).sum(axis=1)
    # Rows of the panel's two bars, by the box's own lines taken away.
    lengths = sorted({int(n) for n in green if n > 20}, reverse=True)
    assert len(lengths) >= 2
    alone = drawn(
        GREY, [FaceReading(**{**reading().__dict__, "answers": {"smile": 0.5, "rest": 0.5}})], Scale(), [], TITLE
    )
    assert np.abs(alone.astype(int) - some).max() > 100


def test_any_size_number_of_faces_and_letters_can_be_drawn() -> None:
    answers = {f"ausdrücke 表情 {n}": 0.05 for n in range(20)}
    rest = "ok", answers, "ausdrücke 表情 3", None, ("disgust",)
    many = [
        FaceReading(number, np.array([at, at, 500, 500.0]), face_points() + at, *rest)
        for number, at in enumerate((-300, 0, 10_000))
    ]
    many.append(FaceReading(9, np.array([5, 5, 10, 10.0]), face_points(), "missing values"))
    for height, width in ((17, 23), (64, 64), (301, 1999)):
        picture = drawn(np.zeros((height, width, 3), np.uint8), many, Scale(), ["word " * 100, ""], TITLE)
        assert picture.shape[0] % 2 == 0 and picture.shape[1] % 2 == 0 and picture.shape[0] > height


def test_the_table_of_regions_adds_up() -> None:
    evidence = of_features([0.3, -0.1, 0.1], ("AU12", "AU4", "no such place"))
    table = {row["region"]: row for row in region_table(evidence, face_points())}
    assert table["mouth"]["share"] == pytest.approx(0.6) and table["mouth"]["net"] == pytest.approx(0.6)
    assert table["right brow"]["net"] == pytest.approx(-0.1) and table["left brow"]["share"] == pytest.approx(0.1)
    assert table["not about a place on the face"]["share"] == pytest.approx(0.2)
    assert sum(row["share"] for row in table.values()) == pytest.approx(1)
    assert by_region(evidence, 478)["mouth"] == pytest.approx(0.3)
    unsigned = region_table(of_features([0.3], ("AU12",), signed=False), face_points())
    assert all(row["net"] is None for row in unsigned)
    nothing = region_table(of_features([0.0], ("AU12",)), face_points())
    assert all(row["share"] == 0 for row in nothing)


def test_a_map_of_the_crop_counts_where_its_places_lie() -> None:
    points = face_points()
    to_photo = np.array([[2.0, 0, 100.5], [0, 2.0, 50.5]])
    mouth = points[topology("mediapipe-478").regions["mouth"], :2].mean(0)
    values = np.zeros((100, 100), np.float32)
    column, row = ((mouth - (100, 50)) / 2).astype(int)
    values[row - 2 : row + 2, column - 2 : column + 2] = 1
    evidence = FaceEvidence("smile", "attention", values, True, "logit", (), to_photo)
    assert region_table(evidence, points)[0] | {"even": 0} == {"region": "mouth", "share": 1.0, "even": 0, "net": 1.0}
    placed, (left, top) = in_picture(evidence, points, (300, 400))
    rows, columns = np.nonzero(placed > 0.5)
    np.testing.assert_allclose([columns.mean() + left + 0.5, rows.mean() + top + 0.5], mouth, atol=2)
