"""Point sets: mirror partners, regions, correspondences; derived again from the canonical mesh."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.topology import ibug_68_in_478, subset_name, topology, topology_of_count

NAMES = ["mediapipe-478", "mediapipe-468", "ibug-68"]


@pytest.mark.parametrize("name", NAMES)
def test_mirroring_twice_changes_nothing(name):
    mirror = topology(name).mirror
    assert sorted(mirror) == list(range(len(mirror)))
    assert (mirror[mirror] == np.arange(len(mirror))).all()


@pytest.mark.parametrize("name", NAMES)
def test_every_point_is_in_one_region(name):
    kind = topology(name)
    points = np.concatenate(list(kind.regions.values()))
    assert sorted(points) == list(range(len(kind)))
    assert all(name for name in kind.region_of)
    assert all(kind.region_of[p] == region for region, ps in kind.regions.items() for p in ps)


@pytest.mark.parametrize("name", NAMES)
def test_regions_mirror_onto_each_other(name):
    kind = topology(name)
    swap = {"right": "left", "left": "right"}
    for region, points in kind.regions.items():
        side, _, rest = region.partition(" ")
        partner = f"{swap[side]} {rest}" if side in swap else region
        assert set(kind.mirror[points]) == set(kind.regions[partner]), region


def test_the_468_points_are_the_478_without_irises():
    full, mesh = topology("mediapipe-478"), topology("mediapipe-468")
    assert (full.mirror[:468] == mesh.mirror).all()
    assert set(full.mirror[468:]) == set(range(468, 478))
    assert {full.region_of[p] for p in range(468, 473)} == {"right eye"}
    assert {full.region_of[p] for p in range(473, 478)} == {"left eye"}


def test_known_points_lie_where_they_should():
    face, ibug = topology("mediapipe-478"), topology("ibug-68")
    for point, region in {1: "nose", 33: "right eye", 263: "left eye", 61: "mouth", 291: "mouth", 152: "chin"}.items():
        assert face.region_of[point] == region
    for left, right in {33: 263, 61: 291, 468: 473, 1: 1, 152: 152, 105: 334}.items():
        assert face.mirror[left] == right
    assert [ibug.mirror[p] for p in (0, 8, 30, 36, 48, 62)] == [16, 8, 30, 45, 54, 62]
    assert ibug.region_of[36] == "right eye" and ibug.region_of[45] == "left eye"


def test_mirror_partners_are_those_of_the_canonical_mesh(weights):
    from mien.data.canonical import canonical_mesh

    vertices = canonical_mesh().vertices_cm
    mirror = topology("mediapipe-468").mirror
    distance = np.linalg.norm(vertices * [-1, 1, 1] - vertices[:, None], axis=2).argmin(1)
    assert (distance == mirror).all()
    # A partner lies on the other side at the same height; points of the midline are their own.
    assert np.abs(vertices * [-1, 1, 1] - vertices[mirror]).max() < 0.1
    assert np.abs(vertices[mirror == np.arange(468), 0]).max() < 0.1


def test_right_and_left_are_the_persons(weights):
    from mien.data.canonical import canonical_mesh

    vertices = canonical_mesh().vertices_cm
    for region, points in topology("mediapipe-468").regions.items():
        mean = vertices[points, 0].mean()
        if region.startswith("left"):
            assert mean > 1, region
        elif region.startswith("right"):
            assert mean < -1, region
        else:
            assert abs(mean) < 0.3, region


def test_the_68_points_are_found_among_the_478_with_sides_and_regions_kept():
    index, ibug, face = ibug_68_in_478(), topology("ibug-68"), topology("mediapipe-478")
    assert index.shape == (68,) and len(set(index)) == 68 and index.max() < 468
    assert (index[ibug.mirror] == face.mirror[index]).all()
    for region in ("mouth", "right eye", "left eye", "right brow", "left brow"):
        share = np.mean(face.region_of[index[ibug.regions[region]]] == region)
        assert share >= 0.8, region


def test_topologies_are_found_by_name_and_count():
    assert [topology_of_count(n).name for n in (478, 468, 68)] == NAMES
    with pytest.raises(InputError, match="No topology has 49 points; mien knows 478, 468 and 68"):
        topology_of_count(49)
    with pytest.raises(InputError, match="no topology 'dlib-5'"):
        topology("dlib-5")


def test_a_subset_has_the_parts_of_its_whole():
    name = subset_name("ibug-68", [36, 45, 19, 17, 18, 48])
    assert name == "ibug-68[17-19,36,45,48]"
    part, whole = topology(name), topology("ibug-68")
    assert list(part.index) == [17, 18, 19, 36, 45, 48]
    assert all(
        whole.region_of[whole_point] == region for whole_point, region in zip(part.index, part.region_of, strict=True)
    )
    # Only the outer eye corners have their partner there.
    assert list(part.mirror) == [0, 1, 2, 4, 3, 5]
    assert not part.symmetric
    assert topology("ibug-68[36,45]").symmetric


def test_a_subset_of_a_subset_counts_in_the_whole():
    name = subset_name("ibug-68", range(10, 20))
    assert subset_name(name, [0, 9]) == "ibug-68[10,19]"
    assert subset_name("ibug-68", range(68)) == "ibug-68"


@pytest.mark.parametrize("name", ["ibug-68[]", "ibug-68[5,3]", "ibug-68[1,1]", "ibug-68[68]", "ibug-68[a]", "x[1]"])
def test_a_wrong_subset_is_told_in_a_sentence(name):
    with pytest.raises(InputError, match=r"subset|ascending|no topology"):
        topology(name)


def test_a_subset_needs_points_of_the_whole():
    with pytest.raises(InputError, match="0 to 67"):
        subset_name("ibug-68", [68])
    with pytest.raises(InputError, match="at least one"):
        subset_name("ibug-68", [])
