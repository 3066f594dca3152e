"""Points in plain words: every point its own, sides that agree with the mirror, subsets that know their parent."""

import numpy as np
import pytest

from mien.atlas.point_words import point_words
from mien.atlas.words import feature_words
from mien.core.topology import ibug_68_in_478, subset_name, topology


@pytest.mark.parametrize("name", ["ibug-68", "mediapipe-478", "mediapipe-468"])
def test_every_point_has_words_of_its_own_and_its_partner_those_of_the_other_side(name):
    face = topology(name)
    words = [point_words(i, name) for i in range(len(face))]
    assert len(set(words)) == len(face) and not [w for w in words if "point" in w]
    for point, partner in enumerate(face.mirror.tolist()):
        swapped = words[point].replace("right", "?").replace("left", "right").replace("?", "left")
        assert words[partner] == swapped, (point, words[point], words[partner])


@pytest.mark.parametrize("name", ["ibug-68", "mediapipe-478"])
def test_the_side_in_words_is_the_side_of_the_region(name):
    face = topology(name)
    for point, region in enumerate(face.region_of.tolist()):
        for side in ("right ", "left "):
            if region.startswith(side):
                assert point_words(point, name).startswith(side), (point, region)


def test_the_same_place_has_the_same_words_in_both_topologies():
    places = np.array(ibug_68_in_478())
    for known in (8, 30, 36, 39, 42, 45, 48, 54, 62, 66):
        assert point_words(int(places[known]), "mediapipe-478") == point_words(known, "ibug-68")


def test_a_subset_calls_its_points_as_the_whole_does():
    name = subset_name("ibug-68", [48, 54])
    assert [point_words(i, name) for i in (0, 1, 2)] == ["right mouth corner", "left mouth corner", ""]


def test_coordinates_are_said_in_words_where_the_points_are_known():
    assert feature_words("point 291 x", "mediapipe-478") == "left mouth corner, sideways"
    assert feature_words("point 30 y rise", "ibug-68") == "tip of the nose, up and down, rise over the clip"
    assert feature_words("mouthSmileLeft", "mediapipe-478") == feature_words("mouthSmileLeft")


def test_the_stored_words_are_those_of_the_canonical_mesh(weights):
    import runpy
    from pathlib import Path

    made = runpy.run_path(str(Path(__file__).parents[2] / "docs" / "write_point_words.py"))["words"]()
    assert made == [point_words(i, "mediapipe-478") for i in range(478)]


def test_points_of_one_part_are_told_apart_by_place_and_not_by_a_number_in_brackets():
    words = [point_words(point, "mediapipe-478") for point in range(478)]
    assert len(set(words)) == 478 and not any("(" in phrase for phrase in words)
    assert words[185] == "upper lip, outer edge, 1st from the right corner"
    assert words[302] == "upper lip, second row, 4th from the left corner"
    assert words[386] == "left upper lid, edge, 4th from the outer corner"
    assert words[469] == "right iris, inner side" and words[474] == "left iris, outer side"


def test_rows_follow_the_mesh_from_the_person_s_right_to_the_middle(weights):
    from mien.core.topology import topology
    from mien.data.canonical import canonical_mesh

    across = canonical_mesh().vertices_cm[:, 0]
    words = [point_words(point, "mediapipe-478") for point in range(468)]
    mirror = topology("mediapipe-478").mirror
    for row in ("upper lip, second row", "lower lip, third row"):
        found = [words.index(f"{row}, {nth} from the right corner") for nth in ("1st", "2nd", "3rd", "4th")]
        places = [across[point] for point in found]
        assert places == sorted(places) and places[-1] < across[words.index(f"{row}, middle")]
        assert words[mirror[found[0]]] == f"{row}, 1st from the left corner"
