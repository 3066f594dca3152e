"""Pose, eyes and quality on faces whose answer is known."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mien.core.topology import topology
from mien.data.canonical import canonical_mesh
from mien.faces.describe import describe, head_rotation, rotation_to_degrees

pytestmark = pytest.mark.usefixtures("weights")


def head(pitch: float = 0, yaw: float = 0, roll: float = 0, scale: float = 12.0) -> np.ndarray:
    """The canonical face in pixels, turned by the documented conventions, with irises in the middle of the eyes."""
    vertices = canonical_mesh().vertices_cm
    irises = [vertices[list(rim)].mean(axis=0) for rim in ((159, 145, 33, 133), (386, 374, 263, 362))]
    rim = 0.55 * np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [-1, 0, 0], [0, -1, 0]])
    points = np.concatenate([vertices, *(centre + rim for centre in irises)])
    # Up is a positive pitch: the nose (toward z) goes to y; to the left a positive yaw: the nose goes to x.
    turn = Rotation.from_euler("YXZ", [yaw, -pitch, -roll], degrees=True).as_matrix()
    turned = points @ turn.T * scale
    return (turned * [1, -1, -1] + [320, 240, 0])[None]


def measures(points: np.ndarray, side: int = 640) -> dict:
    grey = np.random.default_rng(0).integers(60, 200, (len(points), 128, 128)).astype(np.uint8)
    return describe(points, grey, np.full(len(points), side), np.full(len(points), side))


@pytest.mark.parametrize("angles", [(0, 0, 0), (20, 0, 0), (0, -35, 0), (0, 0, 25), (-15, 30, -10)])
def test_pose_of_a_turned_canonical_face(angles: tuple[float, float, float]) -> None:
    pose = measures(head(*angles))["pose_deg"][0]
    np.testing.assert_allclose(pose, angles, atol=1e-6)


def test_the_signs_of_pose_are_those_of_the_picture() -> None:
    nose = 4
    straight, up, left, clockwise = (head(*a)[0] for a in ((0, 0, 0), (20, 0, 0), (0, 20, 0), (0, 0, 20)))
    assert up[nose, 1] < straight[nose, 1]
    assert left[nose, 0] > straight[nose, 0]
    assert clockwise[263, 1] > clockwise[33, 1]


def test_a_mirrored_face_has_the_mirrored_pose_and_gaze() -> None:
    points = head(10, 20, 15)
    points[:, 468:478] += [3, -2, 0]
    mirrored = points[:, topology("mediapipe-478").mirror] * [-1, 1, 1] + [640, 0, 0]
    one, other = measures(points), measures(mirrored)
    np.testing.assert_allclose(other["pose_deg"], one["pose_deg"] * [1, -1, -1], atol=1e-6)
    np.testing.assert_allclose(other["gaze_deg"], one["gaze_deg"] * [1, -1], atol=0.2)
    np.testing.assert_allclose(other["eye_opening"], one["eye_opening"][:, ::-1], rtol=1e-6)
    np.testing.assert_allclose(other["iris_diameter_px"], one["iris_diameter_px"][:, ::-1], rtol=1e-6)


def test_measures_do_not_depend_on_place_size_or_the_rest_of_the_batch() -> None:
    a, b = head(5, 10, 0), head(-20, 0, 30)
    together = measures(np.concatenate([a, b]))
    alone = measures(b)
    shifted = measures(b * 2 + [50, 20, 0], side=2000)
    for name in ("pose_deg", "gaze_deg", "eye_opening", "roll_deg"):
        np.testing.assert_allclose(together[name][1], alone[name][0], atol=1e-9)
        np.testing.assert_allclose(shifted[name][0], alone[name][0], atol=1e-6)


def test_irises_that_move_to_the_persons_left_look_to_the_left() -> None:
    points = head()
    before = measures(points)["gaze_deg"][0]
    points[:, 468:478, 0] += 3
    points[:, 468:478, 1] -= 3
    after = measures(points)["gaze_deg"][0]
    assert after[1] > before[1] + 5
    assert after[0] > before[0] + 5


def test_closing_lids_closes_the_eye() -> None:
    points = head()
    closed = points.copy()
    for top, bottom in ((160, 144), (159, 145), (158, 153)):
        closed[:, top] = closed[:, bottom]
    one, other = measures(points)["eye_opening"][0], measures(closed)["eye_opening"][0]
    assert one[0] > 0.15
    np.testing.assert_allclose(other, [0, one[1]], atol=1e-9)


@pytest.mark.parametrize(
    ("points", "flag"),
    [
        (lambda: head(scale=1.5), "small"),
        (lambda: head(0, 50, 0), "turned"),
        (lambda: head() - [330, 0, 0], "truncated"),
    ],
)
def test_quality_flags(points, flag: str) -> None:
    assert flag in measures(points())["quality"][0].split()
    assert measures(head())["quality"][0] == ""


def test_flat_grey_is_blurred_and_black_is_dark() -> None:
    columns = describe(head(), np.zeros((1, 128, 128), np.uint8), np.array([640]), np.array([640]))
    assert columns["quality"][0] == "blurred dark"


def test_no_faces_give_empty_columns() -> None:
    columns = describe(np.empty((0, 478, 3)), np.empty((0, 128, 128), np.uint8), np.empty(0), np.empty(0))
    assert columns["pose_deg"].shape == (0, 3)
    assert columns["quality"].shape == (0,)


def test_rotation_is_a_rotation_even_for_mirrored_input() -> None:
    points = head(10, 20, 0) * [-1, 1, 1]
    rotation = head_rotation(points)
    np.testing.assert_allclose(np.linalg.det(rotation), 1, atol=1e-9)
    assert np.isfinite(rotation_to_degrees(rotation)).all()
