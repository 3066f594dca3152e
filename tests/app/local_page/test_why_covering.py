"""Cover it yourself: what lies under the brush, and only that, gets what mien's covering methods would show there."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.app.local_page.why.covering import (  # noqa: E402 (torch first)
    FILLS,
    checked_stamps,
    cover_pixels,
    cover_points,
    mask_of,
    under_brush,
)
from mien.core.errors import InputError  # noqa: E402
from mien.core.features import NAMED, SEQUENCE, Features  # noqa: E402
from mien.core.topology import MEDIAPIPE_478, topology  # noqa: E402


def test_a_stamp_covers_the_pixels_whose_middle_it_holds() -> None:
    mask = mask_of(np.array([[0.5, 0.25, 0.1], [2.0, 2.0, 0.1]]), (100, 200))
    y, x = (np.indices((100, 200)) + 0.5) / np.array([100, 200])[:, None, None]
    assert np.array_equal(mask, (y - 0.25) ** 2 + (x - 0.5) ** 2 <= 0.01)


@pytest.mark.parametrize("fill", FILLS)
def test_pixels_beside_the_brush_stay(fill: str) -> None:
    values = np.random.default_rng(0).random((1, 3, 24, 24)).astype(np.float32)
    mask = mask_of(np.array([[0.5, 0.5, 0.3]]), (24, 24))
    covered = cover_pixels(values, mask, fill)
    assert np.array_equal(covered.values[..., ~mask], values[..., ~mask])
    assert not np.array_equal(covered.values[..., mask], values[..., mask])
    assert covered.share == mask.mean()
    if fill == "mean":
        assert np.allclose(covered.values[0][:, mask], values[0].mean(axis=(1, 2))[:, None], atol=1e-6)
    if fill == "zero":
        assert not covered.values[..., mask].any()


def test_a_measure_goes_as_far_to_its_mean_as_its_points_are_covered() -> None:
    names = ("point 61 x", "point 0 y", "mouthSmileLeft", "sharpness")
    features = Features(np.float32([[1, 2, 3, 4]]), NAMED, names, {}, np.array(["ok"]))
    usual = np.float32([[0, 0, 0, 0], [0, 0, 1, 8]])
    covered = np.zeros(478, dtype=bool)
    mouth = topology(MEDIAPIPE_478).regions["mouth"]
    covered[mouth[: len(mouth) // 2]] = True
    covered[[61, 0]] = True, False
    part = covered[mouth].mean()
    found = cover_points(features, covered, usual, MEDIAPIPE_478)
    assert np.allclose(found.values[0], [0, 2, 3 + part * (0.5 - 3), 4])


def test_covered_landmarks_get_their_mean_over_time() -> None:
    rng = np.random.default_rng(0)
    values, usual = rng.normal(size=(1, 4, 478, 2)).astype(np.float32), rng.normal(size=(9, 4, 478, 2))
    features = Features(values, SEQUENCE, ("x", "y"), {}, np.array(["ok"]), MEDIAPIPE_478)
    covered = np.zeros(478, dtype=bool)
    covered[[3, 77]] = True
    found = cover_points(features, covered, usual.astype(np.float32), MEDIAPIPE_478).values[0]
    assert np.allclose(found[:, covered], usual.mean(axis=0)[:, covered], atol=1e-5)
    assert np.array_equal(found[:, ~covered], values[0][:, ~covered])


def test_points_under_the_brush() -> None:
    points = np.array([[0.5, 0.5], [0.58, 0.5], [0.7, 0.5]])
    assert under_brush(np.array([[0.5, 0.5, 0.1]]), points).tolist() == [True, True, False]
    assert not under_brush(np.zeros((0, 3)), points).any()


@pytest.mark.parametrize(
    "given", ["paint", [[1, 2]], [["a", 0, 0]], [[float("nan"), 0, 0]], [[99, 0, 0]], [[0, 0, 0]] * 5001]
)
def test_what_is_no_brush_is_refused(given: object) -> None:
    with pytest.raises(InputError):
        checked_stamps(given)


def test_an_unknown_fill_is_refused() -> None:
    with pytest.raises(InputError, match="mean, blur"):
        cover_pixels(np.zeros((1, 3, 8, 8), np.float32), np.zeros((8, 8), bool), "glitter")
