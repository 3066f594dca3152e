"""Geometry of the detectors."""

import numpy as np
import pytest

from mien.faces.detect import Detections, iou, join, letterbox, merge_weighted, tiles


def found(*boxes: tuple[float, float, float, float], score: float = 0.9) -> Detections:
    array = np.array(boxes, dtype=float).reshape(-1, 4)
    return Detections(array, np.zeros((len(array), 2, 2)), np.full(len(array), score))


def test_iou_of_known_boxes() -> None:
    a = np.array([[0, 0, 10, 10], [0, 0, 0, 0]], dtype=float)
    b = np.array([[5, 0, 10, 10], [100, 100, 5, 5], [0, 0, 10, 10]], dtype=float)
    np.testing.assert_allclose(iou(a, b), [[1 / 3, 0, 1], [0, 0, 0]])


def test_overlapping_detections_become_their_weighted_mean() -> None:
    both = Detections(
        np.array([[0, 0, 10, 10], [2, 0, 10, 10], [50, 50, 10, 10]], dtype=float),
        np.zeros((3, 2, 2)),
        np.array([0.6, 0.9, 0.7]),
    )
    merged = merge_weighted(both)
    np.testing.assert_allclose(merged.box_px, [[1.2, 0, 10, 10], [50, 50, 10, 10]])
    np.testing.assert_allclose(merged.score, [0.9, 0.7])


def test_join_keeps_the_first_where_both_see_a_face() -> None:
    joined, others = join([found((0, 0, 10, 10)), found((1, 1, 10, 10), (30, 30, 10, 10))])
    np.testing.assert_allclose(joined.box_px, [[0, 0, 10, 10], [30, 30, 10, 10]])
    np.testing.assert_allclose(others.box_px, [[1, 1, 10, 10]])
    assert len(join([found(), found()])[0]) == 0


@pytest.mark.parametrize("average", [False, True])
def test_letterbox_maps_points_to_where_they_are(average: bool) -> None:
    picture = np.zeros((300, 700, 3), np.uint8)
    picture[200:220, 500:520] = 255
    square, scale, left, top = letterbox(picture, 128, average)
    y, x = np.array(np.nonzero(square[:, :, 0] > 60)).mean(axis=1)
    np.testing.assert_allclose([(x - left) / scale, (y - top) / scale], [509.5, 209.5], atol=3)
    assert square[:30].max() == 0


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (4000, 3000), (900, 901), (3000, 200)])
def test_every_face_of_the_smallest_size_lies_whole_in_a_tile(width: int, height: int) -> None:
    side_wanted = 550
    squares = tiles(width, height, side_wanted)
    assert min(side for *_, side in squares) <= side_wanted
    smallest = min(side for *_, side in squares)
    face = smallest / 3 - 2
    rng = np.random.default_rng(0)
    for x, y in rng.uniform(0, [width - face, max(1, height - face)], (200, 2)):
        assert any(
            left <= x and x + face <= left + side and top <= y and min(y + face, height) <= top + side
            for left, top, side in squares
        )


def test_small_pictures_need_no_tiles() -> None:
    assert tiles(512, 512, 550) == []
