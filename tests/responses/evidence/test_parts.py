"""Parts of a face in pictures, and how evidence is shared out over them."""

from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

pytest.importorskip("torch")

from mien.atlas.frontal import frontal_points
from mien.core.errors import InputError
from mien.core.topology import topology_of_count
from mien.responses.evidence.part_shares import SIGNS, part_shares, shares_of_maps
from mien.responses.evidence.picture_parts import PARTS, part_of, parts_of_boxes, parts_of_face, read_parts

SIDE = 40


def box(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    return np.array([[x0, y0], [x1, y1]], dtype=float)


FACE = [("left eye", box(10, 10, 16, 14)), ("right_eye", box(24, 10, 30, 14)), ("mouth", box(14, 26, 26, 30))]


def test_names_belong_to_parts() -> None:
    names = ("left eye", "eye-1", "Eyes", "nose", "mouth", "left brow", "cheek")
    assert [part_of(name) for name in names] == ["eyes"] * 3 + ["nose", "mouth", *["rest of the face"] * 2]


def test_rectangles_are_exact_and_what_lies_between_is_the_rest() -> None:
    found = parts_of_boxes(FACE, SIDE)
    counts = {part: int((found == place).sum()) for place, part in enumerate(PARTS)}
    assert counts["eyes"] == 2 * 6 * 4 and counts["mouth"] == 12 * 4 and counts["nose"] == 0
    assert found[12, 20] == PARTS.index("rest of the face") and found[2, 2] == PARTS.index("outside")
    assert counts["outside"] > counts["rest of the face"] > counts["eyes"]


def test_landmarks_say_where_eyes_are() -> None:
    points = frontal_points(topology_of_count(478).name)[:, :2]
    low, high = points.min(axis=0), points.max(axis=0)
    points = (points - low) / (high - low).max() * 80 + 10
    found = parts_of_face(points, 100)
    rows = {part: np.argwhere(found == place).mean(axis=0)[0] for place, part in enumerate(PARTS)}
    assert rows["eyes"] < rows["nose"] < rows["mouth"]


def test_shares_add_up_and_keep_the_sign() -> None:
    parts = np.stack([parts_of_boxes(FACE, SIDE)] * 3)
    maps = np.zeros((3, SIDE, SIDE))
    maps[0][parts[0] == PARTS.index("eyes")] = 2.0
    maps[0][parts[0] == PARTS.index("mouth")] = -1.0
    maps[1] = 1.0
    maps[2] = np.nan
    found = shares_of_maps(maps, parts)
    eyes, mouth = PARTS.index("eyes"), PARTS.index("mouth")
    assert found["for"][0, eyes] == 1 and found["against"][0, mouth] == 1 and found["net"][0, eyes] == 96
    assert found["both"][0, eyes] == pytest.approx(2 / 3)
    np.testing.assert_allclose(found["for"][1], found["area"][1])
    assert np.isnan(found["against"][1]).all() and np.isnan(found["for"][2]).all()
    assert found["area"].sum(axis=1) == pytest.approx(1)


def blobs(pictures: int, rng: np.random.Generator) -> np.ndarray:
    """Evidence that knows nothing of places: smooth noise that has no edges."""
    noise = rng.normal(size=(pictures, SIDE, SIDE))
    return np.stack([gaussian_filter(one, 2, mode="wrap") for one in noise])


def test_evidence_that_knows_no_places_is_shared_like_the_area_and_tests_keep_their_level() -> None:
    rng = np.random.default_rng(0)
    parts = np.stack([parts_of_boxes(FACE, SIDE)] * 24)
    sources, groups = np.repeat([f"s{i}" for i in range(12)], 2).astype(object), np.full(24, "", dtype=object)
    wrong, off = 0, []
    runs = 120
    for run in range(runs):
        shares = shares_of_maps(blobs(24, rng), parts)
        rows = part_shares(shares, sources, groups, signs=("for",), seed=run)
        wrong += any(row.share.p < 0.05 for row in rows)
        off += [row.share.value - row.area for row in rows]
    # Family-wise, of 120 runs: 5 % is 6; 13 is beyond the 99.5th percentile of that.
    assert wrong <= 13 and abs(np.mean(off)) < 0.002


def test_planted_evidence_on_the_eyes_is_found_and_other_bodies_stand_beside_it() -> None:
    rng = np.random.default_rng(1)
    parts = np.stack([parts_of_boxes(FACE, SIDE)] * 12)
    sources, groups = np.array([f"s{i}" for i in range(12)], dtype=object), np.full(12, "up", dtype=object)
    other = shares_of_maps(blobs(12, rng), parts)
    planted = shares_of_maps(blobs(12, rng) + 1.0 * (parts == PARTS.index("eyes")), parts)
    eyes = {row.sign: row for row in part_shares(planted, sources, groups) if row.part == "eyes"}
    assert eyes["for"].density > 2 and eyes["for"].share.p < 0.05 and eyes["for"].group == "up"
    assert eyes["for"].share.low > eyes["for"].area and eyes["for"].sources == 12
    assert {row.sign for row in eyes.values()} == set(SIGNS)
    beside = [row for row in part_shares(other, sources, groups, body="random", of_probe=planted) if row.sign == "for"]
    less = next(row for row in beside if row.part == "eyes")
    assert less.less_body.low > 0 and less.less_body.p < 0.05 and less.share.p > 0.05


def test_few_sources_have_no_test() -> None:
    parts = np.stack([parts_of_boxes(FACE, SIDE)] * 4)
    shares = shares_of_maps(np.abs(blobs(4, np.random.default_rng(0))), parts)
    rows = part_shares(shares, np.array(list("abca"), dtype=object), np.full(4, "", dtype=object), signs=("for",))
    assert all(np.isnan(row.share.p) and "3 sources" in row.share.withheld for row in rows)


def test_a_table_of_parts_that_does_not_fit_is_a_sentence(tmp_path: Path) -> None:
    table = tmp_path / "parts.csv"
    table.write_text("path,part,x0,y0,x1,y1\na.png,left eye,1,2,3,4\na.png,mouth,1,6,3,8\nother.png,mouth,1,1,2,2\n")
    found = read_parts(table, ["set/a.png", "b.png"])
    assert list(found) == ["set/a.png"] and [name for name, _ in found["set/a.png"]] == ["left eye", "mouth"]
    with pytest.raises(InputError, match="names parts of none of the 1 pictures"):
        read_parts(table, ["c.png"])
    table.write_text("path,part,x0,y0,x1\na.png,left eye,1,2,3\n")
    with pytest.raises(InputError, match="y1"):
        read_parts(table, ["a.png"])
    with pytest.raises(InputError, match="There is no table of parts"):
        read_parts(tmp_path / "gone.csv", ["a.png"])
