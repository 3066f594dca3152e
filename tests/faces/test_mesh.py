"""Points of a frame of a video are those of its picture, although only the crop becomes RGB."""

import numpy as np
import pytest

from mien.data.media.video_frame import Planes, VideoFrame
from mien.faces.mesh import EYE_CORNERS, Crops, Landmarker
from tests.media import astronaut

av = pytest.importorskip("av")


@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize(
    ("centre", "side", "angle"),
    [
        ((165.7, 124.1), 162.8, 0.05),
        ((169.0, 127.4), 182.4, -0.2),
        ((165.7, 124.1), 190.0, 0.3),
    ],
)
def test_points_of_a_frame_are_nearly_those_of_its_picture(
    centre: tuple[float, float], side: float, angle: float
) -> None:
    planes = Planes(av.VideoFrame.from_ndarray(astronaut(), "rgb24").reformat(format="yuv420p"))
    crops = Crops(np.array([centre]), np.array([side]), np.array([angle]))
    landmarker = Landmarker(2)
    whole = landmarker(planes.picture(), crops)
    frame = landmarker(VideoFrame(0, 0.0, planes), crops)
    # A grey level more or less; by more do points move when the crop does by half a pixel (docs/benchmarks.md).
    eyes = whole.landmarks_px[0, EYE_CORNERS, :2]
    moved = np.linalg.norm(frame.landmarks_px - whole.landmarks_px, axis=2) / np.linalg.norm(eyes[1] - eyes[0])
    assert whole.presence[0] > 0.99 and np.median(moved) < 0.0015 and moved.max() < 0.005
    assert np.abs(frame.grey.astype(int) - whole.grey).mean() < 1.5
    for look in landmarker.pair([VideoFrame(0, 0.0, planes)] * 2, crops):
        np.testing.assert_array_equal(look.landmarks_px, frame.landmarks_px)
        np.testing.assert_array_equal(look.grey, frame.grey)
