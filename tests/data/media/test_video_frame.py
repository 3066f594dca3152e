"""A part of a frame that is converted by itself holds the very pixels of the whole."""

from typing import Any

import numpy as np
import pytest

from mien.data.media.video_frame import FORMATS, Planes, VideoFrame, equal

av = pytest.importorskip("av")


def noise(seed: int, width: int = 96, height: int = 64, kind: str = "yuv420p", matrix: int = 1, span: int = 1) -> Any:
    """A frame of noise, also in what lies beyond its right border in memory."""
    frame = av.VideoFrame(width, height, kind)
    rng = np.random.default_rng(seed)
    for plane in frame.planes:
        np.frombuffer(plane, np.uint8)[:] = rng.integers(0, 256, plane.buffer_size)
    frame.colorspace, frame.color_range = matrix, span
    return frame


def drawn(*how: Any) -> Planes:
    return Planes(noise(*how))


@pytest.mark.parametrize("kind", sorted(FORMATS))
@pytest.mark.parametrize("matrix", [1, 2, 5, 6])
@pytest.mark.parametrize("span", [0, 1, 2])
def test_a_part_is_that_part_of_the_whole(kind: str, matrix: int, span: int) -> None:
    rng = np.random.default_rng([matrix, span])
    for _ in range(8):
        width, height = 2 * rng.integers(8, 150, 2)
        planes = drawn(int(width), width, height, kind, matrix, span)
        left, top = 2 * rng.integers(0, [width // 2 - 2, height // 2 - 2])
        right, bottom = [left, top] + 2 * rng.integers(1, [(width - left) // 2 + 1, (height - top) // 2 + 1])
        np.testing.assert_array_equal(planes.part(left, top, right, bottom), planes.picture()[top:bottom, left:right])


@pytest.mark.parametrize(
    "box", [(20.3, 11.2, 40.9, 30.1), (-9.5, -3.0, 15.0, 12.0), (80.0, 50.0, 120.0, 90.0), (-50, -40, -30, -20),
            (200, 100, 230, 120), (0, 0, 96, 64), (-10, -10, 300, 300)]
)  # fmt: skip
def test_around_a_box_are_the_pixels_of_the_picture(box: tuple[float, ...]) -> None:
    whole = drawn(0).picture()
    part, (left, top) = VideoFrame(0, 0.0, drawn(0)).around(np.array(box))
    left, top = int(left), int(top)
    np.testing.assert_array_equal(part, whole[top : top + part.shape[0], left : left + part.shape[1]])
    # What is left out lies outside the box, with a pixel between for whoever looks between pixels.
    assert left == 0 or left <= min(box[0], 95) - 1
    assert top == 0 or top <= min(box[1], 63) - 1
    assert left + part.shape[1] == 96 or left + part.shape[1] >= max(box[2], 0) + 1
    assert top + part.shape[0] == 64 or top + part.shape[0] >= max(box[3], 0) + 1


def test_a_frame_that_was_converted_gives_its_picture() -> None:
    frame = VideoFrame(0, 0.0, drawn(0))
    picture = frame.picture
    part, corner = frame.around(np.array([20.0, 10, 30, 20]))
    assert part is picture and not corner.any() and frame.size == (64, 96)


def test_frames_are_equal_where_they_show_the_same() -> None:
    assert drawn(1).same(drawn(1)) and not drawn(1).same(drawn(2))
    other = noise(1)
    np.frombuffer(other.planes[2], np.uint8).reshape(-1, other.planes[2].line_size)[5, 9] ^= 1
    assert not drawn(1).same(Planes(other))
    beyond = noise(1, 90)
    line = np.frombuffer(beyond.planes[0], np.uint8).reshape(-1, beyond.planes[0].line_size)
    line[:, 90:] ^= 255
    assert drawn(1, 90).same(Planes(beyond)) and not drawn(1, 90).same(drawn(1))
    assert equal(drawn(1), drawn(1).picture()) and not equal(drawn(1), drawn(2).picture())


def test_frames_that_cannot_be_cut_are_converted_whole() -> None:
    for width, height, kind in ((95, 64, "yuv420p"), (96, 63, "yuv420p"), (96, 64, "yuv444p"), (96, 64, "yuv420p10le")):
        assert not Planes.fit(av.VideoFrame(width, height, kind))
