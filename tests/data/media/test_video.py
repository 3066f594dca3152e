"""Frames come with their true times, upright, and damage is told after the last good frame."""

import gc
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from mien.core.errors import InputError
from mien.data.media.video import Sampling, read_frames, video_facts
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


def test_frames_that_were_read_leave_memory_at_once(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", flat([100] * 30))
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        assert sum(1 for _ in read_frames(path)) == 30
        gc.collect()
        # Frames that nobody holds but themselves. The first one's rotation was asked for.
        left = sum(type(thing) is av.VideoFrame for thing in gc.garbage)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert left <= 2


@pytest.mark.parametrize("matrix", [0, 1, 3, 8, 10, 14])
def test_a_film_that_names_odd_colours_is_read(tmp_path: Path, matrix: int) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.colorspace = matrix
        for picture in flat([100] * 3):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            frame.colorspace = matrix
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    frames = list(read_frames(path))
    assert len(frames) == 3 and abs(frames[0].picture.mean() - 100) < 12
    assert frames[0].crop(np.array([[1.0, 0, 0], [0, 1, 0]]), 32).shape == (32, 32, 3)


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


def marked(x: int, y: int, height: int = 96, width: int = 128, side: int = 20) -> np.ndarray:
    """Grey with one white square."""
    picture = np.full((height, width, 3), 60, np.uint8)
    picture[y : y + side, x : x + side] = 255
    return picture


def write(path: Path, pictures: list[np.ndarray], codec: str = "libx264", **settings: object) -> Path:
    """A video with pixels of a shape (``shape``), options of the encoder, or further streams before (``before``)."""
    with av.open(str(path), "w") as container:
        covers = []
        for kind, disposition in settings.pop("before", []):  # type: ignore[attr-defined]
            cover = container.add_stream(kind, rate=25)
            cover.height, cover.width, cover.pix_fmt = 64, 64, "yuvj420p" if kind == "mjpeg" else "yuv420p"
            cover.disposition = disposition.value
            covers.append(cover)
        shape = settings.pop("shape", None)
        stream = container.add_stream(codec, rate=25, options=settings)
        stream.height, stream.width, stream.pix_fmt = *pictures[0].shape[:2], "yuv420p"
        if shape is not None:
            stream.codec_context.sample_aspect_ratio = shape
        for one, shown in [*((cover, [marked(4, 4, 64, 64)]) for cover in covers), (stream, pictures)]:
            for picture in shown:
                container.mux(one.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            container.mux(one.encode())
    return path


def square(picture: np.ndarray) -> list[int]:
    """Rows and columns of the white square, first and last."""
    white = np.argwhere(picture[..., 0] > 180)
    return [int(value) for value in (*white.min(0), *white.max(0))]


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "libx264"), ("a.mkv", "libx264"), ("a.avi", "mpeg4")])
@pytest.mark.parametrize(
    ("shape", "size"), [(Fraction(4, 3), (96, 160)), (Fraction(16, 15), (96, 128)), (Fraction(8, 9), (108, 120))]
)
def test_pixels_become_square(tmp_path: Path, name: str, codec: str, shape: Fraction, size: tuple[int, int]) -> None:
    path = write(tmp_path / name, [marked(30, 30, 96, 120, 36)] * 3, codec, shape=shape)
    frame = next(iter(read_frames(path)))
    assert frame.size == size
    top, left, bottom, right = square(frame.picture)
    assert abs((right - left + 1) / (bottom - top + 1) - float(shape)) < 0.06


def test_a_shape_of_pixels_that_cannot_be_meant_is_ignored(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", [marked(30, 30)] * 2, shape=Fraction(1, 50))
    assert next(iter(read_frames(path))).size == (96, 128)


def joined(path: Path, *parts: Path) -> Path:
    """Transport streams one behind the other, as cameras split them."""
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def frames_of(path: Path) -> list:
    """All frames, whatever is said behind the last one."""
    frames = []
    try:
        for frame in read_frames(path):
            frames.append(frame)
    except InputError:
        pass
    return frames


def test_frames_of_another_size_are_fitted_into_the_first_and_times_go_on(tmp_path: Path) -> None:
    small = write(tmp_path / "small.ts", [marked(30, 20)] * 5)
    large = write(tmp_path / "large.ts", [marked(60, 40, 192, 256, 40)] * 5)
    frames = frames_of(joined(tmp_path / "both.ts", small, large))
    assert {frame.size for frame in frames} == {(96, 128)}
    flags = [frame.flags.replace("repeated", "").strip() for frame in frames]
    assert flags == [""] * 5 + ["resized"] * 5
    assert np.abs(np.array([square(frame.picture) for frame in frames]) - [20, 30, 39, 49]).max() <= 1
    np.testing.assert_allclose([frame.time_s for frame in frames], np.arange(10) / 25, atol=1e-3)


def test_a_shape_of_pixels_that_changes_holds_from_its_own_frame_on(tmp_path: Path) -> None:
    first = write(tmp_path / "first.ts", [marked(30, 20)] * 5, shape=Fraction(1, 1))
    then = write(tmp_path / "then.ts", [marked(22, 20, 96, 96)] * 5, shape=Fraction(4, 3))
    boxes = [square(frame.picture) for frame in frames_of(joined(tmp_path / "both.ts", first, then))]
    widths = [right - left + 1 for _, left, _, right in boxes]
    assert np.abs(np.array(widths) - ([20] * 5 + [27] * 5)).max() <= 1


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("a.mp4", "libx264", {"x264-params": "tff=1"}),
        ("a.ts", "libx264", {"x264-params": "bff=1"}),
        ("a.mpg", "mpeg2video", {"flags": "+ilme+ildct"}),
    ],
)
def test_interlaced_frames_become_whole_ones(tmp_path: Path, name: str, codec: str, options: dict) -> None:
    """The second field is half a frame later: something that moves has a comb for an edge."""
    pictures = []
    for number in range(8):
        fields = [marked(4 + 8 * number + 4 * field, 30) for field in ((1, 0) if "bff=1" in str(options) else (0, 1))]
        pictures.append(np.where(np.arange(96)[:, None, None] % 2 == 0, fields[0], fields[1]).astype(np.uint8))
    frames = list(read_frames(write(tmp_path / name, pictures, codec, **options)))

    def comb(picture: np.ndarray) -> float:
        rows = picture[32:48, :, 0].astype(float)
        return float(np.abs(rows[1:] - rows[:-1]).mean())

    assert [frame.flags for frame in frames] == ["deinterlaced"] * 8
    assert [frame.number for frame in frames] == list(range(8))
    np.testing.assert_allclose([frame.time_s for frame in frames], np.arange(8) / 25, atol=1e-3)
    assert max(comb(frame.picture) for frame in frames) < comb(pictures[0]) / 4
    places = [square(frame.picture)[1] for frame in frames]
    assert np.abs(np.array(places) - (4 + 8 * np.arange(8))).max() <= 6


def test_a_progressive_film_is_not_touched(tmp_path: Path) -> None:
    pictures = [np.random.default_rng(n).integers(0, 255, (48, 64, 3)).astype(np.uint8) for n in range(3)]
    path = write_video(tmp_path / "a.mp4", pictures)
    with av.open(str(path)) as container:
        plain = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    for frame, wanted in zip(read_frames(path), plain, strict=True):
        np.testing.assert_array_equal(frame.picture, wanted)
        assert frame.flags == ""


def test_a_cover_is_not_the_film_and_the_default_stream_is(tmp_path: Path) -> None:
    from av.stream import Disposition

    pictures = [marked(30, 20)] * 6
    covered = write(tmp_path / "cover.mp4", pictures, before=[("mjpeg", Disposition.attached_pic)])
    assert [frame.size for frame in read_frames(covered)] == [(96, 128)] * 6
    assert video_facts(covered)["frames"] == 6
    two = write(tmp_path / "two.mkv", pictures, before=[("libx264", Disposition(0))])
    assert [frame.size for frame in read_frames(two)] == [(96, 128)] * 6


def test_frames_without_times_get_them_from_the_rate(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "raw.mp4"), "w", format="h264") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.height, stream.width, stream.pix_fmt = 96, 128, "yuv420p"
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(marked(30, 20), format="rgb24")))
        container.mux(stream.encode())
    np.testing.assert_allclose([f.time_s for f in read_frames(tmp_path / "raw.mp4")], np.arange(5) / 25, atol=1e-3)


def test_every_so_many_seconds_of_a_variable_rate(tmp_path: Path) -> None:
    """After a pause the grid of half seconds goes on where it was."""
    times = [0, 100, 520, 900, 1020, 2800, 3010, 3300, 3520]
    path = write_video(tmp_path / "a.mp4", flat([100] * 9), times)
    chosen = [round(frame.time_s * 1000) for frame in read_frames(path, Sampling.parse("0.5s"))]
    assert chosen == [0, 520, 900, 2800, 3010, 3520]


def test_a_playlist_opens_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "list.mp4"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(InputError, match=r"list\.mp4"):
        list(read_frames(path))


def test_frames_that_are_the_one_before_once_more_are_marked(tmp_path: Path) -> None:
    """A camera that froze: its frames are no moments of their own."""
    moving = [np.roll(marked(40, 40), 9 * number, axis=1) for number in range(4)]
    path = write(tmp_path / "a.mkv", [*moving, *[moving[-1]] * 4], codec="ffv1")
    assert [frame.flags for frame in read_frames(path)] == [""] * 4 + ["repeated"] * 4
