"""Aligned points do not know where, how large and how tilted the face was; mirror images are mirror images."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.topology import topology
from mien.features.geometry import by_eyes, frontal, ibug_points, mirrored, onto, onto_3d, onto_still

TOPOLOGIES = ("ibug-68", "mediapipe-468", "mediapipe-478")


def face(name: str, seed: int = 0, dimensions: int = 2) -> np.ndarray:
    """Scattered points with two eyes, in pixels."""
    points = np.random.default_rng(seed).uniform(-60, 60, (len(topology(name)), dimensions))
    points[ibug_points(name)[[36, 39, 42, 45]], :2] = [(-40, 1), (-20, 0), (22, 0), (41, -1)]
    return points + 200


def turned(points: np.ndarray, degrees: float) -> np.ndarray:
    a = np.radians(degrees)
    result = points.copy()
    result[..., :2] = points[..., :2] @ np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
    return result


@pytest.mark.parametrize("name", TOPOLOGIES)
@pytest.mark.parametrize("dimensions", [2, 3])
def test_position_scale_and_tilt_leave_no_trace(name: str, dimensions: int) -> None:
    points = face(name, dimensions=dimensions)
    moved = turned(points * 2.5, 33) + np.arange(1, dimensions + 1) * 17
    assert np.allclose(by_eyes(points, name), by_eyes(moved, name), atol=1e-9)


@pytest.mark.parametrize("name", TOPOLOGIES)
def test_aligned_eyes_are_one_apart_and_level(name: str) -> None:
    corners = by_eyes(face(name), name)[ibug_points(name)[[36, 39, 42, 45]]]
    right, left = corners[:2].mean(0), corners[2:].mean(0)
    assert np.allclose(right, [-0.5, 0]) and np.allclose(left, [0.5, 0])


@pytest.mark.parametrize("name", TOPOLOGIES)
def test_aligning_the_mirrored_picture_mirrors_the_aligned_face(name: str) -> None:
    points = face(name)
    picture = mirrored(points, name) + np.array([640, 0])
    assert np.allclose(by_eyes(picture, name), mirrored(by_eyes(points, name), name), atol=1e-12)
    assert np.array_equal(mirrored(mirrored(points, name), name), points)


def test_eyes_in_one_place_give_no_numbers() -> None:
    assert np.isnan(by_eyes(np.ones((68, 2)), "ibug-68")).all()


def test_onto_finds_the_transformation_that_was_applied() -> None:
    reference, stable = face("ibug-68"), np.arange(30, 48)
    moved = turned(reference, -21)[None] * np.array([0.5, 3.0])[:, None, None] + 99
    assert np.allclose(onto(moved, reference, stable), reference, atol=1e-9)


def test_onto_ignores_what_moves_elsewhere() -> None:
    reference, stable = face("ibug-68"), np.arange(30, 48)
    smiling = reference.copy()
    smiling[54] += [5, -3]
    difference = onto(turned(smiling, 40) * 2, reference, stable) - reference
    assert np.allclose(difference[54], [5, -3], atol=1e-9)
    assert np.allclose(np.delete(difference, 54, axis=0), 0, atol=1e-9)


def test_onto_3d_turns_a_head_back_and_never_inside_out() -> None:
    rng = np.random.default_rng(1)
    reference, weights = rng.normal(size=(30, 3)), rng.uniform(0.1, 1, 30)
    rotation = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    rotation *= np.linalg.det(rotation)
    heads = np.stack([reference @ rotation.T * 7 + [3, -2, 9], reference * [-1, 1, 1]])
    back = onto_3d(heads, reference, weights)
    assert np.allclose(back[0], reference, atol=1e-9)
    # A mirror image is no rotation: the best fit must not reach the reference.
    assert np.abs(back[1] - reference).max() > 0.1


def test_onto_3d_takes_weights_of_each_row() -> None:
    rng = np.random.default_rng(2)
    reference, heads = rng.normal(size=(9, 3)), rng.normal(size=(4, 9, 3))
    weights = rng.uniform(0, 1, (4, 9))
    each = [onto_3d(heads[row : row + 1], reference, weights[row])[0] for row in range(4)]
    assert np.allclose(onto_3d(heads, reference, weights), each, atol=1e-12)


@pytest.mark.parametrize("axes", [2, 3])
def test_points_that_stay_still_carry_the_head_whichever_they_are(axes: int) -> None:
    rng = np.random.default_rng(3)
    reference = rng.normal(size=(40, axes))
    moved = np.zeros((5, 40, axes))
    moved[:, rng.permutation(40)[:14]] = rng.uniform(0.2, 0.5, (5, 14, axes))
    rotation = np.linalg.qr(rng.normal(size=(axes, axes)))[0]
    rotation[:, 0] *= np.linalg.det(rotation)
    seen = (reference + moved) @ rotation.T * 30 + 200 + rng.normal(size=(5, 40, axes)) * 0.03
    found = onto_still(seen, reference) - reference
    assert np.abs(found - moved).max() < 0.02
    # Plain least squares over all points gives part of the movement to those that did not move.
    plain = onto_3d(seen, reference, np.ones(40)) - reference
    assert np.abs(plain - moved).max() > 0.1
    # Nothing is lost where nothing moves, and where a frame has no points.
    still = np.repeat(reference[None], 2, axis=0)
    still[1] = np.nan
    assert np.allclose(onto_still(still, reference)[0], reference, atol=1e-9)
    assert np.isnan(onto_still(still, reference)[1]).all()


def test_frontal_removes_yaw_and_pitch(weights: None) -> None:
    from mien.data.canonical import canonical_mesh

    mesh = canonical_mesh()
    head = mesh.vertices_cm * [1, -1, -1]
    yaw = np.radians(25)
    rotation = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    heads = np.stack([head, head @ rotation.T * 30 + 250])
    straight = frontal(heads, "mediapipe-468")
    assert np.allclose(straight[0], straight[1], atol=1e-9)


def test_frontal_needs_depth() -> None:
    with pytest.raises(InputError, match="478 or 468 points"):
        frontal(np.zeros((1, 68, 3)), "ibug-68")
