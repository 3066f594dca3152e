"""Frames come with their true times, upright, and damage is told after the last good frame."""

from pathlib import Path

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.data.video import Sampling, read_frames, video_facts
from tests.media import set_rotation, sound_only, write_video


def flat(values: list[int], height: int = 48, width: int = 64) -> list[np.ndarray]:
    return [np.full((height, width, 3), value, np.uint8) for value in values]


def test_variable_frame_rate_keeps_its_times(tmp_path: Path) -> None:
    times = [0, 40, 200, 240, 1000]
    path = write_video(tmp_path / "a.mp4", flat([0, 50, 100, 150, 200]), times)
    frames = list(read_frames(path))
    assert [frame.number for frame in frames] == [0, 1, 2, 3, 4]
    np.testing.assert_allclose([frame.time_s for frame in frames], np.array(times) / 1000, atol=1e-3)
    np.testing.assert_allclose([frame.picture.mean() for frame in frames], [0, 50, 100, 150, 200], atol=4)


def test_times_count_from_the_first_frame(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", flat([0, 50]), [5000, 5040])
    np.testing.assert_allclose([frame.time_s for frame in read_frames(path)], [0, 0.04], atol=1e-3)


@pytest.mark.parametrize(
    ("every", "start", "stop", "numbers"),
    [
        ("1", 0, None, list(range(50))),
        (10, 0, None, [0, 10, 20, 30, 40]),
        ("0.5s", 0, None, [0, 13, 25, 38]),
        ("1", 1.0, 1.1, [25, 26, 27]),
        ("1s", 0.4, None, [10, 35]),
    ],
)
def test_sampling(tmp_path: Path, every: str, start: float, stop: float | None, numbers: list[int]) -> None:
    path = write_video(tmp_path / "a.mp4", flat([100] * 50))
    found = [frame.number for frame in read_frames(path, Sampling.parse(every, start, stop))]
    assert np.abs(np.array(found) - numbers).max() <= (1 if "s" in str(every) else 0)
    assert len(found) == len(numbers)


@pytest.mark.parametrize(("every", "start", "stop"), [("0", 0, None), ("x", 0, None), ("-1s", 0, None), (1, 5, 3)])
def test_senseless_sampling_is_refused(every: str, start: float, stop: float | None) -> None:
    with pytest.raises(InputError, match=r"every|start"):
        Sampling.parse(every, start, stop)


@pytest.mark.parametrize(("degrees", "turns"), [(0, 0), (90, 3), (180, 2), (270, 1)])
def test_the_rotation_flag_is_applied(tmp_path: Path, degrees: int, turns: int) -> None:
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[:20, :20] = 255
    path = write_video(tmp_path / "a.mp4", [picture] * 2)
    set_rotation(path, degrees)
    shown = next(iter(read_frames(path))).picture
    assert np.abs(shown.astype(int) - np.rot90(picture, turns)).mean() < 4


def test_a_cut_off_video_gives_its_frames_and_then_the_reason(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    path = write_video(tmp_path / "a.mp4", [rng.integers(0, 255, (48, 64, 3)).astype(np.uint8) for _ in range(20)])
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    frames = []
    try:
        for frame in read_frames(path):
            frames.append(frame.number)
    except InputError as error:
        assert "damaged" in str(error)
    assert 8 <= len(frames) < 20


@pytest.mark.parametrize("content", [b"", b"not a video at all", b"\x00\x00\x00\x20ftypisom" + b"\x00" * 40])
def test_what_is_no_video_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.mp4"):
        list(read_frames(path))


def test_sound_without_pictures_is_told(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    sound_only(path)
    with pytest.raises(InputError, match=r"sound\.mp4 holds no video stream"):
        video_facts(path)
