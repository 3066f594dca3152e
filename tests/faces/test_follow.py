"""Of faces that overlap, the one stays that most speaks for, whatever its size and whichever look saw it."""

import numpy as np
import pytest

from mien.faces.detect import Detections
from mien.faces.follow import Seer, evidence, without_doubles
from mien.faces.mesh import Meshes


def meshes(*faces: tuple[float, float, float, float], presence: list[float]) -> Meshes:
    """Faces whose points fill boxes (x, y, width, height)."""
    corners = np.array(faces, dtype=np.float32).reshape(-1, 4)
    points = np.zeros((len(corners), 478, 3), np.float32)
    points[:, :, :2] = corners[:, None, :2]
    points[:, 1, :2] += corners[:, 2:]
    return Meshes.build(points, np.array(presence, np.float32), np.zeros((len(corners), 128, 128), np.uint8))


@pytest.mark.parametrize("presence", [0.7, 0.9, 0.99])
@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_a_large_false_face_does_not_hide_a_true_one(presence: float, order: list[int]) -> None:
    """They overlap by a third, less than two looks at the same face do."""
    both = meshes((0, 0, 300, 300), (120, 120, 174, 174), presence=[presence, 1.0])[np.array(order)]
    score = np.array([0.75, 0.56])[order]
    kept = without_doubles(both, evidence(both.presence, score))
    assert both.presence[kept].tolist() == [1.0]


def test_a_doubtful_face_inside_another_goes_and_a_certain_one_stays() -> None:
    for presence, left in ((0.9, 1), (1.0, 2)):
        both = meshes((0, 0, 300, 300), (100, 100, 60, 60), presence=[1.0, presence])
        assert len(without_doubles(both, evidence(both.presence, np.array([0.8, 0.8])))) == left


def test_doubtful_faces_apart_and_certain_ones_that_touch_stay() -> None:
    apart = meshes((0, 0, 100, 100), (200, 0, 100, 100), presence=[0.6, 1.0])
    assert len(without_doubles(apart, evidence(apart.presence, np.array([0.6, 0.9])))) == 2
    crossing = meshes((0, 0, 100, 100), (45, 0, 100, 100), presence=[1.0, 0.9999])
    assert len(without_doubles(crossing, evidence(crossing.presence, np.array([0.9, 0.9])))) == 2


def test_evidence_adds_the_odds_of_both_networks() -> None:
    got = evidence(np.array([0.75, 0.5, 1.0]), np.array([0.9, np.nan, 0.5]))
    np.testing.assert_allclose(got, [np.log(3) + np.log(9), 0, np.log(1e6)], atol=1e-3)


class _Finder:
    """A large box, and what a closer look saw at its place."""

    def __call__(self, picture: np.ndarray, smallest: float | None) -> tuple[Detections, Detections]:
        def one(box: list[float], score: float) -> Detections:
            return Detections(np.array([box]), np.zeros((1, 2, 2)), np.array([score]))

        return one([0, 0, 200, 200], 0.75), one([50, 60, 130, 130], 0.56)


class _Landmarker:
    def __init__(self, first: float) -> None:
        self.first, self.asked = first, 0

    def of_detections(self, picture: np.ndarray, found: Detections) -> tuple[Meshes, np.ndarray]:
        self.asked += len(found)
        presence = np.where(found.box_px[:, 2] > 150, self.first, 1.0)
        kept = np.flatnonzero(presence >= 0.5)
        return meshes(*found.box_px[kept], presence=presence[kept].tolist()), kept


@pytest.mark.parametrize(("first", "width", "asked"), [(0.0, 130, 2), (0.97, 130, 2), (1.0, 200, 1)])
def test_where_a_look_is_not_sure_the_others_are_asked(first: float, width: float, asked: int) -> None:
    """A box that held no face hid the box of another look at the same place; certain ones cost nothing more."""
    seer = object.__new__(Seer)
    seer._finder, seer._smallest_face_px, seer.landmarker = _Finder(), None, _Landmarker(first)
    seen, score = seer.find(np.zeros((300, 300, 3), np.uint8))
    assert seen.box_px[:, 2].tolist() == [width] and len(score) == 1
    assert seer.landmarker.asked == asked
    assert len(seer.find(np.zeros((300, 300, 3), np.uint8), np.array([[40, 40, 150, 150]]))[1]) == 0
