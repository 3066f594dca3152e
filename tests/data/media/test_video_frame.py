"""Squares of a frame, made of the decoder's planes, show what they show of the whole picture."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from mien.data.media.upright import EXIF_ORIENTATIONS, UPRIGHT, Orientation
from mien.data.media.video_frame import FORMATS, Planes, VideoFrame, crop_of, equal

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


def smooth(kind: str, matrix: int, span: int) -> Planes:
    """A frame whose colours change slowly, as large parts of pictures do."""
    frame = av.VideoFrame(96, 64, kind)
    for number, plane in enumerate(frame.planes):
        values = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        y, x = np.mgrid[: values.shape[0], : values.shape[1]] * (2 if number else 1)
        values[:] = 120 + 20 * np.sin(x / 25 + number) * np.cos(y / 30 - number)
    frame.colorspace, frame.color_range = matrix, span
    return Planes(frame)


def square(side: float, pixels: int, centre: tuple[float, float], angle: float) -> np.ndarray:
    """From the pixels of a square to those of the picture around whose point it lies."""
    turn = side / pixels * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.column_stack([turn, np.array(centre) - turn @ np.full(2, pixels / 2)])


KINDS = [(kind, matrix, span) for kind in sorted(FORMATS) for matrix in (1, 2, 5, 6) for span in (0, 1, 2)]


@pytest.mark.parametrize(("kind", "matrix", "span"), KINDS)
def test_a_square_as_it_stands_holds_the_pixels_of_the_picture(kind: str, matrix: int, span: int) -> None:
    for left, top in ((0, 0), (20, 6), (64, 32)):
        planes = drawn(left, 96, 64, kind, matrix, span)
        there = np.array([[1.0, 0, left], [0, 1, top]])
        np.testing.assert_array_equal(planes.crop(there, 32), planes.picture()[top : top + 32, left : left + 32])


@pytest.mark.parametrize(("kind", "matrix", "span"), KINDS[::5])
@pytest.mark.parametrize(
    ("side", "pixels", "centre", "angle"),
    [(40, 32, (50, 30), 0.0), (55.5, 32, (41.2, 33.7), 0.4), (30, 64, (20, 20), -1.2), (90, 32, (5, 60), 0.1),
     (120, 32, (48, 32), 2.0), (20, 32, (-40, -30), 0.0), (20, 32, (150, 90), 0.0)]
)  # fmt: skip
def test_a_square_is_nearly_that_of_the_picture(
    kind: str, matrix: int, span: int, side: float, pixels: int, centre: tuple[float, float], angle: float
) -> None:
    frame, there = VideoFrame(0, 0.0, smooth(kind, matrix, span)), square(side, pixels, centre, angle)
    ours, of_picture = frame.crop(there, pixels), crop_of(smooth(kind, matrix, span).picture(), there, pixels)
    apart = ours.astype(int) - of_picture
    # Colour has half as many pixels as brightness: a step of it may lie by a pixel elsewhere.
    assert np.abs(apart).max() <= 8 and np.abs(apart).mean() < 1.5 and abs(apart.mean()) < 0.3


@pytest.mark.parametrize("upright", EXIF_ORIENTATIONS.values())
def test_a_square_of_a_frame_that_lies_on_its_side_is_that_of_the_upright_picture(upright: Orientation) -> None:
    planes = Planes(noise(3), upright)
    assert planes.shape == planes.picture().shape == ((96, 64, 3) if upright.swap else (64, 96, 3))
    np.testing.assert_array_equal(planes.picture(), upright(drawn(3).picture()))
    for left, top in ((0, 0), (20, 6), (32, 32)):
        there = np.array([[1.0, 0, left], [0, 1, top]])
        np.testing.assert_array_equal(planes.crop(there, 32), planes.picture()[top : top + 32, left : left + 32])
    assert planes.same(Planes(noise(3), upright)) and (upright == UPRIGHT) == planes.same(drawn(3))


def test_a_look_at_the_whole_picture_changes_no_square() -> None:
    frame, there = VideoFrame(0, 0.0, drawn(0)), square(50, 32, (40, 30), 0.3)
    before = frame.crop(there, 32)
    assert frame.picture.shape == (64, 96, 3) and frame.size == (64, 96)
    np.testing.assert_array_equal(frame.crop(there, 32), before)
    np.testing.assert_array_equal(crop_of(frame, there, 32), before)


def test_threads_convert_squares_as_one_does() -> None:
    there, frames = square(50, 32, (40, 30), 0.3), [drawn(seed) for seed in range(8)]
    alone = [frame.crop(there, 32) for frame in frames]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            for one, other in zip(alone, pool.map(lambda frame: frame.crop(there, 32), frames), strict=True):
                np.testing.assert_array_equal(one, other)


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
