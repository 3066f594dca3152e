"""The canonical face: maps come back as they went, amounts stay, what is hidden is missing, regions lie in place."""

import cv2
import numpy as np
import pytest

from mien.atlas.canonical_map import canonical_face, from_canonical, spread_over, to_canonical
from mien.atlas.face_regions import ACTION_UNIT_REGIONS, action_unit_mask, region_map, region_mask
from mien.atlas.maps import AtlasMaps, atlas_maps, mean_map, person_maps
from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.placing import place_columns
from mien.core.target import Target
from mien.core.topology import topology
from mien.data.canonical import canonical_mesh

SIDE = 224


def posed(yaw_deg: float = 0.0, roll_deg: float = 0.0, scale: float = 11.0, middle: float = SIDE / 2) -> np.ndarray:
    """Points of the canonical face in a picture, turned; x right, y down, z away from the camera."""
    yaw, roll = np.radians([yaw_deg, roll_deg])
    turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    tilt = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    points = (canonical_mesh().vertices_cm * [1, -1, -1]) @ turn.T @ tilt.T * scale
    points[:, :2] += middle
    return points


def noise(seed: int = 0, side: int = SIDE) -> np.ndarray:
    picture = np.random.default_rng(seed).normal(size=(side, side)).astype(np.float32)
    return cv2.GaussianBlur(picture, (0, 0), 4 * side / SIDE)


@pytest.mark.parametrize(("yaw", "roll"), [(0, 0), (10, 15), (-30, 5), (45, -20)])
def test_a_map_comes_back_as_it_went(yaw: float, roll: float) -> None:
    points, picture = posed(yaw, roll)[None], noise()
    there = to_canonical(picture[None], points)
    back = from_canonical(there, points, picture.shape)[0]
    known = np.isfinite(back)
    assert known.mean() > 0.35
    assert np.corrcoef(back[known], picture[known])[0, 1] > 0.99


@pytest.mark.parametrize("scale", [5.0, 11.0, 30.0])
def test_the_amount_over_the_face_stays_whatever_the_size_of_the_picture(scale: float) -> None:
    side = int(SIDE * scale / 11)
    picture = 1.0 + noise(1, side)
    there = to_canonical(picture[None], posed(8, 3, scale, side / 2)[None])
    face = np.zeros((side, side), dtype=np.uint8)
    hull = cv2.convexHull(posed(8, 3, scale, side / 2)[:, :2].astype(np.float32))
    cv2.fillConvexPoly(face, hull.astype(np.int32), 1)
    assert np.nansum(there) == pytest.approx(picture[face > 0].sum(), rel=0.06)


def test_what_is_turned_away_is_missing_and_not_zero() -> None:
    frontal, turned = (to_canonical(np.ones((1, SIDE, SIDE)), posed(yaw)[None])[0] for yaw in (0, 60))
    inside = canonical_face().inside
    assert np.isfinite(frontal[inside]).mean() > 0.998 and not np.isfinite(frontal[~inside]).any()
    label, names = region_map()
    seen = [np.isfinite(turned[label == names.index(name)]).mean() for name in ("right cheek", "left cheek")]
    assert min(seen) < 0.3 and max(seen) > 0.9


def test_a_face_that_leaves_the_picture_is_missing_there() -> None:
    cut = posed()
    cut[:, 1] -= 70
    there = to_canonical(np.ones((1, SIDE, SIDE)), cut[None])[0]
    label, names = region_map()
    assert not np.isfinite(there[label == names.index("forehead")][:100]).any()
    assert np.isfinite(there[label == names.index("chin")]).all()


def test_the_mirror_image_gives_the_mirror_image() -> None:
    picture, points = noise(2), posed(12, 4)
    mirrored = points[topology("mediapipe-468").mirror] * [-1, 1, 1] + [SIDE, 0, 0]
    one = to_canonical(picture[None], points[None])[0]
    other = to_canonical(picture[None, :, ::-1], mirrored[None])[0][:, ::-1]
    both = np.isfinite(one) & np.isfinite(other)
    assert both.sum() > 0.95 * np.isfinite(one).sum()
    assert np.corrcoef(one[both], other[both])[0, 1] > 0.995


def test_many_are_as_one() -> None:
    pictures, points = np.stack([noise(3), noise(4)]), np.stack([posed(5), posed(-9)])
    both = to_canonical(pictures, points)
    for row in range(2):
        np.testing.assert_array_equal(both[row], to_canonical(pictures[row : row + 1], points[row : row + 1])[0])


def test_faces_without_points_have_no_map() -> None:
    points = np.stack([posed(), np.full((468, 3), np.nan)])
    there = to_canonical(np.ones((2, SIDE, SIDE)), points)
    assert np.isfinite(there[0]).any() and not np.isfinite(there[1]).any()
    with pytest.raises(InputError, match="Maps have the shape"):
        to_canonical(np.ones((2, SIDE, SIDE)), points[:1])
    with pytest.raises(InputError):
        to_canonical(np.ones((1, SIDE, SIDE)), np.zeros((1, 5, 2)))


@pytest.mark.parametrize("count", [478, 468, 68])
def test_amounts_at_points_keep_their_sum_and_their_place(count: int) -> None:
    amounts = np.zeros((1, count))
    mouth = topology({478: "mediapipe-478", 468: "mediapipe-468", 68: "ibug-68"}[count]).regions["mouth"]
    amounts[0, mouth] = 1.0
    there = spread_over(amounts)[0]
    assert np.nansum(there) == pytest.approx(len(mouth), rel=0.01)
    rows = np.nonzero(np.nan_to_num(there) > 0.2 * np.nanmax(there))[0]
    # 68 points end at the brows, so their mouth begins higher.
    assert rows.min() > (0.5 if count == 68 else 0.55) * there.shape[0]


def test_regions_part_the_face_and_both_halves_are_alike() -> None:
    label, names = region_map()
    assert ((label > 0) == canonical_face().inside).all()
    assert set(np.unique(label)) == set(range(len(names)))
    for name in names:
        if name.startswith("right "):
            one, other = ((label == names.index(part)) for part in (name, name.replace("right", "left", 1)))
            assert one.sum() == pytest.approx(other.sum(), rel=0.05, abs=4)
            # The person's right is on the left of the picture.
            assert np.nonzero(one)[1].mean() < label.shape[1] / 2 < np.nonzero(other)[1].mean()
    height = {name: np.nonzero(label == names.index(name))[0].mean() for name in names[1:]}
    assert height["forehead"] < height["right brow"] < height["right upper lid"] < height["right eye"]
    assert height["right eye"] < height["right lower lid"] < height["nose"] < height["upper lip"] < height["lower lip"]
    assert height["lower lip"] < height["chin"]


def test_action_units_have_places_that_exist() -> None:
    for unit in ACTION_UNIT_REGIONS:
        assert action_unit_mask(unit).any()
    assert (region_mask(("right mouth corner",)) <= action_unit_mask(12)).all()
    with pytest.raises(InputError, match="no place for action unit 99"):
        action_unit_mask(99)
    with pytest.raises(InputError, match="no region 'ear'"):
        region_mask(("ear",))


def evidence(values: np.ndarray, subjects: list[str], **columns: np.ndarray) -> Evidence:
    rows = len(values)
    texts = {name: np.array([""] * rows, dtype=object) for name in ("label",)}
    nothing = np.full(rows, np.nan, dtype=np.float32)
    return Evidence(
        values=values.astype(np.float32), space="pixels", names=("grey",), target=Target("smile"), method="occlusion",
        settings={}, sample=np.arange(rows).astype(str), subject=np.array(subjects, dtype=object), output=nothing,
        gap=nothing, status=np.array(["ok"] * rows, dtype=object), columns=columns, **texts,
    )  # fmt: skip


def test_evidence_in_a_crop_is_put_where_the_face_of_the_photo_is() -> None:
    crop = np.zeros((1, 1, SIDE, SIDE))
    points = posed()
    x, y = np.round(points[[61, 291], :2].mean(0) - 0.5).astype(int)
    crop[0, 0, y - 3 : y + 4, x - 3 : x + 4] = 1.0
    # The crop is a part of a photo, twice as fine.
    to_photo = np.array([[2.0, 0.0, 100.5], [0.0, 2.0, 50.5]])
    photo = points.copy()
    photo[:, :2] = (points[:, :2] - 0.5) @ to_photo[:, :2].T + to_photo[:, 2] + 0.5
    given = evidence(crop, ["A"], **place_columns(to_photo[None], np.array([[800, 800]])))
    maps = atlas_maps(given, photo[None])
    table = maps.by_region()
    share = dict(zip(table.names, table.share()[0], strict=True))
    assert share["upper lip"] + share["lower lip"] > 0.95
    assert np.nansum(maps.values) == pytest.approx(49, rel=0.1)
    with pytest.raises(InputError, match="needs the points of each face"):
        atlas_maps(given)


def test_the_mean_weighs_people_and_not_pictures_and_skips_what_is_hidden() -> None:
    shape = canonical_face().shape
    values = np.stack([np.full(shape, v) for v in (1.0, 1.0, 1.0, 5.0)])
    values[3, :50] = np.nan
    names = np.array(["A", "A", "A", "B"], dtype=object)
    maps = AtlasMaps(values, names, names, names, Target("x"), "m", True)
    people, who = person_maps(maps)
    assert list(who) == ["A", "B"] and people.shape[0] == 2
    found = mean_map(maps)
    assert (found.people[:50] == 1).all() and np.isnan(found.mean[:50]).all()
    np.testing.assert_allclose(found.mean[50:], 3.0)
    assert (found.low[50:] < 3).all() and (found.high[50:] > 3).all()


def test_positive_and_negative_evidence_of_a_region_are_kept_apart() -> None:
    label, names = region_map()
    values = np.where(label == names.index("chin"), 1.0, np.where(label == names.index("nose"), -3.0, 0.0))
    values[label == 0] = np.nan
    one = np.array(["A"], dtype=object)
    table = AtlasMaps(values[None], one, one, one, Target("x"), "m", True).by_region()
    chin, nose = table.names.index("chin"), table.names.index("nose")
    pixels = [(label == names.index(name)).sum() for name in ("chin", "nose")]
    assert table.positive[0, chin] == pixels[0] and table.negative[0, chin] == 0
    assert table.negative[0, nose] == 3 * pixels[1]
    assert table.share()[0].sum() == pytest.approx(1) and table.seen.min() == 1
    assert table.positive_share()[0, chin] + table.negative_share()[0, nose] == pytest.approx(1)
