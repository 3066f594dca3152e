"""Points of a frame of a video are those of its picture, whether all of it was converted or what the crop covers."""

import numpy as np
import pytest

from mien.data.media.video_frame import Planes, VideoFrame
from mien.faces.mesh import Crops, Landmarker
from tests.media import astronaut

av = pytest.importorskip("av")


@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize(
    ("centre", "side", "angle"),
    [
        ((224.0, 118.0), 190.0, 0.1),
        ((224.3, 117.7), 213.7, -0.4),
        ((20.0, 30.0), 160.0, 0.0),
        ((224.0, 118.0), 700.0, 0.0),
    ],
)
def test_points_of_a_frame_are_those_of_its_picture(centre: tuple[float, float], side: float, angle: float) -> None:
    planes = Planes(av.VideoFrame.from_ndarray(astronaut(), "rgb24").reformat(format="yuv420p"))
    crops = Crops(np.array([centre]), np.array([side]), np.array([angle]))
    landmarker = Landmarker(2)
    whole = landmarker(planes.picture(), crops)
    for look in (
        landmarker(VideoFrame(0, 0.0, planes), crops),
        *landmarker.pair([VideoFrame(0, 0.0, planes)] * 2, crops),
    ):
        np.testing.assert_array_equal(look.landmarks_px, whole.landmarks_px)
        np.testing.assert_array_equal(look.grey, whole.grey)
